"""fn replaces a formula by a shorter one beyond a threshold: the derivative of the formula is right there, and nothing else is."""

import jax.numpy as jnp
import numpy as np
import pytest

import oracle
from oracle.judgement.patched import PATCHED


def patched(x):
    return jnp.sum(jnp.where(x > 20, x, jnp.log1p(jnp.exp(x))))


def safely_patched(x):
    safe = jnp.where(x > 20, 0.0, x)
    return jnp.sum(jnp.where(x > 20, x, jnp.log1p(jnp.exp(safe))))


def patched_at_both_ends(x):
    return jnp.sum(jnp.where(x > 18, x, jnp.where(x < -40, jnp.exp(x), jnp.log1p(jnp.exp(x)))))


def huber(x):
    return jnp.sum(jnp.where(jnp.abs(x) <= 1, x * x / 2, jnp.abs(x) - 0.5))


def softplus_grad(x):
    return 1 / (1 + np.exp(-x))


@pytest.mark.parametrize("fn", [patched, safely_patched, patched_at_both_ends])
def test_the_derivative_of_the_formula_is_right_and_a_note_says_why(fn):
    report = oracle.check_gradient(fn, softplus_grad, ("real",), database=None)
    assert report.verdict == "right", str(report)
    assert PATCHED in report.notes


def test_the_derivative_of_the_code_is_right_without_a_note():
    def grad(x):
        return np.where(x > 20, 1.0, softplus_grad(x))

    report = oracle.check_gradient(patched, grad, ("real",), database=None)
    assert report.verdict == "right", str(report)
    assert PATCHED not in report.notes


@pytest.mark.parametrize(
    ("fn", "grad"),
    [
        pytest.param(patched, lambda x: np.where(x > 20, 1 - 3 * np.exp(-x), softplus_grad(x)), id="neither formula"),
        pytest.param(patched, lambda x: np.where(x > 20, 1 + 1e-9, softplus_grad(x)), id="a constant off"),
        pytest.param(patched, lambda x: softplus_grad(x) * (1 + 1e-9), id="off everywhere"),
        pytest.param(huber, lambda x: np.where(np.abs(x) <= 1.001, x, np.sign(x)), id="another threshold"),
    ],
)
def test_what_is_the_derivative_of_neither_is_wrong(fn, grad):
    assert oracle.check_gradient(fn, grad, ("real",), database=None).verdict == "wrong"
