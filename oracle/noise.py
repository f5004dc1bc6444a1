"""How the error of a gradient behaves between neighbouring arguments: rounding jumps, wrong mathematics does not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.candidate import BITS, ask
from oracle.truth import Function, truth

Array = NDArray[Any]

#: Neighbours that are asked.
NEIGHBOURS = 6
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
    narrow: str | None = None,
) -> Manner:
    """What the error does, where it is `beyond`, when the differentiated argument moves by units in the last place of the dtype
    `result` in which grad answers; where a `narrow` one is named, when all arguments move by units in its last place.
    """
    rng = np.random.default_rng(0)
    errors, resting = [], True
    for _ in range(NEIGHBOURS):
        moved = _nudged(function, point, rng, result, narrow)
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
    if narrow:  # in many components one or another is steady by chance: of a smooth error most are
        return Manner.JUMPS if jumping.size and np.mean(jumping) > 0.5 else Manner.SMOOTH
    if np.any(np.isfinite(own) & (own > ALONE * size)):
        return Manner.ALONE
    return Manner.JUMPS if np.all(jumping) else Manner.SMOOTH


def _nudged(
    function: Function, point: Sequence[Array], rng: np.random.Generator, result: np.dtype[Any], narrow: str | None
) -> tuple[Array, ...] | None:
    """The point with its differentiated argument moved a little, inside its domain still, for a narrow dtype with the others as far
    as they may move; None where every such step leaves it."""
    n = function.argnum
    moved = _with(function, point, n, rng, result, narrow or result.name)
    for k in range(len(point) if narrow and moved is not None else 0):
        if k != n and point[k].dtype.kind == "f" and moved is not None:
            moved = _with(function, moved, k, rng, result, narrow or result.name) or moved
    return moved


def _with(
    function: Function, point: Sequence[Array], k: int, rng: np.random.Generator, result: np.dtype[Any], dtype: str
) -> tuple[Array, ...] | None:
    x = point[k]
    ulp = 2.0 ** -(BITS[dtype] - 3)
    steps = rng.integers(1, 64, x.shape) + (rng.uniform(0, 1, x.shape) if dtype != result.name else 0)
    far, near = x * (1 + steps * ulp), x * (1 + steps % 4 * ulp / 8)  # the sum of a simplex allows the near one alone
    hull = (np.min(x, initial=np.inf), np.max(x, initial=-np.inf))
    for candidate in (far, x * (1 - steps * ulp), near, np.clip(far, *hull)):
        moved = list(point)
        moved[k] = candidate.astype(result).astype(np.float64)
        if function.inside(moved):
            return tuple(moved)
    return None
