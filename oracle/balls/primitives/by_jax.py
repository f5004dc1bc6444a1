"""A primitive run by JAX itself, on numbers: random bits, and the float results that say which branch LAPACK takes."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from oracle.balls.primitives.equation import Array, Equation


@dataclass(frozen=True)
class Key:
    """One key for random numbers: what implements it, and its words."""

    implementation: Any
    words: tuple[int, ...]


def as_keys(keys: Any) -> Array:
    """An object array of `Key` from an array of JAX's keys; one of `Key` as it is."""
    if isinstance(keys, np.ndarray):
        return keys
    import jax

    implementation = jax.random.key_impl(keys)
    data = np.asarray(jax.random.key_data(keys))
    array = np.empty(keys.shape, dtype=object)
    for index in np.ndindex(array.shape):
        array[index] = Key(implementation, tuple(int(word) for word in data[index]))
    return array


def from_keys(keys: Array) -> Any:
    """JAX's array of these keys."""
    import jax

    first = keys.flat[0]
    data = np.asarray([key.words for key in keys.flat], dtype=np.uint32).reshape(*keys.shape, len(first.words))
    return jax.random.wrap_key_data(data, impl=first.implementation)


def by_jax(equation: Equation, *operands: Array) -> Sequence[Any]:
    """The results of the equation's primitive on these numbers and keys, in float64: NumPy arrays, and object arrays of keys."""
    asked = tuple(tuple(x.ravel()) if x.dtype == object else x.tobytes() for x in operands)
    shaped = tuple((x.shape, x.dtype.str) for x in operands)
    return _answer(equation.primitive, tuple(equation.params.items()), asked, shaped)


@functools.lru_cache(maxsize=512)
def _answer(
    primitive: Any, params: tuple[tuple[str, Any], ...], asked: tuple[Any, ...], shaped: tuple[tuple[Any, str], ...]
) -> Sequence[Any]:
    """One and the same question is asked at every precision, and at every step of a difference."""
    import jax

    operands = [
        _object_array(values, shape) if isinstance(values, tuple) else np.frombuffer(values, dtype).reshape(shape)
        for values, (shape, dtype) in zip(asked, shaped, strict=True)
    ]
    with jax.enable_x64(True):
        inputs = [from_keys(x) if x.dtype == object else jax.numpy.asarray(x) for x in operands]
        results = _compiled(primitive, params)(*inputs)
        results = results if isinstance(results, list | tuple) else [results]
        return [as_keys(x) if jax.dtypes.issubdtype(x.dtype, jax.dtypes.prng_key) else np.asarray(x) for x in results]


def _object_array(values: Sequence[Any], shape: tuple[int, ...]) -> Array:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array.reshape(shape)


@functools.lru_cache(maxsize=64)
def _compiled(primitive: Any, params: tuple[tuple[str, Any], ...]) -> Any:
    import jax

    return jax.jit(lambda *operands: primitive.bind(*operands, **dict(params)))
