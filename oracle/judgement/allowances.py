"""How far a right gradient may be from the truth at a point: what rounding costs, measured."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.allowance import rounding_allowance
from oracle.balls.arrays import midpoints
from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.judgement.verdict import SLACK, allowed
from oracle.witnesses import Enclosure
from oracle.witnesses.truth import TRACED, Function, Truth

Array = NDArray[Any]


def measured(function: Function, point: tuple[Array, ...], bits: int, got: Array, known: Truth) -> NDArray[np.float64]:
    """How far a right gradient of so many bits may be from the truth here."""
    tiny = float(np.finfo(got.dtype).tiny) if got.dtype.kind == "f" else 2.0**-126
    if function.level != TRACED:
        ends = largest(known.enclosure)
        size = np.fmax(ends, np.nanmax(ends, initial=0.0))
        return known.estimated_error * 8 + SLACK * 2.0**-bits * size + tiny
    try:
        record = function.traced(point)
        _, allowance = rounding_allowance(record.gradient, point, bits)
    except (Undecidable, UnsupportedPrimitive):
        allowance = 2.0**-bits * np.abs(known.enclosure.midpoint())
    limit = allowed(np.asarray(allowance), np.dtype(np.float64)) + tiny
    return np.where(known.enclosure.kink, at_kinks(known.enclosure, bits) + tiny, limit)


def largest(enclosure: Enclosure) -> NDArray[np.float64]:
    """The size of the larger end of each component."""
    return np.asarray(np.fmax(np.abs(midpoints(enclosure.lower)), np.abs(midpoints(enclosure.upper))))


def at_kinks(enclosure: Enclosure, bits: int) -> NDArray[np.float64]:
    """The rounding of the ends of the interval: widened arguments would allow the jump itself, which the interval holds already."""
    ends = largest(enclosure)
    return SLACK * 2.0**-bits * np.where(np.isfinite(ends), ends, 0.0)
