"""Ball: a real number known to lie in midpoint ± radius, as an element of NumPy object arrays.

NumPy's array code then runs on balls as it stands: `np.exp` calls `.exp()`, `@` and `np.sum` call `+` and `*`,
`np.where` and `np.maximum` compare. Numbers from outside (int, float, NumPy scalars) enter exactly.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb

from oracle.balls import decisions
from oracle.balls import real_functions as real
from oracle.balls.taken_out import TakenOut, may_be_taken_out

Number = int | float | np.integer | np.floating


def to_arb(value: object) -> Any:
    """The exact ball of a number; a `Ball`'s own. Raises TypeError for anything else."""
    if isinstance(value, Ball):
        return value.arb
    if isinstance(value, arb):
        return value
    if isinstance(value, (bool, np.bool_, int, np.integer)):
        return arb(int(value))
    if isinstance(value, (float, np.floating)):
        return real.NAN if math.isnan(value) else arb(float(value))  # NaN of unbounded radius, as computed ones are
    raise TypeError(f"a ball is made from a real number, an arb or a Ball, not from {type(value).__name__} {value!r}")


def _is_number(value: object) -> bool:
    return isinstance(value, (Ball, int, float, np.integer, np.floating, np.bool_, arb))


def _binary(function: Callable[[Any, Any], Any]) -> Callable[[Ball, object], Any]:
    def method(self: Ball, other: object) -> Any:
        if not _is_number(other):
            return NotImplemented
        return Ball(function(self.arb, to_arb(other)))

    return method


def _reflected(function: Callable[[Any, Any], Any]) -> Callable[[Ball, object], Any]:
    def method(self: Ball, other: object) -> Any:
        if not _is_number(other):
            return NotImplemented
        return Ball(function(to_arb(other), self.arb))

    return method


def _comparison(function: Callable[[Any, Any], bool]) -> Callable[[Ball, object], Any]:
    def method(self: Ball, other: object) -> Any:
        if not _is_number(other):
            return NotImplemented
        return function(self.arb, to_arb(other))

    return method


def _unary(function: Callable[[Any], Any]) -> Callable[[Ball], Ball]:
    def method(self: Ball) -> Ball:
        return Ball(function(self.arb))

    return method


class Ball:
    """A rigorous enclosure of one real number, at the precision in force (`oracle.balls.arrays.precision`).

    Comparisons are proved: they raise `Undecidable` where the balls overlap, and `watch_ties` sees those between equal
    points. `float(ball)` is refused unless the ball is a float exactly; take `midpoints` where an approximation will
    do.
    """

    __slots__ = ("arb",)

    def __init__(self, value: object) -> None:
        self.arb = to_arb(value)

    __add__, __radd__ = _binary(operator.add), _reflected(operator.add)
    __sub__, __rsub__ = _binary(real.subtract), _reflected(real.subtract)
    __mul__, __rmul__ = _binary(operator.mul), _reflected(operator.mul)
    __truediv__, __rtruediv__ = _binary(real.divide), _reflected(real.divide)
    __pow__, __rpow__ = _binary(real.power), _reflected(real.power)

    __lt__, __le__ = _comparison(decisions.lt), _comparison(decisions.le)
    __gt__, __ge__ = _comparison(decisions.gt), _comparison(decisions.ge)
    __eq__, __ne__ = _comparison(decisions.eq), _comparison(decisions.ne)
    __hash__ = None  # type: ignore[assignment]  # equality may be undecidable

    __neg__, __pos__ = _unary(operator.neg), _unary(lambda x: x)
    __abs__ = _unary(decisions.absolute)

    exp, exp2, expm1 = _unary(real.exp), _unary(real.exp2), _unary(real.expm1)
    log, log2, log10, log1p = _unary(real.log), _unary(real.log2), _unary(real.log10), _unary(real.log1p)
    sqrt, cbrt = _unary(real.sqrt), _unary(real.cbrt)
    sin, cos, tan = _unary(real.sin), _unary(real.cos), _unary(real.tan)
    arcsin, arccos, arctan = _unary(real.arcsin), _unary(real.arccos), _unary(real.arctan)
    sinh, cosh, tanh = _unary(real.sinh), _unary(real.cosh), _unary(real.tanh)
    arcsinh, arccosh, arctanh = _unary(real.arcsinh), _unary(real.arccosh), _unary(real.arctanh)
    erf, erfc, lgamma, digamma = _unary(real.erf), _unary(real.erfc), _unary(real.lgamma), _unary(real.digamma)
    arctan2, hypot = _binary(real.arctan2), _binary(lambda x, y: (x * x + y * y).sqrt())
    conjugate = _unary(lambda x: x)
    rint = _unary(decisions.round_half_even)

    def isfinite(self) -> bool:
        return decisions.is_finite(self.arb)

    def isnan(self) -> bool:
        """False for a number; raises Undecidable for NaN, which here also means "unknown"."""
        return decisions.ne(self.arb, self.arb)

    def __floor__(self) -> Ball:
        return Ball(decisions.floor(self.arb))

    def __ceil__(self) -> Ball:
        return Ball(decisions.ceil(self.arb))

    def __trunc__(self) -> Ball:
        return Ball(decisions.truncate(self.arb))

    def __bool__(self) -> bool:
        return decisions.ne(self.arb, real.ZERO)

    def __float__(self) -> float:
        if not may_be_taken_out():
            raise TakenOut("a number is taken out of the arrays, by float() or a function of the module math")
        value = float(self.arb.mid())
        if not (self.arb.is_exact() and bool(arb(value) == self.arb)):
            raise TypeError(f"{self} is no float; midpoints() rounds on request")
        return value

    def __int__(self) -> int:
        return decisions.to_integer(self.arb)

    def __repr__(self) -> str:
        return f"Ball({self.arb.str(17, radius=True)})"

    def fraction(self) -> Fraction:
        """The midpoint, exact, as a fraction."""
        man, exponent = (int(part) for part in self.arb.mid().man_exp())
        return Fraction(man) * Fraction(2) ** exponent
