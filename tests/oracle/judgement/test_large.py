"""Large points: their truth is midpoints and radii, what these leave open is asked of arb, and no verdict is worse for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from oracle.judgement.point import Finding, judge_point
from oracle.judgement.verdict import Verdict
from oracle.witnesses.large import FOR_ARB, LARGE
from oracle.witnesses.large_enclosure import LargeEnclosure
from oracle.witnesses.prepare import prepare

Array = Any
RNG = np.random.default_rng(8)
ROWS, COLUMNS = 24, 30
X, G = RNG.normal(size=(ROWS, COLUMNS)), RNG.normal(size=(ROWS, COLUMNS))
HUGE = (100, 101)


def layer_norm(x: Array, g: Array) -> Array:
    centered = x - x.mean(-1, keepdims=True)
    return jnp.sum(g * centered * jax.lax.rsqrt((centered**2).mean(-1, keepdims=True) + 1e-5))


def layer_norm_grad(x: Array, g: Array) -> Array:
    centered = x - x.mean(-1, keepdims=True)
    s = 1 / np.sqrt((centered**2).mean(-1, keepdims=True) + 1e-5)
    h = centered * s
    return s * (g - g.mean(-1, keepdims=True) - h * (g * h).mean(-1, keepdims=True))


def changed(grad: Callable[..., Array], where: int, by: float) -> Callable[..., Array]:
    def wrong(*args: Array) -> Array:
        found = np.array(grad(*args))
        found.flat[where] *= 1 + by
        return found

    return wrong


def judged(fn: Any, grad: Any, *args: Array) -> Finding:
    return judge_point(prepare(fn, args, 0, [None] * len(args)), grad, args)


def test_a_right_gradient_is_right_by_midpoints_and_radii() -> None:
    assert LARGE <= 2 * X.size <= FOR_ARB
    found = judged(layer_norm, layer_norm_grad, X, G)
    assert found.verdict is Verdict.RIGHT
    assert isinstance(found.truth, LargeEnclosure)
    assert found.certified


@pytest.mark.parametrize("by", [1e-2, 1e-9])
def test_one_wrong_entry_is_named(by: float) -> None:
    last = X.size - 1
    found = judged(layer_norm, changed(layer_norm_grad, last, by), X, G)
    assert found.verdict is Verdict.WRONG
    assert found.component == (ROWS - 1, COLUMNS - 1)
    assert isinstance(found.truth, LargeEnclosure)


def test_an_error_of_some_roundings_is_no_wrong_mathematics() -> None:
    found = judged(layer_norm, changed(layer_norm_grad, 5, 2.0**-44), X, G)
    assert found.verdict in (Verdict.RIGHT, Verdict.INACCURATE)


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_fewer_bits_are_allowed_what_they_cost(dtype: Any) -> None:
    def narrow(x: Array, g: Array) -> Array:
        return np.asarray(layer_norm_grad(x.astype(dtype), g.astype(dtype)), dtype=dtype)

    x, g = (a.astype(dtype).astype(np.float64) for a in (X, G))
    assert judged(layer_norm, narrow, x, g).verdict is Verdict.RIGHT
    assert judged(layer_norm, changed(narrow, 7, 0.5), x, g).verdict is not Verdict.RIGHT


def relu_sum(x: Array) -> Array:
    return jnp.sum(jnp.where(x > 0, x, 0) * 3)


def relu_grad(x: Array) -> Array:
    return np.where(x > 0, 3.0, 0.0)


@pytest.mark.longer
def test_a_tie_is_asked_of_arb() -> None:
    x = RNG.normal(size=LARGE)
    x[17] = 0.0
    found = judged(relu_sum, relu_grad, x)
    assert found.verdict is Verdict.RIGHT
    assert not isinstance(found.truth, LargeEnclosure)


def test_a_tie_that_is_too_large_for_arb_is_undecided() -> None:
    x = RNG.normal(size=HUGE)
    x[17, 3] = 0.0
    found = judged(relu_sum, relu_grad, x)
    assert found.verdict is Verdict.UNDECIDED
    assert "declare smaller shapes" in found.how
    assert judged(relu_sum, relu_grad, np.where(x == 0, 1.0, x)).verdict is Verdict.RIGHT


def test_a_branch_within_the_rounding_of_an_argument_is_no_mistake() -> None:
    """x + y > 0 is decided otherwise in float32."""
    y = RNG.normal(size=LARGE).astype(np.float32).astype(np.float64)
    x = -y
    x[::2] += 1
    x[5] = np.float64(np.float32(np.nextafter(np.float32(x[5]), np.float32(np.inf))))

    def fn(x: Array, y: Array) -> Array:
        return jnp.sum(jnp.where(x * 3 + y * 3 > 1e-9, x * y, x))

    def grad(x: Array, y: Array) -> Array:
        x, y = x.astype(np.float32), y.astype(np.float32)
        return np.where(x * np.float32(3) + y * np.float32(3) > np.float32(1e-9), y, np.float32(1))

    assert judged(fn, grad, x, y).verdict is not Verdict.WRONG


def test_a_derivative_that_somebody_says_is_held_to_differences() -> None:
    """With stop_gradient jax.grad is no derivative: x, where the truth is 2x."""

    def fn(x: Array) -> Array:
        return jnp.sum(x * jax.lax.stop_gradient(x))

    x = RNG.normal(size=LARGE)
    assert judged(fn, lambda x: x, x).verdict is Verdict.WRONG


def test_and_one_too_large_for_arb_is_undecided() -> None:
    found = judged(lambda x: jnp.sum(x * jax.lax.stop_gradient(x)), lambda x: x, RNG.normal(size=HUGE))
    assert found.verdict is Verdict.UNDECIDED


def test_a_zero_where_the_truth_is_none_is_looked_at() -> None:
    x = np.linspace(20.0, 25.0, LARGE)  # 1 − tanh² is 0 in floats
    found = judged(lambda x: jnp.sum(jnp.tanh(x)), lambda x: 1 - np.tanh(x) ** 2, x)
    assert found.verdict is Verdict.INACCURATE


def test_infinities_and_nan_are_not_right() -> None:
    for value in (np.nan, np.inf):
        found = judged(layer_norm, lambda x, g, v=value: np.where(x == x[2, 2], v, layer_norm_grad(x, g)), X, G)
        assert found.verdict in (Verdict.WRONG, Verdict.INACCURATE)
        assert found.component == (2, 2)
