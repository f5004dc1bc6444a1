"""How the error of a gradient behaves between neighbouring arguments: rounding jumps, wrong mathematics does not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.candidate.asking import BITS, ask
from oracle.judgement.isolated import stands_alone
from oracle.witnesses.function import Function
from oracle.witnesses.large import too_large_for_arb
from oracle.witnesses.truth import truth

Array = NDArray[Any]

#: Neighbours that are asked; lines, and the last number of a point on them.
NEIGHBOURS, DIRECTIONS, LAST = 6, 8, 3
#: Neighbours of a point of thousands of entries.
FEW = 3
#: An error that bends by less than this part on so many lines is smooth.
STRAIGHT, STRAIGHT_LINES = 1 / 64, 4
#: The parts of a unit by which a line steps.
PART = (0.3, 0.7)
#: An error so many times as large as at every neighbour stands alone: a tie, a value that is met exactly.
ALONE = 16.0


class Manner(Enum):
    """jumps: the error changes as much as it is large when the argument moves by units of rounding. alone: it is here, and not
    beside. smooth: neither. unknown: no neighbour could be asked."""

    JUMPS = "jumps"
    ALONE = "alone"
    SMOOTH = "smooth"
    UNKNOWN = "unknown"


def manner(
    function: Function,
    grad: Callable[..., Any],
    point: Sequence[Array],
    error: NDArray[np.float64],
    beyond: NDArray[np.bool_],
    result: np.dtype[Any],
) -> Manner:
    """What the error does, where it is `beyond`, when the differentiated argument moves by units in the last place of the dtype
    `result` in which grad answers.
    """
    rng = np.random.default_rng(0)
    errors, resting = [], True
    for _ in range(NEIGHBOURS if not too_large_for_arb(point) else FEW):
        moved = _nudged(function, point, rng, result)
        if moved is None:
            return Manner.UNKNOWN
        try:
            got = np.asarray(ask(grad, moved, function.argnum, function.inside).value, dtype=np.float64)
            here = truth(function, moved).enclosure.midpoint()
        except (Undecidable, UnsupportedPrimitive, ValueError, TypeError):
            return Manner.UNKNOWN
        with np.errstate(all="ignore"):
            errors.append((got - here)[beyond])
        resting &= np.array_equal(moved[function.argnum], point[function.argnum])
    if resting:  # zeros, which no relative step moves
        return Manner.UNKNOWN
    known = np.isfinite(errors).all(axis=0)  # what is infinite at a neighbour is no smooth error
    found, own = np.asarray(errors)[:, known], error[beyond][known]
    spread, size = np.ptp(found, axis=0), np.max(np.abs(found), axis=0)
    jumping = spread > 0.25 * size
    alone = bool(np.any(np.isfinite(own) & (own > ALONE * size)))
    if alone or np.all(jumping):
        lonely = stands_alone(function, grad, point, error, beyond, result, among_jumps=not alone)
        return Manner.ALONE if lonely else Manner.JUMPS
    return Manner.SMOOTH


def _nudged(
    function: Function, point: Sequence[Array], rng: np.random.Generator, result: np.dtype[Any]
) -> tuple[Array, ...] | None:
    """The point with its differentiated argument moved a little, inside its domain still; None where every such step leaves it."""
    x = point[function.argnum]
    ulp = 2.0 ** -(BITS[result.name] - 3)
    steps = rng.integers(1, 64, x.shape)
    far, near = x * (1 + steps * ulp), x * (1 + steps % 4 * ulp / 8)  # the sum of a simplex allows the near one alone
    hull = (np.min(x, initial=np.inf), np.max(x, initial=-np.inf))
    for candidate in (far, near, x * (1 - steps * ulp), np.clip(far, *hull)):
        moved = list(point)
        moved[function.argnum] = candidate.astype(result).astype(np.float64)
        if function.inside(moved):
            return tuple(moved)
    return None


def is_rough(
    function: Function, grad: Callable[..., Any], point: Sequence[Array], beyond: NDArray[np.bool_], dtype: str
) -> bool:
    """Whether the error e bends, |e(x) − 2e(x + d) + e(x + 2d)| > ¼ max |e|, in most of the components that are `beyond`, for steps
    d of some units in the last place of a narrower dtype: however fast a smooth error changes, it does not bend so."""
    rng = np.random.default_rng(0)
    bend = np.zeros(int(np.count_nonzero(beyond)))
    for tried in range(DIRECTIONS):
        line = _line(function, point, rng, dtype)
        if line is None:
            return False
        try:
            answers = [np.asarray(ask(grad, x, function.argnum, function.inside).value, np.float64) for x in line]
            e = [(y - truth(function, x).enclosure.midpoint())[beyond] for y, x in zip(answers, line, strict=True)]
        except (Undecidable, UnsupportedPrimitive, ValueError, TypeError):
            return False
        with np.errstate(all="ignore"):
            size, rest = np.max(np.abs(e), axis=0), np.max(np.abs(e[1:]), axis=0)
            bent = np.max(np.abs(np.diff(e, 2, axis=0)), axis=0) / size
            bend = np.fmax(bend, np.where(ALONE * rest < size, 0.0, bent))
        if np.mean(bend > 0.25) > 0.5:
            return True
        if tried >= STRAIGHT_LINES - 1 and np.all(bend < STRAIGHT):
            return False
    return False


def _line(
    function: Function, point: Sequence[Array], rng: np.random.Generator, dtype: str
) -> list[tuple[Array, ...]] | None:
    """x, x + d, x + 2d and x + 3d for all arguments that can move so inside their domains; None where none can. An entry moves by
    some units and a part of one: on the way its rounding turns, but not at every step."""
    steps: list[Array | float] = [0.0] * len(point)

    def at(t: int) -> tuple[Array, ...]:
        return tuple(x + t * d if np.ndim(d) else x for x, d in zip(point, steps, strict=True))

    for k, x in enumerate(point):
        if x.dtype.kind == "f" and x.size:
            size = np.asarray(
                (rng.integers(1, 8, x.shape) + rng.uniform(*PART, x.shape)) * 2.0 ** (np.frexp(x)[1] - BITS[dtype])
            ) * (x != 0)
            for steps[k] in (size, -size, np.sign(0.5 - np.abs(x)) * x / np.where(x == 0, 1, np.abs(x)) * size, 0.0):
                if function.inside(at(LAST)):
                    break
    return [at(t) for t in range(LAST + 1)] if any(np.any(d) for d in steps) else None
