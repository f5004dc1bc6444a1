"""Sums, differences, products, quotients and powers, entry by entry."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from oracle.balls.errors import UnsupportedPrimitive
from oracle.balls.midpoint_radius.array import Floats, MidRad, Value, chosen, enclosing, exactly
from oracle.balls.midpoint_radius.identity import same
from oracle.balls.midpoint_radius.rounding import SLOP, TINY, U, unit
from oracle.balls.primitives.equation import Equation

#: What NumPy's power of floats may be off by, in units of U (`functions.py` has the others).
OF_POWER = 8.0


def neg(equation: Equation, x: MidRad) -> MidRad:
    return MidRad(-x.midpoint, x.radius, exact=x.exact)


def absolute(equation: Equation, x: MidRad) -> MidRad:
    """| |x| − |m| | ≤ |x − m|."""
    return MidRad(np.abs(x.midpoint), x.radius, exact=x.exact)


def add(equation: Equation | None, x: MidRad, y: MidRad) -> MidRad:
    m = x.midpoint + y.midpoint
    return _sum(m, x, y)


def sub(equation: Equation | None, x: MidRad, y: MidRad) -> MidRad:
    """x − y, exactly 0 where both are one and the same number."""
    difference = _sum(x.midpoint - y.midpoint, x, y)
    if x is y or (x.labels is not None and y.labels is not None):
        equal = same(x, y)
        if equal.any():
            zero = np.zeros(difference.shape)
            return MidRad(np.where(equal, zero, difference.midpoint), np.where(equal, zero, difference.radius))
    return difference


def _sum(m: Floats, x: MidRad, y: MidRad) -> MidRad:
    """A rounded sum or difference: no underflow, as sums of floats below 2⁻¹⁰²¹ are exact."""
    radius = np.abs(m) * unit()
    if not x.exact:
        radius = radius + x.radius
    if not y.exact:
        radius = radius + y.radius

    def infinite() -> NDArray[np.bool_]:
        return (np.isinf(x.midpoint) | np.isinf(y.midpoint)) & np.isfinite(x.radius) & np.isfinite(y.radius)

    return enclosing(m, radius * SLOP, infinite)


def mul(equation: Equation | None, x: MidRad, y: MidRad) -> MidRad:
    """|xy − ab| ≤ |a| s + r (|b| + s) for x = a ± r, y = b ± s; an exact 0 times a number is exactly 0."""
    m = x.midpoint * y.midpoint
    radius = np.abs(m) * unit() + np.where(_may_differ_from_zero(x) & _may_differ_from_zero(y), TINY, 0.0)
    if not y.exact:
        radius = radius + np.abs(x.midpoint) * y.radius
    if not x.exact:
        radius = radius + x.radius * (np.abs(y.midpoint) + y.radius)

    def infinite() -> NDArray[np.bool_]:
        signed = (np.abs(x.midpoint) > x.radius) & (np.abs(y.midpoint) > y.radius)
        return signed & (np.isinf(x.midpoint) | np.isinf(y.midpoint))

    return enclosing(m, radius * SLOP, infinite)


def _may_differ_from_zero(x: MidRad) -> NDArray[np.bool_]:
    return np.asarray(x.midpoint != 0) if x.exact else (x.midpoint != 0) | (x.radius > 0)


def square(equation: Equation | None, x: MidRad) -> MidRad:
    return mul(equation, x, x)


def one_minus_square(equation: Equation, x: MidRad) -> MidRad:
    """(1 + x)(1 − x)."""
    one = exactly(1.0)
    return mul(None, add(None, one, x), sub(None, one, x))


def div(equation: Equation | None, x: MidRad, y: MidRad) -> MidRad:
    """|x/y − q| ≤ (r + |q| s)/(|b| − s) for q = a/b; unknown where y may be 0, 1 where both are one number, 0 where x is."""
    q = x.midpoint / y.midpoint
    some = _may_differ_from_zero(x)
    radius = np.abs(q) * unit() + np.where(some, TINY, 0.0)
    low = np.abs(y.midpoint)
    if not y.exact:
        low = (low - y.radius) * (1 - 2 * U)
    if not (x.exact and y.exact):
        moved = x.radius + (np.abs(q) + TINY) * y.radius + np.where((x.radius > 0) | (y.radius > 0), TINY, 0.0)
        radius = radius + np.where(some, moved, 0.0) * SLOP / low
    radius = np.where(low > 0, radius * SLOP, np.inf)
    if np.isinf(y.midpoint).any():
        vanishing = np.isinf(y.midpoint) & x.known
        q, radius = np.where(vanishing, 0.0, q), np.where(vanishing, 0.0, radius)
    found = enclosing(q, radius, lambda: np.isinf(x.midpoint) & np.isfinite(y.midpoint) & (low > 0))
    if x is y or (x.labels is not None and y.labels is not None):
        equal = same(x, y) & (low > 0)
        return chosen(equal, exactly(np.ones(found.shape)), found) if equal.any() else found
    return found


def integer_pow(equation: Equation, x: MidRad) -> MidRad:
    return integer_power(x, int(equation.params["y"]))


def integer_power(x: MidRad, n: int) -> MidRad:
    """xⁿ; |xⁿ − aⁿ| ≤ n r (|a| + r)ⁿ⁻¹."""
    if n == 0:
        return exactly(np.ones(x.shape))
    if n == 1:
        return x
    if n == 2:
        return mul(None, x, x)
    if n < 0:
        return div(None, exactly(1.0), integer_power(x, -n))
    m = x.midpoint**n
    radius = np.abs(m) * (OF_POWER * U + n * unit()) + np.where(x.midpoint == 0, 0.0, TINY)
    if not x.exact:
        radius = radius + n * x.radius * (x.magnitude ** (n - 1) * (1 + OF_POWER * U) + TINY) + TINY * (x.radius > 0)
    return enclosing(m, radius * SLOP)


def power(equation: Equation, x: MidRad, y: Value) -> MidRad:
    """xʸ for x > 0, where it is monotone in x and in y, so that its extremes are at the corners; x⁰ = 1; one whole y for all."""
    y = y if isinstance(y, MidRad) else exactly(y)
    if not y.size or not x.size:
        return exactly(np.ones(np.broadcast_shapes(x.shape, y.shape)))
    first = float(y.midpoint.flat[0])
    if first.is_integer() and abs(first) <= 64 and not y.radius.any() and np.all(y.midpoint == first):
        return integer_power(x, int(first))
    m = x.midpoint**y.midpoint
    low, high = m, m
    for a in (x.lower, x.upper):
        for b in (y.lower, y.upper):
            corner = np.asarray(a**b)
            low, high = np.fmin(low, corner), np.fmax(high, corner)
    positive = (x.lower > 0) & np.isfinite(x.upper) & y.known
    zero = (x.midpoint == 0) & (x.radius == 0) & (y.lower > 0) & y.known
    one = (y.midpoint == 0) & (y.radius == 0)
    off = np.maximum(high - m, m - low) + (OF_POWER * U + unit()) * np.maximum(high, m) + TINY
    radius = np.where(one | zero, 0.0, np.where(positive, off * SLOP, np.inf))
    return enclosing(np.where(one, 1.0, np.where(zero, 0.0, m)), radius)


def remainder(equation: Equation, x: MidRad, y: MidRad) -> MidRad:
    """x − y trunc(x/y), where the whole number is decided."""
    quotient = div(None, x, y)
    whole = np.trunc(quotient.midpoint)
    decided = (np.trunc(quotient.lower) == whole) & (np.trunc(quotient.upper) == whole)
    found = sub(None, x, mul(None, y, exactly(whole)))
    return MidRad(np.where(decided, found.midpoint, 0.0), np.where(decided, found.radius, np.inf))


def polynomial(equation: Equation, x: MidRad, *coefficients: MidRad) -> MidRad:
    """a_0 + x (a_1 + … + x a_N)."""
    if not coefficients:
        raise UnsupportedPrimitive(equation.name, "no coefficients")
    value = coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        value = add(None, coefficient, mul(None, x, value))
    return value
