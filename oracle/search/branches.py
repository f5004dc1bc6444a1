"""Branch conditions of a traced function: which way each went, and points that make it go the other way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def value_jaxpr(fn: Callable[..., Any], shapes: tuple[tuple[int, ...], ...]) -> Any:
    """The closed jaxpr of fn at these shapes in float64, or None where JAX is absent or cannot trace it."""
    try:
        import jax
    except ImportError:
        return None
    from oracle.witnesses.tracing import double_precision

    with double_precision():
        specs = [jax.ShapeDtypeStruct(shape, "float64") for shape in shapes]
        try:
            return jax.make_jaxpr(fn)(*specs)
        except Exception:  # whatever the user's code raises on tracers: such a function is judged by other means
            return None
