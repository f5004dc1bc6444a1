"""The comparison policy: the only place where a number is held against the truth.

Nothing here is tuned to a function. What rounding may cost is measured (`oracle.balls.allowance`, midpoint–radius arrays), and
enters as `allowance`; the one slack below is for what the measurement leaves out: another order of summation, library functions
that are off by a unit or two. What is measured is the worst case, and it alone excuses and accuses: within it nothing is wrong, and
beyond it no rounding explains. The √n bound for roundings that are independent (`judgement/likely.py`) is nobody's excuse, nor a
charge, as roundings of a long sum of like terms lean to one side: what it does not explain is a note. Below the smallest normal
number of the dtype digits are lost to gradual underflow, which is no error.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from oracle.witnesses import Enclosure

#: How many measured allowances a right result may be away from the truth.
SLACK = 4.0


class Verdict(StrEnum):
    """right: within what rounding may cost. wrong: the mathematics is. inaccurate: the mathematics is right, the floats lose
    digits. undecided: no evidence either way."""

    RIGHT = "right"
    WRONG = "wrong"
    INACCURATE = "inaccurate"
    UNDECIDED = "undecided"


@dataclass(frozen=True, eq=False)
class Comparison:
    """One array against its enclosure: `error` is the distance to the nearest right answer, `allowed` what rounding explains."""

    got: NDArray[Any]
    expected: NDArray[np.float64]
    error: NDArray[np.float64]
    allowed: NDArray[np.float64]

    @property
    def beyond(self) -> NDArray[np.bool_]:
        """Where the error is more than rounding explains; NaN always is."""
        return ~(self.error <= self.allowed)

    @property
    def worst(self) -> tuple[int, ...]:
        """Index of the entry that exceeds its allowance most, NaN first."""
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(self.beyond, self.error / self.allowed, -1.0)
        ratio = np.where(np.isnan(ratio), np.inf, ratio)
        return tuple(int(k) for k in np.unravel_index(int(np.argmax(ratio)), ratio.shape))

    @property
    def eps(self) -> float:
        """Worst error in units of eps of the largest expected entry; below the normal numbers in units of the smallest of them."""
        worst, floats = np.max(self.error, initial=0.0), np.finfo(self.got.dtype)
        scale = np.max(np.abs(self.expected), initial=0.0) * floats.eps
        if worst <= floats.tiny and scale < floats.tiny:
            scale = floats.tiny
        return float(worst / scale) if scale > 0 else float("inf")


def allowed(allowance: NDArray[np.float64], dtype: np.dtype[Any]) -> NDArray[np.float64]:
    """How far a right result of this dtype may be from the truth. An allowance that is not finite allows nothing: where nothing
    is known about rounding, nothing is excused."""
    most = float(np.finfo(np.float64).max) / (2 * SLACK)
    known = np.minimum(np.where(np.isfinite(allowance), allowance, 0.0), most)
    return SLACK * known + float(np.finfo(dtype).tiny)


def right_for_sure(
    got: NDArray[Any], midpoint: NDArray[np.float64], radius: NDArray[np.float64], allowance: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Where a number is as close as rounding allows to all that an enclosure of midpoints and radii holds."""
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray(np.abs(got - midpoint) + radius <= allowed(allowance, got.dtype))


def compare(got: NDArray[Any], truth: Enclosure, allowance: NDArray[np.float64]) -> Comparison:
    """got, in float32 or float64, against the enclosure of the truth. Raises ValueError where shapes differ."""
    if not got.shape == truth.shape == allowance.shape:
        raise ValueError(f"got {got.shape}, truth {truth.shape}, allowance {allowance.shape}: the shapes must be equal")
    return Comparison(got, truth.midpoint(), distance(got, truth), allowed(allowance, got.dtype))


def distance(got: NDArray[Any], truth: Enclosure) -> NDArray[np.float64]:
    """How far each number is from the nearest right answer, NaN for NaN; the radius of the truth counts in favour of neither."""
    from oracle.balls.arrays import lift_arb, precision
    from oracle.witnesses.large_enclosure import LargeEnclosure

    if isinstance(truth, LargeEnclosure):
        off = np.abs(np.asarray(got, dtype=np.float64) - truth.floats.midpoint)
        return np.where(np.isnan(got), np.nan, off)

    def away(value: Any, low: Any, high: Any) -> float:
        if not value.is_finite():
            return float("nan") if value.is_nan() else float("inf")
        below, above = float((low - value).mid()), float((value - high).mid())
        return max(below, above, 0.0)

    with precision(400):
        found = np.frompyfunc(away, 3, 1)(lift_arb(got), truth.lower, truth.upper)
    return np.asarray(found, dtype=np.float64)
