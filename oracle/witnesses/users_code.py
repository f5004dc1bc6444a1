"""A user's function as witnesses call it: of real values, compiled, with what it raises said as what is open there."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any

from numpy.typing import NDArray

from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.balls.taken_out import TakenOut
from oracle.effort import budget

Array = NDArray[Any]


def as_float(fn: Callable[..., Any]) -> Callable[..., Any]:
    """A function whose values are whole numbers, as one of real numbers: JAX differentiates no integer."""

    @functools.wraps(fn)
    def real(*args: Any) -> Any:
        return fn(*args) * 1.0

    return real


@contextlib.contextmanager
def raising_is_undecidable() -> Iterator[None]:
    """A function may refuse a point that its domain allows, as a float's power does where it overflows."""
    try:
        yield
    except (Undecidable, UnsupportedPrimitive, TakenOut):
        raise
    except Exception as error:
        raise Undecidable(f"fn raised {type(error).__name__} nearby: {first_line(error)}") from error


def compiled(fn: Callable[..., Any]) -> Callable[..., float]:
    """A function that JAX traces, in float64 whatever the user's settings, since differences are taken of it."""
    import jax

    program = jax.jit(fn)

    @functools.wraps(fn)
    def in_float64(*args: Array) -> float:
        budget.call()
        with jax.enable_x64(True):
            return float(program(*args))

    return in_float64


def first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [""])[0][:200]
