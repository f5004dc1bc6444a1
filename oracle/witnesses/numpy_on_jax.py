"""Code of NumPy run on arrays of JAX: every function of NumPy is answered by that of jax.numpy of the same name.

What comes of it is a translation, not the code itself: who uses it holds its values, or slopes, against those of the code on balls.
"""

from __future__ import annotations

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
        import jax.numpy as jnp

        if options.get("out") is not None:
            raise TypeError("an array of JAX is not written to")
        own = getattr(jnp, ufunc.__name__)
        called = own if method == "__call__" else getattr(own, method)
        return wrapped(called(*_bare(inputs), **_bare(options)))

    def __array_function__(
        self, function: Callable[..., Any], types: Iterable[type], args: Sequence[Any], options: dict[str, Any]
    ) -> Any:
        import jax.numpy as jnp

        home: Any = jnp.linalg if function.__module__ == "numpy.linalg" else jnp
        return wrapped(getattr(home, function.__name__)(*_bare(args), **_bare(options)))

    def __getitem__(self, key: Any) -> Any:
        return wrapped(self.value[_bare(key)])

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
        return type(value)(wrapped(v) for v in value) if not hasattr(value, "_fields") else tuple(map(wrapped, value))
    is_array = type(value).__module__.partition(".")[0] in ("jax", "jaxlib") and hasattr(value, "dtype")
    return Translated(value) if is_array else value


def _bare(value: Any) -> Any:
    if isinstance(value, Translated):
        return value.value
    if isinstance(value, tuple | list) and not hasattr(value, "_fields"):
        return type(value)(_bare(v) for v in value)
    if isinstance(value, dict):
        return {k: _bare(v) for k, v in value.items()}
    return value
