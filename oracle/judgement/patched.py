"""Functions that are patched: beyond a threshold a formula gives way to a shorter one, which is all but the same number.

`where(x > 20, x, log1p(exp(x)))` is log(1 + eˣ) to nine digits, at its threshold too, and whoever derives log(1 + eˣ) by hand is
not mistaken. The derivative of the code at x > 20 is 1 all the same, and 2e-9 off.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.arrays import as_object_array, lift_arb, midpoints, precision
from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.balls.jaxpr import COMPARISONS, evaluate
from oracle.balls.walk import primitives_of
from oracle.balls.watch import watch_ties
from oracle.witnesses.certified import FIRST_BITS
from oracle.witnesses.function import TRACED, Function

Array = NDArray[Any]
Floats = NDArray[np.float64]

Entry = tuple[int, int]  # which comparison, in the order of the walk, and which of its entries

#: A patch changes neither the value nor the gradient by more than this part of it: no digit of float32 is touched. A threshold
#: that is a little off changes the gradient by as much as it is off, and one that is off by less than this nobody has set.
UNSEEN = 2.0**-24
#: So many entries of comparisons are answered otherwise, one at a time, and no more: the first ones.
MOST = 64

PATCHED = (
    "fn replaces a formula by another one in places, which is the same there to 7 digits or more, and grad is the derivative of "
    "the one that it replaces"
)


def of_what_is_replaced(
    function: Function, point: Sequence[Array], got: Array, beyond: NDArray[np.bool_], limit: Floats
) -> str | None:
    """Whether grad is the derivative of a formula that fn replaces at this point, in words; None where it is not."""
    if function.level != TRACED:
        return None
    program = function.traced(point).gradient
    if "while" in primitives_of(program):  # whose condition, answered otherwise, may never end
        return None
    try:
        value, here, asked = _walked(program, point, frozenset())
        with np.errstate(all="ignore"):
            if not np.all(np.abs(got - here)[beyond] <= UNSEEN * np.max(np.abs(here))):
                return None
            unseen = [
                entries for entries in _turns(asked) if _is_unseen(value, here, _otherwise(program, point, entries))
            ]
            there = _otherwise(program, point, frozenset().union(*unseen)) if unseen else None
            if there is None or not _is_unseen(value, here, there):
                return None
            return PATCHED if np.all(np.abs(got - there[1])[beyond] <= limit[beyond]) else None
    except (Undecidable, UnsupportedPrimitive):
        return None


def _turns(asked: Sequence[Entry]) -> list[frozenset[Entry]]:
    """What is answered otherwise at a time: an entry of one comparison, or of all of them, since a safe `where` asks twice."""
    first = asked[:MOST]
    alone = [frozenset((entry,)) for entry in first]
    together = [frozenset(e for e in first if e[1] == k) for k in sorted({k for _, k in first})]
    return alone + [entries for entries in together if len(entries) > 1]


def _is_unseen(value: float, gradient: Floats, other: tuple[float, Floats] | None) -> bool:
    """Whether the other answer of a comparison changes something, and nothing that one would see."""
    if other is None:
        return False
    changed = float(np.max(np.abs(other[1] - gradient), initial=0.0))
    return abs(other[0] - value) <= UNSEEN * abs(value) and 0 < changed <= UNSEEN * float(np.max(np.abs(gradient)))


def _otherwise(program: Any, point: Sequence[Array], entries: frozenset[Entry]) -> tuple[float, Floats] | None:
    """Value and gradient where these comparisons are answered otherwise; None where the balls have none."""
    try:
        value, gradient, _ = _walked(program, point, entries)
    except (Undecidable, UnsupportedPrimitive):
        return None
    return (value, gradient) if np.isfinite(value) and np.isfinite(gradient).all() else None


def _walked(program: Any, point: Sequence[Array], otherwise: frozenset[Entry]) -> tuple[float, Floats, list[Entry]]:
    """Value and gradient, with the comparisons in `otherwise` answered the other way, and every entry of a comparison of numbers
    that move with the arguments."""
    asked: list[Entry] = []
    seen = 0

    def made(primitive: str, outputs: list[Any]) -> list[Any]:
        nonlocal seen
        if primitive not in COMPARISONS or not watch.active:
            return outputs
        answers = np.array(outputs[0], dtype=bool)
        entries = [(seen, k) for k in range(answers.size)]
        for _n, k in otherwise.intersection(entries):
            answers.flat[k] = not answers.flat[k]
        asked.extend(entries)
        seen += 1
        return [answers]

    with precision(FIRST_BITS), watch_ties(made=made) as watch:
        value, gradient = evaluate(program, [lift_arb(a) if a.dtype.kind == "f" else a for a in point])
    return float(midpoints(as_object_array(value)).item()), midpoints(as_object_array(gradient)), asked
