"""Code of NumPy run on arrays of JAX: every function of NumPy is answered by that of jax.numpy of the same name.

Writing to an array changes that array alone, none that shares its memory; branches on numbers have no translation. What comes of it
is a translation, not the code itself: who uses it holds its values, or slopes, against those of the code on balls.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin


class Translated(NDArrayOperatorsMixin):
    """An array of JAX that NumPy's functions take for one of theirs."""

    __array_priority__ = 1000

    def __init__(self, value: Any) -> None:
        self.value = value

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        targets = options.pop("out", None)
        if targets is not None and (len(targets) != 1 or not isinstance(targets[0], Translated)):
            raise TypeError("results of JAX are not written to an array of NumPy")
        own = _of_jax(ufunc)
        called = own if method == "__call__" else getattr(own, method)
        result = wrapped(called(*_bare(inputs), **_bare(options)))
        if targets is None:
            return result
        targets[0].value = targets[0].value.at[...].set(result.value)
        return targets[0]

    def __array_function__(
        self, function: Callable[..., Any], types: Iterable[type], args: Sequence[Any], options: dict[str, Any]
    ) -> Any:
        import jax.numpy as jnp

        home: Any = {"numpy.linalg": jnp.linalg, "numpy.fft": jnp.fft}.get(function.__module__, jnp)
        return wrapped(getattr(home, function.__name__)(*_bare(args), **_bare(options)))

    def __getitem__(self, key: Any) -> Any:
        return wrapped(self.value[_bare(key)])

    def __setitem__(self, key: Any, value: Any) -> None:
        self.value = self.value.at[_bare(key)].set(_bare(value))

    def __bool__(self) -> bool:
        return bool(self.value)

    def __float__(self) -> float:
        return float(self.value)

    def __int__(self) -> int:
        return int(self.value)

    def __index__(self) -> int:
        return operator.index(self.value)

    def __array__(self, *args: Any, **options: Any) -> Any:
        raise TypeError("an array of JAX that is traced has no numbers")

    def copy(self, *args: Any, **options: Any) -> Translated:
        return Translated(self.value)

    def __len__(self) -> int:
        return len(self.value)

    def __iter__(self) -> Any:
        return (wrapped(v) for v in self.value)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = getattr(self.value, name)
        if not callable(found):
            return wrapped(found)
        return lambda *args, **options: wrapped(found(*_bare(args), **_bare(options)))


def on_jax(fn: Callable[..., Any]) -> Callable[..., Any]:
    """fn, a function of NumPy arrays, as one of arrays of JAX. Raises whatever NumPy or JAX raise where it has no translation."""

    def translated(*arrays: Any) -> Any:
        import jax.numpy as jnp

        return jnp.asarray(_bare(fn(*map(Translated, arrays))))

    return translated


def wrapped(value: Any) -> Any:
    """Arrays of JAX as `Translated`, also within tuples and lists; anything else as it is."""
    if isinstance(value, tuple | list):
        return (
            type(value)(wrapped(v) for v in value)
            if not hasattr(value, "_fields")
            else type(value)(*map(wrapped, value))
        )
    is_array = type(value).__module__.partition(".")[0] in ("jax", "jaxlib") and hasattr(value, "dtype")
    return Translated(value) if is_array else value


def _of_jax(ufunc: np.ufunc) -> Any:
    """JAX's function of the same name: of NumPy's, or of scipy.special."""
    import jax.numpy as jnp
    import jax.scipy.special

    own = getattr(jnp, ufunc.__name__, None)
    return getattr(jax.scipy.special, ufunc.__name__) if own is None else own


def _bare(value: Any) -> Any:
    if isinstance(value, Translated):
        return value.value
    if isinstance(value, tuple | list) and not hasattr(value, "_fields"):
        return type(value)(_bare(v) for v in value)
    if isinstance(value, dict):
        return {k: _bare(v) for k, v in value.items()}
    return value
