"""The title of a report and its snippet: they name the function that was checked, and show what is complained of."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import numpy as np
import pytest

import oracle

Array = Any
check = partial(oracle.check_gradient, database=None, examples=6, lengths=(1, 2))
check_vjp = partial(oracle.check_vjp, database=None, examples=12, lengths=(1, 4))


def square(a: Array) -> Array:
    return (a * a).sum()


def other(a: Array) -> Array:
    return (a * a * a).sum()


def of_two(E: Array, a: Array) -> Array:
    return (a * a * a * E).sum()


module_level = jax.grad(other)
of_a_lambda = jax.jit(lambda a: 3 * a)


def output_of(snippet: str, capsys: pytest.CaptureFixture[str], **known: Any) -> str:
    """What a snippet prints where its imports are those of this module."""
    exec(snippet, known)
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("grad", "title"),
    [
        (jax.grad(other), "jax.grad(other)"),
        (jax.jit(jax.grad(other)), "jax.jit(jax.grad(other))"),
        (jax.grad(jax.jit(other)), "jax.grad(jax.jit(other))"),
        (jax.grad(lambda a: (a * a * a).sum()), "jax.grad(<lambda>)"),
        (jax.vmap(jax.grad(lambda x: x * x * x)), "made from <lambda>"),
    ],
)
def test_what_jax_made_is_not_called_by_the_name_that_it_copied(
    grad: Any, title: str, capsys: pytest.CaptureFixture[str]
) -> None:
    report = check(square, grad, ("real",))
    assert (report.verdict, report.name) == ("wrong", title)
    printed = output_of(report.reproduction, capsys, fn=other, grad=grad)
    assert float(printed) == pytest.approx(report.got)


def test_what_jax_differentiates_by_another_argument_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    report = check(lambda E, a: (a * a * E).sum(), jax.grad(of_two, argnums=1), ((1, 2), (1, 2)), argnum=1)
    assert report.name == "jax.grad(of_two, argnums=1)"
    assert float(output_of(report.reproduction, capsys)) == pytest.approx(report.got)


def test_a_name_that_leads_to_a_function_is_used() -> None:
    report = check(square, other_gradient, ("real",))
    assert report.name == "other_gradient"
    assert f"from {__name__} import other_gradient" in report.reproduction


def other_gradient(a: Array) -> Array:
    return 3 * a * a


def test_what_a_module_holds_is_called_as_the_module_calls_it(capsys: pytest.CaptureFixture[str]) -> None:
    for grad, title in ((module_level, "module_level"), (of_a_lambda, "of_a_lambda")):
        report = check(square, grad, ("real",))
        assert (report.verdict, report.name) == ("wrong", title)
        assert f"from {__name__} import {title}" in report.reproduction
        assert float(output_of(report.reproduction, capsys)) == pytest.approx(report.got)


def test_what_has_no_name_is_filled_in(capsys: pytest.CaptureFixture[str]) -> None:
    grad = partial(np.multiply, 3.0)
    report = check(square, grad, ("real",))
    assert "# grad is the function that was checked" in report.reproduction
    assert float(output_of(report.reproduction, capsys, grad=grad)) == report.got


def test_the_snippet_of_a_product_of_lambdas_runs(capsys: pytest.CaptureFixture[str]) -> None:
    fn, vjp = (lambda a: a * 1.0), (lambda a, c: (2 * c,))
    report = check_vjp(fn, vjp)
    assert report.verdict == "wrong"
    assert float(output_of(report.reproduction, capsys, fn=fn, vjp=vjp)) == report.got


KEPT = np.zeros(200)


def changing(a: Array, E: Array) -> Array:
    E += 1
    return 2 * (a - E + 1)


def restless() -> Callable[..., Array]:
    rng = np.random.default_rng(0)
    return lambda a, E: 2 * (a - E) + rng.normal(size=a.shape)


def one_array(a: Array, E: Array) -> Array:
    out = KEPT[: a.size]
    out[:] = 2 * (a - E)
    return out


@pytest.mark.parametrize(
    ("grad", "words", "shows"),
    [
        (changing, "It changes its argument 1", lambda lines: lines[0] != lines[1]),
        (restless(), "It answers otherwise the second time", lambda lines: lines[0] != lines[1]),
        (one_array, "It returns the same array at every call", lambda lines: lines == ["True"]),
        (lambda a, E: (a - E)[:, None], "It returns the shape (1, 1)", lambda lines: lines == ["(1, 1)"]),
        (lambda a, E: np.sign(a).astype(int), "It returns the dtype int64", lambda lines: lines == ["int64"]),
    ],
    ids=["changes", "restless", "one array", "shape", "dtype"],
)
def test_the_snippet_shows_what_the_complaint_is_about(
    grad: Any, words: str, shows: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    report = check(lambda a, E: ((a - E) ** 2).sum(), grad, ("real", "real"))
    assert report.verdict == "wrong"
    assert report.diagnosis[0].startswith(words)
    assert shows(output_of(report.reproduction, capsys, grad=grad).splitlines())
