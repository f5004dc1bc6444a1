"""A gradient that passes through a narrower dtype on its way to a wider result: digits are lost, and the mathematics may be right.

One point says little: a zero, a third or a label may be rounded the same way as its neighbours. So the arithmetic of a candidate
is found once, at ordinary points (`Arithmetic`): its errors are within what rounding to the narrower dtype may cost, as large
as that costs, and bend between arguments that the dtype tells apart, as no smooth mistake does. Then an error within that allowance
is digits, wherever it is met; and one beyond it is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.candidate.asking import BITS, ask
from oracle.judgement.allowances import measured
from oracle.judgement.float_format import at_the_ends_of_the_floats, beside_branch
from oracle.judgement.rounding import is_rough
from oracle.judgement.verdict import SLACK, distance
from oracle.witnesses.function import ON_FLOATS, Function
from oracle.witnesses.truth import Truth, truth

Array = NDArray[Any]

#: From the finest: what is within the rounding of one is within that of the next.
NARROWER = ("float32", "float16", "bfloat16")
#: The spacing of the dtype's numbers beside 0.
SMALLEST = {"float32": 2.0**-149, "float16": 2.0**-24, "bfloat16": 2.0**-133}
#: Errors are of a dtype's rounding if the largest of a point, relative to its largest component, is so many units in the median.
LEAST_UNITS = 2.0**-6
#: So many units of a dtype further an argument is another number of it.
FURTHER = 16.0
#: Points that must show an error before anything is said of the arithmetic.
LEAST_POINTS = 2


@dataclass(eq=False)
class Arithmetic:
    """In which narrower dtype a candidate computes, looked for once, when a verdict first depends on it. ordinary: points."""

    function: Function
    grad: Callable[..., Any]
    ordinary: Callable[[], Iterable[Sequence[Array]]]
    looked: bool = False
    dtype: str | None = None

    def narrow(self) -> str | None:
        """The dtype, or None where it computes in the dtype of its result, or nothing is known."""
        if not self.looked:
            self.looked = True
            self.dtype = self._found()
        return self.dtype

    def _found(self) -> str | None:
        places = [place for place in map(self._place, self.ordinary()) if place is not None]
        if len(places) < LEAST_POINTS:
            return None
        narrower = [d for d in NARROWER if BITS[d] < min(BITS[place.got.dtype.name] for place in places)]
        usual = float(np.median([np.max(place.error[place.beyond]) / place.size() for place in places]))
        possible = [
            dtype
            for dtype in narrower  # a finer rounding than this costs less
            if usual >= LEAST_UNITS * 2.0 ** -BITS[dtype] and all(self._fits(place, dtype) for place in places)
        ]
        for dtype in reversed(possible):
            if self._shows(places, dtype):
                return dtype
        for dtype in possible:
            rough = [is_rough(self.function, self.grad, p.point, p.beyond, dtype) for p in places]
            if 2 * sum(rough) >= len(rough):
                return dtype
        return None

    def _shows(self, places: Sequence[_Place], dtype: str) -> bool:
        """Whether every answer is a number of the dtype, or the same for the differentiated argument rounded to it: no accident."""
        if all(np.array_equal(p.got, rounded(p.got, dtype)) for p in places):
            return True
        notices = False
        for place in places:
            x = place.point[self.function.argnum]
            same, further = (
                self._there(place, rounded(x, dtype)),
                self._there(place, x * (1 + FURTHER * 2.0 ** -BITS[dtype])),
            )
            if same is not None and not np.array_equal(same, place.got):
                return False
            notices |= same is not None and further is not None and not np.array_equal(further, place.got)
        return notices  # what does not depend on the argument says nothing

    def _there(self, place: _Place, x: Array) -> Array | None:
        """The answer where the differentiated argument is another; None outside of the domain."""
        moved = tuple(x if n == self.function.argnum else a for n, a in enumerate(place.point))
        try:
            inside = self.function.inside(moved)
            return ask(self.grad, moved, self.function.argnum, self.function.inside).value if inside else None
        except ValueError:
            return None

    def _place(self, args: Sequence[Array]) -> _Place | None:
        """A point at which the answer is further from the truth than the arithmetic of its own dtype explains."""
        point = tuple(args)
        try:
            got = ask(self.grad, point, self.function.argnum, self.function.inside).value
            known = truth(self.function, point)
        except (Undecidable, UnsupportedPrimitive, ValueError, TypeError):
            return None
        if got is None:
            return None
        error = distance(got.astype(np.float64), known.enclosure)
        limit = measured(self.function, point, BITS[got.dtype.name], got, known)
        beyond = ~(error <= limit) & np.isfinite(error) & ~known.enclosure.kink
        return _Place(point, got, known, error, beyond) if beyond.any() else None

    def _fits(self, place: _Place, dtype: str) -> bool:
        within = place.error <= measured(self.function, place.point, BITS[dtype], place.got, place.known)
        return bool(np.all(within[place.beyond]))


@dataclass(frozen=True, eq=False)
class _Place:
    point: tuple[Array, ...]
    got: Array
    known: Truth
    error: NDArray[np.float64]
    beyond: NDArray[np.bool_]

    def size(self) -> float:
        """The largest component of the truth."""
        sizes = np.abs(self.known.enclosure.midpoint())
        return max(float(np.max(sizes[np.isfinite(sizes)], initial=0.0)), float(np.finfo(np.float64).tiny))


def rounded(x: Array, dtype: str) -> Array:
    """x rounded to a narrower dtype, as float64."""
    with np.errstate(all="ignore"):
        if dtype == "bfloat16":
            import ml_dtypes

            return x.astype(ml_dtypes.bfloat16).astype(np.float64)
        return x.astype(dtype).astype(np.float64)


def narrow_on_the_way(
    function: Function,
    grad: Callable[..., Any],
    point: tuple[Array, ...],
    got: Array,
    known: Truth,
    beyond: NDArray[np.bool_],
    arithmetic: Arithmetic | None,
) -> str | None:
    """The narrower dtype that explains the errors `beyond` of a wide result, or None."""
    dtype = arithmetic.narrow() if arithmetic is not None else None
    if dtype is not None:
        return dtype if _excused(function, point, got, known, beyond, dtype) else None
    if BITS[got.dtype.name] <= BITS["float32"]:
        return None
    return "float32" if _is_float32_here(function, grad, point, got, known, beyond) else None


def _excused(
    function: Function, point: tuple[Array, ...], got: Array, known: Truth, beyond: NDArray[np.bool_], dtype: str
) -> bool:
    """Whether rounding to the dtype may cost so much here: within its allowance, out of its range, or on the other side of a branch
    that its numbers do not keep apart."""
    values = got.astype(np.float64)
    if at_the_ends_of_the_floats(point, values, known.enclosure, beyond, dtype):
        return True
    error = distance(values, known.enclosure)
    sums = max(
        1.0, max(x.size for x in point) / SLACK
    )  # added one after the other, many numbers lose more than a tree of them
    limit = sums * measured(function, point, BITS[dtype], got, known) + _underflow(point, known, dtype)
    rest = beyond & np.isfinite(error) & ~(error <= limit)
    if not rest.any():
        return True
    if function.level == ON_FLOATS:
        return False
    return beside_branch(function, point, got, known.enclosure, rest, limit, BITS[dtype])


def _underflow(point: Sequence[Array], known: Truth, dtype: str) -> float:
    sizes = [known.enclosure.midpoint(), *(x for x in point if x.dtype.kind == "f")]
    largest = max(float(np.max(np.abs(s[np.isfinite(s)]), initial=1.0)) for s in sizes)
    return SLACK * SMALLEST[dtype] * largest


def _is_float32_here(
    function: Function,
    grad: Callable[..., Any],
    point: tuple[Array, ...],
    got: Array,
    known: Truth,
    beyond: NDArray[np.bool_],
) -> bool:
    """The same of float32 by this point alone. Components that are not finite, or 0 beside numbers at the ends of its range, have
    left it and say nothing, as do those of which it has but some digits, its subnormal numbers."""
    values = got.astype(np.float64)
    error = distance(values, known.enclosure)
    gone = ~np.isfinite(values)
    if at_the_ends_of_the_floats(point, values, known.enclosure, beyond, "float32"):
        gone |= (values == 0) | (np.abs(known.enclosure.midpoint()) < np.finfo(np.float32).tiny)
        if np.all(gone[beyond]):
            return np.array_equal(values, values.astype(np.float32), equal_nan=True)
    beyond = beyond & ~gone & ~known.enclosure.kink  # beside a kink the derivative is another
    within = error <= measured(function, point, BITS["float32"], got, known)
    return bool(beyond.any() and np.all(within[beyond])) and is_rough(function, grad, point, beyond, "float32")
