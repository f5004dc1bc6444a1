"""Shares that are rounded to fewer bits sum to 1 no longer: they are the arguments of a kernel in float32 all the same."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import oracle
from oracle.search.domains import DOMAINS


def cross_entropy(z, E):
    return -jnp.sum(E * jax.nn.log_softmax(z))


def in_float32(z, E):
    z, E = z.astype(np.float32), E.astype(np.float32)
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True) * E.sum(-1, keepdims=True) - E


@pytest.mark.parametrize(
    ("factor", "verdict"), [(1.0, "right"), pytest.param(1.001, "wrong", marks=pytest.mark.longer)]
)
def test_a_kernel_in_float32_is_judged(factor, verdict):
    def grad(z, E):
        found = in_float32(z, E)
        found[-1, -3:] *= np.float32(factor)
        return found

    domains, shapes = [(-4.0, 4.0), "closed_simplex"], ((2, 40),) * 2
    options = {"examples": 12, "database": None, "timeout": None}
    report = oracle.check_gradient(cross_entropy, grad, domains, shapes=shapes, **options)
    assert report.verdict == verdict
    assert report.tried.points > 8


def test_no_sum_is_taken_for_1_that_rounding_does_not_explain():
    shares = np.full(7, 1 / 7).astype(np.float32).astype(np.float64)
    simplex = DOMAINS["simplex"]
    assert not simplex.holds(shares)
    assert simplex.holds(shares, 2.0**-23)
    assert not simplex.holds(shares * (1 + 2.0**-16), 2.0**-23)
    assert not DOMAINS["unit"].holds(1 + 2.0**-30, 2.0**-23)
