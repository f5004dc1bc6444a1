"""What may excuse a gradient where it differs from the truth: the float format, not the mathematics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.arrays import midpoints, precision
from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.balls.jaxpr import evaluate
from oracle.balls.watch import watch_ties
from oracle.candidate.asking import BITS
from oracle.judgement.cancellation import OVER_ENTRIES, cost_of_sums
from oracle.judgement.rounded_constants import cost_of_constants
from oracle.judgement.verdict import SLACK, distance
from oracle.witnesses import Enclosure
from oracle.witnesses.certified import FIRST_BITS
from oracle.witnesses.function import TRACED, Function
from oracle.witnesses.truth import truth

Array = NDArray[Any]

#: A branch condition computed in floats may flip for arguments so many units in the last place from its switch.
FLIP_ULPS = 4
#: Between these the squares of numbers are normal numbers of the dtype.
ENDS = {
    "float64": (2.0**511, 2.0**-510),
    "float32": (2.0**63, 2.0**-62),
    "bfloat16": (2.0**63, 2.0**-62),
    "float16": (2.0**7, 2.0**-7),
}


def beside_branch(
    function: Function,
    point: Sequence[Array],
    got: Array,
    enclosure: Enclosure,
    beyond: NDArray[np.bool_],
    limit: NDArray[np.float64],
    bits: int | None = None,
) -> bool:
    """Whether each component lies between right answers here and a few units in the last place away: a branch is near. bits: of
    those units, where they are not the result's."""
    values = got.astype(np.float64)
    low, high = midpoints(enclosure.lower), midpoints(enclosure.upper)
    here = _decisions(function, point)
    if here == []:  # nothing is decided anywhere in fn
        return False
    bits = bits or BITS[got.dtype.name]
    together = list(_neighbours(function, point, bits))
    apart = [
        *_neighbours(function, point, bits, np.random.default_rng(0)),
        *_towards(function, point, bits, values - low),
    ]
    for n, moved in enumerate([*together, *apart]):
        if here is not None and _decisions(function, moved) == here:
            continue  # every branch is taken as at the point itself
        try:
            found = truth(function, moved, explored=False).enclosure
        except (Undecidable, UnsupportedPrimitive):
            continue
        if n >= len(together) and not all(ball.is_exact() for ball in found.lower.flat):
            continue  # entries that move apart make other numbers of a smooth function; a linear piece has its own slope
        low, high = np.minimum(low, midpoints(found.lower)), np.maximum(high, midpoints(found.upper))
    between = (values >= low - limit) & (values <= high + limit)
    return bool(np.all(between[beyond]))


def _decisions(function: Function, point: Sequence[Array]) -> list[Any] | None:
    """Which way every branch condition of fn and its derivative goes at a point; None where that stays open or ties."""
    if function.level != TRACED:
        return None
    record = function.traced(point)
    try:
        with precision(FIRST_BITS), watch_ties(keep_trail=True) as watch:
            evaluate(record.gradient, point)
    except (Undecidable, UnsupportedPrimitive):
        return None
    return None if watch.ties else watch.trail


def _neighbours(
    function: Function, point: Sequence[Array], bits: int, rng: np.random.Generator | None = None
) -> Iterator[tuple[Array, ...]]:
    """All arguments, or one of them, up or down by FLIP_ULPS, as far as their bounds allow; with an rng each entry by itself: what
    is a difference of two sums grows with all the entries, and is another where they move apart."""
    which = [range(len(point)), *([n] for n in range(len(point)))]
    for moving in which if len(point) > 1 else which[:1]:
        for sign in (1.0, -1.0):
            ulps = FLIP_ULPS * sign * 2.0 ** (1 - bits)
            moved = [
                x + ulps * np.abs(x) * (rng.choice([-1.0, 1.0], x.shape) if rng is not None else 1.0)
                if n in moving and x.dtype.kind == "f"
                else x
                for n, x in enumerate(point)
            ]
            if all(_inside(x, bounds) for x, bounds in zip(moved, function.bounds, strict=True)):
                yield tuple(moved)


def _towards(
    function: Function, point: Sequence[Array], bits: int, error: NDArray[np.float64]
) -> Iterator[tuple[Array, ...]]:
    """The differentiated argument moved so that a maximum, or a minimum, comes to the piece whose slope was got."""
    x, bounds = point[function.argnum], function.bounds[function.argnum]
    for ulps in (FLIP_ULPS * 2.0 ** (1 - bits), -FLIP_ULPS * 2.0 ** (1 - bits)):
        moved = x + ulps * np.abs(x) * np.sign(np.where(np.isfinite(error), error, 0.0))
        if _inside(moved, bounds):
            yield tuple(moved if n == function.argnum else a for n, a in enumerate(point))


def _inside(x: Array, bounds: tuple[float, float] | None) -> bool:
    if bounds is None or x.dtype.kind != "f":
        return True
    return bool(np.all((x > bounds[0]) & (x < bounds[1])))


def flushes(
    function: Function, point: Sequence[Array], got: Array, beyond: NDArray[np.bool_], limit: NDArray[np.float64]
) -> bool:
    """Whether the gradient is right for the arguments with their subnormal numbers taken as 0, as some processors take them."""
    tiny = np.finfo(np.float64).tiny if got.dtype.name == "float64" else 2.0**-126
    flushed = tuple(np.where(np.abs(x) < tiny, 0.0, x) if x.dtype.kind == "f" else x for x in point)
    if all(np.array_equal(x, y) for x, y in zip(flushed, point, strict=True)):
        return False
    try:
        error = distance(got.astype(np.float64), truth(function, flushed).enclosure)
    except (Undecidable, UnsupportedPrimitive):
        return True  # 0 is no argument of fn: what the processor made of it says nothing about the mathematics
    return bool(np.all(error[beyond] <= limit[beyond]))


def at_the_ends_of_the_floats(
    point: Sequence[Array], got: Array, enclosure: Enclosure, beyond: NDArray[np.bool_], dtype: str = ""
) -> bool:
    """Whether an argument or the truth is so large or small that its square leaves the floats, and an intermediate may have; dtype:
    of the intermediate, where it is not the result's."""
    dtype = dtype or got.dtype.name
    if dtype not in ENDS:
        return False
    largest, smallest = ENDS[dtype]
    expected = np.abs(enclosure.midpoint()[beyond])
    sizes = [expected, *(np.abs(x[np.isfinite(x)]).ravel() for x in point if x.dtype.kind == "f")]
    return any(np.any((s > largest) | ((s < smallest) & (s > 0))) for s in sizes)


def vanished(
    function: Function, point: Sequence[Array], got: Array, enclosure: Enclosure, scale: float = 0.0
) -> tuple[int, ...] | None:
    """A component that is exactly 0 though the truth is a normal number of the dtype and changes by less than half of itself when
    the arguments move by a few units in the last place; None if there is none. What rounding costs the formula at hand would excuse
    it (1 − tanh² z is 0 from z = 20), and every digit is lost all the same; but not where it is what the sums of every gradient
    cost, and below the rounding of its largest component or of its ordinary size, the scale: p − E loses nothing that anyone uses
    where p is 1 but for 1e-27, (a cos a − sin a)/a² beside 0 all there is. Nor where sums over entries cost
    as much: they are in every gradient of a normalisation, whereas another formula of one entry may have no difference at all.
    Nor where the rounding of fn's own constants costs as much."""
    tiny = float(np.finfo(got.dtype).tiny) if got.dtype.kind == "f" else 2.0**-126
    size = np.abs(enclosure.midpoint())
    zero = (got.astype(np.float64) == 0) & (size >= tiny) & ~enclosure.kink & np.isfinite(size)
    if not zero.any():
        return None
    bits = BITS[got.dtype.name]
    negligible = size <= SLACK * 2.0**-bits * max(scale, float(np.max(size[np.isfinite(size)])))
    if np.any(zero & negligible):
        zero &= ~(negligible & (size <= cost_of_sums(function, point, bits)))
    if zero.any():
        zero &= size > cost_of_sums(function, point, bits, OVER_ENTRIES)
    if zero.any():
        zero &= size > cost_of_constants(function, point, bits)
    if not zero.any():
        return None
    neighbours = (*_neighbours(function, point, bits), *_neighbours(function, point, bits, np.random.default_rng(0)))
    if not neighbours:  # beside the edge of a domain: how well the arguments determine it is not known
        return None
    for moved in neighbours:
        try:
            there = truth(function, moved).enclosure.midpoint()
        except (Undecidable, UnsupportedPrimitive):
            return None
        zero &= np.abs(there - enclosure.midpoint()) < 0.5 * size
    return tuple(int(k) for k in np.argwhere(zero)[0]) if zero.any() else None


def overflows(got: Array, enclosure: Enclosure) -> NDArray[np.bool_]:
    """Where the answer is infinite as the truth is beyond the largest number of the dtype: there infinity is the right rounding."""
    largest = _largest(got.dtype)
    found = np.array(np.isinf(got.astype(np.float64)))  # of a single number NumPy makes no array
    for at in map(tuple, np.argwhere(found)):
        found[at] = bool(enclosure.lower[at] > largest if got[at] > 0 else enclosure.upper[at] < -largest)
    return found


def _largest(dtype: np.dtype[Any]) -> float:
    import ml_dtypes

    return float(ml_dtypes.finfo(dtype).max) if dtype.name == "bfloat16" else float(np.finfo(dtype).max)
