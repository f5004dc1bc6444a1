"""What many points show together of a gradient in few bits: an error of one sign throughout, where rounding has both.

One point cannot tell a relative 1e-3 in float16 from rounding. The largest component of each point votes with the sign of its
relative error. If that came of rounding, which is as often up as down, so many votes of one sign would have a probability below
ONE_SIDED; and what one or two rounded constants in the code may do to every answer is less than UNITS. Votes must be independent:
where the whole truth is the same again, so is its rounding. And a bias must be half of what rounding may cost at a point, or that
point cannot show it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from oracle.candidate.asking import BITS
from oracle.judgement.verdict import SLACK

Array = NDArray[Any]

#: The probability, if signs were those of rounding, below which they are not.
ONE_SIDED = 1e-9
#: A constant is off by one unit of rounding at most, and mostly by less than half of one.
UNITS = 1.5
#: Sums of more numbers than this, added one after the other, may all come out too small, by as much more as there are more of them.
MANY = 16
#: What rounding may cost a point, in biases: by so much noise a vote of one sign is not certain in a hundred points, and so much of
#: it a rounded constant may make one-sided. (Arguments are given exactly, and an allowance counts half a unit for each.)
NOISE = 4.0
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
    unit = 2.0 ** -BITS[dtype]
    seen: dict[bytes, _Vote] = {}
    for n, (got, expected, allowed) in enumerate(errors):
        if not expected.size:
            continue
        with np.errstate(all="ignore"):
            sizes = np.where(np.isfinite(expected) & np.isfinite(got), np.abs(expected), 0.0)
        k = int(np.argmax(sizes))
        size = float(sizes.flat[k])
        if size > NORMAL * tiny:
            off = float((got.flat[k] - expected.flat[k]) / expected.flat[k]) / max(1.0, expected.size / MANY)
            seen.setdefault(expected.tobytes(), _Vote(off / unit, float(allowed.flat[k]) / (SLACK * size * unit), n))
    middle = _median(list(seen.values()))
    votes = [vote for vote in seen.values() if vote.cost <= NOISE * abs(middle)]
    middle = _median(votes)
    if abs(middle) <= UNITS:
        return None
    count = sum(vote.off * middle > 0 for vote in votes)
    if 2 * _tail(len(votes), count) > ONE_SIDED:
        return None
    largest = max(votes, key=lambda vote: vote.off * math.copysign(1, middle))
    return Bias(middle, dtype, len(votes), count, largest.number)


class _Vote(NamedTuple):
    """off: the relative error, and cost: what rounding may cost, both in units; number: of the point."""

    off: float
    cost: float
    number: int


def _median(votes: Sequence[_Vote]) -> float:
    return float(np.median([vote.off for vote in votes])) if votes else 0.0


def _tail(count: int, votes: int) -> float:
    """The probability of so many votes or more, each one half."""
    return sum(math.comb(count, k) for k in range(votes, count + 1)) / 2.0**count
