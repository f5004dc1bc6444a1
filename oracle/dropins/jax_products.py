"""Products of JAX's derivatives, backward and forward, of functions of the arrays in their arguments."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from oracle.candidate.arrays_of_frameworks import is_of_balls, numpy_dtype
from oracle.candidate.jax_rules import product_along_coordinates
from oracle.candidate.leaves import Arguments
from oracle.candidate.outputs import Outputs
from oracle.check.products_by_example import EachAlone
from oracle.search.cotangents import ordinary


def backward(function: Callable[..., Any], arguments: Arguments) -> Callable[..., Any]:
    """(*leaves, cotangent) → a product for each leaf, by jax.vjp."""
    import jax

    def products(*arrays: Any) -> tuple[Any, ...]:
        *values, cotangent = _in_their_dtypes(arrays, arguments)
        value, pull = jax.vjp(function, *values)
        return tuple(pull(jax.numpy.asarray(cotangent).astype(value.dtype)))

    return _compiled(products, function)


def forward(function: Callable[..., Any], arguments: Arguments) -> EachAlone:
    """The same by jax.jvp, one coordinate after the other."""
    import jax

    def products(k: int, *arrays: Any) -> tuple[Any, ...]:
        *values, cotangent = _in_their_dtypes(arrays, arguments)

        def moved(x: Any) -> Any:
            return function(*(x if n == k else v for n, v in enumerate(values)))

        made = product_along_coordinates(moved, values[k], jax.numpy.asarray(cotangent))
        return (*(None,) * k, made.astype(values[k].dtype), *(None,) * (len(values) - k - 1))

    return EachAlone(lambda k: _compiled(functools.partial(products, k), function))


def _in_their_dtypes(arrays: Sequence[Any], arguments: Arguments) -> list[Any]:
    import jax

    *values, cotangent = arrays
    pairs = zip(values, arguments.leaves, strict=True)
    return [*(jax.numpy.asarray(v).astype(numpy_dtype(leaf.dtype)) for v, leaf in pairs), cotangent]


def _compiled(products: Callable[..., Any], function: Callable[..., Any]) -> Callable[..., Any]:
    """The products, compiled once, or as they are where f asks for the numbers themselves."""
    import jax

    program = jax.jit(products)

    def vjp(*arrays: Any) -> tuple[Any, ...]:
        if any(is_of_balls(a) for a in arrays):
            raise TypeError("derivatives of JAX are no code that runs on balls")
        try:
            return tuple(program(*map(jax.numpy.asarray, arrays)))
        except jax.errors.JAXTypeError:
            return products(*arrays)

    vjp.__name__ = getattr(function, "__name__", "f")
    return vjp


def first_derivative(
    function: Callable[..., Any], mode: str, arguments: Arguments, outputs: Outputs
) -> Callable[..., Any]:
    """The first derivative of a function of leaves, as one array: c·J for a fixed c, or J·v for a fixed v in forward mode."""
    import jax

    rng = np.random.default_rng(1)
    cotangent = ordinary(outputs.shape, rng)
    tangents = [ordinary(a.shape, rng) for a in arguments.examples()]

    def derivative(*given: Any) -> Any:
        arrays = tuple(jax.numpy.asarray(a) for a in given)
        if mode == "fwd":
            moved = tuple(jax.numpy.asarray(t).astype(a.dtype) for t, a in zip(tangents, arrays, strict=True))
            return jax.numpy.ravel(jax.jvp(function, arrays, moved)[1])
        value, pull = jax.vjp(function, *arrays)
        found = pull(jax.numpy.asarray(cotangent).astype(value.dtype))
        return jax.numpy.concatenate([jax.numpy.ravel(part) for part in found])

    derivative.__name__ = getattr(function, "__name__", "f")
    derivative.leaf_names = tuple(leaf.name for leaf in arguments.leaves)  # type: ignore[attr-defined]
    return derivative
