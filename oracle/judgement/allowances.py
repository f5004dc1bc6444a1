"""How far a right gradient may be from the truth at a point: what rounding costs, measured."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.allowance import rounding_allowance
from oracle.balls.arrays import midpoints
from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.balls.midpoint_radius.array import MidRad
from oracle.judgement.verdict import SLACK, allowed, distance
from oracle.witnesses import Enclosure
from oracle.witnesses.function import TRACED, Function
from oracle.witnesses.large import allowance
from oracle.witnesses.large_enclosure import LargeEnclosure
from oracle.witnesses.stopped import gradient_in_floats
from oracle.witnesses.truth import Truth

Array = NDArray[Any]

#: Neighbours at which an allowance is measured instead, and how far off they lie: so many units of the dtype that none of their own
#: roundings is a tie again, but no further, relatively, than FAR; nearer where that leaves the domain, as a sum of shares does.
NEIGHBOURS, UNITS, FAR, NEARER = 3, 2.0**13, 2.0**-10, (2.0**-48, 2.0**-52)

#: Arguments at which fn's own gradient is asked in floats, how much of its error is taken for rounding, and how far off its size is
#: asked, relatively.
CORNERS, MOST_OF_FLOATS, AROUND = 8, 64.0, 2.0**-3


def measured(function: Function, point: tuple[Array, ...], bits: int, got: Array, known: Truth) -> NDArray[np.float64]:
    """How far a right gradient of so many bits may be from the truth here."""
    tiny = float(np.finfo(got.dtype).tiny) if got.dtype.kind == "f" else 2.0**-126
    if function.level != TRACED:
        ends = largest(known.enclosure)
        size = np.fmax(ends, np.nanmax(ends, initial=0.0))
        return known.estimated_error * 8 + SLACK * 2.0**-bits * size + tiny
    if isinstance(known.enclosure, LargeEnclosure):
        return _of_many(function, point, bits, known.enclosure.floats) + tiny
    tied = _is_tied(known.enclosure)
    allowance = beside(function, point, bits) if tied else None
    if allowance is None:
        try:
            _, allowance = rounding_allowance(function.traced(point).gradient, point, bits)
        except (Undecidable, UnsupportedPrimitive):
            near = None if tied else beside(function, point, bits)
            allowance = in_floats(function, point, bits, known) if near is None else near
    limit = allowed(np.asarray(allowance), np.dtype(np.float64)) + tiny
    return np.where(known.enclosure.kink, at_kinks(known.enclosure, bits) + tiny, limit)


def _of_many(function: Function, point: tuple[Array, ...], bits: int, truth: MidRad) -> NDArray[np.float64]:
    """What a right gradient of so many bits may be off by at a large point; ∞ where nothing is known."""
    found = allowance(function.traced(point), point, bits)
    if found is None:
        return np.full(truth.shape, np.inf)
    return allowed(found, np.dtype(np.float64))


def _is_tied(enclosure: Enclosure) -> bool:
    """Whether the truth is that of differences, as fn is tied by its code: there the balls of its derivative hold every branch, and
    their radius is no rounding."""
    return not enclosure.rigorous.all() and not enclosure.kink.all()


def beside(function: Function, point: tuple[Array, ...], bits: int) -> NDArray[np.float64] | None:
    """The largest allowance at neighbours, where no ball can tell which branch the point takes: numbers that are equal, but not by
    their formulas (the greatest of several equal products). What is no kink has the derivative of either branch, and its rounding
    too. None where no neighbour is decided."""
    rng = np.random.default_rng(0)
    found: list[Array] = []
    for nudge in np.repeat((min(UNITS * 2.0**-bits, FAR), *NEARER), NEIGHBOURS):
        moved = tuple(_nudged(a, b, nudge, rng) for a, b in zip(point, function.bounds, strict=True))
        if len(found) >= NEIGHBOURS or not function.inside(moved):
            continue
        try:
            _, allowance = rounding_allowance(function.traced(moved).gradient, moved, bits)
        except (Undecidable, UnsupportedPrimitive):
            continue
        found.append(np.asarray(allowance))
    finite = [a for a in found if np.isfinite(a).all()]
    return np.max(finite, axis=0) if finite else None


def in_floats(function: Function, point: tuple[Array, ...], bits: int, known: Truth) -> NDArray[np.float64]:
    """The largest error of fn's own gradient in float64, at arguments half a unit around, in units of so many bits: where no ball
    decides here nor beside (a correlation of a vector with itself, cut off at 1). That is a sample, and fn's own gradient may be
    wrong: it counts up to MOST_OF_FLOATS units of the largest component around."""
    size = np.abs(known.enclosure.midpoint())
    half = 2.0**-bits * size
    if known.enclosure.kink.any() or not np.isfinite(size).all():
        return half
    rng, record = np.random.default_rng(0), function.traced(point)

    def moved(by: float) -> list[Array]:
        at = [
            tuple(_nudged(a, b, by, rng) for a, b in zip(point, function.bounds, strict=True)) for _ in range(CORNERS)
        ]
        return [gradient_in_floats(record, x) for x in at if function.inside(x)]

    errors = [distance(g, known.enclosure) for g in [gradient_in_floats(record, point), *moved(2.0**-52)]]
    found = np.nanmax(np.array([np.zeros(size.shape), *errors]), axis=0) * 2.0 ** (53 - bits) + half
    ordinary = np.array([size, *(np.abs(g) for g in moved(AROUND))])  # where all of it is 0, what it is around
    largest = np.max(ordinary, initial=0.0, where=np.isfinite(ordinary))
    return np.minimum(found, MOST_OF_FLOATS * 2.0**-bits * largest + half)


def _nudged(x: Array, bounds: tuple[float, float] | None, nudge: float, rng: np.random.Generator) -> Array:
    """Some units in the last place aside, each entry by itself and away from an end that it would pass; zeros stay."""
    if x.dtype.kind != "f":
        return x
    step = x * (nudge * rng.uniform(-1, 1, x.shape))
    low, high = bounds if bounds is not None else (-np.inf, np.inf)
    return np.where((x + step <= low) | (x + step >= high), x - step, x + step)


def largest(enclosure: Enclosure) -> NDArray[np.float64]:
    """The size of the larger end of each component."""
    return np.asarray(np.fmax(np.abs(midpoints(enclosure.lower)), np.abs(midpoints(enclosure.upper))))


def at_kinks(enclosure: Enclosure, bits: int) -> NDArray[np.float64]:
    """The rounding of the ends of the interval: widened arguments would allow the jump itself, which the interval holds already."""
    ends = largest(enclosure)
    return SLACK * 2.0**-bits * np.where(np.isfinite(ends), ends, 0.0)
