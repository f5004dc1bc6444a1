"""A part held constant, or taken for the identity, is named; what is like it and is none is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.lax import stop_gradient

import oracle

from ...sweeps import thinned

Array = Any
Of = Callable[[Array], Array]


def check(fn: Any, grad_of: Any, **options: Any) -> oracle.Report:
    with jax.enable_x64(True):
        grad = jax.jit(jax.grad(grad_of))
        return oracle.check_gradient(fn, grad, ((-3.0, 3.0),), lengths=(2, 4), examples=14, database=None, **options)


def itself(x: Array) -> Array:
    return x


def through(step: Of) -> Of:
    return lambda x: x + stop_gradient(step(x) - x)


def clip(x: Array) -> Array:
    return jnp.clip(x, -1, 1)


def normalised(x: Array, mean: Of, variance: Of) -> Array:
    m = mean(x.mean())
    return (jnp.sin(x) * (x - m) / jnp.sqrt(variance(((x - m) ** 2).mean()) + 1)).sum()


def scaled(x: Array, hold: Of) -> Array:
    return (x**3 / hold(jnp.sqrt((x * x).mean() + 1))).sum()


def weighted(x: Array, weights: Of, values: Of) -> Array:
    return (weights(jax.nn.softmax(x)) * values(x**2)).sum()


HELD: dict[str, tuple[Callable[[Of], Of], str]] = {
    "a mean": (lambda hold: lambda x: ((x - hold(x.mean())) ** 3).sum(), "sum(x)/"),
    "a root mean square": (lambda hold: lambda x: scaled(x, hold), "sqrt("),
    "two statistics": (lambda hold: lambda x: normalised(x, hold, hold), "sum(x) and sum("),
    "a target": (lambda hold: lambda x: ((x - hold(jnp.tanh(x))) ** 2).sum(), "tanh(x)"),
    "weights": (lambda hold: lambda x: weighted(x, hold, itself), "exp("),
    "values": (lambda hold: lambda x: weighted(x, itself, hold), "x^2"),
    "one occurrence": (lambda hold: lambda x: (hold(x) * jnp.exp(x)).sum(), "x in x·exp(x)"),
}


@pytest.mark.longer
@pytest.mark.parametrize("name", thinned(HELD, 3))
def test_what_is_held_constant_is_named(name: str) -> None:
    make, words = HELD[name]
    report = check(make(itself), make(stop_gradient))
    assert report.verdict == "wrong"
    said = [s for s in report.diagnosis if "held constant" in s]
    assert said
    assert f"with {words}" in said[0]
    assert check(make(itself), make(itself))


STEPS: dict[str, tuple[Of, str]] = {
    "rounding": (jnp.round, "round(x)"),
    "the sign": (jnp.sign, "sign(x)"),
    "a clip": (clip, "min("),
}


@pytest.mark.longer
@pytest.mark.parametrize("name", thinned(STEPS, 2))
def test_a_straight_through_estimator_is_named(name: str) -> None:
    step, words = STEPS[name]
    report = check(lambda x: (step(x) ** 2 * x).sum(), lambda x: (through(step)(x) ** 2 * x).sum())
    assert report.verdict == "wrong"
    assert report.diagnosis[0].startswith("It is the derivative of fn with")
    assert "taken for the identity" in report.diagnosis[0]
    assert words in report.diagnosis[0]


LIKE_IT: dict[str, tuple[Of, Of]] = {
    "a factor": (lambda x: ((x - x.mean()) ** 3).sum(), lambda x: 1.1 * ((x - x.mean()) ** 3).sum()),
    "half of it held": (
        lambda x: ((x - jnp.tanh(x)) ** 2).sum(),
        lambda x: ((x - 0.5 * jnp.tanh(x) - stop_gradient(0.5 * jnp.tanh(x))) ** 2).sum(),
    ),
    "another function": (lambda x: (x * jnp.exp(x)).sum(), lambda x: (x * jnp.exp(x) + 0.1 * jnp.sin(3 * x)).sum()),
    "another power": (lambda x: weighted(x, itself, itself), lambda x: weighted(x, lambda w: w**1.1, itself)),
    "another constant, held": (
        lambda x: scaled(x, itself),
        lambda x: (x**3 / stop_gradient(jnp.sqrt((x * x).mean() + 1.001))).sum(),
    ),
}


@pytest.mark.parametrize("name", thinned(LIKE_IT, 2))
def test_what_is_only_like_it_is_not_so_named(name: str) -> None:
    report = check(*LIKE_IT[name])
    assert report.verdict == "wrong"
    assert not any("held constant" in s or "identity" in s for s in report.diagnosis)


@pytest.mark.longer
def test_a_stop_gradient_of_fn_is_said_in_the_first_lines_where_it_matters() -> None:
    def fn(x: Array) -> Array:
        return ((x - stop_gradient(jnp.tanh(x))) ** 2).sum()

    report = check(fn, fn)
    assert report.verdict == "wrong"
    assert str(report).splitlines()[1].startswith("warning: fn contains a stop_gradient")
    assert any("with tanh(x) held constant" in s for s in report.diagnosis)
    by_hand = oracle.check_gradient(
        fn, lambda x: 2 * (x - np.tanh(x)) * np.tanh(x) ** 2, ((-3.0, 3.0),), lengths=(2, 4), examples=12, database=None
    )
    assert by_hand
    assert by_hand.warnings
    assert not check(jax.nn.logsumexp, jax.nn.logsumexp).warnings, (
        "its own holds the largest entry, which changes nothing"
    )


def test_where_fn_itself_stops_that_is_named_before_a_factor() -> None:
    """x·stop(x): half of the derivative, 2x."""

    def stopped(x: Any) -> Any:
        return jnp.sum(x * jax.lax.stop_gradient(x))

    report = oracle.check_gradient(stopped, lambda x: x, ("real",), lengths=(1, 3), database=None)
    assert report.verdict == "wrong"
    assert "held constant" in report.diagnosis[0]
    plain = oracle.check_gradient(lambda x: jnp.sum(x * x), lambda x: x, ("real",), lengths=(1, 3), database=None)
    assert plain.diagnosis[0].startswith("It is 1/2 times the truth")
