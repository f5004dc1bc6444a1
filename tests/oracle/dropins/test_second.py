"""Derivatives of derivatives: right at first order, wrong at second."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import oracle
from oracle.dropins.of_jax import judged_grads

torch = pytest.importorskip("torch")

X = np.array([0.5, -1.0])


@jax.custom_jvp
def exponential(x: Any) -> Any:
    return jnp.exp(x)


exponential.defjvps(lambda dx, value, x: dx * value)


@jax.custom_jvp
def exponential_once(x: Any) -> Any:
    return jnp.exp(x)


exponential_once.defjvps(lambda dx, value, x: dx * jax.lax.stop_gradient(value))


class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return 3 * g * ctx.saved_tensors[0] ** 2


class CubeOnce(Cube):
    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return 3 * g * ctx.saved_tensors[0].detach() ** 2


@pytest.mark.longer
def test_a_rule_of_jax() -> None:
    for mode in ("rev", "fwd"):
        report = judged_grads(exponential, (X,), 2, mode)
        assert report.verdict == "right", report
        assert report.certified
    oracle.check_grads(exponential_once, (X,), order=1, modes=("rev",))
    with pytest.raises(
        AssertionError, match=r"exponential_once, by jax\.vjp: the derivative of its derivative, by x: wrong"
    ):
        oracle.check_grads(exponential_once, (X,), order=2, modes=("rev",))


def test_second_derivatives_of_torch_that_are_zeros_without_memory() -> None:
    assert oracle.gradgradcheck(torch.abs, torch.tensor(X, requires_grad=True))


def test_a_function_of_torch() -> None:
    x = torch.tensor(X, requires_grad=True)
    assert oracle.gradgradcheck(Cube.apply, x)
    assert oracle.gradcheck(CubeOnce.apply, x)
    with pytest.raises(
        RuntimeError, match="CubeOnce, by torch's backward: the derivative of its derivative, by x: wrong"
    ):
        oracle.gradgradcheck(CubeOnce.apply, x)
    assert oracle.gradgradcheck(CubeOnce.apply, x, raise_exception=False) is False
