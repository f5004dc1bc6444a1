"""Incomplete gamma and beta, Bessel and zeta functions against mpmath, extreme arguments too; a wrong handler is caught."""

from __future__ import annotations

import functools

import jax.numpy as jnp
import numpy as np
import pytest
from flint import acb, arb
from jax import lax
from mpmath import mp

from oracle.balls.arrays import precision
from oracle.balls.primitives import special_functions as special
from oracle.witnesses import exact_slopes

from .against_mpmath import Case, exact, outcomes, planted, to_ball

EXTREME_SHAPES = [1e-3, 0.5, 1.0, 2.5, 30.0, 170.0]
EXTREME_POINTS = [1e-300, 1e-9, 0.3, 1.0, 25.0, 150.0, 700.0]


def pairs(rng, size=5):
    a = np.where(rng.random(size) < 0.5, rng.choice(EXTREME_SHAPES, size), rng.uniform(0.1, 9, size))
    x = np.where(rng.random(size) < 0.5, rng.choice(EXTREME_POINTS, size), rng.uniform(0.01, 12, size))
    return [a, x]


def each(function):
    return lambda *xs: [np.frompyfunc(function, len(xs), 1)(*(exact(x) for x in xs))]


def mp_igamma(a, x):
    return mp.gammainc(a, 0, x, regularized=True)


def mp_igammac(a, x):
    return mp.gammainc(a, x, mp.inf, regularized=True)


@functools.lru_cache(maxsize=256)
def mp_igamma_grad(a, x):
    """A difference at 1400 bits, of which 400 are left, of P or of −Q, whichever is the smaller."""
    with mp.workprec(1400):
        step = mp.mpf(2) ** -450 * a
        values = [-mp_igammac(s, x) if x > a else mp_igamma(s, x) for s in (a + step, a - step)]
        return (values[0] - values[1]) / (2 * step)


def triples(rng, size=4):
    return [rng.choice([0.3, 1.0, 4.5, 40.0], size), rng.choice([0.2, 1.0, 6.5, 90.0], size), rng.uniform(size=size)]


CASES = [
    Case("igamma", lax.igamma, pairs, each(mp_igamma)),
    Case("igammac", lax.igammac, pairs, each(mp_igammac)),
    Case("igamma_grad_a", lax.igamma_grad_a, lambda rng: pairs(rng, 3), each(mp_igamma_grad), tries=3),
    Case(
        "regularized_incomplete_beta",
        lax.betainc,
        triples,
        each(lambda a, b, x: mp.betainc(a, b, 0, x, regularized=True)),
    ),
    Case(
        "bessel_i0e",
        lax.bessel_i0e,
        lambda rng: [np.append(rng.normal(size=4) * 9, [0.0, 1e-200, -800.0])],
        each(lambda x: mp.exp(-abs(x)) * mp.besseli(0, x)),
    ),
    Case(
        "bessel_i1e",
        lax.bessel_i1e,
        lambda rng: [np.append(rng.normal(size=4) * 9, [0.0, 1e-200, -800.0])],
        each(lambda x: mp.exp(-abs(x)) * mp.besseli(1, x)),
    ),
    Case("zeta", lax.zeta, lambda rng: [rng.uniform(1.01, 9, 5), rng.uniform(0.01, 20, 5)], each(mp.zeta)),
    Case(
        "zeta_grad_s",
        exact_slopes._zeta_by_s().bind,
        lambda rng: [rng.uniform(1.01, 9, 5), rng.uniform(0.01, 20, 5)],
        each(lambda s, q: mp.zeta(s, q, 1)),
    ),
    Case(
        "polygamma",
        lax.polygamma,
        lambda rng: [rng.integers(0, 5, 4).astype(float), rng.uniform(0.01, 20, 4)],
        each(lambda n, x: mp.polygamma(int(n), x)),
    ),
    Case(
        "nextafter",
        lambda x: jnp.nextafter(x, jnp.inf),
        lambda rng: [rng.normal(size=3)],
        lambda x: [exact(np.nextafter(x, np.inf))],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_holds_the_value_of_mpmath(case):
    found = outcomes(case)
    assert set(found) == {"held"}, found


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_wrong_handler_is_caught(case):
    assert "WRONG" in outcomes(case, tables=planted(case.name), seed=1)


def test_the_slope_of_a_gamma_sample_is_minus_the_ratio_of_the_slopes_of_p():
    with mp.workprec(400), precision(120):
        for a, x in [(0.5, 1.2), (2.5, 0.1), (30.0, 25.0), (3.0, 700.0)]:
            density = mp.exp((a - 1) * mp.log(mp.mpf(x)) - x - mp.loggamma(mp.mpf(a)))
            expected = -mp_igamma_grad(mp.mpf(a), mp.mpf(x)) / density
            found = special.random_gamma_grad(arb(a), arb(x))
            assert found.overlaps(to_ball(expected))
            assert found.rel_accuracy_bits() > 60


@pytest.mark.parametrize("a", [0.7, 40.0])
def test_both_ways_to_the_derivative_by_the_parameter_agree(a):
    with precision(120):
        by_series = special.igamma_grad_a(arb(a), arb(30.0))
        by_difference = -special.derivative_by_parameter(
            lambda s: acb(30.0).gamma_upper(s, regularized=1), arb(a), arb(a) / 4
        )
        assert by_series.overlaps(by_difference)
        assert by_difference.rel_accuracy_bits() > 60


def test_where_they_are_not_defined_the_ball_is_unknown():
    for value in (
        special.igamma(arb(-1), arb(2)),
        special.igammac(arb(1), arb(-2)),
        special.betainc(arb(1), arb(2), arb(1.5)),
        special.zeta(arb(0.5), arb(1)),
        special.random_gamma_grad(arb(-1), arb(1)),
    ):
        assert not value.is_finite()
    assert special.igamma(arb(2), arb("inf")) == 1
    assert special.igammac(arb(2), arb("inf")) == 0


@pytest.mark.parametrize(("function", "other"), [(special.igamma, special.igammac), (special.igammac, special.igamma)])
def test_every_way_to_the_same_number_holds_it(function, other, monkeypatch):
    """The first way that is accurate is taken; the others wait for arguments that few draws reach."""
    close: list[int] = []

    def each_of(*attempts):
        balls = [attempt() for attempt in attempts]
        finite = [k for k, ball in enumerate(balls) if ball.is_finite()]
        assert all(balls[i].overlaps(balls[k]) for i in finite for k in finite), balls
        close.extend(k for k in finite if balls[k].rel_accuracy_bits() > 50)
        return balls[finite[0]]

    monkeypatch.setattr(special, "_most_accurate", each_of)
    with precision(120):
        for a in (0.3, 1.0, 2.5, 30.0):
            for x in (0.01, 0.3, 1.0, 6.5, 25.0):
                a_ball, x_ball = arb(a), arb(x)
                assert (function(a_ball, x_ball) + other(a_ball, x_ball)).overlaps(arb(1))
    assert min(close.count(k) for k in set(close)) > 5
    assert set(close) == {0, 1, 2}


def test_after_a_number_that_is_no_float_there_is_none():
    with precision(120):
        assert special.nextafter(arb(1), arb(2)) == arb(float(np.nextafter(1.0, 2.0)))
        for no_float in (arb(1) / 3, 1 + arb(2) ** -80, arb(1, 1e-30)):
            assert special.nextafter(no_float, arb(2)).is_nan()
