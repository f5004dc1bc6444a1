"""What differences in floats may say of a gradient: an estimate accuses only where nothing speaks for the accused."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.candidate.asking import BITS
from oracle.witnesses.estimates import Settled, adds_up, is_fine, is_swallowed, settled
from oracle.witnesses.function import Function
from oracle.witnesses.sides import ERRORS, both_sides, is_inside
from oracle.witnesses.truth import Truth

Array = NDArray[Any]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

#: Components for which differences in floats are taken again, at many steps, before a gradient is called wrong.
MOST_CONFIRMED = 4
#: Beyond this size the finest steps are whole numbers, and floor(x) has slope 1.
FAR = 2.0**40
#: Random directions, beside all ones, along which a gradient with kinks is looked at as a whole.
DIRECTIONS = 3
#: Units of its own rounding by which a result may be off.
UNITS = 8


def contradicted(
    function: Function, point: tuple[Array, ...], got: Array, known: Truth, beyond: Mask, excess: Floats
) -> tuple[int, ...] | None:
    """The worst component that differences at many steps still contradict, or None.

    They do where several families of steps settle to both sides (or to the one inside of the domain), agree with each other, and
    say that the candidate is off by far more than their spread and its own rounding; where the slopes along random directions are
    the sums of those along the axes, so that no tie hides from the axes; where no finer step speaks for the candidate, and where
    fn can have noticed.
    """
    argnum, bounds = function.argnum, function.bounds[function.argnum]
    if any(np.any(np.abs(a) > FAR) for a in point if a.dtype.kind == "f"):
        return None
    order = np.argsort(np.where(beyond, -excess, np.inf), axis=None)[: min(MOST_CONFIRMED, np.count_nonzero(beyond))]
    sides = known.sides or both_sides(function.fn, point, argnum, bounds)
    low, high, _ = sides.ends()
    for flat in map(int, order):
        value = float(got.flat[flat])
        first = Settled(float(low.flat[flat]), float(high.flat[flat]), 0.0)
        if np.isfinite(value) and (
            is_swallowed(point, argnum, flat, first.distance(value))
            or is_fine(function.fn, point, argnum, bounds, flat, value, first)
        ):
            continue
        size = max(abs(first.low), abs(first.high))
        off = first.distance(value) if np.isfinite(value) else size
        if not adds_up(function.fn, point, argnum, bounds, sides, flat, off):
            return None
        found = settled(function.fn, point, argnum, bounds, flat, off)
        rounding = UNITS * 2.0 ** -BITS[got.dtype.name] * size
        if found is not None and not found.distance(value) <= ERRORS * found.error + rounding:
            return tuple(int(k) for k in np.unravel_index(flat, got.shape))
    return None


def unlike_together(function: Function, point: tuple[Array, ...], got: Array, known: Truth, limit: Floats) -> bool:
    """Whether a gradient with several kinked components, each between its sides, may still be none as a whole: along all ones or a
    random direction g·d leaves what f′(x; d) and −f′(x; −d) are between. So does that of max(x) with 1 for each of two equals."""
    kink = known.enclosure.kink
    if np.count_nonzero(kink) < 2:
        return False
    x, bounds = point[function.argnum], function.bounds[function.argnum]
    low, high = bounds or (-np.inf, np.inf)
    rng = np.random.default_rng(0)
    for d in (np.ones(x.shape), *(rng.choice([-1.0, 1.0], x.shape) for _ in range(DIRECTIONS))):
        e = d * kink
        if np.any(kink & ((x <= low) | (x >= high))):
            return True
        room = float(np.min(np.where(kink, np.minimum(high - x, x - low), np.inf)))

        def line(s: Array, e: Array = e) -> Any:
            y = x + s[0] * e
            inside = is_inside(y, x, bounds)
            return function.fn(*(y if n == function.argnum else a for n, a in enumerate(point))) if inside else np.nan

        found = both_sides(line, [np.zeros(1)], 0, (-room, room))
        least, most, error = (float(end[0]) for end in found.ends())
        along, rounding = float(np.sum(got.astype(np.float64) * e)), float(np.sum(limit * kink)) + ERRORS * error
        if not least - rounding <= along <= most + rounding:
            return True
    return False
