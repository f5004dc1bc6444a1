"""A gradient is asked twice on copies: what it returns, and what no gradient may do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import pytest

from oracle.candidate.arrays_of_frameworks import in_dtype
from oracle.candidate.asking import CannotJudge, Misconduct, ask

Array = Any
POINT = (np.array([1.0, 2.0]), np.array([3.0, 5.0]))


def writing(a: Array, E: Array) -> Array:
    E += 1
    return a - E


def misbehaving(a: Array, E: Array) -> Array:
    raise Misconduct("it does what no gradient may")


def restless() -> Callable[..., Array]:
    count = iter(range(9))
    return lambda a, E: a - E + next(count)


def one_array() -> Callable[..., Array]:
    kept = np.zeros(2)
    return lambda a, E: np.subtract(a, E, out=kept)


def one_list() -> Callable[..., Any]:
    """Asked elsewhere it would answer otherwise, and that is its right."""
    return lambda a, E: [float(x - y) for x, y in zip(a, E, strict=True)]


@pytest.mark.parametrize("grad", [lambda a, E: a - E, one_list()], ids=["an array", "a list"])
def test_what_is_in_order_is_an_answer(grad: Any) -> None:
    answer = ask(grad, POINT, 0)
    assert answer.value is not None
    assert answer.value.tolist() == [-2.0, -3.0]
    assert answer.complaint == ""


@pytest.mark.parametrize(
    ("grad", "words"),
    [
        (writing, "it changes its argument 1"),
        (lambda a, E: a.sum(keepdims=True), "it returns the shape (1,); argument 0 has the shape (2,)"),
        (lambda a, E: a.astype(int), "it returns the dtype int64"),
        (restless(), "it answers otherwise the second time, at the same arguments: component 0 first -2, then -1"),
        (one_array(), "it returns the same array at every call"),
        (misbehaving, "it does what no gradient may"),
    ],
    ids=["writes", "shape", "dtype", "restless", "one array", "misconduct"],
)
def test_what_no_gradient_may_do_is_a_complaint(grad: Any, words: str) -> None:
    assert ask(grad, POINT, 0).complaint.startswith(words)


def test_no_point_outside_of_the_domains_is_asked() -> None:
    seen: list[list[float]] = []

    def grad(a: Array, E: Array, kept: Array = np.zeros(2)) -> Array:  # noqa: B008
        seen.append(a.tolist())
        return np.subtract(a, E, out=kept)

    assert ask(grad, POINT, 0, lambda args: False).complaint == ""
    assert seen == [[1.0, 2.0]] * 2


@pytest.mark.parametrize(
    ("grad", "words"),
    [
        (lambda a, E: None, "grad returned None"),
        (lambda a, E: "text", "grad returned a str"),
        (lambda a, E: {}, "grad returned a dict"),
        (lambda a, E: 1 / 0, r"grad raised ZeroDivisionError at arguments of shapes \(2,\), \(2,\)"),
    ],
    ids=["None", "text", "a dict", "raises"],
)
def test_what_is_no_array_is_refused_in_a_sentence(grad: Any, words: str) -> None:
    with pytest.raises(CannotJudge, match=words):
        ask(grad, POINT, 0)


def test_an_argument_that_is_handed_back_is_copied_and_noted() -> None:
    a, E = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    for grad, note in (
        (lambda a, E: a, "the memory of argument 0"),
        (lambda a, E: E[::-1], "the memory of argument 1"),
    ):
        answer = ask(grad, (a, E), 0)
        assert not answer.complaint
        assert note in answer.note
        assert answer.value is not None
        assert not np.shares_memory(answer.value, a)
    assert not ask(lambda a, E: a.copy(), (a, E), 0).note


def test_jax_is_not_asked_for_float64_where_it_has_none() -> None:
    """Its warning would be an error here."""
    answer = in_dtype(jax.numpy.ones(3, "float32"), "float64")
    assert answer.dtype == np.float32
    assert in_dtype(np.ones(3, np.float32), "float64").dtype == np.float64
