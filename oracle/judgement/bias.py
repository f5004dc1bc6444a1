"""What many points show together of a gradient in few bits: an error of one sign throughout, where rounding has both.

One point cannot tell a relative 1e-3 in float16 from rounding. The largest component of each point votes with the sign of its
relative error. If that came of rounding, which is as often up as down, so many votes of one sign would have a probability below
ONE_SIDED; and what one or two rounded constants in the code may do to every answer is less than UNITS.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.candidate.asking import BITS

Array = NDArray[Any]

#: The probability, if signs were those of rounding, below which they are not.
ONE_SIDED = 1e-12
#: A constant is off by one unit of rounding at most, and mostly by less than half of one.
UNITS = 1.5
#: Sums of more numbers than this, added one after the other, may all come out too small, by as much more as there are more of them.
MANY = 16
#: Where rounding may cost more units than this, its noise hides a bias.
STEADY = 128.0
#: Components nearer to the smallest normal number of the dtype than by this factor are rounded more coarsely.
NORMAL = 16.0


@dataclass(frozen=True)
class Bias:
    """units: the median of the relative errors in roundings of the dtype; largest: the number of the point that shows it best."""

    units: float
    dtype: str
    points: int
    votes: int
    largest: int

    def __str__(self) -> str:
        size = abs(self.units) * 2.0 ** -BITS[self.dtype]
        return (
            f"at {self.votes} of {self.points} points the largest component is too {'large' if self.units > 0 else 'small'}, by a "
            f"relative {size:.2g} in the median: rounding to {self.dtype} has both signs (probability below {ONE_SIDED:g})"
        )


def bias(errors: Sequence[tuple[Array, Array, Array]], dtype: str) -> Bias | None:
    """The bias that answers show against the truth; None where there is none. errors: for each point what was got, what was
    expected, and what rounding may cost."""
    tiny = 2.0**-14 if dtype == "float16" else 2.0**-126
    relative: list[tuple[float, int]] = []
    for n, (got, expected, allowed) in enumerate(errors):
        if not expected.size:
            continue
        with np.errstate(all="ignore"):
            sizes = np.where(np.isfinite(expected) & np.isfinite(got), np.abs(expected), 0.0)
        k = int(np.argmax(sizes))
        steady = allowed.flat[k] <= STEADY * 2.0 ** -BITS[dtype] * sizes.flat[k]
        if steady and sizes.flat[k] > NORMAL * tiny:
            off = float((got.flat[k] - expected.flat[k]) / expected.flat[k])
            relative.append((off / max(1.0, expected.size / MANY), n))
    if not relative:
        return None
    values = np.array([r for r, _ in relative])
    middle = float(np.median(values)) * 2.0 ** BITS[dtype]
    if abs(middle) <= UNITS:
        return None
    votes = int(np.count_nonzero(values * np.sign(middle) > 0))
    if 2 * _tail(len(values), votes) > ONE_SIDED:
        return None
    _, largest = max(relative, key=lambda pair: pair[0] * math.copysign(1, middle))
    return Bias(middle, dtype, len(values), votes, largest)


def _tail(count: int, votes: int) -> float:
    """The probability of so many votes or more, each one half."""
    return sum(math.comb(count, k) for k in range(votes, count + 1)) / 2.0**count
