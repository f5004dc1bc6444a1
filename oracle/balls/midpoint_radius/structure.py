"""What moves numbers about and computes nothing (or adds up where it scatters): done to midpoints, radii and labels alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.errors import UnsupportedPrimitive
from oracle.balls.midpoint_radius.array import Condition, MidRad, Value, enclosing, exactly
from oracle.balls.midpoint_radius.identity import NONE
from oracle.balls.midpoint_radius.rounding import SLOP, inflated, unit
from oracle.balls.primitives.equation import Equation, is_float_dtype
from oracle.balls.primitives.identities import IDENTITIES
from oracle.balls.primitives.shape import SHAPE

Handler = Callable[..., Any]
Places = NDArray[np.int64]


def on_each(handler: Handler) -> Handler:
    """A handler of plain arrays, applied to midpoints and radii, or to values and what is open."""

    def apply(equation: Equation, *operands: Value) -> Any:
        def part(name: str, otherwise: Callable[[Any], Any]) -> list[Any]:
            results = handler(equation, *(getattr(x, name) if _is_ours(x) else otherwise(x) for x in operands))
            return results if isinstance(results, list) else [results]

        ours = [x for x in operands if _is_ours(x)]
        if isinstance(ours[0], Condition):
            values, opens = (_conditions(handler, equation, operands, name) for name in ("value", "open"))
            found: list[Value] = [Condition(v, o) if o.any() else v for v, o in zip(values, opens, strict=True)]
            return found
        exact = all(x.exact for x in ours)
        midpoints, radii = part("midpoint", lambda x: x), part("radius", lambda x: x)
        labels: Sequence[Any] = [None] * len(midpoints)
        if any(x.labels is not None for x in ours):
            labels = _labels(handler, equation, operands)
        return [MidRad(m, r, exact=exact, labels=k) for m, r, k in zip(midpoints, radii, labels, strict=True)]

    return apply


def _is_ours(x: Value) -> bool:
    return isinstance(x, MidRad | Condition)


def _conditions(handler: Handler, equation: Equation, operands: Sequence[Value], name: str) -> list[Any]:
    def part(x: Value) -> Any:
        if isinstance(x, Condition):
            return getattr(x, name)
        return np.zeros(np.shape(x), dtype=bool) if name == "open" and np.asarray(x).dtype == bool else x

    results = handler(equation, *map(part, operands))
    return results if isinstance(results, list) else [results]


def _labels(handler: Handler, equation: Equation, operands: Sequence[Value]) -> list[Any]:
    def part(x: Value) -> Any:
        if not isinstance(x, MidRad):
            return x
        return np.full(x.shape, NONE, dtype=np.int64) if x.labels is None else x.labels

    results = handler(equation, *map(part, operands))
    return results if isinstance(results, list) else [results]


def same(equation: Equation, *operands: Value) -> list[Value]:
    return list(operands)


def iota(equation: Equation) -> Value:
    shape, dimension = equation.params["shape"], equation.params["dimension"]
    along = [1] * len(shape)
    along[dimension] = shape[dimension]
    counter = np.broadcast_to(np.arange(shape[dimension]).reshape(along), shape)
    return exactly(counter) if is_float_dtype(equation.params["dtype"]) else counter.astype(equation.params["dtype"])


def bits_as_floats(equation: Equation, x: NDArray[Any]) -> MidRad:
    """Floats of their bits, as random numbers are made."""
    dtype = np.dtype(equation.params["new_dtype"])
    if dtype.kind != "f" or dtype.itemsize != x.dtype.itemsize:
        raise UnsupportedPrimitive(equation.name, f"{x.dtype} to {dtype}")
    return exactly(np.ascontiguousarray(x).view(dtype).reshape(x.shape))


def places(
    indices: NDArray[Any],
    axes: Sequence[int],
    batching: Sequence[tuple[int, int]],
    sizes: Sequence[int],
    shape: Sequence[int],
    mode: str,
) -> Places:
    """The flat places of the windows at all rows of indices, (rows…, window…); −1 where one is filled or dropped."""
    rows = indices.shape[:-1]
    corner = np.zeros((*rows, len(shape)), dtype=np.int64)
    for k, axis in enumerate(axes):
        corner[..., axis] = indices[..., k].astype(np.int64)
    for axis, index_axis in batching:
        along = [1] * len(rows)
        along[index_axis] = rows[index_axis]
        corner[..., axis] = np.arange(rows[index_axis]).reshape(along)
    last = np.asarray(shape, dtype=np.int64) - np.asarray(sizes, dtype=np.int64)
    if mode == "CLIP":
        corner = np.clip(corner, 0, last)
    inside = np.all((corner >= 0) & (corner <= last), axis=-1)
    strides = np.asarray([int(np.prod(shape[k + 1 :], dtype=int)) for k in range(len(shape))], dtype=np.int64)
    window = np.zeros(tuple(sizes), dtype=np.int64)
    for axis, size in enumerate(sizes):
        along = [1] * len(sizes)
        along[axis] = size
        window = window + np.arange(size).reshape(along) * strides[axis]
    start = (corner @ strides).reshape(*rows, *(1,) * len(sizes))
    return np.asarray(np.where(inside.reshape(start.shape), start + window, -1), dtype=np.int64)


def _mode(equation: Equation) -> str:
    mode = equation.params["mode"]
    return str(getattr(mode, "name", mode))


def gather(equation: Equation, x: MidRad, indices: NDArray[Any]) -> MidRad:
    """Windows of x, after their definition in XLA (`oracle.balls.primitives.indexing`)."""
    numbers, sizes = equation.params["dimension_numbers"], equation.params["slice_sizes"]
    batching = list(zip(numbers.operand_batching_dims, numbers.start_indices_batching_dims, strict=True))
    at = places(indices, numbers.start_index_map, batching, sizes, x.shape, _mode(equation))
    dropped = (*numbers.collapsed_slice_dims, *numbers.operand_batching_dims)
    rows = indices.ndim - 1
    kept = [size for axis, size in enumerate(sizes) if axis not in dropped]
    at = np.moveaxis(at.reshape((*indices.shape[:-1], *kept)), range(rows, rows + len(kept)), numbers.offset_dims)
    fill = equation.params.get("fill_value")
    value, width = (0.0, np.inf) if fill is None or np.isnan(fill) else (float(fill), 0.0)
    if not x.size:
        return MidRad(np.full(at.shape, value), np.full(at.shape, width))
    none = at < 0
    found = [a.ravel()[at] for a in (x.midpoint, x.radius)]
    labels = None if x.labels is None else np.where(none, NONE, x.labels.ravel()[at])
    if not none.any():
        return MidRad(*found, exact=x.exact, labels=labels)
    return MidRad(np.where(none, value, found[0]), np.where(none, width, found[1]), labels=labels)


def scatter(equation: Equation, x: MidRad, indices: NDArray[Any], updates: MidRad) -> MidRad:
    """Windows overwritten; no place twice with two numbers."""
    at, update = _targets(equation, x, indices, updates)
    m, r = x.midpoint.ravel().copy(), x.radius.ravel().copy()
    m[at], r[at] = update.midpoint, update.radius
    if len(np.unique(at)) < len(at) and not (np.all(m[at] == update.midpoint) and np.all(update.radius == 0)):
        raise UnsupportedPrimitive(equation.name, "two updates of one element, whose order XLA leaves open")
    return MidRad(m.reshape(x.shape), r.reshape(x.shape), exact=x.exact and updates.exact)


def scatter_add(equation: Equation, x: MidRad, indices: NDArray[Any], updates: MidRad) -> MidRad:
    """Each place is a sum of what is there and of its updates, in any order."""
    at, update = _targets(equation, x, indices, updates)
    count = np.bincount(at, minlength=x.size).astype(np.float64)

    def added(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.bincount(at, weights=values, minlength=x.size), dtype=np.float64)

    m = x.midpoint.ravel() + added(update.midpoint)
    part = (count + 1) * unit()
    gamma = np.where(part < 0.5, part / (1 - part) * SLOP, np.inf)
    sizes = np.abs(x.midpoint.ravel()) + added(np.abs(update.midpoint))
    radius = np.where(count == 0, 0.0, gamma * sizes) + x.radius.ravel() + added(update.radius)
    most = int(count.max(initial=0.0))
    return enclosing((m).reshape(x.shape), (radius * inflated(most)).reshape(x.shape))


def _targets(equation: Equation, x: MidRad, indices: NDArray[Any], updates: MidRad) -> tuple[Places, MidRad]:
    """The flat places that are written, and what is written there."""
    numbers = equation.params["dimension_numbers"]
    mode = _mode(equation)
    if mode not in ("CLIP", "FILL_OR_DROP", "PROMISE_IN_BOUNDS"):
        raise UnsupportedPrimitive(equation.name, f"mode {mode}")
    batching = list(zip(numbers.operand_batching_dims, numbers.scatter_indices_batching_dims, strict=True))
    single = (*numbers.inserted_window_dims, *numbers.operand_batching_dims)
    rows = indices.ndim - 1
    moved = [
        np.moveaxis(a, numbers.update_window_dims, range(rows, a.ndim)) for a in (updates.midpoint, updates.radius)
    ]
    windows = iter(moved[0].shape[rows:])
    sizes = [1 if axis in single else next(windows) for axis in range(x.ndim)]
    at = places(indices, numbers.scatter_dims_to_operand_dims, batching, sizes, x.shape, mode).ravel()
    written = at >= 0
    m, r = (a.reshape(-1)[written] for a in moved)
    return at[written], MidRad(m, r, exact=updates.exact)


#: What moves entries and looks at none, so that conditions are moved as numbers are.
MOVED: dict[str, Handler] = {
    **{name: on_each(handler) for name, handler in SHAPE.items() if name != "iota"},
    **dict.fromkeys(("reduce_precision", "stop_gradient", *IDENTITIES), same),
}
STRUCTURE: dict[str, Handler] = {
    **MOVED,
    "gather": gather,
    "scatter": scatter,
    "scatter-add": scatter_add,
    "scatter_add": scatter_add,
}
#: Where no operand is a float, and a result is.
MADE: dict[str, Handler] = {"iota": iota, "bitcast_convert_type": bits_as_floats}
