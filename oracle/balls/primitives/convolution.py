"""Convolutions, and products of matrices in groups of unequal size.

Each output is Σ over the window and the input features of its group of padded, spread input times spread kernel. Source: XLA's
operation semantics, ConvWithGeneralPadding.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from oracle.balls.errors import UnsupportedPrimitive
from oracle.balls.primitives.equation import Array, Equation, Handler, full, identity_element, is_real
from oracle.balls.primitives.shape import pad


def _windows(x: Array, size: Sequence[int], strides: Sequence[int], dilation: Sequence[int]) -> Array:
    """(…, outputs of each axis, entries of the window): every window over the trailing axes of x."""
    spatial = len(size)
    extent = [(k - 1) * d + 1 if k else 0 for k, d in zip(size, dilation, strict=True)]
    counts = [max(0, (n - e) // s + 1) for n, e, s in zip(x.shape[-spatial:], extent, strides, strict=True)]
    places = np.zeros((*counts, *size), dtype=np.intp)
    flat = x.reshape(*x.shape[:-spatial], -1)
    for axis in range(spatial):
        along = [1] * (2 * spatial)
        along[axis] = counts[axis]
        starts = np.arange(counts[axis]).reshape(along) * strides[axis]
        along = [1] * (2 * spatial)
        along[spatial + axis] = size[axis]
        steps = np.arange(size[axis]).reshape(along) * dilation[axis]
        places = places * x.shape[x.ndim - spatial + axis] + starts + steps
    return flat[..., places]


def _contract(x: Array, kernel: Array) -> Array:
    """(batch, feature, places…, window…) with (output, feature, window…) → (batch, output, places…)."""
    spatial = kernel.ndim - 2
    places = x.shape[2 : 2 + spatial]
    rows = np.moveaxis(x, 1, 1 + spatial).reshape(x.shape[0] * int(np.prod(places, dtype=int)), -1)
    columns = kernel.reshape(kernel.shape[0], -1).T
    product = np.asarray(np.dot(rows, columns)).reshape(x.shape[0], *places, kernel.shape[0])
    return np.moveaxis(product, -1, 1)


def _convolve(equation: Equation, x: Array, kernel: Array) -> Array:
    result = convolved(equation, x, kernel)
    return result if is_real(result) else result.astype(equation.results[0].dtype)


def convolved(equation: Equation, x: Array, kernel: Array) -> Array:
    """The convolution in the arithmetic of its operands: balls, floats or integers."""
    params = equation.params
    numbers = params["dimension_numbers"]
    x, kernel = np.transpose(x, numbers.lhs_spec), np.transpose(kernel, numbers.rhs_spec)
    aval = equation.results[0]
    zero = np.zeros((), dtype=x.dtype)
    if is_real(x):
        zero[()] = identity_element("sum", aval.dtype)
    if 0 in aval.shape or 0 in x.shape or 0 in kernel.shape:
        return full(aval.shape, zero[()]) if is_real(x) else np.zeros(aval.shape, dtype=x.dtype)
    edges = [
        (0, 0, 0),
        (0, 0, 0),
        *((low, high, d - 1) for (low, high), d in zip(params["padding"], params["lhs_dilation"], strict=True)),
    ]
    x = pad(x, zero, edges)
    groups, batches = params["feature_group_count"], params["batch_group_count"]
    parts = []
    for group in range(max(groups, batches)):
        axis = 1 if groups > 1 else 0
        width, height = x.shape[axis] // max(groups, batches), kernel.shape[0] // max(groups, batches)
        block = x[(slice(None),) * axis + (slice(group * width, (group + 1) * width),)]
        filters = kernel[group * height : (group + 1) * height]
        parts.append(
            _contract(_windows(block, filters.shape[2:], params["window_strides"], params["rhs_dilation"]), filters)
        )
    result = np.concatenate(parts, axis=1)
    return np.transpose(result, np.argsort(numbers.out_spec))


def _ragged_dot(equation: Equation, x: Array, y: Array, sizes: Array) -> Array:
    """Consecutive rows of x, sizes[g] of them for the group g, times the matrix y[g]; rows beyond all groups give zeros. Or, where
    the ragged axis is contracted: for each group the product over its rows alone."""
    numbers = equation.params["ragged_dot_dimension_numbers"]
    (x_contract, y_contract), (x_batch, y_batch) = numbers.dot_dimension_numbers
    (ragged,) = numbers.lhs_ragged_dimensions
    if x_batch or y_batch or sizes.ndim != 1 or len(x_contract) != 1 or x.ndim != 2:
        raise UnsupportedPrimitive(equation.name, "batches")
    ends = np.cumsum(sizes)
    result = full(equation.results[0].shape, identity_element("sum", equation.results[0].dtype))
    for group, end in enumerate(ends):
        rows = slice(int(end - sizes[group]), int(end))
        if rows.stop <= rows.start:
            continue
        if ragged in x_contract:
            result[group] = np.dot(np.moveaxis(x, x_contract[0], 1)[:, rows], np.moveaxis(y, y_contract[0], 0)[rows])
        else:
            (axis,) = numbers.rhs_group_dimensions
            matrix = np.take(y, group, axis=axis)
            contract = y_contract[0] - (axis < y_contract[0])
            result[rows] = np.dot(np.moveaxis(x, x_contract[0], 1)[rows], np.moveaxis(matrix, contract, 0))
    return result


CONVOLUTION: dict[str, Handler] = {"conv_general_dilated": _convolve, "ragged_dot_general": _ragged_dot}
