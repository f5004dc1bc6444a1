"""A constant of fn that floats round to 0 is 0 in the gradient, too; a slope that rounds to 0 is lost all the same."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import oracle
from oracle.judgement.rounded_constants import cost_of_constants
from oracle.witnesses.prepare import prepare

WINDOW = lambda: 1 - jnp.cos(2 * jnp.pi * jnp.arange(8) / 7)  # noqa: E731


def windowed(x):
    return jnp.sum(x * jnp.hanning(8))


def check(fn, grad, **options):
    return oracle.check_gradient(fn, grad, shapes=((8,),), examples=12, database=None, **options)


@pytest.mark.parametrize("fn", [windowed, lambda x: jnp.sum(x * WINDOW()), lambda x: jnp.sum(x * (1 - jnp.tanh(30.0)))])
def test_a_window_that_ends_in_0_is_right(fn):
    assert check(fn, jax.grad(fn)).verdict == "right"


def test_a_weight_that_is_no_rounded_0_is_missed_by_nobody():
    report = check(windowed, lambda x: jnp.hanning(8) * (jnp.arange(8) < 6))
    assert (report.verdict, report.component) == ("wrong", (6,))


@pytest.mark.longer
def test_the_slope_of_a_tail_is_lost_all_the_same():
    fn = lambda x: jnp.sum(jnp.tanh(x) * jnp.hanning(8))  # noqa: E731
    report = check(fn, lambda x: (1 - jnp.tanh(x) ** 2) * jnp.hanning(8), extremes=True)
    assert report.verdict == "inaccurate"


def test_constants_alone_are_rounded():
    x = np.full(8, 20.0)
    cost = cost_of_constants(prepare(windowed, (x,), 0, [None]), (x,), 53)
    assert 1e-17 < cost[-1] < 1e-14
    assert cost_of_constants(prepare(lambda z: jnp.tanh(z).sum(), (x,), 0, [None]), (x,), 53)[0] < 1e-40


def turned(x):
    """The first entry of x, turned by a quarter."""
    return jnp.cos(jnp.pi / 2) * x[0] - jnp.sin(jnp.pi / 2) * x[1]


@pytest.mark.parametrize(
    ("by_hand", "verdict"), [([0.0, -1.0], "right"), ([1e-14, -1.0], "wrong"), ([0.0, -1 - 1e-12], "wrong")]
)
def test_a_constant_means_the_number_that_it_rounds(by_hand, verdict):
    """cos(π/2) is 6e-17 of the float π/2, and 0 of π/2."""
    report = oracle.check_gradient(
        turned, lambda x: np.array(by_hand), ("real",), shapes=((2,),), examples=12, database=None
    )
    assert report.verdict == verdict


def test_a_short_constant_means_itself():
    fn = lambda x: (jnp.exp(0.5) - 1.6487212707001282) * jnp.sum(x)  # noqa: E731
    right = (np.longdouble(0) + np.exp(np.longdouble(0.5)) - np.longdouble(1.6487212707001282)).astype(float)
    for gradient, verdict in ((float(right), "right"), (0.0, "right"), (1e-13, "wrong")):
        report = check(fn, lambda x, g=gradient: np.full(x.shape, g))
        assert report.verdict == verdict
    fn = lambda x: (0.5 * 3 - 1.5 + 0.25) * jnp.sum(x)  # noqa: E731
    assert check(fn, lambda x: np.full(x.shape, 0.25 * (1 + 1e-14))).verdict != "right"
