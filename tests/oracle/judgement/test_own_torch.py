"""Torch candidates on balls: wrong mathematics is proved, and lost digits are told from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from oracle.candidate.tensors import OnArrays
from oracle.judgement.own_torch import torch_on_balls
from oracle.judgement.point import judge_point
from oracle.witnesses.prepare import prepare

from ...optional import skip_without

torch = pytest.importorskip("torch")
skip_without("torchax")

F = torch.nn.functional
X = np.array([0.3, -1.2, 0.7, 2.1])


class Exponential(torch.autograd.Function):
    """expm1, whose backward is exp by a formula, and a loss of digits or a mistake in it."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return torch.expm1(x)

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        (x,) = ctx.saved_tensors
        return g * torch.exp(x)


class Cancels(Exponential):
    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        (x,) = ctx.saved_tensors
        return g * ((torch.exp(x) + 1e9) - 1e9)


class Epsilon(Exponential):
    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        (x,) = ctx.saved_tensors
        return g * (torch.exp(x) + 1e-9)


def backward(fn: Callable[..., Any]) -> OnArrays:
    def grad(x: torch.Tensor) -> Any:
        x = x.clone().requires_grad_()
        return torch.autograd.grad(fn(x), x)[0]

    return OnArrays(grad)


def loss(function: Any) -> Callable[..., Any]:
    return lambda x: function.apply(x).sum()


@pytest.mark.parametrize(
    ("function", "verdict", "how"),
    [
        (Exponential, "right", ""),
        (Cancels, "inaccurate", "run on balls, the same code agrees"),
        (Epsilon, "wrong", "run on balls, the same code disagrees with the truth by more than any rounding: proved"),
    ],
)
def test_a_backward_is_told(function: Any, verdict: str, how: str) -> None:
    fn = OnArrays(loss(function))
    found = judge_point(prepare(fn, (X,), 0, (None,)), backward(loss(function)), (X,))
    assert found.verdict == verdict
    assert found.how.startswith(how)


AUTOGRAD: dict[str, Callable[..., Any]] = {
    "gelu": lambda x: F.gelu(x).sum(),
    "log_softmax": lambda x: F.log_softmax(x, 0)[1],
    "layer_norm": lambda x: F.layer_norm(x, (4,)).pow(3).sum(),
    "conv1d": lambda x: F.conv1d(x[None, None], torch.ones(1, 1, 2, dtype=x.dtype)).pow(2).sum(),
    "max_pool1d": lambda x: F.max_pool1d(x[None, None], 2).pow(2).sum(),
    "det": lambda x: torch.linalg.det(x.view(2, 2)),
    "solve": lambda x: torch.linalg.solve(x.view(2, 2), x[:2]).sum(),
    "sort": lambda x: x.sort().values[1:].prod(),
    "cdist": lambda x: torch.cdist(x.view(2, 2), x.view(2, 2) + 1).sum(),
}


@pytest.mark.parametrize("name", AUTOGRAD)
def test_autograd_runs_on_balls(name: str) -> None:
    grad = backward(AUTOGRAD[name])
    got = grad(X.copy())
    found = torch_on_balls(grad, (X,), 200)
    assert found is not None
    balls, _ = found
    np.testing.assert_allclose([float(b.mid()) for b in balls.flat], got, rtol=1e-12, atol=1e-14)


def test_what_computes_in_numpy_does_not() -> None:
    def grad(x: torch.Tensor) -> Any:
        return x * float(np.sin(x.numpy()).sum())

    on = OnArrays(grad)
    on(X.copy())
    with pytest.raises(ArithmeticError, match="a step aside"):
        torch_on_balls(on, (X,), 200)


def test_array_code_is_none_of_it() -> None:
    assert torch_on_balls(np.sin, (X,), 200) is None
