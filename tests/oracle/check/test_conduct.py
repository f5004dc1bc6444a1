"""`check_gradient` is strict about what comes back, and lenient at a kink: any subgradient is right."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ...sweeps import thinned
from .pairs import REAL2, check, cost, handing_out_one

Array = Any


def changing(a: Array, E: Array) -> Array:
    a -= E
    return a.copy()


def remembering(kept: dict[Any, Array], a: Array, E: Array) -> Array:
    return kept.setdefault(a.shape, a - E).copy()


def multiplied_at_random(rng: np.random.Generator, a: Array, E: Array) -> Array:
    return (a - E) * rng.normal(1, 0.1, a.shape)


MISBEHAVIOUR: dict[str, tuple[Callable[[], Any], str]] = {
    "a shape of its own": (lambda: lambda a, E: (a - E).sum(keepdims=True), "It returns the shape (1,)"),
    "a column": (lambda: lambda a, E: (a - E)[:, None], "It returns the shape"),
    "integers": (lambda: lambda a, E: (a - E).astype(int), "It returns the dtype int64"),
    "complex numbers": (lambda: lambda a, E: (a - E) + 0j, "It returns the dtype complex128"),
    "its argument changed": (lambda: changing, "It changes its argument 0"),
    "its argument's memory": (lambda: lambda a, E: np.subtract(a, E * 0, out=a), "It is the truth plus E"),
    "the work done in place": (lambda: lambda a, E: np.subtract(a, E, out=a), "It changes its argument 0"),
    "one array for all": (lambda: partial(handing_out_one, {}), "It returns the same array at every call"),
    "random numbers": (
        lambda: partial(multiplied_at_random, np.random.default_rng(0)),
        "It answers otherwise the second time",
    ),
    "a stale answer": (lambda: partial(remembering, {}), "It is the same at every point of one shape"),
}


@pytest.mark.parametrize("name", MISBEHAVIOUR)
def test_misbehaviour_is_wrong_and_named(name: str) -> None:
    make, words = MISBEHAVIOUR[name]
    report = check(cost, make(), REAL2)
    assert report.verdict == "wrong"
    assert any(sentence.startswith(words) for sentence in report.diagnosis), report.diagnosis


SHARED = "warning: what is returned is the memory of argument"


@pytest.mark.parametrize(
    ("fn", "grad", "domains", "argnum"),
    thinned(
        [
            (lambda a: 0.5 * (a**2).sum(), lambda a: a, ("real",), 0),
            (lambda a: 0.5 * (a**2).sum(), lambda a: a[:], ("real",), 0),
            (lambda a, w: (a * w).sum(), lambda a, w: w, REAL2, 0),
            (lambda a, w: (a * w).sum(), lambda a, w: a, REAL2, 1),
            (lambda a: 0.5 * (a**2).sum(), lambda a: a.reshape(-1)[...], ("real",), 0),
            (lambda a, w: (a * w[::-1]).sum(), lambda a, w: w[::-1], REAL2, 0),
        ],
        2,
    ),
)
def test_memory_that_an_argument_shares_is_a_warning_and_no_verdict(
    fn: Any, grad: Any, domains: Any, argnum: int
) -> None:
    report = check(fn, grad, domains, argnum=argnum)
    assert report
    assert str(report).splitlines()[1].startswith(SHARED)
    copied = check(fn, lambda *args: grad(*args).copy(), domains, argnum=argnum, lengths=(1, 3), examples=6)
    assert not copied.warnings


@pytest.mark.parametrize(
    ("fn", "grad", "domains"),
    [
        (lambda a: (a**2).sum(), lambda a: a, ("real",)),
        (lambda a, w: (a * w).sum(), lambda a, w: a, REAL2),
        (lambda a: 0.5 * (a**2).sum(), lambda a: a[::-1], ("real",)),
    ],
)
def test_shared_memory_with_wrong_numbers_is_wrong_for_its_numbers(fn: Any, grad: Any, domains: Any) -> None:
    report = check(fn, grad, domains)
    assert report.verdict == "wrong"
    assert report.expected is not None
    assert report.component is not None
    assert str(report).splitlines()[1].startswith(SHARED)


def share_of_the_greatest(a: Array) -> Array:
    greatest = a == a.max()
    return greatest / greatest.sum()


def first_of_the_greatest(a: Array) -> Array:
    return np.eye(a.size)[np.argmax(a)]


KINKS = {
    "abs, 0": (lambda a: abs(a).sum(), np.sign, "the mean"),
    "abs, 1": (lambda a: abs(a).sum(), lambda a: np.where(a >= 0, 1.0, -1.0), "the upper"),
    "relu, 0": (lambda a: jnp.maximum(a, 0).sum(), lambda a: np.where(a > 0, 1.0, 0.0), "the lower"),
    "relu, a half": (lambda a: jnp.maximum(a, 0).sum(), lambda a: np.heaviside(a, 0.5), "the mean"),
    "max, shared": (lambda a: a.max(), share_of_the_greatest, "a subgradient"),
    "max, the first": (lambda a: a.max(), first_of_the_greatest, "a subgradient"),
}


@pytest.mark.parametrize("name", KINKS)
def test_any_subgradient_is_right_and_its_convention_named(name: str) -> None:
    fn, grad, convention = KINKS[name]
    report = check(fn, grad, ("real",))
    assert report
    (note,) = report.notes
    assert note.startswith("where fn has a kink, grad takes")
    assert convention in note


def test_no_subgradient_is_wrong() -> None:
    report = check(lambda a: abs(a).sum(), lambda a: np.where(a == 0, 1.5, np.sign(a)), ("real",))
    assert report.verdict == "wrong"
    assert report.expected == (-1, 1)
    assert report.got == 1.5
    assert "between -1 and 1 (a kink)" in str(report)


def test_a_maximum_whose_gradient_sums_to_two_at_ties_is_wrong() -> None:
    report = check(lambda a: a.max(), lambda a: (a == a.max()).astype(float), ("real",))
    assert report.verdict == "wrong"
    assert "together they are no generalised gradient" in report.how
    assert report.counterexample is not None
    assert report.counterexample[0].shape == (2,)


def softplus_of_jax(a: Array) -> Array:
    """jax#2107: at 0 the automatic derivative is 0, the derivative is ½."""
    return (jnp.log1p(jnp.exp(-abs(a))) + jnp.maximum(a, 0)).sum()


def sigmoid(a: Array) -> Array:
    e = np.exp(-abs(a))
    return np.where(a > 0, 1 / (1 + e), e / (1 + e))


@pytest.mark.longer
def test_at_a_tie_of_a_smooth_function_the_derivative_counts_not_what_autodiff_says() -> None:
    assert check(softplus_of_jax, sigmoid, ("real",), lengths=(1, 3))
    report = check(softplus_of_jax, lambda a: np.where(a == 0, 0.0, sigmoid(a)), ("real",), lengths=(1, 3))
    assert report.verdict == "wrong"
    assert (report.got, report.expected) == (0, 0.5)


@jax.custom_vjp
def badly_squared(x: Array) -> Array:
    return x * x


badly_squared.defvjp(lambda x: (x * x, x), lambda x, c: (3 * x * c,))


def test_a_wrong_rule_inside_the_function_is_not_the_truth() -> None:
    def total(a: Array) -> Array:
        return badly_squared(a).sum()

    assert check(total, lambda a: 2 * a, ("real",), lengths=(1, 4), examples=20)
    report = check(total, lambda a: 3 * a, ("real",), lengths=(1, 4), examples=20)
    assert report.verdict == "wrong"
