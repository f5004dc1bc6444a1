"""A branch that is tied everywhere, as the correlation of a vector with itself is cut off at 1: no ball decides, here or beside."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from oracle.judgement.point import judge_point
from oracle.judgement.verdict import Verdict
from oracle.witnesses.prepare import prepare
from oracle.witnesses.tracing import double_precision

W = np.arange(1.0, 5.0).reshape(2, 2)
X = np.random.default_rng(1).normal(size=(2, 4))


@pytest.mark.longer
@pytest.mark.parametrize(
    ("factor", "verdict"), [(1.0, Verdict.RIGHT), (1 + 1e-13, Verdict.INACCURATE), (1 + 1e-9, Verdict.WRONG)]
)
def test_the_rounding_of_fns_own_gradient_is_asked_of_floats(factor: float, verdict: Verdict) -> None:
    def fn(x):
        return jnp.sum(jnp.corrcoef(x) * W)

    def grad(x):
        with double_precision():
            return np.asarray(jax.grad(fn)(x)) * factor

    found = judge_point(prepare(fn, (X,), 0, [None]), grad, (X,))
    assert found.verdict is verdict


@pytest.mark.longer
@pytest.mark.parametrize(("off", "verdict"), [(0.0, Verdict.RIGHT), (1e-12, Verdict.WRONG)])
def test_where_the_gradient_is_zero_its_rounding_is_of_what_is_around(off: float, verdict: Verdict) -> None:
    def fn(x):
        return jnp.sum(jnp.corrcoef(x) * W)

    def grad(x):
        with double_precision():
            return np.asarray(jax.grad(fn)(x)) + off

    x = np.array([[1.0, -1.0, 1.0, -1.0]] * 2)
    assert judge_point(prepare(fn, (x,), 0, [None]), grad, (x,)).verdict is verdict


@pytest.mark.longer
def test_what_floats_lose_of_fns_own_gradient_is_no_rounding_that_excuses() -> None:
    def fn(x):
        s = x[0, 0]
        return jnp.sum(jnp.corrcoef(x) * W) + (1 - jnp.cos(s)) / s**2

    def grad(x):
        with double_precision():
            return np.asarray(jax.grad(fn)(x))

    x = X.copy()
    x[0, 0] = 1e-5
    assert judge_point(prepare(fn, (x,), 0, [None]), grad, (x,)).verdict is not Verdict.RIGHT
