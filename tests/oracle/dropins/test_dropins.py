"""What the drop-ins share with their models, and what they do where nothing can be decided."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import jax.test_util
import numpy as np
import pytest

import oracle
from oracle.dropins import of_jax, of_torch
from oracle.judgement.verdict import Verdict

torch = pytest.importorskip("torch")

X = np.array([0.5, -1.0])


@pytest.mark.parametrize(
    ("ours", "model"),
    [
        (oracle.gradcheck, torch.autograd.gradcheck),
        (oracle.gradgradcheck, torch.autograd.gradgradcheck),
        (oracle.check_grads, jax.test_util.check_grads),
    ],
)
def test_every_parameter_of_the_model_is_taken(ours: Any, model: Any) -> None:
    mine, theirs = inspect.signature(ours).parameters, inspect.signature(model).parameters
    assert list(mine) == [*theirs, "domains"]
    assert mine["domains"].kind is inspect.Parameter.KEYWORD_ONLY
    assert {n: mine[n].kind for n in theirs} == {n: p.kind for n, p in theirs.items()}


@jax.custom_vjp
def square(x: Any) -> Any:
    return x**2


square.defvjp(lambda x: (x**2, x), lambda x, g: (g * x,))


def test_keywords_without_meaning_are_said_once() -> None:
    with pytest.raises(AssertionError) as caught:
        oracle.check_grads(square, (X,), 1, modes=("rev",), eps=1e-3, atol=1.0)
    assert str(caught.value).count("note: atol and eps mean nothing here") == 1
    x = torch.tensor(X, requires_grad=True)
    with pytest.raises(RuntimeError) as raised:
        oracle.gradcheck(lambda x: x * x.detach(), x)
    assert "mean nothing here" not in str(raised.value)


@pytest.mark.longer
def test_what_stays_open_is_left_to_the_model() -> None:
    """Rounded to float32 in a callback, its slope is not told by differences."""

    def noisy(x: Any) -> Any:
        return jax.pure_callback(
            lambda v: np.sin(np.float32(v)).astype(v.dtype), jax.ShapeDtypeStruct(x.shape, x.dtype), x
        )

    rule = jax.custom_jvp(noisy)
    rule.defjvps(lambda dx, value, x: dx * jnp.cos(x))
    with pytest.warns(UserWarning, match="undecided"):
        oracle.check_grads(rule, (jnp.asarray(X, jnp.float32),), 1, modes=("rev",))


def test_the_model_is_asked_about_what_stays_open_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Backward mode is right: what the model makes of that is no matter."""
    right = of_jax.judged_grads(jnp.sin, (X,), 1, "rev")
    undecided = replace(right, verdict=Verdict.UNDECIDED)
    monkeypatch.setattr(
        of_jax, "judged_grads", lambda f, args, order, mode, part, domains: right if mode == "rev" else undecided
    )
    asked = []
    monkeypatch.setattr(
        jax.test_util, "check_grads", lambda f, args, order, modes, *tolerances: asked.append((order, modes))
    )
    with pytest.warns(UserWarning, match="undecided"):
        oracle.check_grads(jnp.sin, (X,), 1)
    assert asked == [(1, ("fwd",))]
    open_questions = {"backward": right, "forward": undecided}
    monkeypatch.setattr(of_torch, "judged_grads", lambda func, inputs, mode, part, domains: open_questions[mode])
    modes = []

    def model(func: Any, inputs: Any, **options: Any) -> bool:
        modes.append((options["check_backward_ad"], options["check_forward_ad"]))
        return True

    monkeypatch.setattr(torch.autograd, "gradcheck", model)
    with pytest.warns(UserWarning, match="undecided"):
        assert oracle.gradcheck(torch.sin, torch.tensor(X, requires_grad=True), check_forward_ad=True)
    assert modes == [(False, True)]


@pytest.mark.filterwarnings(
    "default:.*torch.jit.script:DeprecationWarning"
)  # torch's own, at its first use of forward mode
def test_forward_mode_of_torch() -> None:
    class Sine(torch.autograd.Function):
        @staticmethod
        def forward(x: Any) -> Any:
            return torch.sin(x)

        @staticmethod
        def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
            ctx.save_for_backward(*inputs)
            ctx.save_for_forward(*inputs)

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g * torch.cos(ctx.saved_tensors[0])

        @staticmethod
        def jvp(ctx: Any, t: Any) -> Any:
            return t * torch.sin(ctx.saved_tensors[0])

    x = torch.tensor(X, requires_grad=True)
    assert oracle.gradcheck(torch.sin, x, check_forward_ad=True)
    assert oracle.gradcheck(Sine.apply, x)
    with pytest.raises(RuntimeError, match="Sine, by torch's forward, by x: wrong"):
        oracle.gradcheck(Sine.apply, x, check_forward_ad=True)


def test_methods_of_tensors_are_those_of_torch() -> None:
    """The standard deviation of a tensor divides by n − 1, that of an array by n."""
    x = torch.tensor([0.5, -1.0, 2.0], dtype=torch.float64, requires_grad=True)
    assert oracle.gradcheck(lambda x: x.std(), x)


def test_only_what_requires_a_gradient_is_judged() -> None:
    class Product(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, a: Any, b: Any) -> Any:
            ctx.save_for_backward(a, b)
            return a * b

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g * ctx.saved_tensors[1], g

    a, b = (torch.tensor(X, requires_grad=True) for _ in range(2))
    assert oracle.gradcheck(Product.apply, (a, b.detach()))
    assert not oracle.gradcheck(Product.apply, (a, b), raise_exception=False)
