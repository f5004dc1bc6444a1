"""Bits of floats: a float from its bits, exactly; and the bits of a float, those of the float nearest to the ball.

The bits of a number that moves are good for what jumps (its sign, its exponent). A float put together again from such bits
would be a staircase, whose slope is no slope of the program: it is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from flint import arb

from oracle.balls.arrays import as_object_array, constants
from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.balls.primitives.equation import Array, Equation, elementwise, is_float_dtype, is_real

_WORDS = {"float64": np.uint64, "float32": np.uint32, "float16": np.uint16}
_FLOAT_OF_WIDTH = {8: "float64", 4: "float32", 2: "float16"}


def nearest_float(x: Any, dtype: Any) -> Any:
    """The float that every number of the ball rounds to. Raises Undecidable where there are two."""
    if x.is_nan():
        raise Undecidable(f"the bits of {x}")
    low, high = (dtype.type(float(end)) for end in (x.lower(), x.upper()))
    if low != high:
        raise Undecidable(f"the bits of {x}")
    return -abs(low) if x < 0 else low


def _bits_of(x: Array, dtype: Any, width: int) -> Array:
    name = _FLOAT_OF_WIDTH.get(width)
    if name is None:
        raise UnsupportedPrimitive("bitcast_convert_type", f"floats in {width} bytes")
    floats = np.empty(x.shape, dtype=name)
    for index in np.ndindex(x.shape):
        floats[index] = nearest_float(x[index], floats.dtype)
    return floats.view(dtype) if x.ndim else floats.reshape(1).view(dtype)[0:1].reshape(())


def bitcast(evaluate: Any, equation: Equation, operands: Sequence[Array], active: Sequence[bool]) -> Any:
    """The same bits as another type of the same width."""
    (x,) = operands
    dtype = equation.params["new_dtype"]
    if is_float_dtype(dtype):
        if is_real(x):
            return [x], list(active)
        if active[0]:
            raise UnsupportedPrimitive(equation.name, "a float made of the bits of one that moves")
        dtype = np.dtype(dtype)
        if dtype.name not in _WORDS or dtype.itemsize != x.dtype.itemsize:
            raise UnsupportedPrimitive(equation.name, f"{x.dtype} to {dtype}")
        return [constants(np.ascontiguousarray(x).view(dtype).reshape(x.shape))], [False]
    dtype = np.dtype(dtype)
    if is_real(x):
        return [np.asarray(_bits_of(x, dtype, dtype.itemsize)).reshape(x.shape)], list(active)
    if dtype.itemsize != x.dtype.itemsize:
        raise UnsupportedPrimitive(equation.name, f"{x.dtype} to {dtype}")
    return [np.ascontiguousarray(x).view(dtype).reshape(x.shape)], list(active)


def frexp(x: Array) -> list[Array]:
    """x = m 2^e with ½ ≤ |m| < 1, and 0 = 0·2⁰: over the reals m moves with x, though JAX takes it from the bits."""
    floats = elementwise(lambda v: nearest_float(v, np.dtype(np.float64)), 1)(x)
    exponents = np.asarray(np.frexp(np.asarray(floats, dtype=np.float64))[1], dtype=np.int32)
    scaled = elementwise(lambda v, e: v * arb(2) ** (-int(e)), 2)
    return [as_object_array(scaled(x, exponents.astype(object))), exponents]


def ldexp(x: Array, n: Array) -> Array:
    """x 2^n for whole n."""
    return elementwise(lambda v, e: v * arb(2) ** int(e), 2)(x, np.asarray(n).astype(object))
