"""Rounding or mathematics: errors at ties, of float32 on the way, of zeros; what is said of them, and where they are shown."""

from __future__ import annotations

from functools import partial
from itertools import product
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import oracle
from oracle.judgement.point import judge_point
from oracle.witnesses import certified
from oracle.witnesses.prepare import prepare

from ...sweeps import thinned

Array = Any

check = partial(oracle.check_gradient, database=None, lengths=(1, 5))


@pytest.mark.costly
@pytest.mark.longer
@pytest.mark.parametrize(
    ("limit", "tie"),
    thinned(product([5.0, 20.0, 100.0, 500.0, 1e3, 1e10, -7.0, -1e3], ["largest", "smallest", "every"]), 7),
)
def test_a_tie_that_is_wrong_beyond_a_threshold_is_met(limit: float, tie: str) -> None:
    def softmax(a: Array) -> Array:
        m = a.min() if tie == "smallest" else a.max()
        tied = np.count_nonzero(a == m)
        beyond = m > limit if limit > 0 else m < limit
        if beyond and (tied == a.size if tie == "every" else a.size > tied > 1):
            return np.eye(a.size)[np.argmax(a)]
        e = np.exp(a - a.max())
        return e / e.sum()

    report = check(jax.scipy.special.logsumexp, softmax, ("real",))
    assert (report.verdict, report.certified) == ("wrong", True)


def weighted(a: Array, E: Array) -> Array:
    return -jnp.sum(E * jnp.log(a))


@pytest.mark.parametrize(
    "grad",
    [
        lambda a, E: (-E.astype(np.float32) / a.astype(np.float32)).astype(np.float64),
        lambda a, E: -E / a.astype(np.float32).astype(np.float64),
    ],
    ids=["everything", "an argument"],
)
def test_what_float32_rounds_is_inaccurate_and_no_smooth_error(grad: Any) -> None:
    report = check(weighted, grad, ("unit", "unit"))
    assert report.verdict == "inaccurate"
    assert "float32" in report.how
    assert "smooth" not in str(report)


def test_wrong_mathematics_of_the_size_of_float32_is_wrong_still() -> None:
    def opaque(a: Array, E: Array) -> Array:
        return np.array([-float(e) / float(x) * (1 + 2e-8) for x, e in zip(a, E, strict=True)])

    report = check(weighted, opaque, ("unit", "unit"))
    assert report.verdict == "wrong"
    assert "smooth" in report.how


@pytest.mark.longer
def test_nothing_is_called_smooth_at_a_kink_or_where_the_error_is_at_one_point_alone() -> None:
    at_the_kink = check(
        lambda a: jnp.sum(abs(a)), lambda a: np.where(a == 0, 1.5, np.copysign(1, a)), ("real",), examples=30
    )
    assert at_the_kink.verdict == "wrong"
    assert "at a kink" in at_the_kink.how

    def at_a_tie(a: Array) -> Array:
        if np.unique(a).size < a.size:
            return np.eye(a.size)[0]
        e = np.exp(a - a.max())
        return e / e.sum()

    alone = check(jax.scipy.special.logsumexp, at_a_tie, ((1, 5),))
    assert alone.verdict == "wrong"
    assert "not beside them" in alone.how


def nan_at_ties(a: Array, E: Array) -> Array:
    r = 2 * (a - E) / a.size
    r[a == E] = np.nan
    return r


@pytest.mark.parametrize(
    ("fn", "grad", "domains", "words"),
    [
        (lambda a, E: jnp.mean((a - E) ** 2), nan_at_ties, ("unit", "unit"), "It is NaN where a = E,"),
        (
            lambda a, E: jnp.sum(abs(a - E)),
            lambda a, E: (a - E) / abs(a - E),
            ("real", "real"),
            "It is NaN where a = E, though every subgradient is finite there",
        ),
        (jnp.prod, lambda a: np.prod(a) / a, ((-9, 9),), "It is NaN where a = 0,"),
        (
            lambda a: jnp.sum((a - a.mean()) ** 2) / max(a.size - 1, 1),
            lambda a: 2 * (a - a.mean()) / np.float64(a.size - 1),
            ("unit",),
            "It is NaN at length 1,",
        ),
    ],
    ids=["ties", "a kink", "zero", "length 1"],
)
def test_where_it_is_nan_is_said_of_an_inaccurate_gradient_too(fn: Any, grad: Any, domains: Any, words: str) -> None:
    report = check(fn, grad, domains)
    assert report.verdict == "inaccurate"
    assert report.diagnosis[0].startswith(words)
    assert f"diagnosis: {words}" in str(report)


@pytest.mark.parametrize(
    ("wrong", "least"),
    [(lambda a: a < -5, -6.0), (lambda a: a < -1e6, -2e6), (lambda a: (a < 0) & (a > -3e-7), -1e-7)],
    ids=["-5", "-1e6", "-3e-7"],
)
def test_a_counterexample_below_zero_is_as_plain_as_one_above(wrong: Any, least: float) -> None:
    report = check(lambda a: jnp.sum(a**2), lambda a: np.where(wrong(a), 3 * a, 2 * a), ("real",))
    assert report.counterexample is not None
    assert report.counterexample[0].tolist() == [least]


def test_a_zero_that_is_the_difference_of_sums_is_not_determined_by_its_arguments() -> None:
    """The sum of E times 1/n, less E: the truth here, −2.8e-17, is another number for arguments a rounding away."""

    def cost(z: Array, E: Array) -> Array:
        return -jnp.sum(E * jax.nn.log_softmax(z))

    def grad(z: Array, E: Array) -> Array:
        e = np.exp(z - z.max())
        return E.sum() * e / e.sum() - E

    third = 0.5280314856021938
    args = (np.zeros(3), np.array([third, third, np.nextafter(third, 1)]))
    function = prepare(cost, args, 0, [(-np.inf, np.inf)] * 2)
    assert grad(*args)[0] == 0 != certified(cost, args)[0].midpoint()[0]
    assert judge_point(function, grad, args).verdict == "right"


def test_wrong_mathematics_is_wrong_where_its_error_changes_fast_as_well() -> None:
    """Where a is nearly E, an epsilon's error is within the rounding of float32, and moves with a − E: it does not jump."""

    def cost(a: Array, E: Array) -> Array:
        return -jnp.sum(E * jnp.log(a) + (1 - E) * jnp.log(1 - a))

    def grad(a: Array, E: Array) -> Array:
        return (a - E) / (a * (1 - a) + 1e-7)

    def opaque(a: Array, E: Array) -> Array:
        return np.array([float(g) for g in grad(a, E)])

    args = (np.array([0.3, 0.6]), np.array([0.3, 0.6]) * (1 + 1e-6))
    function = prepare(cost, args, 0, [(0.0, 1.0)] * 2)
    for candidate in (grad, opaque):
        assert judge_point(function, candidate, args).verdict == "wrong"
