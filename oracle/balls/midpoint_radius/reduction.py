"""Sums, extremes and running ones along axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.errors import Undecidable
from oracle.balls.midpoint_radius import open_extremes
from oracle.balls.midpoint_radius.arithmetic import mul
from oracle.balls.midpoint_radius.array import Floats, MidRad, enclosing, exactly, hull
from oracle.balls.midpoint_radius.decisions import note_ties
from oracle.balls.midpoint_radius.identity import fresh, labels_of
from oracle.balls.midpoint_radius.rounding import follows_midpoints, gamma, inflated, of_sum
from oracle.balls.primitives.equation import Equation, identity_element

#: So many terms are added one after the other.
SHORT = 16


def lines(x: NDArray[Any], axes: Sequence[int]) -> NDArray[Any]:
    """The axes made one, the last."""
    kept = [axis for axis in range(x.ndim) if axis not in axes]
    count = int(np.prod([x.shape[axis] for axis in axes], dtype=int))
    return np.transpose(x, (*kept, *axes)).reshape(*(x.shape[axis] for axis in kept), count)


def summed(x: Floats) -> tuple[Floats, int]:
    """The sum along the last axis, by halves, and the height of the tree: the more even, the fewer roundings in a row."""
    depth = 0
    while x.shape[-1] > SHORT:
        half = x.shape[-1] // 2
        halves = x[..., :half] + x[..., half : 2 * half]
        if x.shape[-1] % 2:
            halves[..., 0] += x[..., -1]
            depth += 1
        x, depth = halves, depth + 1
    return np.asarray(x.sum(axis=-1)), depth + max(x.shape[-1] - 1, 0)


def sum_of_lines(x: MidRad) -> MidRad:
    """The sums along the last axis."""
    count = x.shape[-1]
    if count == 1:
        return MidRad(x.midpoint[..., 0], x.radius[..., 0], exact=x.exact)
    m, depth = summed(x.midpoint)
    sizes, _ = summed(np.abs(x.midpoint))
    radius = of_sum(count, depth) * sizes
    if not x.exact:
        radius = radius + summed(x.radius)[0]
    return enclosing(m, radius * inflated(depth))


def reduce_sum(equation: Equation, x: MidRad) -> MidRad:
    axes = tuple(equation.params["axes"])
    if not axes:
        return x
    return open_extremes.of_sum(
        x, axes, sum_of_lines(MidRad(lines(x.midpoint, axes), lines(x.radius, axes), exact=x.exact))
    )


def reduce_prod(equation: Equation, x: MidRad) -> MidRad:
    """One factor after the other."""
    axes = tuple(equation.params["axes"])
    m, r = lines(x.midpoint, axes), lines(x.radius, axes)
    product = exactly(np.ones(m.shape[:-1]))
    for k in range(m.shape[-1]):
        product = mul(None, product, MidRad(m[..., k], r[..., k], exact=x.exact))
    return product


def _extreme(largest: bool) -> Callable[..., MidRad]:
    """One of the entries themselves where it is proved which, else what encloses the extreme."""

    def handler(equation: Equation, x: MidRad) -> MidRad:
        axes = tuple(equation.params["axes"])
        if not axes:
            return x
        m, r, labels = lines(x.midpoint, axes), lines(x.radius, axes), lines(labels_of(x), axes)
        if not m.shape[-1]:
            element = float(identity_element("max" if largest else "min", np.dtype(np.float64)))
            return exactly(np.full(m.shape[:-1], element))
        upward = MidRad(m if largest else -m, r, exact=x.exact)
        first = np.argmax(upward.midpoint, axis=-1, keepdims=True)
        winner = np.take_along_axis(upward.lower, first, -1)[..., 0]
        others = np.array(upward.upper)
        np.put_along_axis(others, first, -np.inf, -1)
        best_other = others.max(axis=-1)
        middle, width, label = (np.take_along_axis(a, first, -1)[..., 0] for a in (m, r, labels))
        level = (winner == best_other) & (width == 0)
        proved = winner > best_other
        if proved.all() or follows_midpoints():
            return MidRad(middle, width, exact=x.exact, labels=label)
        top = np.maximum(np.take_along_axis(upward.upper, first, -1)[..., 0], best_other)
        around = hull(np.asarray(upward.lower.max(axis=-1)), top)
        known = proved | level
        center = np.where(known, middle, around.midpoint if largest else -around.midpoint)
        label = np.where(proved, label, fresh(proved.shape))
        open_extremes.note_extreme(x, axes, label)
        return MidRad(center, np.where(known, width, around.radius), exact=x.exact, labels=label)

    return handler


def _first_extreme(largest: bool) -> Callable[..., NDArray[Any]]:
    """The first index of the extreme entry. Raises Undecidable where another may be it; equal ones tie."""

    def handler(equation: Equation, x: MidRad) -> NDArray[Any]:
        (axis,) = equation.params["axes"]
        m, r = np.moveaxis(x.midpoint, axis, -1), np.moveaxis(x.radius, axis, -1)
        upward = MidRad(m if largest else -m, r, exact=x.exact)
        first = np.argmax(upward.midpoint, axis=-1, keepdims=True)
        winner = np.take_along_axis(upward.lower, first, -1)[..., 0]
        others = np.array(upward.upper)
        np.put_along_axis(others, first, -np.inf, -1)
        best_other = others.max(axis=-1)
        near = others >= winner[..., None]
        level = (
            (winner == best_other) & (np.take_along_axis(r, first, -1)[..., 0] == 0) & ~(near & (r > 0)).any(axis=-1)
        )
        if m.shape[-1] > 1 and not np.all((winner > best_other) | level):
            raise Undecidable("the place of the extreme entry")
        note_ties("argmax", level & np.isfinite(winner))
        return first[..., 0].astype(equation.params["index_dtype"])

    return handler


def cumsum(equation: Equation, x: MidRad) -> MidRad:
    """Running sums, one term after the other."""
    axis = equation.params["axis"]
    count = x.shape[axis]

    def running(values: Floats) -> Floats:
        if equation.params["reverse"]:
            return np.flip(np.cumsum(np.flip(values, axis), axis=axis), axis)
        return np.cumsum(values, axis=axis)

    radius = running(np.abs(x.midpoint)) * gamma(max(count - 1, 0))
    if not x.exact:
        radius = radius + running(x.radius)
    return enclosing(running(x.midpoint), radius * inflated(count))


def _cumulative_extreme(largest: bool) -> Callable[..., MidRad]:
    accumulate = np.maximum.accumulate if largest else np.minimum.accumulate

    def handler(equation: Equation, x: MidRad) -> MidRad:
        axis = equation.params["axis"]

        def running(values: Floats) -> Floats:
            if equation.params["reverse"]:
                return np.flip(accumulate(np.flip(values, axis), axis=axis), axis)
            return np.asarray(accumulate(values, axis=axis))

        if x.exact:
            return MidRad(running(x.midpoint), np.zeros(x.shape), exact=True)
        return hull(running(x.lower), running(x.upper))

    return handler


REDUCTION: dict[str, Callable[..., Any]] = {
    "reduce_sum": reduce_sum,
    "reduce_prod": reduce_prod,
    "reduce_max": _extreme(largest=True),
    "reduce_min": _extreme(largest=False),
    "argmax": _first_extreme(largest=True),
    "argmin": _first_extreme(largest=False),
    "cumsum": cumsum,
    "cummax": _cumulative_extreme(largest=True),
    "cummin": _cumulative_extreme(largest=False),
}
