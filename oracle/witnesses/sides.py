"""Slopes to both sides and across, by differences in floats: where they tell a kink, a jump, an infinite slope, or nothing."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from oracle.witnesses.differences import EPS, START_STEPS, extrapolate, halved
from oracle.witnesses.tracing import double_precision

Array = NDArray[Any]
Floats = NDArray[np.float64]
Bounds = tuple[float, float]
Line = Callable[[float], Any]

#: A slope is settled if its error is below this part of the largest slope beside it.
SETTLED = 2.0**-8
#: One that coarse and fine steps must then agree on has an error below this part of itself.
SURE = SETTLED**2
#: So many steps come first, and are enough where the slope across is then known to this part of itself; after that so many
#: finer ones only have to agree.
FIRST, KNOWN, AGAIN = 5, 2.0**-40, 3
#: Slopes that differ by less than so many of their errors are one.
ERRORS = 8.0
NOWHERE: Bounds = (-np.inf, np.inf)


@dataclass(frozen=True, eq=False)
class Sides:
    """Componentwise the slopes of f to the right, to the left and across, equal where f is smooth, each ± an error.

    NaN ± ∞ where a side does not settle; at an end of the domain the side that is outside is the other one. raised: what fn raised
    beside the point, if it did.
    """

    right: Floats
    left: Floats
    across: Floats
    right_error: Floats
    left_error: Floats
    across_error: Floats
    raised: str = ""

    def is_settled(self, size: float = 0.0) -> NDArray[np.bool_]:
        """Where both sides have a slope, or the one that is inside. size: what else their errors are held against, as a slope of 0
        has no size of its own."""
        largest = np.fmax.reduce(np.abs([self.right, self.left]), axis=0)
        most = float(np.max(largest, initial=size, where=np.isfinite(largest)))
        room = SETTLED * np.maximum(largest, most)
        with np.errstate(invalid="ignore"):
            return np.asarray((self.right_error <= room) & (self.left_error <= room))

    def is_kink(self) -> NDArray[np.bool_]:
        """Where both settle and differ, by more than a slope that settles may be off."""
        with np.errstate(invalid="ignore"):
            room = np.maximum(
                ERRORS * (self.right_error + self.left_error),
                SETTLED * np.maximum(np.abs(self.right), np.abs(self.left)),
            )
            apart = np.abs(self.right - self.left) > room
        return np.asarray(apart & self.is_settled())

    def ends(self) -> tuple[Floats, Floats, Floats]:
        """The least and the greatest slope and their error: those of the sides at a kink, the one across elsewhere; NaN ± ∞ where
        nothing settles."""
        settled, kink = self.is_settled(), self.is_kink()
        one = np.where(np.isfinite(self.across_error), self.across, self.right)
        error = np.where(np.isfinite(self.across_error), self.across_error, self.right_error)
        low = np.where(kink, np.minimum(self.right, self.left), one)
        high = np.where(kink, np.maximum(self.right, self.left), one)
        error = np.where(kink, np.maximum(self.right_error, self.left_error), error)
        return (
            np.where(settled, low, np.nan),
            np.where(settled, high, np.nan),
            np.where(settled, error, np.inf),
        )


def both_sides(
    fn: Callable[..., Any],
    args: Sequence[Array],
    argnum: int,
    bounds: Bounds | None = None,
    *,
    components: Iterable[int] | None = None,
    scale: float = 1.0,
) -> Sides:
    """The slopes of fn: NumPy arrays → scalar by the components (flat; all by default) of one argument.

    (f(x + h) − f(x))/h, (f(x) − f(x − h))/h and (f(x + h) − f(x − h))/2h for h = h₀/2ⁱ, extrapolated to h = 0, for the first steps
    of `differences` times scale. fn is called at no point outside of the bounds; where it raises it has no value.
    """
    x = args[argnum]

    def along(k: int) -> Line:
        def moved(at: float) -> Any:
            y = x.copy()
            y.flat[k] = at
            return fn(*(y if n == argnum else a for n, a in enumerate(args)))

        return moved

    chosen = range(x.size) if components is None else components
    found, raised = [], ""
    with quietly_in_float64():
        for k in chosen:
            values = _Values(along(k))
            found.append(_slopes(values, float(x.flat[k]), bounds or NOWHERE, scale))
            raised = raised or values.raised
    shape = x.shape if components is None else (len(found),)
    columns = np.array(found, dtype=np.float64).reshape(-1, 6)
    right, left, across, right_error, left_error, across_error = (columns[:, k].reshape(shape) for k in range(6))
    return Sides(right, left, across, right_error, left_error, across_error, raised)


@contextlib.contextmanager
def quietly_in_float64() -> Iterator[None]:
    """JAX code computes in float64, and NumPy says nothing of what is not finite: the points are ours."""
    with double_precision() if "jax" in sys.modules else contextlib.nullcontext(), np.errstate(all="ignore"):
        yield


class _Values:
    """f on a line, each value once with the rounding of its dtype; NaN where it raises."""

    def __init__(self, line: Line) -> None:
        self.line, self.raised = line, ""
        self.known: dict[float, tuple[float, float]] = {}

    def __call__(self, at: float) -> tuple[float, float]:
        if at not in self.known:
            try:
                result = np.asarray(self.line(at))
                eps = float(np.finfo(result.dtype).eps) if result.dtype.kind == "f" else EPS
                self.known[at] = float(result), max(eps, EPS)
            except Exception as error:
                self.raised = self.raised or f"{type(error).__name__}: {(str(error).splitlines() or [''])[0][:200]}"
                self.known[at] = np.nan, EPS
        return self.known[at]

    def quotient(self, a: float, b: float) -> tuple[float, float]:
        """The difference quotient, and what rounding the values may have done to it."""
        (f_a, eps), (f_b, _) = self(a), self(b)
        if not b > a or not (np.isfinite(f_a) and np.isfinite(f_b)):
            return np.nan, np.inf
        return (f_b - f_a) / (b - a), eps * (abs(f_a) + abs(f_b)) / (b - a)


def _slopes(values: _Values, x: float, bounds: Bounds, scale: float) -> tuple[float, ...]:
    """right, left, across, and their errors. Fewer steps where the first ones say it all: of a smooth function ten are a luxury."""
    low, high = bounds
    found = _Slopes()
    forward, back = high > x, low < x
    both = forward and back
    room = min(high - x, x - low) if both else max(high - x, x - low)
    for relative in START_STEPS:
        step = min(scale * relative * (2.0 ** np.frexp(x)[1] if x else 1.0), room / 2)
        steps = [h for h in halved(step) if h > 0 and _stay_inside(x, h, bounds)]
        if not steps:
            continue
        here = _Slopes()
        for some in (steps[:AGAIN],) if found.say_it_all() else (steps[:FIRST], steps) if both else (steps,):
            up = [values.quotient(x, x + h) for h in some] if forward else []
            down = [values.quotient(x - h, x) for h in some] if back else []
            across = [values.quotient(x - h, x + h) for h in some] if both else []
            here = _Slopes(extrapolate(up, 2), extrapolate(down, 2), extrapolate(across, 4))
            if here.say_it_all():
                break
        found = _Slopes(*(_better(one, other) for one, other in zip(found, here, strict=True)))
    right, left, middle = found
    if not both:
        right = left = right if forward else left
    return right[0], left[0], middle[0], right[1], left[1], middle[1]


class _Slopes(NamedTuple):
    """To the right, to the left and across, each with its error; NaN ± ∞ where there is none."""

    right: tuple[float, float] = (np.nan, np.inf)
    left: tuple[float, float] = (np.nan, np.inf)
    across: tuple[float, float] = (np.nan, np.inf)

    def say_it_all(self) -> bool:
        """Whether the slope across is known well, and those to both sides are the same."""
        value, error = self.across
        room = SURE * abs(value)
        if not error <= KNOWN * abs(value):
            return False
        return all(e <= room and abs(v - value) <= room for v, e in (self.right, self.left))


def _stay_inside(x: float, h: float, bounds: Bounds) -> bool:
    """Whether x ± h, rounded to floats, stop short of the ends: half of the way to one may round to it."""
    low, high = bounds
    return (x >= high or x + h < high) and (x <= low or x - h > low)


def is_inside(moved: Array, x: Array, bounds: Bounds | None) -> bool:
    """Whether a moved argument is inside of open bounds, but for entries that did not move."""
    low, high = bounds or NOWHERE
    return bool(np.all(((moved > low) & (moved < high)) | (moved == x)))


def _better(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    """The slope with the smaller error; none where both are sure of another: floor(x) has slope 1 by steps of whole numbers."""
    sure = all(error <= SURE * abs(value) or value == error == 0 for value, error in (one, other))
    if sure and abs(one[0] - other[0]) > SETTLED * max(abs(one[0]), abs(other[0])):
        return np.nan, np.inf
    return other if other[1] < one[1] else one
