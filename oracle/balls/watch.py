"""Watching the decisions of a computation: which were ties, and which way each one went.

A *tie* is a discontinuous decision (a comparison, sign, floor, the order of a sort) taken exactly on its boundary by a
quantity that moves with the inputs. There automatic differentiation follows one branch and may return no derivative at
all. Continuous functions (max, min, abs, clamp) have the same value on both sides, so they never tie; their
derivatives are written with comparisons, and those do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from oracle.balls.errors import Undecidable

Outcome = Any  # a bool, an integer, the order of a sort; None: a continuous choice (max, min, sort) that was not clear
Made = Callable[[str, list[Any]], list[Any]]
Decision = tuple[str, Outcome]  # what was decided, and how


@dataclass
class Watch:
    """The decisions seen inside one `watch_ties` block.

    ties: what tied, in order; trail: the outcome of every decision, in order (kept only where `keep_trail`), and tied_at: the
    places in it that tied; guide: an earlier trail that answers what the balls leave open, so that a coarse computation follows an
    exact one; guided: how many answers came from the guide; active: whether the operands at hand move with the inputs; both_move:
    whether the left and the right of a comparison do; operands: the balls that tied; made: is shown the results of every equation
    that the interpreter of jaxprs walks, with the name of its primitive, and returns them, or others in their place.
    """

    keep_trail: bool = False
    guide: Sequence[Decision] | None = None
    ties: list[str] = field(default_factory=list)
    trail: list[Decision] = field(default_factory=list)
    tied_at: set[int] = field(default_factory=set)
    guided: int = 0
    active: bool = True
    both_move: tuple[bool, bool] = (True, True)
    operands: list[Any] = field(default_factory=list)
    made: Made | None = None


_current: ContextVar[Watch | None] = ContextVar("oracle_balls_watch", default=None)


@contextmanager
def watch_ties(
    *, keep_trail: bool = False, guide: Sequence[Decision] | None = None, made: Made | None = None
) -> Iterator[Watch]:
    """Collects the ties of the ball computations inside the block; blocks nest, the innermost sees the decision."""
    watch = Watch(keep_trail=keep_trail or guide is not None, guide=guide, made=made)
    token = _current.set(watch)
    try:
        yield watch
    finally:
        _current.reset(token)


def current_watch() -> Watch | None:
    return _current.get()


def decide(
    what: str, outcome: Outcome, *, tied: bool, describe: Callable[[], str], operands: Sequence[Any] = ()
) -> Any:
    """Records one decision and returns its outcome; an open one (None) is the guide's, or raises `Undecidable`."""
    watch = _current.get()
    if watch is None:
        if outcome is None:
            raise Undecidable(f"{what}: {describe()}")
        return outcome
    if outcome is None and watch.guide is not None and len(watch.trail) < len(watch.guide):
        asked, answer = watch.guide[len(watch.trail)]
        outcome = answer if asked == what else None
        watch.guided += outcome is not None
    if outcome is None:
        raise Undecidable(f"{what}: {describe()}")
    if tied and watch.active:
        watch.ties.append(what)
        watch.operands.extend(operands)
        watch.tied_at.add(len(watch.trail))
    if watch.keep_trail:
        watch.trail.append((what, outcome))
    return outcome


def note_choice(what: str, outcome: Outcome) -> None:
    """Records which operand a continuous choice took (None: either), so that a kink crossed by a step can be seen."""
    watch = _current.get()
    if watch is not None and watch.keep_trail:
        watch.trail.append((what, outcome))
