"""Primitives that move elements about and compute nothing; they are the same for balls and for integers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from oracle.balls.arrays import lift_arb
from oracle.balls.errors import UnsupportedPrimitive
from oracle.balls.primitives.equation import Array, Equation, Handler, is_float_dtype


def _iota(equation: Equation, *dynamic: Array) -> Array:
    shape, dimension = equation.params["shape"], equation.params["dimension"]
    dtype = equation.params["dtype"]
    along = [1] * len(shape)
    along[dimension] = shape[dimension]
    counter = np.arange(shape[dimension])
    counter = lift_arb(counter) if is_float_dtype(dtype) else counter.astype(dtype)
    return np.broadcast_to(counter.reshape(along), shape)


def _broadcast_in_dim(equation: Equation, x: Array, *dynamic: Array) -> Array:
    shape = equation.params["shape"]
    aligned = [1] * len(shape)
    for axis, size in zip(equation.params["broadcast_dimensions"], x.shape, strict=True):
        aligned[axis] = size
    return np.broadcast_to(x.reshape(aligned), shape)


def _reshape(equation: Equation, x: Array, *dynamic: Array) -> Array:
    if equation.params.get("dimensions") is not None:
        x = np.transpose(x, equation.params["dimensions"])
    return x.reshape(equation.params["new_sizes"])


def _squeeze(equation: Equation, x: Array) -> Array:
    return np.squeeze(x, tuple(equation.params["dimensions"]))


def _expand_dims(equation: Equation, x: Array) -> Array:
    return np.expand_dims(x, tuple(equation.params["dimensions"]))


def _transpose(equation: Equation, x: Array) -> Array:
    return np.transpose(x, equation.params["permutation"])


def _rev(equation: Equation, x: Array) -> Array:
    return np.flip(x, tuple(equation.params["dimensions"]))


def _slice(equation: Equation, x: Array) -> Array:
    start, limit = equation.params["start_indices"], equation.params["limit_indices"]
    strides = equation.params["strides"] or (1,) * x.ndim
    return x[tuple(slice(*bounds) for bounds in zip(start, limit, strides, strict=True))]


def _clamped_window(start: Sequence[Array], sizes: Sequence[int], shape: Sequence[int]) -> tuple[slice, ...]:
    """XLA moves a window that would stick out back inside."""
    inside = [min(max(int(s), 0), n - size) for s, size, n in zip(start, sizes, shape, strict=True)]
    return tuple(slice(s, s + size) for s, size in zip(inside, sizes, strict=True))


def _dynamic_slice(equation: Equation, x: Array, *start: Array) -> Array:
    return x[_clamped_window(start[: x.ndim], equation.params["slice_sizes"], x.shape)]


def _dynamic_update_slice(equation: Equation, x: Array, update: Array, *start: Array) -> Array:
    result = x.copy()
    result[_clamped_window(start[: x.ndim], update.shape, x.shape)] = update
    return result


def _pad(equation: Equation, x: Array, filler: Array) -> Array:
    return pad(x, filler, equation.params["padding_config"])


def pad(x: Array, filler: Array, config: Sequence[tuple[int, int, int]]) -> Array:
    """Padding (low, high, interior): interior elements go between neighbours, a negative edge cuts off."""
    for axis, (low, high, interior) in enumerate(config):
        x = np.moveaxis(x, axis, 0)
        spread = np.empty((max(0, x.shape[0] + (x.shape[0] - 1) * interior), *x.shape[1:]), dtype=x.dtype)
        spread[...] = filler[()]
        spread[:: interior + 1] = x
        edges = [np.empty((max(0, width), *x.shape[1:]), dtype=x.dtype) for width in (low, high)]
        for edge in edges:
            edge[...] = filler[()]
        padded = np.concatenate([edges[0], spread, edges[1]])
        padded = padded[max(0, -low) : len(padded) - max(0, -high)]
        x = np.moveaxis(padded, 0, axis)
    return x


def _concatenate(equation: Equation, *operands: Array) -> Array:
    return np.concatenate(operands, axis=equation.params["dimension"])


def _split(equation: Equation, x: Array) -> list[Array]:
    cuts = np.cumsum(equation.params["sizes"])[:-1]
    return list(np.split(x, cuts, axis=equation.params["axis"]))


def _stack(equation: Equation, *operands: Array) -> Array:
    return np.stack(operands, axis=equation.params["axis"])


def _unstack(equation: Equation, x: Array) -> list[Array]:
    return list(np.moveaxis(x, equation.params["axis"], 0))


def _tile(equation: Equation, x: Array) -> Array:
    reps = equation.params.get("reps")
    if reps is None:
        raise UnsupportedPrimitive(equation.name, "unknown parameters")
    return np.tile(x, reps)


SHAPE: dict[str, Handler] = {
    "iota": _iota,
    "broadcast_in_dim": _broadcast_in_dim,
    "reshape": _reshape,
    "squeeze": _squeeze,
    "expand_dims": _expand_dims,
    "transpose": _transpose,
    "rev": _rev,
    "slice": _slice,
    "dynamic_slice": _dynamic_slice,
    "dynamic_update_slice": _dynamic_update_slice,
    "pad": _pad,
    "concatenate": _concatenate,
    "split": _split,
    "stack": _stack,
    "unstack": _unstack,
    "tile": _tile,
}
