"""Functions of one real number, by NumPy's and SciPy's, whose errors are stated here, with a margin.

Most are monotone: between the values at the ends lie all others, each give or take what the library may be off by. `ERRORS` says
how much that is, in units of 2⁻⁵³ of the value; tests hold every one against arb.
Sources: NumPy takes vectorised functions that are within 4 units in the last place (NEP 38 and its test-suite), which is 8 units of
2⁻⁵³; SciPy's erf and erfc are Cephes', whose documentation states 3.7e-16 and 5.7e-14.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from oracle.balls.midpoint_radius.arithmetic import div, mul
from oracle.balls.midpoint_radius.array import Floats, MidRad, enclosing
from oracle.balls.midpoint_radius.rounding import SLOP, TINY, U, unit
from oracle.balls.primitives.equation import Equation

Function = Callable[[Floats], Floats]
Handler = Callable[[Equation, MidRad], MidRad]

#: In units of U, relative. A square root is rounded correctly.
ERRORS = {
    "exp": 8.0, "exp2": 8.0, "expm1": 8.0, "log": 8.0, "log1p": 8.0, "tanh": 8.0, "sinh": 8.0, "cosh": 8.0, "tan": 8.0,
    "asin": 8.0, "acos": 8.0, "atan": 8.0, "asinh": 8.0, "acosh": 8.0, "atanh": 8.0, "cbrt": 8.0, "sin": 8.0, "cos": 8.0,
    "logistic": 16.0, "rsqrt": 4.0, "sqrt": 2.0, "erf": 8.0, "erfc": 2048.0, "log2": 8.0,
}  # fmt: skip
#: What is lost besides, absolute: Cephes' erfc is 0 where e^(−x²) is no normal number.
FLOORS = {"erfc": 2.0**-1020}
#: Below this the width of a ball is told by its radius; beyond, by the ends.
NARROW = 2.0**-10


def logistic(x: Floats) -> Floats:
    """1/(1 + e⁻ˣ), from the exponential that does not overflow."""
    e = np.exp(-np.abs(x))
    return np.asarray(np.where(x >= 0, 1.0, e) / (1.0 + e))


def reciprocal_root(x: Floats) -> Floats:
    return np.asarray(1.0 / np.sqrt(x))


def error_function(x: Floats) -> Floats:
    from scipy.special import erf

    return np.asarray(erf(x))


def complementary_error_function(x: Floats) -> Floats:
    from scipy.special import erfc

    return np.asarray(erfc(x))


def monotone(name: str, function: Function, low: float = -np.inf, high: float = np.inf) -> Handler:
    """A monotone function on [low, high]; unknown for what may lie outside. Exact infinities have its limits."""

    def handler(equation: Equation, x: MidRad) -> MidRad:
        m = function(x.midpoint)
        relative, floor = ERRORS[name] * U + unit(), FLOORS.get(name, TINY)
        if x.exact:
            inside = (x.midpoint >= low) & (x.midpoint <= high)
            radius = np.abs(m) * relative + np.where(m == 0, floor * (x.midpoint != 0) * (name != "log"), floor)
        else:
            below, above = x.lower, x.upper
            inside = (below >= low) & (above <= high) & (x.radius < np.inf)
            ends = function(below), function(above)
            largest = np.maximum(np.abs(ends[0]), np.abs(ends[1]))
            spread = np.maximum(np.abs(ends[0] - m), np.abs(ends[1] - m))
            radius = spread + largest * relative + np.where((m == 0) & (largest == 0) & (x.midpoint == 0), 0.0, floor)
        radius = np.where(inside, radius * SLOP, np.inf)
        if not np.isinf(x.midpoint).any():
            return enclosing(m, radius)
        at_infinity = np.isinf(x.midpoint) & inside & ~np.isnan(m)
        radius = np.where(at_infinity, np.where(np.isinf(m), 0.0, np.abs(m) * relative), radius)
        return enclosing(m, radius, lambda: at_infinity)

    return handler


def exponential(equation: Equation, x: MidRad) -> MidRad:
    """eˣ: of a narrow ball |e^(m+d) − e^m| ≤ e^m r (1 + r), of others as a monotone function."""
    if x.exact or not x.size:
        return _by_ends(equation, x)
    m = np.exp(x.midpoint)
    if not (np.max(x.radius) < NARROW and np.min(m) > 2.0**-1000 and np.max(m) < np.inf):
        return _by_ends(equation, x)
    return MidRad(m, m * (x.radius * (1 + x.radius) + (ERRORS["exp"] * U + unit())) * SLOP)


_by_ends = monotone("exp", np.exp)


def log(equation: Equation, x: MidRad) -> MidRad:
    """ln x, exactly −∞ at an exact 0."""
    found = _log(equation, x)
    zero = (x.midpoint == 0) & (x.radius == 0)
    if zero.any():
        return MidRad(np.where(zero, -np.inf, found.midpoint), np.where(zero, 0.0, found.radius))
    return found


_log = monotone("log", np.log, low=2.0**-1074)


def log_one_plus(equation: Equation, x: MidRad) -> MidRad:
    """ln(1 + x), exactly −∞ at an exact −1."""
    found = _log_one_plus(equation, x)
    zero = (x.midpoint == -1) & (x.radius == 0)
    if zero.any():
        return MidRad(np.where(zero, -np.inf, found.midpoint), np.where(zero, 0.0, found.radius))
    return found


_log_one_plus = monotone("log1p", np.log1p, low=-1 + U)


def bounded(name: str, function: Function) -> Handler:
    """Sine and cosine, whose slope is at most 1, and which are at most 1 themselves."""

    def handler(equation: Equation, x: MidRad) -> MidRad:
        m = function(x.midpoint)
        radius = np.minimum(x.radius, 2.0) + np.abs(m) * (ERRORS[name] * U + unit())
        radius = radius + np.where((m == 0) & (x.midpoint == 0) & (x.radius == 0), 0.0, TINY)
        return enclosing(m, np.where(x.known, radius * SLOP, np.inf))

    return handler


def tangent(equation: Equation, x: MidRad) -> MidRad:
    """tan, between two of its poles: where the cosine keeps its sign on a ball narrower than 1."""
    found = _tangent(equation, x)
    ends = np.cos(x.lower), np.cos(x.upper)
    clear = (ends[0] * ends[1] > 0) & (x.radius < 1) & (np.minimum(np.abs(ends[0]), np.abs(ends[1])) > 2.0**-40)
    return MidRad(np.where(clear, found.midpoint, 0.0), np.where(clear, found.radius, np.inf))


_tangent = monotone("tan", np.tan)


def hyperbolic_cosine(equation: Equation, x: MidRad) -> MidRad:
    """cosh |x|, which is monotone; the ball of |x| is kept from reaching below 0."""
    low = np.maximum(np.maximum(x.lower, -x.upper), 0.0)
    high = np.maximum(np.abs(x.lower), np.abs(x.upper))
    m = np.cosh(np.abs(x.midpoint))
    top = np.cosh(high)
    radius = np.maximum(top - m, m - np.cosh(low)) + top * (ERRORS["cosh"] * U + unit())
    endless = np.isinf(x.midpoint)
    return enclosing(m, np.where(endless, 0.0, radius * SLOP), lambda: endless)


def log2(equation: Equation, x: MidRad) -> MidRad:
    return div(None, log(equation, x), _LN2)


def exp2(equation: Equation, x: MidRad) -> MidRad:
    return exponential(equation, mul(None, x, _LN2))


_LN2 = MidRad(np.asarray(np.log(2.0)), np.asarray(np.log(2.0) * U))


def square_root(equation: Equation, x: MidRad) -> MidRad:
    return _square_root(equation, x)


_square_root = monotone("sqrt", np.sqrt, low=0.0)


def gaussian(x: MidRad) -> MidRad:
    """e^(−x²)."""
    square = mul(None, x, x)
    return exponential(Equation("exp", {}, []), MidRad(-square.midpoint, square.radius))


def _domain(name: str, function: Function, low: float, high: float) -> tuple[str, Handler]:
    return name, monotone(name, function, low, high)


FUNCTIONS: dict[str, Handler] = {
    "exp": exponential,
    "exp2": exp2,
    "log": log,
    "log1p": log_one_plus,
    "log2": log2,
    "sqrt": square_root,
    "cosh": hyperbolic_cosine,
    "tan": tangent,
    "sin": bounded("sin", np.sin),
    "cos": bounded("cos", np.cos),
    **dict(
        _domain(name, function, low, high)
        for name, function, low, high in (
            ("expm1", np.expm1, -np.inf, np.inf),
            ("tanh", np.tanh, -np.inf, np.inf),
            ("sinh", np.sinh, -np.inf, np.inf),
            ("asinh", np.arcsinh, -np.inf, np.inf),
            ("atan", np.arctan, -np.inf, np.inf),
            ("cbrt", np.cbrt, -np.inf, np.inf),
            ("logistic", logistic, -np.inf, np.inf),
            ("erf", error_function, -np.inf, np.inf),
            ("erfc", complementary_error_function, -np.inf, np.inf),
            ("rsqrt", reciprocal_root, 2.0**-1074, np.inf),
            ("asin", np.arcsin, -1.0, 1.0),
            ("acos", np.arccos, -1.0, 1.0),
            ("acosh", np.arccosh, 1.0, np.inf),
            ("atanh", np.arctanh, -1.0, 1.0),
        )
    ),
}
