"""`check_vjp` and `check_jvp` with example arguments: several outputs, containers, complex numbers, tensors."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import oracle

Array = Any
check_vjp = partial(oracle.check_vjp, database=None, examples=10)
check_jvp = partial(oracle.check_jvp, database=None, examples=10)
A, B = np.array([1.0, -2.0, 0.5]), np.array([0.5, 3.0, -1.0])


def both(params: Any, n: int) -> Any:
    return {"product": params["a"] * params["b"], "sums": (params["a"].sum() * n, np.arange(3))}


def both_vjp(params: Any, n: int, c: Any) -> tuple[Any, ...]:
    whole = c["sums"][0] * n
    return {"a": c["product"] * params["b"] + whole, "b": c["product"] * params["a"]}, None


def of_the_first_output(params: Any, n: int, c: Any) -> tuple[Any, ...]:
    return {"a": c["product"] * params["b"], "b": c["product"] * params["a"]}, None


@pytest.mark.longer
def test_outputs_in_a_dict() -> None:
    example = ({"a": A, "b": B}, 2)
    report = check_vjp(both, both_vjp, like=example)
    assert report.verdict == "right", report
    assert report.name == "both_vjp, by params['a'], params['b']"

    report = check_vjp(both, of_the_first_output, like=example)
    assert report.verdict == "wrong"
    assert report.name == "of_the_first_output, by params['a']"
    assert "cotangent = {'product': np.array(" in report.reproduction


def quotient(x: Array, y: Array) -> Array:
    return jnp.stack([x["top"] / y, x["top"] * y])


def quotient_jvp(primals: Any, tangents: Any) -> Any:
    (x, y), (dx, dy) = primals, tangents
    return [quotient(x, y), np.stack([dx["top"] / y - x["top"] * dy / y**2, dx["top"] * y + x["top"] * dy])]


def without_the_second_term(primals: Any, tangents: Any) -> Any:
    (x, y), (dx, dy) = primals, tangents
    return np.stack([dx["top"] / y - x["top"] * dy / y**2, dx["top"] * y])


@pytest.mark.longer
def test_a_forward_rule_of_containers() -> None:
    example = ({"top": A}, np.array([1.5, 2.0, 0.75]))
    report = check_jvp(quotient, quotient_jvp, like=example)
    assert report.verdict == "right", report
    report = check_jvp(quotient, without_the_second_term, like=example)
    assert report.verdict == "wrong"
    assert report.name.endswith("by y")


Z = np.array([1.0 + 2.0j, -0.5 + 0.25j])


@pytest.mark.longer
def test_complex_outputs_by_the_convention_of_jax() -> None:
    def vjp(z: Array, c: Array) -> tuple[Array, ...]:
        return (2 * z * c,)

    report = check_vjp(lambda z: z * z, vjp, like=jnp.asarray(Z))
    assert report.verdict == "right", report
    assert "as jax has it" in report.notes[-1]
    assert check_vjp(lambda z: z * z, lambda z, c: (2 * z.conj() * c,), like=jnp.asarray(Z)).verdict == "wrong"


@pytest.mark.longer
def test_tensors() -> None:
    torch = pytest.importorskip("torch")

    def fn(params: Any, x: Any) -> Any:
        return (torch.tanh(x @ params["w"]) ** 2).sum()

    def grad(params: Any, x: Any) -> Any:
        t = torch.tanh(x @ params["w"])
        return {"w": x.T @ (2 * t * (1 - t**2))}

    def without_two(params: Any, x: Any) -> Any:
        return {"w": grad(params, x)["w"] / 2}

    for dtype in (torch.float64, torch.float32):
        example = ({"w": torch.tensor([[0.5], [-1.0]], dtype=dtype)}, torch.tensor([[1.0, 0.25]], dtype=dtype))
        report = oracle.check_gradient(fn, grad, like=example, database=None, examples=8)
        assert report.verdict == "right", report
        assert report.certified
    assert oracle.check_gradient(fn, without_two, like=example, database=None, examples=8).verdict == "wrong"


@pytest.mark.longer
def test_a_function_that_only_takes_its_dtype() -> None:
    table = jnp.asarray(A, jnp.float32)

    def fn(x: Array) -> Array:
        return jax.lax.mul(x, table).sum()

    report = oracle.check_gradient(fn, lambda x: table, like=jnp.asarray(B, jnp.float32), database=None, examples=8)
    assert report.verdict == "right", report
    wrong = oracle.check_gradient(fn, lambda x: -table, like=jnp.asarray(B, jnp.float32), database=None, examples=8)
    assert wrong.verdict == "wrong"
