"""Pairs: (value, gradient), (gradient, Hessian's diagonal), (value, tangent); and a stated accuracy."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

import oracle

Array = Any
OPTIONS: Any = {"database": None, "examples": 9}
pytestmark = pytest.mark.usefixtures("little_evidence")
NEAR: Any = ((-3.0, 3.0),)
VALUE: Any = {"returns": "value_and_grad", "domains": NEAR, **OPTIONS}


def fn(x: Array) -> Array:
    return (jnp.sin(x) ** 2).sum()


def value(x: Array) -> Array:
    return np.sum(np.sin(x) ** 2)


def grad(x: Array) -> Array:
    return 2 * np.sin(x) * np.cos(x)


def logloss(y: Array, z: Array) -> Array:
    return (jnp.logaddexp(0.0, z) - y * z).sum()


def p(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


BOOSTER: Any = {
    "returns": "grad_and_hess",
    "domains": ("closed_unit", (-8.0, 8.0)),
    "argnum": 1,
    "lengths": (1, 3),
    **OPTIONS,
    "examples": 16,
}

RIGHT_VALUES = {
    "a tuple": lambda x: (value(x), grad(x)),
    "a list": lambda x: [value(x), grad(x)],
    "a Python float": lambda x: (float(value(x)), grad(x)),
    "by JAX's formula": lambda x: (float(np.sum((1 - np.cos(2 * x)) / 2)), np.sin(2 * x)),
}
WRONG_VALUES = {
    "a factor": lambda x: (1.1 * value(x), grad(x)),
    "the mean": lambda x: (np.mean(np.sin(x) ** 2), grad(x)),
    "a constant": lambda x: (value(x) + 1, grad(x)),
    "1e-9 of it": lambda x: (value(x) * (1 + 1e-9), grad(x)),
    "0": lambda x: (0.0, grad(x)),
}


@pytest.mark.parametrize("name", RIGHT_VALUES)
def test_right_values(name: str) -> None:
    report = oracle.check_gradient(fn, RIGHT_VALUES[name], **VALUE)
    assert report.verdict == "right", str(report)
    assert "certified: " in str(report)
    assert "the value beside it is that of fn" in str(report)


@pytest.mark.parametrize("name", WRONG_VALUES)
def test_wrong_values(name: str) -> None:
    report = oracle.check_gradient(fn, WRONG_VALUES[name], **VALUE)
    assert report.verdict == "wrong"
    assert "reproduce:" in str(report)
    assert report.of == "value"
    assert report.diagnosis[0] == "The value that grad returns is not fn's"
    assert report.arguments == ("x",)
    names: dict[str, Any] = {"np": np, "grad": WRONG_VALUES[name]}
    exec(report.reproduction.replace("print(", "shown = ("), names)
    assert float(names["shown"]) == report.got


def test_a_wrong_gradient_beside_a_right_value() -> None:
    report = oracle.check_gradient(fn, lambda x: (value(x), grad(x) / 2), **VALUE)
    assert report.verdict == "wrong"
    assert "reproduce:" in str(report)
    assert report.of == "gradient"
    assert "[1][" in report.reproduction


RIGHT_PAIRS: dict[str, tuple[Any, dict[str, Any]]] = {
    "as it is": (lambda y, z: (p(z) - y, p(z) * (1 - p(z))), {}),
    "a floor": (lambda y, z: (p(z) - y, np.maximum(p(z) * p(-z), 0.01)), {"hess_at_least": True}),
    "a list": (lambda y, z: [p(z) - y, p(z) * (1 - p(z))], {}),
}
WRONG_PAIRS: dict[str, tuple[Any, str]] = {
    "the Hessian": (lambda y, z: (p(z) - y, p(z)), "hess"),
    "its sign": (lambda y, z: (p(z) - y, -p(z) * (1 - p(z))), "hess"),
    "the gradient's sign": (lambda y, z: (y - p(z), p(z) * (1 - p(z))), "gradient"),
    "both exchanged": (lambda y, z: (p(z) * (1 - p(z)), p(z) - y), "gradient"),
    "a floor": (lambda y, z: (p(z) - y, np.maximum(p(z) * p(-z), 0.01)), "hess"),
}


@pytest.mark.parametrize("name", RIGHT_PAIRS)
def test_right_pairs(name: str) -> None:
    pair, options = RIGHT_PAIRS[name]
    report = oracle.check_gradient(logloss, pair, **BOOSTER, **options)
    assert report.verdict == "right", str(report)
    assert "certified: " in str(report)
    assert "the Hessian's diagonal is right as well" in str(report)


@pytest.mark.longer
def test_what_a_hessian_holds_constant_is_a_part_of_the_gradient_in_the_users_own_words() -> None:
    def loss(y: Array, z: Array) -> Array:
        return 0.5 * ((jnp.log1p(z) - jnp.log1p(y)) ** 2).sum()

    def pair(y: Array, z: Array) -> Array:
        r = np.log1p(z) - np.log1p(y)
        return r / (z + 1), -r / (z + 1) ** 2

    report = oracle.check_gradient(loss, pair, **{**BOOSTER, "domains": ("nonnegative", (-0.5, 9.0))})
    assert report.diagnosis[0].startswith("It is the derivative of ∇fn with 2·(log1p(z) − log1p(y)) held constant")


@pytest.mark.longer
@pytest.mark.usefixtures("unnamed_mistakes")
@pytest.mark.parametrize("name", WRONG_PAIRS)
def test_wrong_pairs(name: str) -> None:
    pair, of = WRONG_PAIRS[name]
    report = oracle.check_gradient(logloss, pair, **BOOSTER)
    assert report.verdict == "wrong"
    assert "reproduce:" in str(report)
    assert report.of == of
    assert report.counterexample is not None
    assert float(pair(*report.counterexample)[of == "hess"][report.component]) == report.got
    assert f"grad(y, z)[{int(of == 'hess')}][" in report.reproduction


def test_the_value_of_a_forward_rule() -> None:
    options: Any = {"domains": NEAR, "lengths": (1, 4), **OPTIONS}
    right = oracle.check_jvp(jnp.sin, lambda p, t: (np.sin(p[0]), np.cos(p[0]) * t[0]), **options)
    assert right.verdict == "right"
    assert "the value beside it is that of fn" in str(right)
    wrong = oracle.check_jvp(jnp.sin, lambda p, t: (1.1 * np.sin(p[0]), np.cos(p[0]) * t[0]), **options)
    assert wrong.verdict == "wrong"
    assert wrong.of == "value"
    assert "domains: x in (-3, 3)" in str(wrong)
    alone = oracle.check_jvp(jnp.sin, lambda p, t: np.cos(p[0]) * t[0], **options)
    assert alone.verdict == "right"
    assert "value" not in str(alone)


ACCURATE: Any = {"domains": NEAR, "accuracy": 1e-9, **OPTIONS}


@pytest.mark.longer
def test_a_stated_accuracy() -> None:
    """What is off by less is right, what is off by more is wrong, and the report says what was stated."""
    within = oracle.check_gradient(fn, lambda x: grad(x) * (1 + 5e-10) + 1e-10, **ACCURATE)
    assert within.verdict == "right", str(within)
    assert "to an accuracy of 1e-09 of the largest component" in str(within).splitlines()[1]
    assert within.to_dict()["asked"]
    beyond = oracle.check_gradient(fn, lambda x: grad(x) * (1 + 5e-9), **ACCURATE)
    assert beyond.verdict == "wrong"
    unstated = oracle.check_gradient(fn, lambda x: grad(x) * (1 + 5e-10), domains=NEAR, **OPTIONS)
    assert unstated.verdict == "wrong"
    assert unstated.asked == ()


@pytest.mark.longer
def test_a_stated_accuracy_elsewhere() -> None:
    near: Any = {"lengths": (1, 4), **ACCURATE}
    off = 1 + 5e-10
    assert oracle.check_vjp(jnp.sin, lambda x, c: (off * c * np.cos(x),), **near)
    assert not oracle.check_vjp(jnp.sin, lambda x, c: ((1 + 1e-7) * c * np.cos(x),), **near)
    assert oracle.check_hessian(fn, lambda x: np.diag(off * 2 * np.cos(2 * x)), **near)
    assert not oracle.check_hessian(fn, lambda x: np.diag((1 + 1e-7) * 2 * np.cos(2 * x)), **near)
    assert oracle.check_hvp(fn, lambda x, v: off * 2 * np.cos(2 * x) * v, **near)
    assert oracle.check_gradient(fn, lambda x: (value(x) * off, grad(x) * off), returns="value_and_grad", **near)


BAD: dict[str, tuple[Any, dict[str, Any], str]] = {
    "no such pair": (grad, {"returns": "both"}, "returns = 'both': give 'value_and_grad', 'grad_and_hess'"),
    "an array for a pair": (
        grad,
        {"returns": "value_and_grad"},
        "grad returned a ndarray; with returns='value_and_grad'",
    ),
    "three": (lambda x: (value(x), grad(x), 0), {"returns": "value_and_grad"}, "grad returned 3 entries"),
    "None": (lambda x: None, {"returns": "grad_and_hess"}, "grad returned a NoneType"),
    "a value that is an array": (
        lambda x: (x, grad(x)),
        {"returns": "value_and_grad"},
        "returned a value of the shape (2,)",
    ),
    "a value of None": (
        lambda x: (None, grad(x)),
        {"returns": "value_and_grad"},
        "grad returned None for the value of fn",
    ),
    "a bound without a Hessian": (grad, {"hess_at_least": True}, "give returns='grad_and_hess' as well"),
    "a bound of another kind": (grad, {"returns": "grad_and_hess", "hess_at_least": "yes"}, "hess_at_least = 'yes'"),
    "an accuracy of nothing": (grad, {"accuracy": 0.0}, "accuracy = 0.0: give how much"),
    "an accuracy of True": (grad, {"accuracy": True}, "accuracy = True: give how much"),
    "no function": (None, {"returns": "value_and_grad"}, "grad is of type NoneType: give a function"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_questions_get_one_sentence(name: str) -> None:
    candidate, options, words = BAD[name]
    with pytest.raises(oracle.CannotJudge) as raised:
        oracle.check_gradient(fn, candidate, domains=NEAR, lengths=(2, 2), **OPTIONS, **options)
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_pair_in_the_other_order_returns_the_wrong_shape() -> None:
    report = oracle.check_gradient(fn, lambda x: (grad(x), value(x)), **VALUE)
    assert report.verdict == "wrong"
    assert "reproduce:" in str(report)
    assert "It returns the shape ()" in report.diagnosis[0]
