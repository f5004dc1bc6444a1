"""What many points show together of a gradient in few bits: an error of one sign throughout, where rounding has both.

One point cannot tell a relative 1e-3 in float16 from rounding. The largest component of each point votes with the sign of its
relative error; then the first of each, and the last, where mistakes begin. If that came of rounding, which is as often up as
down, so many votes of one sign would have a probability below ONE_SIDED; and what one or two rounded constants in the code may
do to every answer is less than UNITS. Votes must be independent: where the same truth is asked for again, its rounding is the
same. And a bias must be half of what rounding may cost at a point, or that point cannot show it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
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


#: Who votes: of the sizes of all components, the index of one.
VOTERS: Mapping[str, Callable[[Array], int]] = {
    "largest": lambda sizes: int(np.argmax(sizes)),
    "first": lambda sizes: 0,
    "last": lambda sizes: sizes.size - 1,
}


@dataclass(frozen=True)
class Bias:
    """voter: which component of each point; units: the median of its relative errors in roundings of the dtype; largest: the number
    of the point that shows it best, and there the component."""

    voter: str
    units: float
    dtype: str
    points: int
    votes: int
    largest: int
    component: int

    def __str__(self) -> str:
        size = abs(self.units) * 2.0 ** -BITS[self.dtype]
        return (
            f"at {self.votes} of {self.points} points the {self.voter} component is too "
            f"{'large' if self.units > 0 else 'small'}, by a relative {size:.2g} in the median: "
            f"rounding to {self.dtype} has both signs (probability below {ONE_SIDED:g})"
        )


def bias(errors: Sequence[tuple[Array, Array, Array]], dtype: str) -> Bias | None:
    """The bias that answers show against the truth; None where there is none. errors: for each point what was got, what was
    expected, and what rounding may cost."""
    return next(filter(None, (_bias_of(voter, errors, dtype) for voter in VOTERS)), None)


def _bias_of(voter: str, errors: Sequence[tuple[Array, Array, Array]], dtype: str) -> Bias | None:
    tiny = 2.0**-14 if dtype == "float16" else 2.0**-126
    unit = 2.0 ** -BITS[dtype]
    seen: dict[bytes, _Vote] = {}
    for n, (got, expected, allowed) in enumerate(errors):
        if not expected.size:
            continue
        with np.errstate(all="ignore"):
            sizes = np.where(np.isfinite(expected) & np.isfinite(got), np.abs(expected), 0.0)
        k = VOTERS[voter](sizes)
        size = float(sizes.flat[k])
        if size > NORMAL * tiny:
            off = float((got.flat[k] - expected.flat[k]) / expected.flat[k]) / max(1.0, expected.size / MANY)
            cost = float(allowed.flat[k]) / (SLACK * size * unit)
            again = expected.tobytes() if voter == "largest" else expected.flat[k].tobytes()
            seen.setdefault(again, _Vote(off / unit, cost, n, k))
    middle = _median(list(seen.values()))
    votes = [vote for vote in seen.values() if vote.cost <= NOISE * abs(middle)]
    middle = _median(votes)
    if abs(middle) <= UNITS:
        return None
    count = sum(vote.off * middle > 0 for vote in votes)
    if 2 * len(VOTERS) * _tail(len(votes), count) > ONE_SIDED:
        return None
    largest = max(votes, key=lambda vote: vote.off * math.copysign(1, middle))
    return Bias(voter, middle, dtype, len(votes), count, largest.number, largest.component)


class _Vote(NamedTuple):
    """off: the relative error, and cost: what rounding may cost, both in units; number: of the point; component: of the truth."""

    off: float
    cost: float
    number: int
    component: int


def _median(votes: Sequence[_Vote]) -> float:
    return float(np.median([vote.off for vote in votes])) if votes else 0.0


def _tail(count: int, votes: int) -> float:
    """The probability of so many votes or more, each one half."""
    return sum(math.comb(count, k) for k in range(votes, count + 1)) / 2.0**count
