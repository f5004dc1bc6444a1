"""`check_gradient`: the four verdicts, and how small a mistake is seen in which precision."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest

from oracle import Report, Verdict

from ...sweeps import thinned
from .pairs import REAL2, UNIT, check, cost, cross_entropy, cross_entropy_grad

Array = Any


def is_proved(report: Report) -> bool:
    return report.verdict == "wrong" and report.certified and "proved" in report.how


def test_a_right_gradient_is_right_and_says_what_was_tried() -> None:
    report = check(cross_entropy, cross_entropy_grad)
    assert report
    assert report.verdict is Verdict.RIGHT
    assert report.certified
    assert report.counterexample is None
    assert report.tried.points == report.tried.certified == 24
    assert report.power is not None
    assert len(report.power.seen) > 15
    assert not report.diagnosis


def test_a_wrong_gradient_is_wrong_and_says_where_and_why() -> None:
    report = check(cost, lambda a, E: 2 * (a - E), REAL2)
    assert not report
    assert is_proved(report)
    assert report.component == (0,)
    assert report.expected is not None
    assert report.got == 2 * report.expected
    assert any("2 times" in sentence for sentence in report.diagnosis)
    a, E = report.counterexample or ()
    assert a.shape == E.shape == (1,), "shrunk to one entry"


def test_what_is_proved_stays_proved_when_it_is_shrunk() -> None:
    """At 0 the code of elu ties, and differences alone say that its slope is 1."""

    def elu(x: Array) -> Array:
        return jnp.sum(jax.nn.elu(x) * jnp.array([1.25, -0.5, 0.75]))

    def grad(x: Array) -> Array:
        return np.where(x > 0, 1.0, np.where(x < -3, 0.0, np.exp(x))) * np.array([1.25, -0.5, 0.75])

    report = check(elu, grad, ("real",), shapes=[(3,)], examples=8)
    assert is_proved(report)


@pytest.mark.longer
def test_lost_digits_are_inaccurate() -> None:
    def softplus(z: Array) -> Array:
        return jnp.logaddexp(z, 0.0).sum()

    def through_the_exponential(z: Array) -> Array:
        return np.exp(z) / (1 + np.exp(z))

    report = check(softplus, through_the_exponential, ("real",))
    assert report.verdict == "inaccurate"
    assert report.expected == 1
    assert np.isnan(report.got)
    assert any("digits are lost at" in note for note in report.notes)


def test_without_a_truth_it_is_undecided_and_says_why() -> None:
    rng = np.random.default_rng(0)

    def sampled(a: Array) -> float:
        return float(((a + rng.normal(0, 0.1, (100, a.size))) ** 2).mean(axis=0).sum())

    for factor in (1, 2):
        report = check(sampled, lambda a, f=factor: f * a, ("unit",), lengths=(1, 3))
        assert report.verdict == "undecided"
        assert not report
        assert not report.certified
        assert "differences in floats" in report.how
        assert "extrapolated differences in floats" in report.why_not


def test_a_gradient_that_is_nowhere_finite_is_not_called_right_mathematics() -> None:
    report = check(cost, lambda a, E: a * np.nan, REAL2)
    assert report.verdict == "wrong"
    assert report.diagnosis == ("It is not finite at any of the 24 points tried",)


def off_in_the_first(relative: float, a: Array, E: Array) -> Array:
    gradient = cross_entropy_grad(a, E)
    gradient[0] = gradient[0] * (1 + relative)
    return gradient


@pytest.mark.parametrize("relative", thinned([1e-3, 1e-6, 1e-9, 1e-12], 3))
def test_a_relative_error_in_one_component_is_proved_wrong(relative: float) -> None:
    report = check(cross_entropy, partial(off_in_the_first, relative), UNIT, lengths=(1, 4), examples=15)
    assert is_proved(report)
    assert report.component == (0,)
    assert report.expected is not None
    assert report.got == pytest.approx(report.expected * (1 + relative), rel=1e-14)


def test_no_relative_error_is_right() -> None:
    assert check(cross_entropy, partial(off_in_the_first, 0.0), UNIT, lengths=(1, 4), examples=15)


def in_dtype(dtype: Any, relative: float, a: Array, E: Array) -> Array:
    gradient = (a - E).astype(dtype)
    gradient[0] = (gradient[0].astype(np.float64) * (1 + relative)).astype(dtype)
    return gradient


@pytest.mark.parametrize(
    ("dtype", "relative"),
    [(np.float64, 1e-12), (np.float32, 1e-5), (np.float16, 2e-2), (ml_dtypes.bfloat16, 1e-1)],
)
def test_the_dtype_that_comes_back_is_what_is_judged(dtype: Any, relative: float) -> None:
    lengths = (1, 4)
    assert check(cost, partial(in_dtype, dtype, 0.0), REAL2, lengths=lengths)
    examples = 24 if dtype == np.float64 else 60  # in few bits it takes many points
    report = check(cost, partial(in_dtype, dtype, relative), REAL2, lengths=lengths, examples=examples)
    assert report.verdict == "wrong"
    assert report.component == (0,)


def test_float32_and_float64_by_jax_itself() -> None:
    automatic = jax.jit(jax.grad(cross_entropy))
    assert check(cross_entropy, automatic, UNIT, lengths=(1, 3), examples=15)
    with jax.enable_x64(True):
        assert check(cross_entropy, automatic, UNIT, lengths=(1, 3), examples=15)


def test_infinity_is_right_where_the_truth_is_beyond_the_floats() -> None:
    def reciprocal(a: Array) -> Array:
        return -jnp.log(a).sum()

    assert check(reciprocal, lambda a: -1 / a, ("positive",))
    report = check(reciprocal, lambda a: np.maximum(-1 / a, -1e300), ("positive",))
    assert report.verdict == "wrong"
    assert report.expected == -np.inf
    assert "beyond the largest float64" in str(report)
