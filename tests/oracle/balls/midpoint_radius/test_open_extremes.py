"""An open extreme is one of the entries all the same; zeros stay exactly zero beside what is tiny."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from oracle.balls.arrays import precision
from oracle.balls.jaxpr import evaluate as in_arb
from oracle.balls.midpoint_radius.interpreter import evaluate
from oracle.balls.midpoint_radius.rounding import Rounding, bounding
from oracle.witnesses.tracing import double_precision

from .random_programs import holds

#: Twice the same product of 0.1 and 0.3, and one that is further off.
TIED = np.array([[0.1, 0.3, 0.1], [0.5, 0.5, -0.2]])
WEIGHTS = np.array([[0.3, 0.1, 0.2], [0.7, 0.7, 0.1]])


def traced(fn: Callable[..., Any], *args: Any) -> Any:
    with double_precision():
        return jax.make_jaxpr(fn)(*args)


def shares(z: Any, top: Any) -> Any:
    e = jnp.exp(z - top)
    return jnp.sum((e / jnp.sum(e, axis=1, keepdims=True)) ** 2)


@pytest.mark.parametrize("extreme", [jnp.max, jnp.min])
@pytest.mark.parametrize("axis", [1, (1,)])
def test_the_shift_of_a_softmax_costs_nothing_where_several_are_the_greatest(extreme: Any, axis: Any) -> None:
    def shifted(x: Any) -> Any:
        z = x * WEIGHTS
        return shares(z, extreme(z, axis=axis, keepdims=True))

    (found,) = evaluate(traced(jax.grad(shifted), TIED), [TIED])
    assert np.max(found.radius) < 1e-14
    with precision(200):
        (truth,) = in_arb(traced(jax.grad(lambda x: shares(x * WEIGHTS, 0.0)), TIED), [TIED])
        assert holds(found, truth)


def test_the_derivative_of_an_open_maximum_is_shared_somehow() -> None:
    (found,) = evaluate(traced(jax.grad(lambda x: jnp.sum(jnp.max(x * WEIGHTS, axis=1))), TIED), [TIED])
    one_each = WEIGHTS * [[1, 0, 0], [0, 1, 0]]
    for share in (one_each, WEIGHTS * [[0, 1, 0], [1, 0, 0]], WEIGHTS * [[0.5, 0.5, 0], [0.5, 0.5, 0]]):
        assert np.all((found.lower <= share) & (share <= found.upper))
    assert np.max(found.upper) < 0.71
    assert np.all(found.radius[:, 2] == 0)


@pytest.mark.parametrize(
    ("equal", "axis"),
    [
        pytest.param(lambda z: z + 0.0 == jnp.max(z, axis=1, keepdims=True), 1, id="another array"),
        pytest.param(lambda z: z == jnp.max(z, axis=1, keepdims=True), 0, id="another axis"),
        pytest.param(lambda z: (z == jnp.max(z, axis=1, keepdims=True))[:, :1], 1, id="a part"),
        pytest.param(lambda z: z == jnp.max(z[:, :2] * 1.0, axis=1, keepdims=True), 1, id="of a part"),
        pytest.param(lambda z: z == jnp.max(z, axis=1)[::-1, None], 1, id="of another line"),
    ],
)
def test_nothing_is_known_of_other_sums(equal: Callable[..., Any], axis: int) -> None:
    none = 1 / (0 - 0.25)
    found, known = (count_of(equal, axis), count_of(lambda z: z == jnp.max(z, axis=1, keepdims=True), 1))
    assert np.any((found.lower <= none) & (none <= found.upper))
    assert not np.any((known.lower <= none) & (none <= known.upper))


def test_what_may_be_no_number_equals_nothing() -> None:
    """The logarithm of what may be negative."""

    def count(x: Any) -> Any:
        z = jnp.log(x * WEIGHTS - 0.03)
        return jnp.sum((z == jnp.max(z, axis=1, keepdims=True)).astype(float), axis=1)

    (found,) = evaluate(traced(count, TIED), [TIED])
    assert np.all(found.lower[:1] <= 0)


def count_of(equal: Callable[..., Any], axis: int) -> Any:
    """1/(n − ¼) for the number n of those that are equal."""
    (found,) = evaluate(
        traced(lambda x: 1.0 / (jnp.sum(equal(x * WEIGHTS).astype(float), axis=axis) - 0.25), TIED), [TIED]
    )
    return found


def test_rounding_follows_the_entry_of_the_greatest_midpoint() -> None:
    def shifted(x: Any) -> Any:
        z = x * WEIGHTS
        return shares(z, jnp.max(z, axis=1, keepdims=True))

    with bounding(Rounding(2.0**-24, any_order=True, follows=True)):
        (found,) = evaluate(traced(jax.grad(shifted), TIED), [TIED])
    assert 1e-9 < np.max(found.radius) < 1e-5


def test_zero_stays_zero() -> None:
    """Through quotients, and through products with zeros beside what is so small that its products underflow."""
    x, w = np.array([[0.0, 0.0], [1e-200, 1.0]]), np.array([[2.0, 3.0], [1e-200, 5.0]])
    closed = traced(lambda x, w: ((x / (1 + jnp.abs(w))) @ w, x @ w), x, w)
    for found in evaluate(closed, [x, w]):
        assert np.all(found.midpoint[0] == 0)
        assert np.all(found.radius[0] == 0)
        assert np.all(found.radius[1] > 0)
