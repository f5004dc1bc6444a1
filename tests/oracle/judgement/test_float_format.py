"""What the float format excuses, at its limits and one step beyond them."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest

from oracle.balls.arrays import lift_arb
from oracle.judgement.float_format import (
    ENDS,
    _neighbours,
    at_the_ends_of_the_floats,
    beside_branch,
    flushes,
    overflows,
    vanished,
)
from oracle.witnesses import Enclosure
from oracle.witnesses.enclosure import derivative
from oracle.witnesses.function import Function
from oracle.witnesses.prepare import prepare
from oracle.witnesses.truth import truth

Array = Any
DTYPES = {"float64": np.float64, "float32": np.float32, "float16": np.float16, "bfloat16": ml_dtypes.bfloat16}
LARGEST = {"float32": 2.0**128 - 2.0**104, "float16": 65504.0, "bfloat16": 2.0**128 - 2.0**120}


def enclosing(*values: float) -> Enclosure:
    return derivative(lift_arb(np.array(values)), rigorous=True, bits=200)


def of(fn: Any, *point: Array, bounds: tuple[float, float] | None = None) -> Function:
    return prepare(fn, point, 0, [bounds] * len(point))


@pytest.mark.parametrize("name", ["float32", "float16", "bfloat16"])
def test_infinity_is_right_beyond_the_largest_number_of_the_dtype_and_of_the_same_sign(name: str) -> None:
    largest = LARGEST[name]
    truth_here = enclosing(2 * largest, -2 * largest, 2 * largest, largest, -largest, 1.0)
    with np.errstate(over="ignore"):
        got = np.array([np.inf, -np.inf, -np.inf, np.inf, -np.inf, 1.0]).astype(DTYPES[name])
    assert overflows(got, truth_here).tolist() == [True, True, False, False, False, False]


@pytest.mark.parametrize("name", ENDS)
def test_squares_leave_the_floats_beyond_these_ends_and_not_at_them(name: str) -> None:
    largest, smallest = ENDS[name]
    most = {"float64": 2.0**511, "float32": 2.0**63, "bfloat16": 2.0**63, "float16": 2.0**7}[name]
    least = {"float64": 2.0**-510, "float32": 2.0**-62, "bfloat16": 2.0**-62, "float16": 2.0**-7}[name]
    assert (largest, smallest) == (most, least)
    got, beyond = np.array([1.0]).astype(DTYPES[name]), np.array([True])
    within = (largest, smallest, 0.0)
    for x in (*within, 2 * largest, -2 * largest, smallest / 2):
        ends = x not in within
        assert at_the_ends_of_the_floats((np.array([x]),), got, enclosing(1.0), beyond) is ends
        assert at_the_ends_of_the_floats((np.array([1.0]),), got, enclosing(x), beyond) is ends
    assert not at_the_ends_of_the_floats((np.array([1.0]),), got, enclosing(2 * largest), ~beyond), "another component"
    assert at_the_ends_of_the_floats((np.array([2.0**10]),), np.ones(1), enclosing(1.0), beyond, "float16")
    assert not at_the_ends_of_the_floats((np.array([2.0**10]),), np.ones(1), enclosing(1.0), beyond, "float8")


def test_what_is_right_with_its_subnormal_numbers_flushed_is_excused() -> None:
    x = np.array([1e-310, 2.0])
    function = of(lambda x: (jnp.maximum(x, 0.0) ** 2 + jnp.where(x > 0, x, 0.0)).sum(), x)
    beyond, limit = np.array([True, False]), np.full(2, 1e-15)
    assert flushes(function, (x,), np.array([0.0, 5.0]), beyond, limit)
    assert not flushes(function, (x,), np.array([3.0, 5.0]), beyond, limit)
    ordinary = np.array([1e-300, 2.0])
    assert not flushes(function, (ordinary,), np.array([0.0, 5.0]), beyond, limit), "nothing is subnormal"
    narrow = np.array([1e-39, 2.0])
    assert flushes(function, (narrow,), np.array([0.0, 5.0], dtype=np.float32), beyond, limit)
    assert not flushes(function, (narrow,), np.array([0.0, 5.0]), beyond, limit), "a normal number of float64"


def test_where_0_is_no_argument_flushing_says_nothing_about_the_mathematics() -> None:
    x = np.array([1e-310])
    assert flushes(of(lambda x: jnp.log(x).sum(), x), (x,), np.array([7.0]), np.array([True]), np.zeros(1))


def test_a_zero_is_a_loss_where_the_arguments_determine_another_number() -> None:
    x = np.array([20.0, 1.0])
    function = of(lambda x: jnp.tanh(x).sum(), x)
    here = truth(function, (x,)).enclosure
    exact = here.midpoint()
    assert vanished(function, (x,), np.array([0.0, exact[1]]), here) == (0,)
    assert vanished(function, (x,), exact, here) is None
    assert vanished(function, (x,), np.zeros(2, dtype=np.float16), here) == (1,), "4e-18 is below float16"
    edge = of(lambda x: jnp.tanh(x).sum(), x, bounds=(-np.inf, np.nextafter(20.0, 21.0)))
    assert vanished(edge, (np.array([20.0]),), np.zeros(1), enclosing(1e-17)) is None, "beside the edge of a domain"


def test_a_branch_is_beside_or_it_is_not() -> None:
    def fn(x: Array) -> Array:
        return jnp.where(x > 1.0, 3 * x - 2, x).sum()

    limit, beyond = np.full(1, 1e-15), np.array([True])
    for x, near in ((1.0, True), (np.nextafter(1.0, 2.0), True), (1.001, False), (0.999, False)):
        point = (np.array([x]),)
        function = of(fn, *point)
        here = truth(function, point).enclosure
        for got, right in ((3.0, near or x > 1), (1.0, near or x < 1), (2.0, near), (4.0, False), (0.0, False)):
            assert beside_branch(function, point, np.array([got]), here, beyond, limit) is right, (x, got)


def test_neighbours_have_all_arguments_moved_and_each_alone_up_and_down() -> None:
    point = tuple(np.array([v]) for v in (1.0, 2.0, 3.0))
    function = prepare(lambda a, b, c: (a * b * c).sum(), point, 0, [None] * 3)
    signs = [
        tuple(int(np.sign(m - x).item()) for m, x in zip(moved, point, strict=True))
        for moved in _neighbours(function, point, 53)
    ]
    alone = [(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1)]
    assert signs == [(1, 1, 1), (-1, -1, -1), *alone]
