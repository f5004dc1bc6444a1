"""Points about arguments that were given: themselves, then a step aside, further off, and rearranged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.search.made_inside import nearest
from oracle.search.problem import Arguments, Example, Problem

Array = NDArray[Any]
Move = Callable[[Array, np.random.Generator], Array]

AS_GIVEN = "as given"
BESIDE, AWAY = "beside the given arguments", "the given arguments, rearranged"


def _size(x: Array) -> float:
    """The ordinary size of an entry; 1 where all are 0."""
    return float(np.sqrt(np.mean(np.square(x)))) or 1.0


def _by_a_part(part: float) -> Move:
    """Every entry larger or smaller by up to a part of itself: signs and zeros stay."""
    return lambda x, rng: x * (1 + part * rng.uniform(-1, 1, x.shape))


def _by_a_step(part: float) -> Move:
    """Every entry moved by up to a part of their ordinary size."""
    return lambda x, rng: x + part * _size(x) * rng.uniform(-1, 1, x.shape)


def _times(factor: float) -> Move:
    return lambda x, rng: x * factor


def _shuffled(x: Array, rng: np.random.Generator) -> Array:
    return rng.permutation(x.ravel()).reshape(x.shape)


def _of_other_signs(x: Array, rng: np.random.Generator) -> Array:
    return np.asarray(x * rng.choice([-1.0, 1.0], x.shape))


def _as_they_are(x: Array, rng: np.random.Generator) -> Array:
    return x


#: In turn, with the words for a report.
MOVES: Sequence[tuple[str, Move]] = (
    (BESIDE, _by_a_part(0.1)),
    (BESIDE, _by_a_step(0.1)),
    (AWAY, _shuffled),
    (BESIDE, _by_a_part(0.5)),
    (BESIDE, _by_a_part(1e-3)),
    (AWAY, _times(0.5)),
    (BESIDE, _by_a_step(0.5)),
    (AWAY, _times(2.0)),
    (AWAY, _of_other_signs),
    (BESIDE, _by_a_part(0.3)),
    (BESIDE, _by_a_step(0.02)),
    (AWAY, _shuffled),
    (BESIDE, _by_a_step(1.0)),
)


def around(problem: Problem, example: Example, rng: np.random.Generator) -> Iterator[tuple[Arguments, str]]:
    """The given arguments, then all of them moved in one way after the other, then the differentiated one alone."""
    yield example.args, AS_GIVEN
    for alone in (False, True) if len(example.args) > 1 else (False,):
        for words, move in MOVES[: len(MOVES) if not alone else 4]:
            args = tuple(
                (_as_they_are if alone and n != problem.argnum else move)(a, rng) for n, a in enumerate(example.args)
            )
            yield tuple(_inside(problem, n, a, example.args[n]) for n, a in enumerate(args)), words


def _inside(problem: Problem, n: int, moved: Array, given: Array) -> Array:
    """The moved argument, what is made of it inside of its domain, or the given one where that leaves it."""
    domain = problem.domains[n]
    if not np.isfinite(moved).all():
        return given
    if domain.kind in ("sorted", "repaired") or domain.is_of_matrices:
        return found if (found := nearest(domain, moved)) is not None else given
    return moved if domain.holds(moved) else given
