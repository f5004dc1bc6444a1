"""Functions of JAX arrays (`a.at[0].set(1)`, annotations of jaxtyping), called with NumPy arrays as everything judged is."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from oracle.candidate.asking import CannotJudge
from oracle.candidate.tensors import OnArrays

#: What arrays a gradient may ask to be handed.
KINDS = ("numpy", "jax", "torch")


class OnJaxArrays:
    """function, handed JAX arrays in place of NumPy's, in the user's own precision; what it returns comes back as NumPy's.

    What is called with tracers, balls or tensors is called as it stands.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.__wrapped__: Callable[..., Any]
        functools.update_wrapper(self, function)
        self.__name__ = getattr(function, "__name__", None) or type(function).__name__
        if hasattr(function, "__code__"):
            self.__code__ = function.__code__
        self.function = function

    def __call__(self, *args: Any, **options: Any) -> Any:
        if not args or not all(map(_is_numpy, args)):
            return self.function(*args, **options)
        import jax

        result = self.function(*(jax.numpy.asarray(a) for a in args), **options)
        return jax.tree_util.tree_map(lambda x: np.array(x) if isinstance(x, jax.Array) else x, result)


def _is_numpy(a: Any) -> bool:
    return isinstance(a, np.ndarray) and a.dtype.kind in "fiub"


def handed(function: Any, arrays: str | None) -> Any:
    """function, handed arrays of a kind; as it stands where none is said. Raises CannotJudge for an unknown one, and for one whose
    library is not installed."""
    if arrays is None:
        return function
    if arrays not in KINDS:
        raise CannotJudge(
            f"arrays = {arrays!r}: give one of {', '.join(map(repr, KINDS))}, or None for whatever it takes"
        )
    if not callable(function):
        return function
    made: Any = OnArrays(function)
    try:
        if arrays == "jax":
            import jax  # noqa: F401

            return OnJaxArrays(function)
        if arrays == "torch":
            import torch  # noqa: F401
    except ImportError as error:
        raise CannotJudge(f"arrays = {arrays!r}: {arrays} is not installed") from error
    made.dtype = "float64" if arrays == "torch" else ""
    return made
