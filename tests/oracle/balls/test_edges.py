"""Edges that no larger test goes to: balls that touch, exact numbers that are no floats, NaN, empty powers, words."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flint import arb

from oracle.balls import decisions
from oracle.balls import real_functions as real
from oracle.balls.arrays import lift, precision, round_up
from oracle.balls.ball import Ball
from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.balls.jaxpr import evaluate
from oracle.balls.watch import watch_ties


@pytest.mark.parametrize("compared", [decisions.lt, decisions.ge])
def test_balls_that_touch_are_not_told_apart(compared: Callable[..., bool]) -> None:
    low = arb(0.5, 0.5)
    high = low.upper()
    assert low <= high
    for x, y in ((low, high), (high, low)):
        with pytest.raises(Undecidable):
            compared(x, y)


def test_an_exact_number_that_is_no_float_is_none() -> None:
    with precision(200):
        near_one = Ball(arb(1) + arb(2) ** -100)
        with pytest.raises(TypeError, match="is no float"):
            float(near_one)
        with pytest.raises(TypeError, match="is no float"):
            float(Ball(arb(1, 1e-9)))
        assert float(Ball(0.5)) == 0.5


def test_a_ball_says_what_it_is() -> None:
    assert repr(Ball(0.5)).startswith("Ball(0.5")
    assert "+/-" in repr(Ball(arb(1, 1e-3)))


def test_rounded_up_is_no_less() -> None:
    with precision(200):
        assert round_up(arb(1) + arb(2) ** -100) == np.nextafter(1.0, 2.0)
        assert round_up(arb(1)) == 1.0
        assert round_up(arb("nan")) == np.inf


def test_functions_where_they_end() -> None:
    assert real.lgamma(arb(0)).is_nan()
    assert real.lgamma(arb(0, 1)).is_nan()
    assert real.lgamma(arb(3)).contains(arb(2).log())
    assert real.integer_power(arb(3), 0) == 1
    assert real.integer_power(arb(2), -3) == 0.125
    assert real.logaddexp(arb(3), real.MINUS_INF) == 3
    assert real.logaddexp(real.MINUS_INF, arb(3)) == 3


def test_choices_are_kept_only_where_they_are_asked_for() -> None:
    with watch_ties() as watch:
        np.maximum(lift([1.0, 2.0]), lift([2.0, 1.0]))
    assert list(watch.trail) == []


def test_a_program_is_given_all_its_arguments() -> None:
    closed = jax.make_jaxpr(lambda x, y: x + y)(jnp.zeros(2), jnp.zeros(2))
    with pytest.raises(ValueError, match="zip"):
        evaluate(closed, [np.zeros(2)])


def test_the_greatest_of_a_block_of_lines() -> None:
    x = np.arange(12.0).reshape(2, 2, 3)
    closed = jax.make_jaxpr(lambda x: jax.lax.top_k(x, 2)[0])(jnp.asarray(x))
    (found,) = evaluate(closed, [lift(x)])
    assert np.vectorize(lambda b: float(arb(b.arb if isinstance(b, Ball) else b)))(found).tolist() == [
        [[2.0, 1.0], [5.0, 4.0]],
        [[8.0, 7.0], [11.0, 10.0]],
    ]


def test_what_has_no_ball_arithmetic_is_named() -> None:
    assert str(UnsupportedPrimitive("sing")) == "primitive 'sing' has no ball arithmetic"
    assert str(UnsupportedPrimitive("sing", "out of tune")) == "primitive 'sing' has no ball arithmetic: out of tune"


def test_a_number_becomes_an_integer_towards_zero_where_it_has_one() -> None:
    assert [decisions.to_integer(arb(x)) for x in (2.75, -2.75, 0.0)] == [2, -2, 0]
    for endless in (real.INF, arb("nan")):
        with pytest.raises(Undecidable):
            decisions.to_integer(endless)
