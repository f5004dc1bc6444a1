"""The truth at large points: what midpoint–radius arrays say holds what arb says, and they say nothing where they do not know."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from oracle.witnesses import certified, trace
from oracle.witnesses.large import LARGE, allowance, enclosed, is_large, reach_of_branches, too_large_for_arb
from oracle.witnesses.large_enclosure import LargeEnclosure

RNG = np.random.default_rng(9)
X = RNG.normal(size=LARGE)

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "log-sum-exp": lambda x: jax.scipy.special.logsumexp(x),
    "a norm": lambda x: jnp.linalg.norm(x),
    "a variance": lambda x: jnp.var(x) * jnp.sum(x),
    "a product of matrices": lambda x: jnp.sum(jnp.tanh(x.reshape(20, -1) @ x.reshape(20, -1).T)),
    "the largest": lambda x: jnp.max(x) * jnp.sum(jax.nn.gelu(x)),
}


@pytest.mark.parametrize("name", [*FUNCTIONS], ids=str)
def test_it_holds_the_certified_truth(name: str) -> None:
    record = trace(FUNCTIONS[name], (X,))
    found = enclosed(record, (X,))
    assert found is not None
    (exact,) = certified(record, (X,))
    for ball, truth in zip(found.lower, exact.lower, strict=True):
        assert ball.contains(truth)
    assert np.all(found.contains(exact.midpoint()) | (found.floats.radius < 1e-15))
    assert not found.kink.any()
    assert found.rigorous.all()
    assert found.relative_radius().max() < 1e-9


def test_nothing_is_said_where_it_is_not_known() -> None:
    tied = np.where(np.arange(LARGE) == 3, 0.0, X)
    assert enclosed(trace(lambda x: jnp.sum(jnp.where(x > 0, x, 0)), (tied,)), (tied,)) is None
    assert enclosed(trace(lambda x: jnp.sum(jax.scipy.special.digamma(x)), (X,)), (np.abs(X),)) is None
    assert enclosed(trace(lambda x: jnp.sum(jnp.log(x)), (X,)), (X,)) is None
    assert enclosed(trace(lambda x: jnp.sum(x * 1e-300 * jnp.exp(-x * 1e4)), (X,)), (X,)) is None
    rule = trace(lambda x: jnp.sum(x * jax.lax.stop_gradient(x)), (X,))
    assert enclosed(rule, (X,)) is None
    assert rule.compared == []


def test_differences_are_asked_once_where_no_rule_is_met() -> None:
    record = trace(lambda x: jnp.sum(jnp.sin(x)), (X,))
    assert enclosed(record, (X,)) is not None
    assert enclosed(record, (X + 1,)) is not None
    assert record.compared == [True]


def test_no_step_leaves_the_domain() -> None:
    x = np.abs(X)
    x[0] = 1e-300
    assert enclosed(trace(lambda x: jnp.sum(x * jnp.log(x)), (x,)), (x,), ((0.0, np.inf),)) is not None


@pytest.mark.longer
def test_what_few_bits_may_cost_covers_what_they_do() -> None:
    def fn(x: Any) -> Any:
        return jnp.sum(jax.nn.softmax(x.reshape(20, -1), axis=1) ** 2)

    record = trace(fn, (X,))
    exact = enclosed(record, (X,))
    assert exact is not None
    got = np.asarray(jax.grad(fn)(X.astype(np.float32)), dtype=np.float64)
    room = allowance(record, (X,), 24)
    assert room is not None
    assert np.all(np.abs(got - exact.midpoint()) <= room)
    assert np.all(room <= 1e-3 * np.max(np.abs(got)))


def test_the_branches_beside_a_point_are_reached() -> None:
    x = np.where(np.arange(LARGE) == 3, 1e-17, X)
    record = trace(lambda x: jnp.sum(jnp.where(x + 1 > 1, 5 * x, x)), (x,))
    reach = reach_of_branches(record, (x,), 53)
    assert reach is not None
    assert reach[3] >= 2
    assert np.max(np.delete(reach, 3)) < 1e-13


def test_sizes() -> None:
    assert is_large((X,))
    assert not is_large((X[:100], X[:100]))
    assert too_large_for_arb((np.zeros(10_000),))
    found = enclosed(trace(lambda x: jnp.sum(x), (X,)), (X,))
    assert isinstance(found, LargeEnclosure)
    with pytest.raises(ValueError, match="shape"):
        found.contains(np.zeros(3))
