"""Real functions of single balls, with the conventions of IEEE 754 at ±∞ made rigorous.

An exact ±∞ is an extended real number: exp(−∞) = 0, tanh(∞) = 1, log(0) = −∞, and ∞ − ∞, 0·∞, sin(∞) are NaN. An
unbounded ball is an unknown number. NaN is both "not a number" and "unknown", and spreads. 1/0 is NaN: the reals have
no signed zero.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flint import acb, arb

from oracle.balls.decisions import ALWAYS_ZERO
from oracle.balls.watch import decide

Real = Any

NAN = arb("nan")
INF = arb("inf")
MINUS_INF = -INF


def infinity(x: Real) -> int:
    """1 at an exact +∞, −1 at an exact −∞, else 0."""
    if x.is_finite():
        return 0
    return 1 if bool(x == INF) else -1 if bool(x == MINUS_INF) else 0


def _with_limits(function: Callable[[Real], Real], at_minus_inf: Real, at_inf: Real) -> Callable[[Real], Real]:
    def extended(x: Real) -> Real:
        if x.is_finite():
            return function(x)
        at = infinity(x)
        if at:
            return at_inf if at > 0 else at_minus_inf
        return function(x)

    return extended


ZERO, ONE = arb(0), arb(1)

exp = _with_limits(lambda x: x.exp(), ZERO, INF)
exp2 = _with_limits(lambda x: arb(2) ** x, ZERO, INF)
expm1 = _with_limits(lambda x: x.expm1(), -ONE, INF)
sin = _with_limits(lambda x: x.sin(), NAN, NAN)
cos = _with_limits(lambda x: x.cos(), NAN, NAN)
tan = _with_limits(lambda x: x.tan(), NAN, NAN)
sinh = _with_limits(lambda x: x.sinh(), MINUS_INF, INF)
cosh = _with_limits(lambda x: x.cosh(), INF, INF)
tanh = _with_limits(lambda x: x.tanh(), -ONE, ONE)
arcsin = _with_limits(lambda x: x.asin(), NAN, NAN)
arccos = _with_limits(lambda x: x.acos(), NAN, NAN)
arcsinh = _with_limits(lambda x: x.asinh(), MINUS_INF, INF)
arccosh = _with_limits(lambda x: x.acosh(), NAN, INF)
erf = _with_limits(lambda x: x.erf(), -ONE, ONE)
erfc = _with_limits(lambda x: x.erfc(), arb(2), ZERO)
sqrt = _with_limits(lambda x: x.sqrt(), NAN, INF)
rsqrt = _with_limits(lambda x: x.rsqrt(), NAN, ZERO)


def subtract(x: Real, y: Real) -> Real:
    """x − y; exactly 0 for one and the same finite ball."""
    return ALWAYS_ZERO if x is y and x.is_finite() else x - y


def divide(x: Real, y: Real) -> Real:
    """x/y; exactly 1 for one and the same finite ball off zero (softmax of a single number)."""
    return arb(1) if x is y and x.is_finite() and bool(x != 0) else x / y


def arctan(x: Real) -> Real:
    return x.atan()


def arctan2(y: Real, x: Real) -> Real:
    """The angle of the point (x, y); the cut y = 0, x < 0 is a tie, with value π."""
    if not (x.is_finite() and y.is_finite()):
        return NAN
    on_cut = y.is_zero() and not x > 0
    decide("arctan2", True, tied=bool(on_cut), describe=str)
    return arb.atan2(y, x)


def log(x: Real) -> Real:
    if x.is_zero():
        return MINUS_INF
    return INF if infinity(x) > 0 else x.log()


def log2(x: Real) -> Real:
    return log(x) / arb(2).log()


def log10(x: Real) -> Real:
    return log(x) / arb(10).log()


def log1p(x: Real) -> Real:
    if bool(x == -1):
        return MINUS_INF
    return INF if infinity(x) > 0 else x.log1p()


def arctanh(x: Real) -> Real:
    if bool(x == 1):
        return INF
    return MINUS_INF if bool(x == -1) else x.atanh()


def cbrt(x: Real) -> Real:
    """The real cube root, odd."""
    if infinity(x):
        return x
    if x < 0:
        return -((-x).root(3))
    if x.is_zero() or x > 0:
        return x.root(3)
    bound = x.abs_upper().root(3).abs_upper()  # the ball straddles zero: |∛x| ≤ ∛|x|
    return arb(0, bound) if bound.is_finite() else NAN


def logistic(x: Real) -> Real:
    """1/(1 + e⁻ˣ), from the exponential that does not overflow."""
    if x < 0:
        e = exp(x)
        return e / (1 + e)
    return 1 / (1 + exp(-x))


def integer_power(x: Real, n: int) -> Real:
    """xⁿ for an integer n, x⁰ = 1; a ball around zero keeps a finite power."""
    if n == 0:
        return arb(1)
    if n == 1:
        return x
    if n < 0:
        return 1 / integer_power(x, -n)
    half = integer_power(x, n // 2)
    square = half * half
    return square * x if n % 2 else square


SMALL_POWER = 64  # up to here by multiplications, which keep a ball around zero finite


def power(x: Real, y: Real) -> Real:
    """xʸ: real for x > 0, for x = 0 < y, and for integers y; x⁰ = 1; NaN elsewhere."""
    if y.is_zero():
        return arb(1)
    if y.is_exact() and y.is_integer() and abs(y) <= SMALL_POWER:
        return integer_power(x, int(y.unique_fmpz()))
    if x.is_finite() and y.is_finite():
        return x**y
    return exp(y * log(x))


def lgamma(x: Real) -> Real:
    """log|Γ(x)|; below zero by reflection, log(π/|sin πx|) − log Γ(1 − x)."""
    if infinity(x) > 0:
        return INF
    if x > 0:
        return x.lgamma()
    if x < 0:
        return (arb.pi() / abs(x.sin_pi())).log() - (1 - x).lgamma()
    return NAN


def digamma(x: Real) -> Real:
    return INF if infinity(x) > 0 else x.digamma()


def polygamma(n: Real, x: Real) -> Real:
    """ψ⁽ⁿ⁾(x) for a natural number n and x > 0; NaN elsewhere."""
    if not (x > 0 and x.is_finite() and n.is_exact() and n.is_integer() and n >= 0):
        return NAN
    return acb(x).polygamma(acb(n)).real if not n.is_zero() else x.digamma()


def erf_inv(x: Real) -> Real:
    """The inverse of erf, ±∞ at ±1."""
    if bool(x == 1):
        return INF
    return MINUS_INF if bool(x == -1) else x.erfinv()


def logaddexp(x: Real, y: Real) -> Real:
    """log(eˣ + eʸ) = max + log(1 + e^(min − max))."""
    if infinity(x) < 0:
        return y
    if infinity(y) < 0:
        return x
    high, low = x.max(y), x.min(y)
    return high + (low - high).exp().log1p()
