"""Constants are found wherever code keeps them."""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from oracle.search.constants import mine, signature_names
from oracle.search.domains import DOMAINS
from oracle.search.points import constants_of
from oracle.search.problem import Problem

Array = Any
THRESHOLD = 0.0625
SETTINGS = {"delta": 2.75}
KNOTS = np.array([5.5, 6.5])


def helper(a: Array) -> Array:
    return np.where(a < 7.125, a, THRESHOLD)


def with_default(a: Array, slope: float = 0.03125) -> Array:
    return a * slope


def closing_over(c: float) -> Callable[[Array], Array]:
    return lambda a: a * (a > c)


class Scaled:
    def __init__(self, tau: float) -> None:
        self.tau = tau

    def __call__(self, a: Array) -> Array:
        return a / self.tau

    def method(self, a: Array) -> Array:
        return a - 9.25


def nested(a: Array) -> Array:
    def inner(x: Array) -> Array:
        return np.minimum(x, 10.75)

    return inner(a)


@functools.wraps(with_default)
def wrapped(a: Array) -> Array:
    return with_default(a)


@pytest.mark.parametrize(
    ("function", "constant"),
    [
        (lambda a: abs(a) > 3, 3.0),
        (lambda a: a < 1e-3, 1e-3),
        (lambda a: np.clip(a, -1e-7, 1 - 1e-7), 1e-7),
        (lambda a: np.clip(a, -1e-7, 1 - 1e-7), 1 - 1e-7),
        (closing_over(11.25), 11.25),
        (closing_over(12), 12.0),
        (lambda a: a + THRESHOLD, THRESHOLD),
        (lambda a: a + SETTINGS["delta"], 2.75),
        (lambda a: a + KNOTS[0], 6.5),
        (lambda a: helper(a), 7.125),
        (lambda a: helper(a), THRESHOLD),
        (with_default, 0.03125),
        (functools.partial(with_default, slope=0.375), 0.375),
        (Scaled(1.375), 1.375),
        (Scaled(1.375).method, 9.25),
        (Scaled(1.375).method, 1.375),
        (nested, 10.75),
        (wrapped, 0.03125),
        (jax.jit(closing_over(13.5)), 13.5),
        (jax.grad(lambda a: jnp.where(a > 4.5, a, 0).sum()), 4.5),
        (lambda a: a if a.size > 64 else 2 * a, 64.0),
    ],
)
def test_found_in_code(function: Callable[..., Any], constant: float) -> None:
    assert constant in mine(function).thresholds()


def test_compared_constants_come_first_and_exponents_never() -> None:
    found = mine(lambda a: 0.25 * a**7 + np.sum(a, axis=1) + 8.5 * (a < 1e-3))
    assert found.thresholds()[0] == 1e-3
    assert 7.0 not in found.thresholds()
    assert set(found.thresholds()) >= {0.25, 8.5}


def test_libraries_are_not_mined() -> None:
    assert not mine(np.linalg.norm).thresholds()
    assert not mine(jax.nn.softplus).thresholds()
    assert "jax" in mine(jax.nn.softplus).modules


def huber(a: Array, E: Array) -> Array:
    r = jnp.abs(a - E)
    return jnp.sum(jnp.where(r > jnp.float64(1.0) + 0.5, 1.5 * r - 1.125, r**2 / 2))


def clamped(a: Array, E: Array) -> Array:
    return jnp.sum(jnp.clip(a, -2, 6) * E + jnp.maximum(a, 8.25))


def library(a: Array, E: Array) -> Array:
    return jnp.sum(jax.nn.relu6(a) * E) + jnp.sum(jax.nn.hard_tanh(a))


@pytest.mark.parametrize(("fn", "constants"), [(huber, {1.5}), (clamped, {2.0, 6.0, 8.25}), (library, {6.0, 1.0})])
def test_found_in_the_jaxpr_as_operands_of_choices(fn: Callable[..., Any], constants: set[float]) -> None:
    problem = Problem(fn, lambda a, E: a, (DOMAINS["real"],) * 2)
    assert constants <= set(constants_of(problem).thresholds()[: len(constants) + 1])


def test_recursive_and_odd_objects_end() -> None:
    def loop(a: Array) -> Array:
        return loop(a) if a > 15.5 else a

    itself: list[Any] = [14.5]
    itself.append(itself)
    assert 15.5 in mine(loop).thresholds()
    assert 14.5 in mine(functools.partial(loop, itself)).thresholds()
    assert mine(len).thresholds() == ()
    assert mine(closing_over(10**400)).thresholds() == ()


def test_names_of_arguments() -> None:
    assert signature_names(lambda a, E: a, 2) == ("a", "E")
    assert signature_names(lambda *xs: xs, 2) == ("x0", "x1")
    assert len(signature_names(np.maximum, 2)) == 2
