"""The named parameters that a function or its gradient computes with: a closure's τ, a default, a global constant."""

from __future__ import annotations

import functools
import inspect
import math
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np


def parameters_of(*functions: Callable[..., Any]) -> dict[str, float]:
    """Numbers other than 0 and ±1, by the names that the code gives them; the first one of a name counts."""
    found: dict[str, float] = {}
    for function in functions:
        for name, value in _named(function, depth=2):
            number = _number(value)
            if number is not None and abs(number) not in (0.0, 1.0):
                found.setdefault(name, number)
    return found


def _named(function: Any, depth: int) -> Iterator[tuple[str, Any]]:
    if isinstance(function, functools.partial):
        yield from (function.keywords or {}).items()
        yield from _named(function.func, depth)
        return
    if isinstance(function, types.MethodType):
        yield from vars(function.__self__).items() if hasattr(function.__self__, "__dict__") else ()
        function = function.__func__
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    if not isinstance(function, types.FunctionType):
        return
    closed = inspect.getclosurevars(function)
    things = {**closed.nonlocals, **{k: v for k, v in closed.globals.items() if not isinstance(v, types.ModuleType)}}
    yield from things.items()
    yield from (
        (p.name, p.default) for p in inspect.signature(function).parameters.values() if p.default is not p.empty
    )
    for name, thing in things.items():
        if depth and isinstance(thing, types.FunctionType):
            yield from _named(thing, depth - 1)
        elif depth and hasattr(thing, "__dict__") and not callable(thing):
            yield from ((f"{name}.{key}", value) for key, value in vars(thing).items())


def _number(value: Any) -> float | None:
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.integer | np.floating):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
