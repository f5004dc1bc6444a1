"""Programs of a formula that run on floats alone, as a C library does; a label may evaluate the formula without rounding."""

from __future__ import annotations

from typing import Any

import numpy as np

from oracle.scores.mutants.exact import Real

Array = Any


def without_rounding(args: tuple[Array, ...]) -> bool:
    """Whether the arguments are a label's numbers of many digits. Raises TypeError for any other objects, such as balls."""
    objects = [a for a in args if a.dtype == object]
    if any(not isinstance(x, Real) for a in objects for x in a.flat):
        raise TypeError("this gradient runs on floats alone")
    return bool(objects)


def on_floats(grad: Any) -> Any:
    """The gradient, hidden from everything but floats and a label's numbers."""
    return lambda *args: grad(*args) * (1 if without_rounding(args) else 1.0)


def through(grad: Any, dtype: Any) -> Any:
    """Computed in a narrower dtype, and given back as float64."""

    def gradient(*args: Array) -> Array:
        return grad(*args) if without_rounding(args) else grad(*(a.astype(dtype) for a in args)).astype(np.float64)

    return gradient


def first_through(grad: Any, dtype: Any) -> Any:
    """The first argument rounded to a narrower dtype, and all else computed in float64."""

    def gradient(a: Array, *others: Array) -> Array:
        narrow = a if without_rounding((a, *others)) else a.astype(dtype).astype(np.float64)
        return grad(narrow, *others)

    return gradient


def result_through(grad: Any, dtype: Any) -> Any:
    """Computed in float64, and the result rounded to a narrower dtype on its way."""

    def gradient(*args: Array) -> Array:
        return grad(*args) if without_rounding(args) else grad(*args).astype(dtype).astype(np.float64)

    return gradient


def answering(grad: Any, dtype: Any, factor: float = 1.0) -> Any:
    """Computed in float64, times a factor, and answered in a narrower dtype."""

    def gradient(*args: Array) -> Array:
        g = grad(*args) * factor
        return g if without_rounding(args) else g.astype(dtype)

    return gradient
