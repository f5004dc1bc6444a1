"""ATen operations that write to places, or sum over windows, in JAX: ours where torchax's has no derivative or another meaning.

Places may repeat, and each has its numbers as a row of a table, so that nothing is overwritten in an order that is left open.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import jax.numpy as jnp
import numpy as np


def scatter_reduce(x: Any, dim: int, index: Any, source: Any, how: str, *, include_self: bool = True) -> Any:
    """At each place, x and what of the source goes there, taken together; what index does not reach stays."""
    if not x.ndim:
        return scatter_reduce(x[None], 0, index.reshape(-1), source.reshape(-1), how, include_self=include_self)[0]
    source = source[tuple(slice(n) for n in index.shape)]
    dim %= x.ndim
    reached = tuple(slice(None) if axis == dim else slice(n) for axis, n in enumerate(index.shape))
    there = jnp.moveaxis(x[reached], dim, -1)
    made = _together(there, jnp.moveaxis(index, dim, -1), jnp.moveaxis(source, dim, -1), how, include_self)
    made = jnp.moveaxis(made, -1, dim)
    return made if made.shape == x.shape else x.at[reached].set(made)


def index_reduce(x: Any, dim: int, index: Any, source: Any, how: str, *, include_self: bool = True) -> Any:
    """The same for whole slices: index says where each of the source goes."""
    shape = [1] * source.ndim
    shape[dim] = -1
    places = jnp.broadcast_to(index.reshape(shape), source.shape)
    return scatter_reduce(x, dim, places, source, how, include_self=include_self)


def _together(x: Any, index: Any, source: Any, how: str, include_self: bool) -> Any:
    """Along the last axis."""
    goes = index[..., :, None] == jnp.arange(x.shape[-1])
    reached, count = goes.any(-2), goes.sum(-2)
    if how in ("sum", "mean"):
        total = jnp.where(goes, source[..., None], 0.0).sum(-2) + (x if include_self else jnp.where(reached, 0.0, x))
        return total if how == "sum" else total / jnp.maximum(count + include_self, 1).astype(x.dtype)
    if how == "prod":
        return jnp.where(goes, source[..., None], 1.0).prod(-2) * (x if include_self else jnp.where(reached, 1.0, x))
    none, choose = (-math.inf, jnp.max) if how == "amax" else (math.inf, jnp.min)
    base = x if include_self else jnp.where(reached, none, x)
    return choose(jnp.concatenate([jnp.where(goes, source[..., None], none), base[..., None, :]], -2), -2)


def index_fill(x: Any, dim: int, index: Any, value: Any) -> Any:
    """One number at all places along a dimension, which may repeat."""
    if not x.ndim:
        return jnp.asarray(value, x.dtype)
    n = x.shape[dim]
    reached = (jnp.where(index < 0, index + n, index).reshape(-1, 1) == jnp.arange(n)).any(0)
    shape = [1] * x.ndim
    shape[dim] = n
    return jnp.where(reached.reshape(shape), value, x)


def scatter_value(x: Any, dim: int, index: Any, value: Any, *, reduce: str | None = None) -> Any:
    """One number at places that may repeat."""
    if reduce is not None:
        how = {"add": "sum", "multiply": "prod"}[reduce]
        return scatter_reduce(x, dim, index, jnp.full(index.shape, value, x.dtype), how)
    ones = jnp.ones(index.shape, x.dtype)
    return jnp.where(scatter_reduce(jnp.zeros(x.shape, x.dtype), dim, index, ones, "sum") > 0, value, x)


def put(x: Any, index: Any, source: Any, accumulate: bool = False) -> Any:
    """Into the entries, counted through."""
    flat, at, values = x.reshape(-1), index.reshape(-1), source.reshape(-1)
    return (flat.at[at].add(values) if accumulate else flat.at[at].set(values)).reshape(x.shape)


def segment_reduce(
    data: Any, how: str, *, lengths: Any = None, offsets: Any = None, axis: int = 0, initial: Any = None, **unused: Any
) -> Any:
    """Of runs of slices, one after the other."""
    ends = np.asarray(offsets) if offsets is not None else np.concatenate([[0], np.cumsum(np.asarray(lengths))])
    if axis != 0 or ends.ndim != 1 or initial is not None:
        raise NotImplementedError("segments along another axis than the first, or with an initial number")
    names: dict[str, Callable[..., Any]] = {
        "sum": jnp.sum,
        "mean": jnp.mean,
        "prod": jnp.prod,
        "max": jnp.max,
        "min": jnp.min,
    }
    return jnp.stack([names[how](data[a:b], axis=0) for a, b in pairwise(ends.tolist())])


def averages(dimensions: int) -> Callable[..., Any]:
    """Means over windows of the last dimensions, as torch counts their entries."""

    def pool(
        x: Any,
        kernel: Sequence[int],
        stride: Sequence[int] = (),
        padding: Sequence[int] = (0,),
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> Any:
        sizes, pads = _each(kernel, dimensions), _each(padding, dimensions)
        steps = _each(stride, dimensions) if stride else sizes
        count: Any = np.ones(())
        for k in range(dimensions):
            axis = x.ndim - dimensions + k
            inside, counted = _windows(x.shape[axis], sizes[k], steps[k], pads[k], ceil_mode, count_include_pad)
            x = jnp.moveaxis(jnp.tensordot(x, jnp.asarray(inside.T, x.dtype), (axis, 0)), -1, axis)
            count = np.multiply.outer(count, counted)
        return x / jnp.asarray(divisor_override or count, x.dtype)

    return pool


def _windows(n: int, size: int, step: int, pad: int, ceil_mode: bool, with_padding: bool) -> tuple[Any, Any]:
    """Which entries are in which window, and how many it counts."""
    rest = n + 2 * pad - size
    windows = (-(-rest // step) if ceil_mode else rest // step) + 1
    if ceil_mode and (windows - 1) * step >= n + pad:  # a window starts in the input, or in the padding before it
        windows -= 1
    start = np.arange(windows) * step - pad
    end = np.minimum(start + size, n + pad)
    places = np.arange(n)
    inside = (places >= start[:, None]) & (places < end[:, None])
    return inside.astype(np.float64), (end - start if with_padding else inside.sum(1)).astype(np.float64)


def _each(value: Any, dimensions: int) -> list[int]:
    values = [value] if isinstance(value, int) else list(value)
    return values * dimensions if len(values) == 1 else values


PLACES: Mapping[str, Callable[..., Any]] = {
    "scatter_reduce": scatter_reduce,
    "index_reduce": index_reduce,
    "index_fill": index_fill,
    "scatter.value": scatter_value,
    "scatter.value_reduce": scatter_value,
    "put": put,
    "segment_reduce": segment_reduce,
    "avg_pool1d": averages(1),
    "avg_pool2d": averages(2),
    "avg_pool3d": averages(3),
}
