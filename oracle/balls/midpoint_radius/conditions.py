"""What is made of booleans of which some are open: it is open itself where it is not the same whatever they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.midpoint_radius.array import Condition, Value
from oracle.balls.primitives.equation import Equation

Booleans = NDArray[np.bool_]


def condition(value: Booleans, open: Booleans) -> Value:
    """The booleans, as a plain array where none is open."""
    return Condition(value, open) if open.any() else value


def value_of(x: Value) -> NDArray[Any]:
    return np.asarray(x.value if isinstance(x, Condition) else x)


def open_of(x: Value) -> Booleans:
    return x.open if isinstance(x, Condition) else np.zeros(np.shape(x), dtype=bool)


def of_two(function: Callable[[Booleans, Booleans], Booleans]) -> Callable[..., Value]:
    """A function of two booleans, entry by entry."""

    def handler(equation: Equation, x: Value, y: Value) -> Value:
        found = np.asarray(function(value_of(x), value_of(y)))
        open = np.zeros(found.shape, dtype=bool)
        for a in (value_of(x), value_of(x) ^ open_of(x)):
            for b in (value_of(y), value_of(y) ^ open_of(y)):
                open |= function(a, b) != found
        return condition(found, open)

    return handler


def logical_not(equation: Equation, x: Value) -> Value:
    return condition(~value_of(x), open_of(x))


def all_of(equation: Equation, x: Condition) -> Value:
    """Whether all hold: not where one certainly does not."""
    axes = tuple(equation.params["axes"])
    false = np.any(~x.value & ~x.open, axis=axes)
    return condition(np.all(x.value, axis=axes), np.any(x.open, axis=axes) & ~false)


def any_of(equation: Equation, x: Condition) -> Value:
    axes = tuple(equation.params["axes"])
    true = np.any(x.value & ~x.open, axis=axes)
    return condition(np.any(x.value, axis=axes), np.any(x.open, axis=axes) & ~true)


LOGIC: dict[str, Callable[..., Value]] = {
    "and": of_two(np.logical_and),
    "or": of_two(np.logical_or),
    "xor": of_two(np.logical_xor),
    "not": logical_not,
    "reduce_and": all_of,
    "reduce_or": any_of,
}
#: The same primitives of numbers are in other tables.
COMPARED: dict[str, Callable[..., Value]] = {
    "eq": of_two(np.equal),
    "ne": of_two(np.not_equal),
    "lt": of_two(np.less),
    "le": of_two(np.less_equal),
    "gt": of_two(np.greater),
    "ge": of_two(np.greater_equal),
    "max": of_two(np.logical_or),
    "min": of_two(np.logical_and),
    "reduce_max": any_of,
    "reduce_min": all_of,
}
