"""One equation of a jaxpr as its handler sees it, and the helpers every table of handlers needs.

Representation: a value of a float type is an object array of `flint.arb`, one of a complex type of `flint.acb`; integers and
booleans are ordinary NumPy arrays; keys of random numbers are object arrays of `Key`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from flint import acb, arb
from numpy.typing import NDArray

from oracle.balls.arrays import as_object_array
from oracle.balls.errors import UnsupportedPrimitive

Array = NDArray[Any]


class Equation(NamedTuple):
    """name of the primitive, its parameters, the abstract values (shape, dtype) of its results, and the primitive itself."""

    name: str
    params: Mapping[str, Any]
    results: Sequence[Any]
    primitive: Any = None


Handler = Callable[..., Any]  # (equation, *operands) -> one array, or a list of arrays


def is_real(x: Array) -> bool:
    """Whether x is an array of balls (real, where its primitive takes no complex numbers)."""
    return x.dtype == object


def is_complex(x: Array) -> bool:
    """Whether x holds complex balls; an array is of one kind throughout."""
    return x.dtype == object and x.size > 0 and isinstance(x.flat[0], acb)


def is_float_dtype(dtype: Any) -> bool:
    if is_key_dtype(dtype):
        return False
    dtype = np.dtype(dtype)
    return dtype.kind == "f" or (dtype.kind == "V" and "float" in dtype.name)


def is_ball_dtype(dtype: Any) -> bool:
    """Whether values of this dtype are balls: floats and complex numbers."""
    return is_float_dtype(dtype) or np.dtype(dtype).kind == "c"


def representation(dtype: Any) -> Any:
    """The NumPy dtype that stands for a dtype of JAX."""
    return object if is_key_dtype(dtype) or is_ball_dtype(dtype) else np.dtype(dtype)


def is_key_dtype(dtype: Any) -> bool:
    """Whether this is a dtype of keys for random numbers, which NumPy does not know."""
    return not isinstance(dtype, np.dtype) and str(dtype).startswith("key<")


def elementwise(function: Callable[..., Any], arity: int) -> Callable[..., Array]:
    """A function of single balls, over object arrays."""
    ufunc = np.frompyfunc(function, arity, 1)

    def apply(*operands: Array) -> Array:
        return as_object_array(ufunc(*operands))

    return apply


def on_reals(function: Callable[..., Any], arity: int) -> Handler:
    """The handler of an elementwise primitive that takes floats alone."""
    apply = elementwise(function, arity)

    def handler(equation: Equation, *operands: Array) -> Array:
        if not all(is_real(x) for x in operands):
            raise UnsupportedPrimitive(equation.name, "operands that are no floats")
        return apply(*operands)

    return handler


def full(shape: Sequence[int], value: Any) -> Array:
    """An object array with one element everywhere."""
    array = np.empty(tuple(shape), dtype=object)
    array[...] = value
    return array


def identity_element(name: str, dtype: Any) -> Any:
    """The neutral element of an empty sum, product, maximum or minimum, in the representation of `dtype`."""
    if np.dtype(dtype).kind == "c":
        return {"sum": acb(0), "prod": acb(1)}[name]
    if is_float_dtype(dtype):
        return {"sum": arb(0), "prod": arb(1), "max": arb("-inf"), "min": arb("inf")}[name]
    if np.dtype(dtype) == bool:
        return {"sum": False, "prod": True, "max": False, "min": True}[name]
    info = np.iinfo(dtype)
    return {"sum": 0, "prod": 1, "max": info.min, "min": info.max}[name]
