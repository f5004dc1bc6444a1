"""Functions that take numbers out of their arrays, by float() or the module math: nothing of them is a constant of the truth."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import oracle

Array = Any
Pair = tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]]


def softplus(x: Array) -> Any:
    total = 0.0
    for v in x:
        total += max(v, 0) + math.log1p(math.exp(-abs(v)))
    return total


def late(x: Array) -> Any:
    """Takes a number out where it is large alone."""
    return sum(v * v if v < 3 else math.exp(float(v)) + v for v in x)


#: A function, its gradient, and a wrong one.
PAIRS: dict[str, Pair] = {
    "exp beside a term": (
        lambda x: sum(math.exp(v) + v for v in x),
        lambda x: np.exp(x) + 1,
        np.ones_like,
    ),
    "float of an entry": (lambda x: sum(float(v) ** 2 + v for v in x), lambda x: 2 * x + 1, np.ones_like),
    "float of a sum": (
        lambda x: float(x.sum()) * x.sum(),
        lambda x: np.full_like(x, 2 * x.sum()),
        lambda x: np.full_like(x, x.sum()),
    ),
    "sine times the argument": (
        lambda x: sum(math.sin(v) * v for v in x),
        lambda x: np.sin(x) + x * np.cos(x),
        lambda x: np.sin(x) - x * np.cos(x),
    ),
    "softplus": (softplus, lambda x: 1 / (1 + np.exp(-x)), lambda x: 1 / (1 + np.exp(x))),
    "where it is large": (
        late,
        lambda x: np.where(x < 3, 2 * x, np.exp(np.minimum(x, 700)) + 1),
        lambda x: np.where(x < 3, 2 * x, 1.0),
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_the_right_gradient_is_not_accused_and_the_wrong_one_is(name: str) -> None:
    fn, right, wrong = PAIRS[name]
    options: Any = {"domains": ((-6.0, 6.0),), "lengths": (1, 3), "examples": 24, "database": None}
    report = oracle.check_gradient(fn, right, **options)
    assert report.verdict == "right", str(report)
    assert "is no float" not in str(report)
    assert oracle.check_gradient(fn, wrong, **options).verdict == "wrong"


def test_at_a_float_the_number_is_no_constant() -> None:
    def loss(z: Array, y: Array) -> Any:
        return sum(math.exp(z[i]) - y[i] * z[i] for i in range(len(z)))

    example = (np.zeros(2), np.array([1.0, 2.0]))
    assert oracle.check_gradient(loss, lambda z, y: np.exp(z) - y, like=example, database=None).verdict == "right"
    assert oracle.check_gradient(loss, lambda z, y: -y, like=example, database=None).verdict == "wrong"


def test_an_empty_sum_is_the_integer_0() -> None:
    def smooth(x: Array) -> Any:
        return sum((x[i + 1] - x[i]) ** 2 for i in range(len(x) - 1))

    def smooth_grad(x: Array) -> Array:
        d = 2 * np.diff(x)
        return np.concatenate([[0.0], d]) - np.concatenate([d, [0.0]])

    assert oracle.check_gradient(smooth, smooth_grad, database=None, examples=30).verdict == "right"
    off = oracle.check_gradient(smooth, lambda x: 1.1 * smooth_grad(x), database=None, examples=30)
    assert off.verdict == "wrong"


def test_a_function_that_raises_at_one_length_is_judged_at_the_others() -> None:
    def fn(x: Array) -> Any:
        if len(x) < 2:
            raise ValueError("need two")
        return ((x[1:] - x[:-1]) ** 2).sum()

    def grad(x: Array) -> Array:
        d = 2 * np.diff(x)
        return np.concatenate([[0.0], d]) - np.concatenate([d, [0.0]])

    report = oracle.check_gradient(fn, grad, database=None, examples=30)
    assert report.verdict == "right"
    assert any("need two" in note for note in report.notes)
    assert oracle.check_gradient(fn, lambda x: grad(x) * 1.1, database=None, examples=30).verdict == "wrong"
