"""`check_gradient` on questions that it once answered wrongly."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

import oracle
from oracle.witnesses import certified

pytestmark = pytest.mark.usefixtures("little_evidence")

Array = Any

check = partial(oracle.check_gradient, database=None)


def power_grad(a: Array) -> Array:
    return np.where(a > 0, 1.5 * np.sqrt(abs(a)), 0.0)


@pytest.mark.longer
@pytest.mark.parametrize(
    "fn",
    [lambda a: jnp.sum(jnp.where(a > 0, a * jnp.sqrt(a), 0.0)), lambda a: jnp.sum(jnp.where(a > 0, a, 0.0) ** 1.5)],
    ids=["a branch", "a power"],
)
def test_a_difference_quotient_that_vanishes_like_the_root_of_the_step_is_zero(fn: Any) -> None:
    (found,) = certified(fn, (np.zeros(1),))
    assert found.midpoint()[0] == 0
    few: Any = {"lengths": (1, 3), "examples": 20}
    assert check(fn, power_grad, ("real",), **few)
    report = check(fn, lambda a: np.where(a == 0, 1e-9, power_grad(a)), ("real",), **few)
    assert report.verdict == "wrong"
    assert report.expected == 0


def test_a_maximum_of_huge_equal_numbers_has_the_derivative_that_its_exponentials_have() -> None:
    def softmax(a: Array) -> Array:
        e = np.exp(a - a.max())
        return e / e.sum()

    huge = (st.just(np.full(8, 1e100)),)
    report = check(jax.scipy.special.logsumexp, softmax, huge, examples=5)
    assert report
    assert not report.notes
    (found,) = certified(jax.scipy.special.logsumexp, (np.full(8, 1e100),))
    assert not found.kink.any()
    assert np.array_equal(found.midpoint(), np.full(8, 0.125))


def test_small_entries_beside_huge_ones_have_a_derivative_by_differences() -> None:
    def cubes(a: Array) -> Array:
        return jnp.sum(abs(a) ** 3)

    (found,) = certified(cubes, (np.array([0.0, -1e8, 1e16, 1e100]),))
    assert np.allclose(found.midpoint(), [0, -3e16, 3e32, 3e200], rtol=1e-15)
    report = check(cubes, lambda a: 3 * a * abs(a), ("real",), lengths=(1, 5))
    assert report
    assert report.tried.undecided == 0


@pytest.mark.parametrize("fn", [lambda a, E: 0, lambda a, E: jnp.int32(3)], ids=["Python", "JAX"])
def test_a_whole_number_is_a_constant_with_the_derivative_zero(fn: Any) -> None:
    report = check(fn, lambda a, E: 0 * a, ("real", "real"), lengths=(1, 4))
    assert report
    assert report.certified
    assert report.tried.undecided == 0
    assert check(fn, lambda a, E: a, ("real", "real"), lengths=(1, 4)).verdict == "wrong"


def random_cost(a: Array) -> Array:
    return jnp.sum(a * a * (1 + 1e-3 * np.random.default_rng().standard_normal(a.size)))


def counting(first: int, fn: Any = lambda a: jnp.sum(a * a)) -> Any:
    """A cost that counts its calls, from one of them on."""
    calls = []

    def cost(a: Array) -> Any:
        calls.append(0)
        return fn(a) * max(1, len(calls) - first)

    return cost


@pytest.mark.parametrize(
    "fn",
    [
        random_cost,
        counting(0),
        counting(12),
        counting(0, lambda a: sum(float(x) ** 2 for x in a)),
        counting(0, lambda a: (a * a).sum() if a[0] > 0 else a.sum()),
    ],
    ids=["random", "counting", "counting late", "on floats", "on balls"],
)
def test_a_cost_that_is_another_at_every_call_has_no_verdict(fn: Any) -> None:
    report = check(fn, lambda a: 2 * a, ("unit",))
    assert report.verdict == "undecided"
    assert report.tried.right == 0
    assert "another value at a second call with the same arguments" in str(report)
    assert not report.diagnosis


def test_a_custom_rule_that_returns_a_value_of_its_own_is_no_changing_cost() -> None:
    @jax.custom_vjp
    def cost(a: Array) -> Array:
        return jnp.sum(a * a)

    cost.defvjp(lambda a: (jnp.sum(a * a) + 1.0, a), lambda a, c: (2 * a * c,))
    assert check(cost, lambda a: 2 * a, ("unit",), lengths=(1, 3), examples=10)
    assert check(cost, lambda a: 2.001 * a, ("unit",), lengths=(1, 3), examples=10).verdict == "wrong"


def test_what_grad_does_to_its_arguments_is_wrong_whatever_the_cost_is() -> None:
    def spoils(a: Array) -> Array:
        a *= 2
        return a

    report = check(random_cost, spoils, ("unit",))
    assert report.verdict == "wrong"
    assert report.diagnosis == ("It changes its argument 0",)


def test_no_warning_leaks_where_an_answer_is_infinite_beside_the_point() -> None:
    """The tests turn warnings into errors: (1 − a) is 0 in float32 for the a next to 1."""

    def cross_entropy(a: Array, E: Array) -> Array:
        return -jnp.sum(E * jnp.log(a) + (1 - E) * jnp.log(1 - a))

    def in_float32(a: Array, E: Array) -> Array:
        a, E = a.astype(np.float32), E.astype(np.float32)
        return ((a - E) / (a * (1 - a))).astype(np.float64)

    assert check(cross_entropy, in_float32, ("unit", "closed_unit"), lengths=(1, 4)).verdict != "right"


@pytest.mark.parametrize(
    ("domains", "words"),
    [
        ((npst.arrays(np.float64, 0),), "argument 0 draws only arrays without entries"),
        ((st.lists(st.floats(), max_size=0),), "argument 0 draws only arrays without entries"),
        ((st.text(), "unit"), "argument 0 draws a str"),
        (("unit", st.none()), "argument 1 draws a NoneType"),
        ((st.nothing(),), "argument 0 draws nothing"),
        ((npst.arrays(np.complex128, 3),), "argument 0 draws complex numbers"),
        ((st.lists(st.lists(st.floats(0, 1), max_size=3), min_size=5),), "must draw arrays of real numbers"),
        ((st.builds(lambda: 1 / 0),), "raised ZeroDivisionError as it drew"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_strategy_that_draws_no_arrays_of_numbers_is_refused_in_a_sentence(domains: Any, words: str) -> None:
    with pytest.raises(oracle.CannotJudge, match=words) as found:
        check(lambda a, *rest: jnp.sum(a**2), lambda a, *rest: 2 * a, domains, examples=12)
    assert "\n" not in str(found.value)


def test_a_strategy_that_draws_arrays_without_entries_at_times_is_judged_by_the_others() -> None:
    drawn = (npst.arrays(np.float64, st.integers(0, 3), elements=st.floats(-9, 9)),)
    report = check(lambda a: jnp.sum(a**2), lambda a: 2 * a, drawn, examples=20)
    assert report
    assert all(shape != (0,) for (shape,) in report.tried.shapes)


def test_a_loop_that_jax_does_not_differentiate_is_compiled_once_for_a_shape() -> None:
    calls = []

    def looped(a: Array) -> Array:
        calls.append(a.shape)
        return jax.lax.while_loop(lambda c: c[0] < 3, lambda c: (c[0] + 1, c[1] * jnp.sum(a)), (0, 1.0))[1]

    report = check(looped, lambda a: np.full(a.shape, 3 * np.sum(a) ** 2), ("unit",), lengths=(1, 6), examples=12)
    assert report.verdict == "right"
    assert len(calls) < 8 * len(report.tried.shapes)
