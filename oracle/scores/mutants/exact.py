"""Numbers of many digits that NumPy's functions run on: a gradient of plain ufunc code is evaluated without rounding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from oracle.scores.mutants.truth import context

DIGITS = 1000  # what cancels at 1e-300 against 1 still keeps its digits


class Real:
    """A real number with the arithmetic and the methods that NumPy calls on objects (np.exp(x) calls x.exp())."""

    x: Any

    def __init__(self, x: Any) -> None:
        self.x = x.x if isinstance(x, Real) else context(DIGITS).mpf(x)

    def __repr__(self) -> str:
        return f"Real({context(20).nstr(self.x, 17)})"

    def __hash__(self) -> int:
        return hash(self.x)

    def __float__(self) -> float:
        return float(self.x)

    def __bool__(self) -> bool:
        return bool(self.x)

    def __neg__(self) -> Real:
        return Real(-self.x)

    def __pos__(self) -> Real:
        return self

    def __abs__(self) -> Real:
        return Real(abs(self.x))


def _binary(operation: Callable[[Any, Any], Any]) -> Callable[[Real, Any], Any]:
    def method(self: Real, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented
        return Real(operation(self.x, Real(other).x))

    return method


def _comparison(operation: Callable[[Any, Any], bool]) -> Callable[[Real, Any], Any]:
    def method(self: Real, other: Any) -> Any:
        return NotImplemented if isinstance(other, np.ndarray) else bool(operation(self.x, Real(other).x))

    return method


def _unary(name: str) -> Callable[[Real], Real]:
    def method(self: Real) -> Real:
        return Real(getattr(context(DIGITS), name)(self.x))

    return method


for _name, _operation in {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "truediv": lambda x, y: x / y,
    "pow": lambda x, y: x**y,
}.items():
    setattr(Real, f"__{_name}__", _binary(_operation))
    setattr(Real, f"__r{_name}__", _binary(lambda x, y, operation=_operation: operation(y, x)))  # type: ignore[misc]
for _name, _compare in {
    "lt": lambda x, y: x < y,
    "le": lambda x, y: x <= y,
    "gt": lambda x, y: x > y,
    "ge": lambda x, y: x >= y,
    "eq": lambda x, y: x == y,
    "ne": lambda x, y: x != y,
}.items():
    setattr(Real, f"__{_name}__", _comparison(_compare))
for _name in ("exp", "log", "sqrt", "sin", "cos", "tanh", "sinh", "cosh", "expm1", "log1p"):
    setattr(Real, _name, _unary(_name))


def evaluate(grad: Callable[..., Any], args: Sequence[Any]) -> Any:
    """grad(*args) without rounding, as an object array; whatever it raises if it is no plain ufunc code."""
    arrays = [np.array([Real(float(x)) for x in np.asarray(a).flat], dtype=object).reshape(np.shape(a)) for a in args]
    return np.asarray(grad(*arrays), dtype=object)
