"""`check_gradient(…, like=…, returns="grad_and_hess")`: what boosters take, of arguments of any form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

import oracle

pytestmark = pytest.mark.usefixtures("little_evidence", "unnamed_mistakes")

Array = Any
EXAMPLE = (np.array([0.5, -1.0]), np.array([0.0, 1.0]))
ASKED: dict[str, Any] = {"returns": "grad_and_hess", "examples": 16, "database": None, "timeout": None}


def logistic(z: Array, y: Array) -> Array:
    return jnp.sum(jnp.logaddexp(0.0, z) - y * z)


def logistic_pair(z: Array, y: Array, factor: float = 1.0) -> tuple[Array, Array]:
    p = 1 / (1 + np.exp(-z))
    return p - y, factor * p * (1 - p)


def test_a_gradient_and_a_diagonal() -> None:
    report = oracle.check_gradient(logistic, logistic_pair, like=EXAMPLE, **ASKED)
    assert report
    assert any("the Hessian's diagonal is right as well" in note for note in report.notes)
    wrong = oracle.check_gradient(logistic, lambda z, y: logistic_pair(z, y, 2.0), like=EXAMPLE, **ASKED)
    assert wrong.verdict == "wrong"
    assert wrong.of == "hess"
    assert "its gradient is right" in wrong.notes


def test_a_floored_diagonal_is_right_where_that_is_said() -> None:
    def floored(z: Array, y: Array) -> tuple[Array, Array]:
        g, h = logistic_pair(z, y)
        return g, np.maximum(h, 0.2)

    assert oracle.check_gradient(logistic, floored, like=EXAMPLE, hess_at_least=True, **ASKED)
    assert not oracle.check_gradient(logistic, floored, like=EXAMPLE, **ASKED)


@pytest.mark.parametrize(("power", "verdict"), [(2, "right"), (1, "wrong")])
def test_of_a_dict(power: int, verdict: str) -> None:
    def fn(p: dict[str, Array], x: Array) -> Array:
        return jnp.sum(jnp.exp(p["a"] * x))

    def pair(p: dict[str, Array], x: Array) -> tuple[Any, Any]:
        e = np.exp(p["a"] * x)
        return {"a": x * e}, {"a": x**power * e}

    like = ({"a": np.array([0.5, 1.0])}, np.array([1.0, -1.5]))
    assert oracle.check_gradient(fn, pair, like=like, **ASKED).verdict == verdict


@pytest.mark.parametrize(
    "pair",
    [
        lambda z, y: z,
        lambda z, y: (z,),
        lambda z, y: (z, z, z),
    ],
)
def test_what_is_no_pair_is_one_sentence(pair: Callable[..., Any]) -> None:
    with pytest.raises(oracle.CannotJudge, match="it must return a pair") as raised:
        oracle.check_gradient(logistic, pair, like=EXAMPLE, **ASKED)
    assert "\n" not in str(raised.value)
