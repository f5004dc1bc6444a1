"""Drop-ins with `domains=`: what is wrong outside alone is right, and matrices of a kind move only among themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import oracle
from oracle import CannotJudge

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.usefixtures("little_evidence", "unnamed_mistakes")

X = np.array([0.5, 1.5])
A = np.array([[2.0, 0.5], [0.5, 1.0]])
POSITIVE_DEFINITE = ("positive_definite",)


def tensor(a: Any, dtype: Any = torch.float64) -> Any:
    return torch.tensor(a, dtype=dtype, requires_grad=True)


@jax.custom_vjp
def root(x: Any) -> Any:
    return jnp.sqrt(x)


root.defvjp(lambda x: (jnp.sqrt(x), x), lambda x, c: (jnp.where(x < 3, 0.5 * c / jnp.sqrt(x), c),))


class Root(torch.autograd.Function):
    """Its backward is wrong from 3 on."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return x.sqrt()

    @staticmethod
    def backward(ctx: Any, c: Any) -> Any:
        (x,) = ctx.saved_tensors
        return torch.where(x < 3, 0.5 * c / x.sqrt(), c)


def triangle(inverse: Any) -> Any:
    return np.tril(2 * inverse - np.diag(np.diag(inverse)))


class LogDet(torch.autograd.Function):
    """Its backward writes what belongs to a pair of entries below the diagonal, times what a subclass says."""

    times = 1.0

    @classmethod
    def forward(cls, ctx: Any, S: Any) -> Any:
        ctx.save_for_backward(S)
        return torch.linalg.slogdet(S)[1]

    @classmethod
    def backward(cls, ctx: Any, c: Any) -> Any:
        (S,) = ctx.saved_tensors
        return c * cls.times * torch.from_numpy(triangle(np.linalg.inv(S.detach().numpy())))


class LogDetTwice(LogDet):
    times = 2.0


def log_det(S: Any) -> Any:
    return 2 * jnp.log(jnp.diag(jnp.linalg.cholesky(S))).sum()


def solved(L: Any, b: Any) -> Any:
    return torch.linalg.solve_triangular(L, b, upper=False)


LINEAR = torch.nn.Linear(2, 2, dtype=torch.float64)
RIGHT: dict[str, Callable[[], Any]] = {
    "a rule of JAX where it is right": lambda: oracle.check_grads(root, (X,), 1, ("rev",), domains=((0.1, 2.5),)),
    "a Function where it is right": lambda: oracle.gradcheck(Root.apply, (tensor(X),), domains=((0.1, 2.5),)),
    "a module": lambda: oracle.gradcheck(LINEAR, (tensor(X),), domains=("positive",)),
    "float32": lambda: oracle.gradcheck(
        lambda Q: Q.sin().sum(), (torch.eye(2, requires_grad=True),), domains=("orthogonal",)
    ),
    "Cholesky's factor": lambda: oracle.check_grads(log_det, (A,), 1, domains=POSITIVE_DEFINITE),
    "forward mode": lambda: oracle.gradcheck(
        torch.linalg.cholesky, (tensor(A),), check_forward_ad=True, domains=POSITIVE_DEFINITE
    ),
    "one triangle": lambda: oracle.gradcheck(LogDet.apply, (tensor(A),), domains=POSITIVE_DEFINITE),
    "a triangle and a vector": lambda: oracle.gradcheck(
        solved, (tensor([[1.0, 0.0], [0.5, 2.0]]), tensor([[1.0], [2.0]])), domains=("lower_triangular", "real")
    ),
    "a container": lambda: oracle.check_grads(
        lambda p: (jnp.log(p["a"]) * p["b"]).sum(), ({"a": X, "b": X},), 1, domains=({"a": "positive", "b": "real"},)
    ),
    "second order": lambda: oracle.check_grads(lambda x: x**3, (X,), 2, domains=("positive",)),
    "second order of torch": lambda: oracle.gradgradcheck(lambda x: x.log() * x, tensor(X), domains="positive"),
    "labels that stay": lambda: oracle.check_grads(lambda x, k: x[k] ** 2, (X, np.array(1)), 1, domains=("real", None)),
    "one tensor and its interval": lambda: oracle.gradcheck(Root.apply, tensor(X), domains=(0.1, 2.5)),
    "a module and its parameters": lambda: oracle.gradcheck(
        LINEAR, (tensor(X),), domains=("positive", {"weight": "real", "bias": "real"})
    ),
}
WRONG: dict[str, Callable[[], Any]] = {
    "a rule of JAX beyond": lambda: oracle.check_grads(root, (X,), 1, ("rev",), domains=("positive",)),
    "a Function beyond": lambda: oracle.gradcheck(Root.apply, tensor(X), domains="positive"),
    "twice the triangle": lambda: oracle.gradcheck(LogDetTwice.apply, (tensor(A),), domains=POSITIVE_DEFINITE),
    "one triangle of any matrices": lambda: oracle.gradcheck(LogDet.apply, (tensor(A),)),
}
REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "too few": (
        lambda: oracle.check_grads(jnp.multiply, (X, X), 1, domains=("real",)),
        "domains = ('real',): args holds 2 examples; give one domain for each argument",
    ),
    "a word for a tuple": (
        lambda: oracle.check_grads(jnp.sin, (X,), 1, domains="real"),
        "domains = 'real': args holds 1 example;",
    ),
    "outside": (
        lambda: oracle.gradcheck(torch.sin, tensor(-X), domains="positive"),
        "lies outside of its domain positive",
    ),
    "labels that move": (
        lambda: oracle.check_grads(lambda x, k: x[k], (X, np.array(1)), 1, domains=("real", range(2))),
        "domains: k stays as it is, and range(0, 2) says where it moves: give None for it",
    ),
    "a tensor that needs no gradient": (
        lambda: oracle.gradcheck(lambda x, y: x * y, (tensor(X), torch.ones(2)), domains=("unit", "unit")),
        "domains: y stays as it is",
    ),
    "matrices twice": (
        lambda: oracle.gradgradcheck(torch.inverse, tensor(A), domains="positive_definite"),
        "domains: positive_definite leaves some directions, along which gradgradcheck asks for no second derivatives",
    ),
}


@pytest.mark.filterwarnings("ignore:.*torch.jit.script:DeprecationWarning")  # torch's own, in forward mode
@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_inside_is_right(name: str) -> None:
    assert RIGHT[name]() in (None, True)


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_inside_is_wrong(name: str) -> None:
    with pytest.raises((AssertionError, RuntimeError), match=r"\A.+: wrong"):
        WRONG[name]()


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_use_is_told_in_one_sentence(name: str) -> None:
    call, words = REFUSED[name]
    with pytest.raises(CannotJudge) as caught:
        call()
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
