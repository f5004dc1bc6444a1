"""Special functions against mpmath, and every function at infinity against IEEE 754."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import jax
import mpmath
import numpy as np
import pytest
from flint import arb
from mpmath import mp

from oracle.balls.arrays import precision
from oracle.balls.jaxpr import evaluate
from oracle.witnesses.tracing import double_precision

SHIFTED = arb(2) ** -40


@pytest.fixture(autouse=True)
def _many_bits():
    with mpmath.workprec(2600):
        yield


def lax(name: str) -> Callable[..., Any]:
    return getattr(jax.lax, name)


def from_mp(value: Any) -> Any:
    """The mpf exactly, with a radius for its own rounding."""
    man, exponent = mp.mpf(value).man_exp  # of the absolute value
    ball = arb(int(man) * int(mp.sign(value))) * arb(2) ** int(exponent)
    return arb(ball, abs(ball).mid() * arb(2) ** -500)


SPECIAL_FUNCTIONS: dict[str, tuple[Callable, str]] = {
    "erf": (mp.erf, "any"),
    "erfc": (mp.erfc, "any"),
    "erf_inv": (mp.erfinv, "unit"),
    "lgamma": (lambda x: mp.log(abs(mp.gamma(x))), "any"),
    "digamma": (mp.digamma, "any"),
}


@pytest.mark.parametrize("name", sorted(SPECIAL_FUNCTIONS))
def test_special_functions_are_enclosed(name):
    function, domain = SPECIAL_FUNCTIONS[name]
    rng = np.random.default_rng(3)
    points = rng.uniform(-0.999, 0.999, size=40) if domain == "unit" else rng.normal(size=40) * 8
    points = np.concatenate([points, [1e-300, 0.5, -0.5] + ([1e-5, 40.5] if domain == "any" else [])])
    with double_precision():
        closed = jax.make_jaxpr(lax(name))(points)
    for bits in (24, 120):
        with precision(bits):
            balls = evaluate(closed, [points])[0]
        for x, ball in zip(points, balls, strict=True):
            with mpmath.workprec(700):
                value = function(mp.mpf(float(x)))
            assert ball.is_finite(), (name, x)
            with precision(1000):
                assert ball.overlaps(from_mp(value)), (name, x, ball)
                assert not (ball * (1 + SHIFTED)).overlaps(from_mp(value)) or bits == 24 or value == 0


def test_polygamma_is_enclosed_and_refuses_what_it_does_not_know():
    with double_precision():
        closed = jax.make_jaxpr(lambda n, x: jax.lax.polygamma(n, x))(1.0, 2.5)
    with precision(120):
        for n, x in [(1, 2.5), (2, 0.25), (3, 30.0), (0, 1.5)]:
            with mpmath.workprec(700):
                value = mp.polygamma(n, mp.mpf(x))
            ball = evaluate(closed, [float(n), x])[0].item()
            assert ball.overlaps(from_mp(value))
            assert ball.rel_accuracy_bits() > 80
        assert not evaluate(closed, [1.0, -2.5])[0].item().is_finite()


@pytest.mark.parametrize(
    ("name", "at_minus", "at_plus"),
    [
        ("exp", 0.0, math.inf),
        ("expm1", -1.0, math.inf),
        ("tanh", -1.0, 1.0),
        ("logistic", 0.0, 1.0),
        ("erf", -1.0, 1.0),
        ("erfc", 2.0, 0.0),
        ("log", math.nan, math.inf),
        ("sqrt", math.nan, math.inf),
        ("sin", math.nan, math.nan),
        ("cbrt", -math.inf, math.inf),
        ("sinh", -math.inf, math.inf),
        ("cosh", math.inf, math.inf),
        ("asinh", -math.inf, math.inf),
        ("floor", -math.inf, math.inf),
    ],
)
def test_functions_at_infinity_follow_ieee(name, at_minus, at_plus):
    with double_precision():
        closed = jax.make_jaxpr(lax(name))(np.zeros(2))
    for ball, expected in zip(evaluate(closed, [np.array([-np.inf, np.inf])])[0], (at_minus, at_plus), strict=True):
        assert ball.is_nan() if math.isnan(expected) else bool(ball == arb(expected))


def test_nothing_finite_comes_of_indefinite_forms():
    inf = np.array([np.inf])
    with double_precision():
        for function, other in [
            (lambda x, y: x - y, inf),
            (lambda x, y: x * y, np.zeros(1)),
            (lambda x, y: x / y, inf),
            (lambda x, y: (x - x) * y, np.zeros(1)),
            (lambda x, y: jax.numpy.maximum(x - x, y), np.ones(1)),
            (lambda x, y: (y / y) * y, np.zeros(1)),
        ]:
            closed = jax.make_jaxpr(function)(inf, other)
            assert not evaluate(closed, [inf, other])[0].item().is_finite()
