"""Upper bounds on a derivative, such as the floored Hessians of boosters: whatever is above it is right."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.witnesses import Enclosure

Array = NDArray[Any]


def no_more_than(got: Array, enclosure: Enclosure) -> Array:
    """got, where it is above the derivative (of a kink the larger) the derivative itself, in got's dtype; NaN and ∞ stay."""
    from oracle.balls.arrays import midpoints

    greatest = midpoints(enclosure.upper)
    above = np.isfinite(got.astype(np.float64)) & np.isfinite(greatest) & (got.astype(np.float64) > greatest)
    if not above.any():
        return got
    lowered = got.copy()
    lowered[above] = greatest[above].astype(got.dtype)
    return lowered
