"""Booleans of which some are open: what is made of them is open exactly where it depends on those."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.balls.jaxpr import evaluate as in_arb
from oracle.balls.midpoint_radius.array import Condition, MidRad, exactly
from oracle.balls.midpoint_radius.conditions import COMPARED, LOGIC
from oracle.balls.midpoint_radius.decisions import as_whole
from oracle.balls.midpoint_radius.interpreter import evaluate
from oracle.balls.primitives.equation import Equation
from oracle.witnesses.tracing import double_precision

#: Every value of two booleans, and whether each is open.
VALUES = np.array([*product([False, True], repeat=4)]).T
MEANING: dict[str, Callable[[Any, Any], Any]] = {
    "and": lambda a, b: a and b,
    "or": lambda a, b: a or b,
    "xor": lambda a, b: a != b,
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "max": max,
    "min": min,
}


@pytest.mark.parametrize("name", [*MEANING], ids=str)
def test_what_two_conditions_make_is_open_where_it_depends_on_them(name: str) -> None:
    first, first_open, second, second_open = VALUES
    handler = {**LOGIC, **COMPARED}[name]
    found = handler(Equation(name, {}, []), Condition(first, first_open), Condition(second, second_open))
    assert isinstance(found, Condition)
    for k in range(VALUES.shape[1]):
        possible = {
            MEANING[name](a, b)
            for a in {bool(first[k]), bool(first[k] ^ first_open[k])}
            for b in {bool(second[k]), bool(second[k] ^ second_open[k])}
        }
        assert found.open[k] == (len(possible) == 2)
        assert bool(found.value[k]) in possible


def of(fn: Callable[..., Any], x: float | list[float]) -> list[Any]:
    with double_precision():
        closed = jax.make_jaxpr(fn)(np.asarray(x))
    return evaluate(closed, [np.asarray(x)])


@pytest.mark.parametrize(
    "fn",
    [
        pytest.param(lambda x: jnp.where((x * 10 > 1) == (x > 1), x, 2 * x), id="equal"),
        pytest.param(lambda x: jnp.where((x * 10 > 1) != (x > 1), 2 * x, x), id="not equal"),
        pytest.param(lambda x: jnp.where(jnp.maximum(x * 10 > 1, x > 1), 2 * x, x), id="the greater"),
        pytest.param(lambda x: jnp.where(jnp.max(x * 10 > 1), 2 * x, x), id="the greatest"),
        pytest.param(lambda x: jnp.where((x * 10 > 1) > (x > 1), 2 * x, x), id="greater"),
    ],
)
def test_an_open_condition_stays_open_on_its_way(fn: Callable[..., Any]) -> None:
    (found,) = of(fn, [0.1])
    assert found.lower <= 0.1
    assert found.upper >= 0.2


@pytest.mark.parametrize(
    "fn",
    [
        pytest.param(lambda x: x[jnp.argmax(x * 10 > 1)], id="argmax"),
        pytest.param(lambda x: jnp.where((x * 10 > 1)[jnp.array([1, 0])], x, 2 * x), id="gather"),
        pytest.param(lambda x: jnp.abs(jnp.fft.fft(x)), id="complex numbers"),
        pytest.param(lambda x: jnp.where(x + 0j == 0.5, x, 2 * x), id="a complex comparison"),
    ],
)
def test_what_is_not_known_of_conditions_and_complex_numbers_goes_up_a_tier(fn: Callable[..., Any]) -> None:
    with pytest.raises(UnsupportedPrimitive):
        of(fn, [0.1, 0.5])


def test_the_python_remainder_and_the_median_of_ordinary_numbers() -> None:
    """Their jaxprs compare conditions, and gather a single entry."""
    (found,) = of(lambda x: x % 3, [5.0, 3.0, -4.0])
    assert isinstance(found, MidRad)
    assert found.midpoint[[0, 2]].tolist() == [2.0, 2.0]
    assert np.isinf(found.radius[1])
    (middle,) = of(jnp.median, [5.0, 3.0, -4.0, 2.0])
    assert float(middle.midpoint) == 2.5


def test_no_number_is_not_the_constant_0() -> None:
    def difference(x: Any) -> Any:
        return jnp.where(x > 0, 0.0, x) - jnp.where(x > 0, jnp.nan, x)

    (found,) = of(difference, [1.0, -1.0])
    assert np.isinf(found.radius[0])
    assert found.radius[1] == 0


@pytest.mark.parametrize(("x", "dtype"), [(1e15, np.int32), (-1.5, np.uint8), (300.0, np.uint8), (2.0**63, np.int64)])
def test_what_is_no_number_of_the_dtype_is_undecidable(x: float, dtype: Any) -> None:
    with double_precision():
        closed = jax.make_jaxpr(lambda x: x.astype(dtype) * 1.0)(x)
    for run in (evaluate, in_arb):
        with pytest.raises(Undecidable):
            run(closed, [np.asarray(x)])  # type: ignore[operator]


@pytest.mark.parametrize(("x", "dtype"), [(2147483647.5, np.int32), (-0.5, np.uint8), (255.9, np.uint8)])
def test_its_ends_are(x: float, dtype: Any) -> None:
    with double_precision():
        closed = jax.make_jaxpr(lambda x: x.astype(dtype))(x)
    for run in (evaluate, in_arb):
        (found,) = run(closed, [np.asarray(x)])  # type: ignore[operator]
        assert found == int(x)


@pytest.mark.parametrize(
    ("x", "fits"), [(-(2.0**63), True), (2.0**63 - 1024, True), (2.0**63, False), (-(2.0**63) - 2048, False)]
)
def test_whole_numbers_end_where_their_dtype_does(x: float, fits: bool) -> None:
    if fits:
        assert as_whole(exactly(np.array([x])), np.int64).tolist() == [int(x)]
    else:
        with pytest.raises(Undecidable, match="integer"):
            as_whole(exactly(np.array([x])), np.int64)
