"""Reductions, running reductions, extreme indices and products of matrices."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from oracle.balls import decisions
from oracle.balls import real_functions as real
from oracle.balls.arrays import as_object_array, lift_arb
from oracle.balls.primitives.equation import Array, Equation, Handler, full, identity_element, is_ball_dtype, is_real

_maximum, _minimum = np.frompyfunc(decisions.maximum, 2, 1), np.frompyfunc(decisions.minimum, 2, 1)
_logaddexp = np.frompyfunc(real.logaddexp, 2, 1)


def _reduce(kind: str, on_balls: Any, on_integers: Any) -> Handler:
    def handler(equation: Equation, x: Array) -> Array:
        axes = tuple(equation.params["axes"])
        ufunc = on_balls if is_real(x) else on_integers
        if any(x.shape[axis] == 0 for axis in axes):
            shape = [n for axis, n in enumerate(x.shape) if axis not in axes]
            dtype = equation.results[0].dtype
            element = identity_element(kind, dtype)
            return full(shape, element) if is_ball_dtype(dtype) else np.full(shape, element, dtype=dtype)
        for axis in sorted(axes, reverse=True):
            x = as_object_array(ufunc.reduce(x, axis=axis)) if is_real(x) else ufunc.reduce(x, axis=axis, dtype=x.dtype)
        return x if isinstance(x, np.ndarray) else np.asarray(x)

    return handler


def _reduce_logical(ufunc: np.ufunc) -> Handler:
    return lambda equation, x: np.asarray(ufunc.reduce(x, axis=tuple(equation.params["axes"])))


def _cumulative(on_balls: Any, on_integers: Any) -> Handler:
    def handler(equation: Equation, x: Array) -> Array:
        axis = equation.params["axis"]
        x = np.flip(x, axis) if equation.params["reverse"] else x
        if x.shape[axis]:
            x = on_balls.accumulate(x, axis=axis) if is_real(x) else on_integers.accumulate(x, axis=axis, dtype=x.dtype)
        return np.flip(x, axis) if equation.params["reverse"] else x

    return handler


def _arg(better: Callable[[Any, Any], bool], better_integer: Callable[[Any, Any], Any]) -> Handler:
    """The first index of the extreme element along one axis; an element equal to the best before it ties."""

    def first(line: Array) -> int:
        beats = better if is_real(line) else better_integer
        best = 0
        for k in range(1, len(line)):
            if beats(line[k], line[best]):
                best = k
        return best

    def handler(equation: Equation, x: Array) -> Array:
        (axis,) = equation.params["axes"]
        lines = np.moveaxis(x, axis, -1)
        result = np.empty(lines.shape[:-1], dtype=equation.params["index_dtype"])
        for index in np.ndindex(result.shape):
            result[index] = first(lines[index])
        return result

    return handler


def _dot_general(equation: Equation, x: Array, y: Array) -> Array:
    """Sums over the contracted axes, elementwise over the batch axes; result axes: batch, free of x, free of y."""
    (x_contract, y_contract), (x_batch, y_batch) = equation.params["dimension_numbers"]
    if is_real(x) != is_real(y):
        x, y = x if is_real(x) else lift_arb(x), y if is_real(y) else lift_arb(y)
    x_free = [axis for axis in range(x.ndim) if axis not in (*x_contract, *x_batch)]
    y_free = [axis for axis in range(y.ndim) if axis not in (*y_contract, *y_batch)]
    batch = [x.shape[axis] for axis in x_batch]
    rows, columns = [x.shape[axis] for axis in x_free], [y.shape[axis] for axis in y_free]
    inner = int(np.prod([x.shape[axis] for axis in x_contract], dtype=int))
    shape = (*batch, *rows, *columns)
    aval = equation.results[0]
    if inner == 0:
        zero = identity_element("sum", aval.dtype)
        return full(shape, zero) if is_ball_dtype(aval.dtype) else np.full(shape, zero, dtype=aval.dtype)
    depth, height, width = (int(np.prod(part, dtype=int)) for part in (batch, rows, columns))
    left = np.transpose(x, (*x_batch, *x_free, *x_contract)).reshape(depth, height, inner)
    right = np.transpose(y, (*y_batch, *y_contract, *y_free)).reshape(depth, inner, width)
    product = left * right if inner == 1 else np.matmul(left, right)
    product = product.reshape(shape)
    if is_ball_dtype(aval.dtype):
        return product if is_real(product) else lift_arb(product)
    return product.astype(aval.dtype)


REDUCTION: dict[str, Handler] = {
    "reduce_sum": _reduce("sum", np.add, np.add),
    "reduce_prod": _reduce("prod", np.multiply, np.multiply),
    "reduce_max": _reduce("max", _maximum, np.maximum),
    "reduce_min": _reduce("min", _minimum, np.minimum),
    "reduce_and": _reduce_logical(np.bitwise_and),
    "reduce_or": _reduce_logical(np.bitwise_or),
    "reduce_xor": _reduce_logical(np.bitwise_xor),
    "cumsum": _cumulative(np.add, np.add),
    "cumprod": _cumulative(np.multiply, np.multiply),
    "cummax": _cumulative(_maximum, np.maximum),
    "cummin": _cumulative(_minimum, np.minimum),
    "cumlogsumexp": _cumulative(_logaddexp, np.logaddexp),
    "argmax": _arg(decisions.gt, operator.gt),
    "argmin": _arg(decisions.lt, operator.lt),
    "dot_general": _dot_general,
}
