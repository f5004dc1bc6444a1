"""What NumPy's and SciPy's functions are off by, measured against arb: within half of what is allowed for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flint import arb
from numpy.typing import NDArray

from oracle.balls import real_functions as real
from oracle.balls.arrays import lift_arb, precision
from oracle.balls.midpoint_radius import functions
from oracle.balls.midpoint_radius.arithmetic import OF_POWER
from oracle.balls.midpoint_radius.array import MidRad, exactly
from oracle.balls.midpoint_radius.functions import ERRORS, FUNCTIONS
from oracle.balls.midpoint_radius.rounding import U
from oracle.balls.primitives.equation import Equation

from .random_programs import SPECIAL, holds

#: The interval each is asked on, beside special numbers and all magnitudes.
WHERE: dict[str, tuple[float, float]] = {
    "exp": (-745, 709), "expm1": (-40, 700), "log": (0, 3), "log1p": (-1, 3), "tanh": (-20, 20), "sinh": (-700, 700),
    "cosh": (-700, 700), "tan": (-10, 10), "asin": (-1, 1), "acos": (-1, 1), "atan": (-30, 30), "asinh": (-30, 30),
    "acosh": (1, 30), "atanh": (-1, 1), "cbrt": (-30, 30), "sin": (-700, 700), "cos": (-700, 700), "logistic": (-745, 40),
    "rsqrt": (0, 30), "sqrt": (0, 30), "erf": (-6, 6), "erfc": (-6, 26.5),
}  # fmt: skip
FLOATS: dict[str, Callable[[NDArray[Any]], NDArray[Any]]] = {
    "exp": np.exp, "expm1": np.expm1, "log": np.log, "log1p": np.log1p, "tanh": np.tanh, "sinh": np.sinh, "cosh": np.cosh,
    "tan": np.tan, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan, "asinh": np.arcsinh, "acosh": np.arccosh,
    "atanh": np.arctanh, "cbrt": np.cbrt, "sin": np.sin, "cos": np.cos, "logistic": functions.logistic,
    "rsqrt": functions.reciprocal_root, "sqrt": np.sqrt, "erf": functions.error_function,
    "erfc": functions.complementary_error_function,
}  # fmt: skip
IN_BALLS = {
    "asin": real.arcsin,
    "acos": real.arccos,
    "atan": real.arctan,
    "asinh": real.arcsinh,
    "acosh": real.arccosh,
    "atanh": real.arctanh,
}


def arguments(name: str, count: int) -> NDArray[np.float64]:
    rng = np.random.default_rng(3)
    low, high = WHERE[name]
    even = rng.uniform(low, high, count)
    sizes = rng.choice([-1.0, 1.0], count) * 2.0 ** rng.uniform(-1070, 1020, count)
    near = rng.choice([-1.0, 1.0], count) * 2.0 ** rng.uniform(-60, 4, count)
    ends = np.concatenate(
        [[low, high], *(e - np.sign(e) * 2.0 ** rng.uniform(-50, 0, count // 4) for e in (low, high))]
    )
    values = np.concatenate([even, sizes, near, near + 1, ends, SPECIAL])
    return values[(values >= low) & (values <= high)] if name not in ("sin", "cos", "atan", "cbrt", "sqrt") else values


def worst_error(name: str, count: int) -> float:
    """In units of U, relative, where the result is a normal number."""
    x = arguments(name, count)
    with np.errstate(all="ignore"):
        found = FLOATS[name](x)
    function = IN_BALLS.get(name) or getattr(real, name)
    worst = 0.0
    with precision(1300):
        for value, result in zip(lift_arb(x), found, strict=True):
            if not np.isfinite(result) or abs(result) < 2.0**-1021:
                continue
            truth = function(value)
            if not truth.is_finite() or not truth.abs_lower() > 0:
                continue
            worst = max(worst, float((abs(arb(float(result)) - truth) / abs(truth)).mid()) / U)
    return worst


@pytest.mark.parametrize("name", [*WHERE], ids=str)
def test_libraries_keep_to_half_of_what_is_allowed(name: str) -> None:
    assert worst_error(name, 150) <= ERRORS[name] / 2


@pytest.mark.costly
@pytest.mark.longer
@pytest.mark.parametrize("name", [*WHERE], ids=str)
def test_libraries_keep_to_half_of_it_everywhere(name: str) -> None:
    assert worst_error(name, 20_000) <= ERRORS[name] / 2


def test_a_power_keeps_to_half_of_what_is_allowed() -> None:
    rng = np.random.default_rng(4)
    x, y = 2.0 ** rng.uniform(-30, 30, 3000), rng.uniform(-30, 30, 3000)
    found, worst = x**y, 0.0
    with precision(200):
        for a, b, result in zip(lift_arb(x), lift_arb(y), found, strict=True):
            worst = max(worst, float((abs(arb(float(result)) / a**b - 1)).mid()) / U)
    assert worst <= OF_POWER / 2


@pytest.mark.parametrize("name", [*FUNCTIONS], ids=str)
def test_exact_and_special_arguments_are_held(name: str) -> None:
    x = np.concatenate([SPECIAL, [np.inf, -np.inf, 710.0, -746.0, 1e17, -1e17, 0.99, np.nan]])
    function = IN_BALLS.get(name) or getattr(real, name)
    with np.errstate(all="ignore"):
        found = FUNCTIONS[name](Equation(name, {}, []), exactly(x))
    with precision(1300):
        assert holds(found, np.frompyfunc(function, 1, 1)(lift_arb(x)))


def test_an_exact_zero_has_an_exact_value() -> None:
    zero = exactly(np.zeros(2))
    for name in ("tanh", "sin", "expm1", "log1p", "sinh", "asinh", "atan", "erf", "sqrt", "cbrt"):
        found = FUNCTIONS[name](Equation(name, {}, []), zero)
        assert not found.midpoint.any()
        assert not found.radius.any()


def test_an_exact_zero_beside_a_ball_has_an_exact_value() -> None:
    beside = MidRad(np.zeros(2), np.array([0.0, 0.5]))
    for name in ("tanh", "expm1", "log1p", "sinh", "asinh", "atan", "erf", "cbrt"):
        found = FUNCTIONS[name](Equation(name, {}, []), beside)
        assert found.radius[0] == 0, name
        assert found.radius[1] > 0, name
