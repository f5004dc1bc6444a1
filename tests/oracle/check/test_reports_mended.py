"""What a report claims is so, its sentences and what it refuses to say; one test for each claim that was once false."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.database import InMemoryExampleDatabase
from hypothesis.extra.numpy import arrays

import oracle
from oracle import CannotJudge, Report

Array = Any
check = partial(oracle.check_gradient, database=None, examples=30)
check_vjp = partial(oracle.check_vjp, database=None, examples=12, lengths=(1, 4))


def square(a: Array) -> Array:
    return (a * a).sum()


def output_of(snippet: str, capsys: pytest.CaptureFixture[str], **known: Any) -> str:
    """What a snippet prints where its imports are those of this module."""
    exec(snippet, known)
    return capsys.readouterr().out


def overwriting(a: Array, c: Array) -> tuple[Array, ...]:
    c *= np.cos(a)
    return (c.copy(),)


def handing_on(a: Array, c: Array) -> tuple[Array, ...]:
    return (c,)


def test_a_product_leaves_the_cotangent_alone(capsys: pytest.CaptureFixture[str]) -> None:
    report = check_vjp(jnp.sin, overwriting)
    assert report.verdict == "wrong"
    assert report.diagnosis[0].startswith("It changes its cotangent")
    before, after = output_of(report.reproduction, capsys).splitlines()
    assert before != after


def test_a_product_may_hand_its_cotangent_on_and_the_first_lines_say_so() -> None:
    report = check_vjp(lambda a: a * 1.0, handing_on)
    assert report
    assert any("memory of argument 1 itself" in line for line in str(report).splitlines()[1:3])


def test_what_leaves_the_cotangent_alone_is_right() -> None:
    assert check_vjp(jnp.sin, lambda a, c: (c * np.cos(a),))
    assert check_vjp(lambda a: a * 1.0, lambda a, c: (c.copy(),))
    assert check_vjp(lambda a: a * 1.0, lambda a, c: (jnp.asarray(c),)), "an array that nobody can write to"


def test_torch_may_hand_the_cotangent_on() -> None:
    """As its own rules do, of whose results torch takes care."""
    torch = pytest.importorskip("torch")
    from oracle.candidate.custom_rules import rule

    class Identity(torch.autograd.Function):  # type: ignore[name-defined]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x.clone()

        @staticmethod
        def backward(ctx: Any, c: Any) -> Any:
            return c

    own = rule(Identity)
    assert own is not None
    assert check_vjp(own.fn, own.vjp)


def refusal(judge: Callable[..., Report], *args: Any, **options: Any) -> str:
    with pytest.raises(CannotJudge) as found:
        judge(*args, **options)
    assert "\n" not in str(found.value)
    return str(found.value)


@pytest.mark.parametrize("timeout", [-1, 0, "3", True, np.nan, 1e300])
def test_a_timeout_is_a_positive_number(timeout: Any) -> None:
    assert refusal(check, square, lambda a: 2 * a, ("real",), timeout=timeout).startswith(
        f"timeout = {timeout!r}: give"
    )


@pytest.mark.parametrize("seed", ["x", -1, 1.5, None])
def test_a_seed_is_a_whole_number(seed: Any) -> None:
    assert refusal(check_vjp, jnp.sin, overwriting, seed=seed) == f"seed = {seed!r}: give a whole number of at least 0"


@pytest.mark.parametrize(("value", "words"), [((1.0, 2.0), "a tuple"), ([1.0], "a list"), (None, "None")])
def test_a_product_is_that_of_one_array(value: Any, words: str) -> None:
    sentence = refusal(check_vjp, lambda a: value, lambda a, c: (c,))
    assert sentence == f"fn returned {words}; it must return one array"


@pytest.mark.parametrize("domain", ["simplex", "closed_simplex", "one_hot"])
def test_one_number_has_no_axis_for_a_simplex(domain: str) -> None:
    sentence = refusal(check, square, lambda a: 2 * a, (domain,), shapes=((),))
    assert sentence == f"shapes = ((),): argument 0 is one number, and {domain} has entries along an axis"


def test_exchanged_arguments_are_seen_at_wrong_points_too() -> None:
    """The truth says what a right gradient would return there."""

    def cross_entropy(a: Array, E: Array) -> Array:
        return -(E * jnp.log(a) + (1 - E) * jnp.log(1 - a)).sum()

    report = check(cross_entropy, lambda a, E: (a - E) / (a * (1 - a) + 1e-7), ("unit", "closed_unit"), lengths=(1, 4))
    assert report.verdict == "wrong"
    assert report.power is not None
    assert "arguments exchanged" in report.power.seen


def test_exchanged_arguments_of_a_symmetric_cost_stay_unseen() -> None:
    report = check(lambda a, E: ((a + E) ** 2).sum(), lambda a, E: a + E, ("real", "real"))
    assert report.power is not None
    assert "arguments exchanged (it changes nothing at the points tried)" in report.power.unseen


def test_what_holds_at_some_kinks_is_not_said_of_all_points() -> None:
    """At (0, 0, 0) it is 2, which lies between nothing; at other ties it is 1 for each."""
    report = check(jnp.max, lambda a: np.where(np.all(a == 0), 2.0, (a == a.max()) * 1.0), ("real",), shapes=((3,),))
    assert (report.verdict, report.expected, report.got) == ("wrong", (0.0, 1.0), 2.0)
    assert report.diagnosis[-1].startswith(
        "At some of the kinks every component lies between the one-sided derivatives"
    )


@pytest.mark.longer
def test_the_middle_of_three_that_is_told_by_equality_is_none_at_any_tie() -> None:
    report = check(jnp.median, lambda a: (a == np.sort(a)[1]) * 1.0, ("real",), shapes=((3,),), examples=45)
    assert (report.verdict, report.expected, report.got) == ("wrong", (0.0, 1.0), 1.0)
    (said,) = report.diagnosis
    assert said.startswith("At a kink every component lies between the one-sided derivatives")


def test_what_holds_at_every_kink_is_said_of_a_kink() -> None:
    """Of (0, …, 0) the maximum has subgradients that sum to 1."""
    report = check(jnp.max, lambda a: (a == a.max()) * 1.0, ("real",))
    assert report.verdict == "wrong"
    assert report.diagnosis[0].startswith("At a kink every component lies between the one-sided derivatives")


@pytest.mark.longer
def test_a_factor_is_not_fitted_to_a_single_size() -> None:
    def fn(a: Array) -> Array:
        return jnp.where(abs(a) > 3, 6 * abs(a) - 9, a * a).sum()

    def grad(a: Array) -> Array:
        return np.where(abs(a) > 3.0001, 6 * np.sign(a), 2 * a)

    report = check(fn, grad, ("real",), examples=90)
    assert report.verdict == "wrong"
    assert report.diagnosis == ("It is right except in a range that begins at |a| = 3",)


INDICES = arrays(np.int64, (3,), elements=st.integers(0, 4))


def gathered(a: Array, i: Array) -> Array:
    return (a[i] ** 2).sum()


def gathered_gradient(a: Array, i: Array) -> Array:
    out = np.zeros_like(a)
    np.add.at(out, i, 2 * a[i])
    return out


def repeated_once(a: Array, i: Array) -> Array:
    out = np.zeros_like(a)
    out[i] += 2 * a[i]
    return out


@pytest.mark.longer
def test_integers_of_a_strategy_are_integers(capsys: pytest.CaptureFixture[str]) -> None:
    options: Any = {"domains": ("real", INDICES), "shapes": ((5,), (3,)), "examples": 15}
    assert check(gathered, gathered_gradient, **options).certified
    store = InMemoryExampleDatabase()
    report = check(gathered, repeated_once, **{**options, "database": store})
    assert report.verdict == "wrong"
    assert report.counterexample is not None
    assert [a.dtype for a in report.counterexample] == [np.float64, np.int64]
    assert all(isinstance(i, int) for i in report.to_dict()["counterexample"]["i"])
    assert float(output_of(report.reproduction, capsys)) == report.got
    again = check(gathered, repeated_once, **{**options, "database": store})
    assert again.tried.patterns[0] == "failed before"


def test_a_mask_stays_a_mask_and_what_is_differentiated_is_real() -> None:
    masks: Any = {"domains": ("real", arrays(np.bool_, (4,))), "shapes": ((4,), (4,)), "examples": 15}

    def fn(a: Array, m: Array) -> Array:
        return jnp.where(m, a * a, a).sum()

    assert check(fn, lambda a, m: np.where(m, 2 * a, 1), **masks)
    assert check(fn, lambda a, m: np.where(~m, 2 * a, 1), **masks).verdict == "wrong"
    assert check(square, lambda a: 2 * a if a.dtype == np.float64 else 3 * a, (INDICES,))


@pytest.mark.longer
def test_an_integer_of_few_bits_is_said_in_the_snippet(capsys: pytest.CaptureFixture[str]) -> None:
    labels = arrays(np.int32, (), elements=st.integers(0, 4))

    def shifted(z: Array, y: Array) -> Array:
        out = np.exp(z) / np.exp(z).sum()
        out[y - 1] -= 1
        return out

    report = check(
        lambda z, y: jax.nn.logsumexp(z) - z[y], shifted, ((-3.0, 3.0), labels), shapes=((5,), ()), examples=10
    )
    assert "y = np.array(0, dtype=np.int32)" in report.reproduction
    assert float(output_of(report.reproduction, capsys, shifted=shifted)) == report.got
