"""What many points show together of a gradient in few bits: an error of one sign throughout, where rounding has both.

One point cannot tell a relative 1e-3 in float16 from rounding. The largest component of each point votes with the sign of its
relative error; then the first of each, and the last, where mistakes begin. If that came of rounding, which is as often up as
down, so many votes of one sign would have a probability below ONE_SIDED. Votes must be independent: where the same truth is asked
for again, its rounding is the same. And a bias must be a good part of what rounding may cost at a point, or that point cannot show
it.

What rounds to one side throughout is a constant in the code. It changes an answer by a unit times its amplification: 10 z in an
exponential by 10 z units. So a bias is one only where it is more than the constants of fn may do, rounded to the dtype; and, since
a candidate may have constants of its own, where at some points it is more than what an argument off by a unit would do there: what
amplifies a constant amplifies the argument beside it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from oracle.candidate.asking import BITS
from oracle.judgement.amplified import Amplified
from oracle.judgement.verdict import SLACK

Array = NDArray[Any]

#: The probability, if signs were those of rounding, below which they are not: of all the voters and both signs together, so that it
#: bounds how often a right gradient is accused. A thousand gradients checked every hour make 1e7 checks a year, and 1e-9 a false
#: one in a century; it takes 33 votes of one sign, as many points as most shapes have.
ONE_SIDED = 1e-9
#: A constant is off by one unit of rounding at most, and mostly by less than half of one.
UNITS = 1.5
#: How often a constant of fn may be in the way of a candidate: it may round c where fn has c², and an inner one by itself.
USES = 3.0
#: Sums of more numbers than this, added one after the other, may all come out too small, by as much more as there are more of them.
MANY = 16
#: What rounding may cost a point that votes, in biases. A noisier vote has either sign and only weakens the others, whatever the
#: bias; it can accuse nobody. The cost is a bound, all steps at their worst together, and the usual error a third of it or less: by
#: four biases of cost most votes still have the sign of the bias.
NOISE = 4.0
#: Points at which the bias is UNITS times what an argument off by a unit does: so many that none of them is an accident.
CLEAR = 8
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


#: Of the number of a point: how far each component of the truth moves with the rounded constants of fn, and with its arguments.
Amplification = Callable[[int], Amplified]


def bias(
    errors: Sequence[tuple[Array, Array, Array]], dtype: str, amplification: Amplification | None = None
) -> Bias | None:
    """The bias that answers show against the truth; None where there is none. errors: for each point what was got, what was
    expected, and what rounding may cost."""
    return next(filter(None, (_bias_of(voter, errors, dtype, amplification) for voter in VOTERS)), None)


def _bias_of(
    voter: str, errors: Sequence[tuple[Array, Array, Array]], dtype: str, amplification: Amplification | None
) -> Bias | None:
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
    if amplification is not None and not _is_clear(votes, middle, errors, unit, amplification):
        return None
    largest = max(votes, key=lambda vote: vote.off * math.copysign(1, middle))
    return Bias(voter, middle, dtype, len(votes), count, largest.number, largest.component)


class _Vote(NamedTuple):
    """off: the relative error, and cost: what rounding may cost, both in units; number: of the point; component: of the truth."""

    off: float
    cost: float
    number: int
    component: int


def _is_clear(
    votes: Sequence[_Vote],
    middle: float,
    errors: Sequence[tuple[Array, Array, Array]],
    unit: float,
    amplification: Amplification,
) -> bool:
    """Whether at enough points the bias is more than what an argument off by a unit does, and there more than the constants of fn
    may do."""
    clear: list[tuple[_Vote, float]] = []
    for vote in votes:
        moved = amplification(vote.number)
        size = abs(float(errors[vote.number][1].flat[vote.component])) * unit
        if UNITS * float(moved.by_arguments.flat[vote.component]) <= abs(middle) * size:
            clear.append((vote, float(moved.by_constants.flat[vote.component]) / size))
    if len(clear) < CLEAR:
        return False
    constants = float(np.median([by for _, by in clear]))
    return _median([vote for vote, _ in clear]) * math.copysign(1, middle) > max(UNITS, USES * constants)


def _median(votes: Sequence[_Vote]) -> float:
    return float(np.median([vote.off for vote in votes])) if votes else 0.0


def _tail(count: int, votes: int) -> float:
    """The probability of so many votes or more, each one half."""
    return sum(math.comb(count, k) for k in range(votes, count + 1)) / 2.0**count
