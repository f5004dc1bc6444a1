"""Whether an error stands alone: it is at these arguments, and gone a little way off. Rounding goes on, or dies away slowly.

A wrong value at whole numbers, at a tie or within a tolerance of them ends at once. What rounding costs beside a singularity that
cancels, (eᵗ − 1)/t at t = 0 or a spread of nearly equal numbers, falls no faster than a power of the distance.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.candidate.asking import BITS, ask
from oracle.witnesses.function import Function
from oracle.witnesses.truth import truth

Array = NDArray[Any]

#: Distances grow by this factor, from one unit in the last place to this part of the arguments.
FACTOR, FARTHEST = 16.0, 2.0**-16
#: Between two such distances a singularity of order k lets an error fall to 16⁻ᵏ; nothing that cancels so has an order of five.
FALLS = FACTOR**-5
#: Directions that are looked along, each both ways.
DIRECTIONS = 2


def stands_alone(
    function: Function,
    grad: Callable[..., Any],
    point: Sequence[Array],
    error: NDArray[np.float64],
    beyond: NDArray[np.bool_],
    result: np.dtype[Any],
    among_jumps: bool = False,
) -> bool:
    """Whether the largest of the errors `beyond` falls to nothing between two distances in every direction that is tried;
    among_jumps, and the truth does not change there: beside a branch of fn another side is met, and that is no mistake."""
    sizes = np.where(beyond & np.isfinite(error), error, -1.0)
    worst = np.unravel_index(int(np.argmax(sizes)), sizes.shape)
    own = float(error[worst])
    if not np.isfinite(own) or not own > 0:
        return False
    units = 2.0 ** (1 - BITS[result.name])
    distances = [units]
    while distances[-1] * FACTOR <= FARTHEST:
        distances.append(distances[-1] * FACTOR)
    right = float(truth(function, point).enclosure.midpoint()[worst])
    rng = np.random.default_rng(1)
    x = point[function.argnum]
    looked = 0
    for _ in range(DIRECTIONS):
        direction = rng.uniform(0.5, 1.0, x.shape) * rng.choice([-1.0, 1.0], x.shape)
        for sign in (1.0, -1.0):
            found = [_error_at(function, grad, point, sign * d * direction, worst, result) for d in distances]
            known = [pair for pair in found if pair is not None]
            if len(known) < len(found) - 1 or len(known) < 2:  # the domain ends, or nothing is known there
                continue
            turns = among_jumps and any(abs(there - right) > own / 2 for _, there in known)
            if turns or not _falls_at_once(own, known):
                return False
            looked += 1
    return looked > 0


def _falls_at_once(own: float, found: Sequence[tuple[float, float]]) -> bool:
    """Whether the errors, from the nearest on, fall below FALLS of the error before them and stay there."""
    before = own
    for k, (here, _) in enumerate(found):
        if here <= FALLS * own:
            rest = max(e for e, _ in found[k:])
            return before > 0.25 * own and rest <= FALLS * own
        before = here
    return False


def _error_at(
    function: Function,
    grad: Callable[..., Any],
    point: Sequence[Array],
    part: NDArray[np.float64],
    where: tuple[Any, ...],
    result: np.dtype[Any],
) -> tuple[float, float] | None:
    """The error and the truth of a component where the differentiated argument moves by a part of itself; None where unknown."""
    moved = list(point)
    moved[function.argnum] = (point[function.argnum] * (1 + part)).astype(result).astype(np.float64)
    if not function.inside(moved):
        return None
    try:
        value = ask(grad, moved, function.argnum, function.inside).value
        right = float(truth(function, moved).enclosure.midpoint()[where])
    except (Undecidable, UnsupportedPrimitive, ValueError, TypeError):
        return None
    if value is None or value.shape != point[function.argnum].shape:
        return None
    got = float(value[where])
    return (abs(got - right), right) if np.isfinite(got) else None
