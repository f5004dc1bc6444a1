"""A check at sizes as kernels have them: few points of many components, nothing per object, a wrong entry in the last tile seen."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import oracle
from oracle.check.searching import ENOUGH_POINTS, MOST_COMPONENTS
from oracle.search.shrink_large import plainness

Array = Any
SHAPE = (100, 200)


def softmax(z: Array) -> Array:
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def cross_entropy(z: Array, y: Array) -> Array:
    return jnp.mean(jnp.sum(y * (jax.scipy.special.logsumexp(z, axis=1, keepdims=True) - z), axis=1))


def right(z: Array, y: Array) -> Array:
    return (softmax(z) * y.sum(1, keepdims=True) - y) / len(z)


def wrong_in_the_last_tile(z: Array, y: Array) -> Array:
    found = np.array(right(z, y))
    found[-1, 128:] *= 1 + 1e-3
    return found


@pytest.fixture(scope="module")
def report() -> Any:
    calls = []

    def grad(z: Array, y: Array) -> Array:
        calls.append(1)
        return right(z, y)

    found = oracle.check_gradient(cross_entropy, grad, ("real", "closed_simplex"), shapes=(SHAPE, SHAPE), database=None)
    return found, len(calls)


def test_a_right_gradient_of_thousands_is_certified(report: Any) -> None:
    found, _ = report
    assert found.verdict == "right", str(found)
    assert found.certified
    assert len(found.power.seen) >= 18


def test_few_points_are_enough(report: Any) -> None:
    found, calls = report
    assert ENOUGH_POINTS <= found.tried.points <= ENOUGH_POINTS + 3
    assert found.tried.points * SHAPE[0] * SHAPE[1] >= MOST_COMPONENTS
    assert calls < 60


@pytest.mark.longer
def test_a_wrong_tile_is_found_and_shown_in_few_words() -> None:
    found = oracle.check_gradient(
        cross_entropy, wrong_in_the_last_tile, ("real", "closed_simplex"), shapes=(SHAPE, SHAPE), database=None
    )
    assert found.verdict == "wrong"
    assert found.certified
    assert found.component is not None
    assert found.component[0] == 99
    assert found.component[1] >= 128
    assert len(found.reproduction) < 2000
    assert len(str(found)) < 6000


def test_long_arrays_are_plain_by_their_digits() -> None:
    x = np.random.default_rng(0).normal(size=3000)
    assert plainness((np.round(x),)) < plainness((np.round(x, 2),)) < plainness((x,))
    assert plainness((np.zeros(3000),)) < plainness((np.ones(3000),)) < plainness((np.full(3000, -1.5),))
