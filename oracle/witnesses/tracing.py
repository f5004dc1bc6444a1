"""Tracing a function once, in float64, for the witnesses that read its jaxpr."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from oracle.witnesses.rule_constants import rule_constants

Array = NDArray[Any]


def double_precision() -> AbstractContextManager[Any]:
    """JAX computes in float64 inside the block; the user's own flag is untouched."""
    import jax

    if hasattr(jax, "enable_x64"):
        return jax.enable_x64(True)
    from jax.experimental import enable_x64  # JAX before 0.8

    return enable_x64(True)


@dataclass(frozen=True, eq=False)
class Traced:
    """A function and its jaxprs at given shapes: `value` computes f, `gradient` computes f and then ∂f/∂args[n] for n
    in argnums.
    """

    fn: Callable[..., Any]
    argnums: tuple[int, ...]
    shapes: tuple[tuple[int, ...], ...]
    value: Any
    gradient: Any
    constants: Mapping[float, Callable[[], Any]]


def as_arguments(args: Sequence[ArrayLike]) -> list[Array]:
    """The arguments as NumPy arrays: floats of any width as float64, integers and booleans as they are."""
    arrays = [np.asarray(arg) for arg in args]
    for position, array in enumerate(arrays):
        if array.dtype.kind not in "fiubV":
            raise TypeError(f"args[{position}] must hold real numbers, got dtype {array.dtype}")
    return [array if array.dtype.kind in "iub" else array.astype(np.float64) for array in arrays]


def trace(fn: Callable[..., Any], args: Sequence[ArrayLike], argnums: Sequence[int] = (0,)) -> Traced:
    """Traces fn: R^… → R and its gradient at the shapes of `args`. Takes 5 to 50 ms; reuse it for other arguments of
    these shapes.

    Raises what JAX raises where fn is not traceable or its result is no scalar; IndexError for an argnum out of range.
    """
    import jax

    arrays = as_arguments(args)
    for argnum in argnums:
        if not 0 <= argnum < len(arrays):
            raise IndexError(f"argnums holds {argnum}, but there are {len(arrays)} arguments")
        if arrays[argnum].dtype.kind != "f":
            raise TypeError(f"args[{argnum}] is differentiated and must hold floats, got dtype {arrays[argnum].dtype}")
    with double_precision():
        specs = [jax.ShapeDtypeStruct(a.shape, a.dtype) for a in arrays]
        gradient = jax.make_jaxpr(jax.value_and_grad(fn, tuple(argnums)))(*specs)
        value = jax.make_jaxpr(fn)(*specs)
    return Traced(fn, tuple(argnums), tuple(a.shape for a in arrays), value, gradient, rule_constants(value))


def traced(fn: Callable[..., Any] | Traced, args: Sequence[ArrayLike], argnums: Sequence[int]) -> Traced:
    """`fn` itself if it is a trace of these shapes, else its trace. Raises ValueError for other shapes."""
    if not isinstance(fn, Traced):
        return trace(fn, args, argnums)
    shapes = tuple(np.shape(a) for a in args)
    if shapes != fn.shapes:
        raise ValueError(f"args have shapes {shapes}, but the function was traced at {fn.shapes}; trace it anew")
    return fn
