"""Code of NumPy run on arrays of JAX: every function of NumPy is answered by that of jax.numpy of the same name.

Writing to an array changes that array alone, none that shares its memory. What the code decides by numbers (`if`, a mask, an index)
is written down on NumPy's own numbers first, and repeated on JAX's. What comes of it is a translation, not the code itself: who
uses it holds its values, or slopes, against those of the code on balls, and its decisions against what they are made by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import NDArray

#: Functions whose results depend on where something is not 0, in their shapes.
OF_PLACES = frozenset(("nonzero", "flatnonzero", "argwhere"))


@dataclass
class Course:
    """What one run decides. watching: the arrays are NumPy's, and each outcome is added to `decided`; else they are JAX's, outcomes
    are those of `decided` in turn, and what they are made by is added to `reads`."""

    watching: bool
    decided: list[NDArray[Any]] = field(default_factory=list)
    reads: list[Any] = field(default_factory=list)

    def outcome(self, value: Any) -> NDArray[Any]:
        """The booleans or whole numbers that a decision is made by. Raises TypeError for other numbers."""
        if np.dtype(value.dtype).kind not in "biu":
            raise TypeError("a real number is taken out of an array: what is computed with it is not seen")
        if self.watching:
            self.decided.append(np.array(value))
            return self.decided[-1]
        if len(self.reads) == len(self.decided):
            raise TypeError("it decides otherwise on arrays of JAX")
        self.reads.append(value)
        return self.decided[len(self.reads) - 1]


def decisions(fn: Callable[..., Any], arrays: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
    """The outcomes of what fn decides at these arrays, in turn. Raises what fn raises."""
    course = Course(watching=True)
    with np.errstate(all="ignore"):
        fn(*(Translated(a.copy(), course) for a in arrays))
    return course.decided


def on_jax(fn: Callable[..., Any], decided: Sequence[NDArray[Any]] = ()) -> Callable[..., Any]:
    """fn, a function of NumPy arrays, as one of arrays of JAX, that goes as was decided. Raises whatever NumPy or JAX raise where
    it has no translation."""

    def translated(*arrays: Any) -> Any:
        return _run(fn, decided, arrays)[0]

    return translated


def reads_on_jax(fn: Callable[..., Any], decided: Sequence[NDArray[Any]]) -> Callable[..., Any]:
    """What the decisions are made by, as a function of arrays of JAX."""

    def read(*arrays: Any) -> Any:
        return tuple(_run(fn, decided, arrays)[1])

    return read


def _run(fn: Callable[..., Any], decided: Sequence[NDArray[Any]], arrays: Sequence[Any]) -> tuple[Any, list[Any]]:
    import jax.numpy as jnp

    course = Course(watching=False, decided=list(decided))
    value = jnp.asarray(_bare(fn(*(Translated(a, course) for a in arrays))))
    if len(course.reads) < len(course.decided):
        raise TypeError("it decides otherwise on arrays of JAX")
    return value, course.reads


class Translated(NDArrayOperatorsMixin):
    """An array of JAX that NumPy's functions take for one of theirs; or one of NumPy whose decisions are watched."""

    __array_priority__ = 1000

    def __init__(self, value: Any, course: Course) -> None:
        self.value = value
        self.course = course

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        targets = options.pop("out", None)
        if targets is not None and (len(targets) != 1 or not isinstance(targets[0], Translated)):
            raise TypeError("what is translated is not written to an array of NumPy")
        own = ufunc if self.course.watching else _of_jax(ufunc)
        called = own if method == "__call__" else getattr(own, method)
        result = self._wrapped(called(*_bare(inputs), **_bare(options)))
        if targets is None:
            return result
        targets[0][...] = result
        return targets[0]

    def __array_function__(
        self, function: Callable[..., Any], types: Iterable[type], args: Sequence[Any], options: dict[str, Any]
    ) -> Any:
        import jax.numpy as jnp

        name = function.__name__
        if (name in OF_PLACES or (name == "where" and len(args) == 1)) and isinstance(args[0], Translated):
            return function(self._outcome(args[0] if args[0].dtype == bool else args[0] != 0))
        home: Any = {"numpy.linalg": jnp.linalg, "numpy.fft": jnp.fft}.get(function.__module__, jnp)
        own = function if self.course.watching else getattr(home, name)
        return self._wrapped(own(*_bare(args), **_bare(options)))

    def __getitem__(self, key: Any) -> Any:
        return self._wrapped(self.value[self._key(key)])

    def __setitem__(self, key: Any, value: Any) -> None:
        if self.course.watching:
            self.value = np.array(self.value)
            self.value[self._key(key)] = _bare(value)
        else:
            self.value = self.value.at[self._key(key)].set(_bare(value))

    def __bool__(self) -> bool:
        return bool(self._outcome(self))

    def __int__(self) -> int:
        return int(self._outcome(self))

    def __index__(self) -> int:
        return int(self._outcome(self))

    def __float__(self) -> float:
        raise TypeError("a real number is taken out of an array: what is computed with it is not seen")

    def __array__(self, *args: Any, **options: Any) -> Any:
        raise TypeError("an array is taken apart: what is computed with its numbers is not seen")

    def __len__(self) -> int:
        return len(self.value)

    def __iter__(self) -> Any:
        return (self._wrapped(v) for v in self.value)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = getattr(self.value, name)
        if not callable(found):
            return self._wrapped(found)
        return lambda *args, **options: self._wrapped(found(*_bare(args), **_bare(options)))

    def copy(self, *args: Any, **options: Any) -> Translated:
        return Translated(self.value, self.course)

    def nonzero(self) -> Any:
        return np.nonzero(self)

    def _outcome(self, array: Translated) -> NDArray[Any]:
        return self.course.outcome(array.value)

    def _key(self, key: Any) -> Any:
        """Masks as the places that they name, which are decided; other indices as they are."""
        found: list[Any] = []
        for part in key if isinstance(key, tuple) else (key,):
            if isinstance(part, Translated) and part.dtype == bool and part.ndim:
                found += np.nonzero(self._outcome(part))
            else:
                found.append(_bare(part))
        return tuple(found) if isinstance(key, tuple) or len(found) != 1 else found[0]

    def _wrapped(self, value: Any) -> Any:
        """Arrays as `Translated`, also within tuples and lists; anything else as it is."""
        if isinstance(value, tuple | list):
            parts = [self._wrapped(v) for v in value]
            return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
        of_jax = type(value).__module__.partition(".")[0] in ("jax", "jaxlib") and hasattr(value, "dtype")
        if of_jax or isinstance(value, np.ndarray | np.generic):
            return Translated(value, self.course)
        return value


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
