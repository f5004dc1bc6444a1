"""A constant of fn that floats round to 0 is 0 in the gradient, too; a slope that rounds to 0 is lost all the same."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import oracle
from oracle.judgement.cancellation import cost_of_constants
from oracle.witnesses.prepare import prepare

WINDOW = lambda: 1 - jnp.cos(2 * jnp.pi * jnp.arange(8) / 7)  # noqa: E731


def windowed(x):
    return jnp.sum(x * jnp.hanning(8))


def check(fn, grad, **options):
    return oracle.check_gradient(fn, grad, shapes=((8,),), examples=12, database=None, **options)


@pytest.mark.parametrize("fn", [windowed, lambda x: jnp.sum(x * WINDOW())])
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
