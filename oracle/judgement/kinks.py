"""Whether the components of a gradient at a kink fit together.

Each may lie between its one-sided derivatives, and yet together they may be no subgradient: the gradient of a maximum sums to one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.candidate.asking import BITS
from oracle.witnesses import Enclosure, directional_derivative
from oracle.witnesses.truth import ON_FLOATS, TRACED, Function

Array = NDArray[Any]

#: Kinked components along which the curvature of f is looked at, and random directions beside all ones.
MOST_COMPONENTS, RANDOM = 6, 3


def fits_jointly(function: Function, point: tuple[Array, ...], got: Array, enclosure: Enclosure) -> bool:
    """−f′(x; −d) ≤ g·d ≤ f′(x; d) for d of all ones and random signs, for an f that is convex along every d tried and along its
    kinked components; the reverse for a concave one. Where f is neither (Σ y |a| with signs in y) nothing follows, and it is True.
    """
    if function.level == ON_FLOATS:
        return True
    rng = np.random.default_rng(0)
    directions = [np.ones(got.shape), *(rng.choice([-1.0, 1.0], got.shape) for _ in range(RANDOM))]
    g = got.astype(np.float64)
    rounding = 2.0 ** -(BITS[got.dtype.name] - 4) * float(np.sum(np.abs(g)) + 1e-300)
    try:
        slopes = [_both_sides(function, point, d) for d in (*_along_kinks(enclosure), *directions)]
    except (Undecidable, UnsupportedPrimitive):
        return True
    bends = [forth + back for forth, back in slopes]  # f′(x; d) + f′(x; −d): positive where f bends upwards
    convex, concave = (all(sign * bend >= -rounding for bend in bends) for sign in (1, -1))
    if not convex and not concave:
        return True
    along = [float(np.sum(g * d)) for d in directions]
    for (forth, back), value in zip(slopes[-len(directions) :], along, strict=True):
        low, high = min(-back, forth), max(-back, forth)
        if not low - rounding <= value <= high + rounding:
            return False
    return True


def _along_kinks(enclosure: Enclosure) -> list[NDArray[np.float64]]:
    units = []
    for at in map(tuple, np.argwhere(enclosure.kink)[:MOST_COMPONENTS]):
        unit = np.zeros(enclosure.shape)
        unit[at] = 1.0
        units.append(unit)
    return units


def _both_sides(function: Function, point: tuple[Array, ...], d: NDArray[np.float64]) -> tuple[float, float]:
    """f′(x; d) and f′(x; −d)."""
    program: Callable[..., Any] | Any = function.traced(point) if function.level == TRACED else function.fn

    def one_sided(direction: NDArray[np.float64]) -> float:
        found = directional_derivative(
            program,
            point,
            (direction,),
            (function.argnum,),
            domains=function.bounds,
            on_balls=function.level != TRACED,
        )
        return float(found.midpoint())

    return one_sided(d), one_sided(-d)
