"""autograd.Functions as they come: arguments that are no tensors, several outputs, forwards in place, in float32 alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from oracle.candidate.asking import CannotJudge

from ..two_outputs import twice_and_thrice

torch = pytest.importorskip("torch")

from oracle.candidate.torch_rules import asked  # noqa: E402
from oracle.check.locations import location  # noqa: E402

X, C = np.array([0.5, -1.5, 2.0]), np.array([1.0, 10.0, 100.0])


class Power(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Any, n: int) -> Any:
        ctx.save_for_backward(x)
        ctx.n = n
        return x**n

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        (x,) = ctx.saved_tensors
        return g * ctx.n * x ** (ctx.n - 1), None


class Scaled(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Any, scale: float = 3.0, mode: str = "up", bias: Any = None) -> Any:
        assert mode == "up"
        return x * scale

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return 3.0 * g, None, None, None


class Picks(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(index)
        ctx.size = x.shape
        return x.gather(0, index)

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        (index,) = ctx.saved_tensors
        return torch.zeros(ctx.size, dtype=g.dtype).scatter_add(0, index, g), None


class Both(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        places = x.argsort()
        ctx.mark_non_differentiable(places)
        return x.sin(), places, x.sum()

    @staticmethod
    def backward(ctx: Any, g: Any, unused: Any, h: Any) -> Any:
        (x,) = ctx.saved_tensors
        return g * x.cos() + h


class InPlace(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        x.mul_(2)
        ctx.mark_dirty(x)
        return x

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return 2 * g


class Narrow(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        assert x.dtype == torch.float32
        return x * 2

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return g * 2


class Needs(torch.autograd.Function):
    """A product, right where both are asked for, and exchanged where one alone is."""

    @staticmethod
    def forward(ctx: Any, x: Any, y: Any) -> Any:
        ctx.save_for_backward(x, y)
        return x * y

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        x, y = ctx.saved_tensors
        if all(ctx.needs_input_grad):
            return g * y, g * x
        return (g * x if ctx.needs_input_grad[0] else None), (g * y if ctx.needs_input_grad[1] else None)


class NewStyle(torch.autograd.Function):
    @staticmethod
    def forward(x: Any, axis: int) -> Any:
        return x.cumsum(axis)

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        ctx.axis = inputs[1]

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return g.flip(ctx.axis).cumsum(ctx.axis).flip(ctx.axis), None


class Many(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, *tensors: Any) -> Any:
        ctx.count = len(tensors)
        return sum(tensors[1:], tensors[0])

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return (g,) * ctx.count


class Unannotated(Power):
    @staticmethod
    def forward(ctx: Any, x: Any, n: Any) -> Any:
        ctx.save_for_backward(x)
        ctx.n = n
        return x**n


class Never(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        raise RuntimeError("no")


@pytest.mark.parametrize(
    ("function", "words", "value", "product"),
    [
        (Power, "n = 2", X**2, 2 * X * C),
        (Unannotated, "n = 2", X**2, 2 * X * C),
        (Scaled, "scale = 3.0, mode = 'up', bias = None", 3 * X, 3 * C),
        (Picks, "index = [0, 2, 1]", X[[0, 2, 1]], C[[0, 2, 1]]),
        (InPlace, "", 2 * X, 2 * C),
        (NewStyle, "axis = -1", np.cumsum(X), np.cumsum(C[::-1])[::-1]),
        (Many, "", X, C),
    ],
)
def test_a_function_is_asked_as_it_is(function: Any, words: str, value: np.ndarray, product: np.ndarray) -> None:
    fn, vjp, said, _ = asked(function)[0]
    x, c = X.copy(), C.copy()
    assert said == words
    np.testing.assert_allclose(fn(x), value)
    np.testing.assert_allclose(vjp(x, c)[0], product)
    assert np.array_equal(x, X)
    assert np.array_equal(c, C)


def test_a_number_that_was_made_up_is_asked_with_another() -> None:
    assert [words for _, _, words, _ in asked(Power)] == ["n = 2", "n = 3"]


def test_several_outputs_are_one_vector() -> None:
    ((fn, vjp, _, _),) = asked(Both)
    np.testing.assert_allclose(fn(X), [*np.sin(X), X.sum()])
    np.testing.assert_allclose(vjp(X, np.array([1.0, 2.0, 3.0, 7.0]))[0], np.array([1, 2, 3]) * np.cos(X) + 7)


def test_a_forward_in_float32_is_given_float32() -> None:
    ((fn, vjp, _, _),) = asked(Narrow)
    assert fn(X).dtype == vjp(X, C)[0].dtype == np.float32


def test_a_backward_that_looks_at_what_is_needed_is_asked_for_one_argument_as_well() -> None:
    together, apart = asked(Needs)
    assert apart[2] == "one argument at a time"
    y = np.array([3.0, 4.0, 5.0])
    np.testing.assert_allclose(together[1](X, y, C)[0], C * y)
    np.testing.assert_allclose(apart[1](X, y, C)[0], C * X)


def test_what_runs_with_nothing_is_one_sentence() -> None:
    with pytest.raises(CannotJudge, match="Never runs with no arguments that were tried"):
        asked(Never)


@pytest.mark.parametrize("forgets", [False, True])
def test_outputs_are_asked_one_at_a_time_where_the_others_are_none(forgets):
    ways = asked(twice_and_thrice(forgets))
    assert [words for _, _, words, _ in ways] == ["", "one output at a time"]
    x, c = np.array([0.5, -1.0]), np.array([1.0, 10.0, 100.0, 1000.0])
    together, apart = (vjp(x, c)[0] for _, vjp, _, _ in ways)
    assert np.array_equal(together, [302.0, 3020.0])
    assert np.array_equal(apart, [2.0, 20.0] if forgets else together)


def test_a_rule_knows_where_it_stands():
    rule = twice_and_thrice(True)
    fn, vjp, *_ = asked(rule)[0]
    assert location(fn) == location(vjp) == location(rule)


class Reversed(torch.autograd.Function):
    """It keeps alpha for its backward, which can only be done with a tensor."""

    @staticmethod
    def forward(ctx: Any, x: Any, alpha: Any) -> Any:
        ctx.save_for_backward(alpha)
        return x

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        (alpha,) = ctx.saved_tensors
        return -alpha * g, None


def test_what_is_kept_for_backward_is_no_number() -> None:
    ((fn, vjp, words, _),) = asked(Reversed)
    assert (words, fn(X, C).tolist()) == ("", X.tolist())
    by_x, by_alpha = vjp(X, C, C)
    assert (by_x.tolist(), by_alpha) == ((-C * C).tolist(), None)
