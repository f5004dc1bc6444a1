"""Mistakes in the backward of an `autograd.Function`, as people make them."""

from __future__ import annotations

from typing import Any

import torch

from oracle.dropins.of_torch import judged_grads

from .users_mistakes import Mistake

Tensor = Any


def of_function(function: Any, *inputs: Any, words: str) -> Mistake:
    def say() -> tuple[str, ...]:
        return tuple(judged_grads(function, inputs, "backward").diagnosis)

    return Mistake(say, words)


def numbers(*shape: int, low: float = -1.5, high: float = 1.5) -> Tensor:
    """Irregular numbers of a shape, the same every time."""
    count = int(torch.tensor(shape).prod()) if shape else 1
    fractions = (torch.arange(count, dtype=torch.float64) * 0.6180339887 + 0.1) % 1.0
    return (low + (high - low) * fractions).reshape(shape).requires_grad_(True)


def fixed(*shape: int, low: float = -1.5, high: float = 1.5) -> Tensor:
    return numbers(*shape, low=low, high=high).detach()


class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**2

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return 2 * x


class CubeLoss(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return (x**3).sum()

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return 3 * x * grad_output


class InPlace(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.sin()

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return grad_output.mul_(x.cos())


class NormalNLL(torch.autograd.Function):
    """By the standard deviation, but written for its logarithm."""

    @staticmethod
    def forward(ctx, scale, x):
        ctx.save_for_backward(scale, x)
        return scale.log() + x**2 / (2 * scale**2)

    @staticmethod
    def backward(ctx, grad_output):
        scale, x = ctx.saved_tensors
        return grad_output * (1 - x**2 / scale**2), grad_output * x / scale**2


class BinaryCrossEntropy(torch.autograd.Function):
    """The formula that is known for logits."""

    @staticmethod
    def forward(ctx, p, target):
        ctx.save_for_backward(p, target)
        return -(target * p.log() + (1 - target) * (1 - p).log()).sum()

    @staticmethod
    def backward(ctx, grad_output):
        p, target = ctx.saved_tensors
        return grad_output * (p - target), None


class LogDensity(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        value = -(x**2).sum(-1) / 2
        ctx.save_for_backward(x, value)
        return value

    @staticmethod
    def backward(ctx, grad_output):
        x, value = ctx.saved_tensors
        return -x * (grad_output * value.exp()).unsqueeze(-1)


class LayerNorm(torch.autograd.Function):
    """The standard deviation taken for a constant."""

    @staticmethod
    def forward(ctx, x, weight, bias):
        mean = x.mean(-1, keepdim=True)
        rstd = (x.var(-1, unbiased=False, keepdim=True) + 1e-5).rsqrt()
        ctx.save_for_backward(x, weight, mean, rstd)
        return (x - mean) * rstd * weight + bias

    @staticmethod
    def backward(ctx, grad_output):
        x, weight, mean, rstd = ctx.saved_tensors
        g = grad_output * weight
        normed = (x - mean) * rstd
        return (g - g.mean(-1, keepdim=True)) * rstd, (grad_output * normed).sum(0), grad_output.sum(0)


class LayerNormBessel(LayerNorm):
    """Means over n − 1."""

    @staticmethod
    def backward(ctx, grad_output):
        x, weight, mean, rstd = ctx.saved_tensors
        g, normed = grad_output * weight, (x - mean) * rstd
        n = x.shape[-1] - 1
        out = g - g.sum(-1, keepdim=True) / n - normed * (g * normed).sum(-1, keepdim=True) / n
        return out * rstd, (grad_output * normed).sum(0), grad_output.sum(0)


class BatchNorm(torch.autograd.Function):
    """Statistics of the batch, which the backward takes for running ones."""

    @staticmethod
    def forward(ctx, x):
        mean, var = x.mean((0, 2), keepdim=True), x.var((0, 2), unbiased=False, keepdim=True)
        ctx.save_for_backward(var)
        return (x - mean) / (var + 1e-5).sqrt()

    @staticmethod
    def backward(ctx, grad_output):
        (var,) = ctx.saved_tensors
        return grad_output / (var + 1e-5).sqrt()


class RMSNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight):
        r = (x.pow(2).mean(-1, keepdim=True) + 1e-6).rsqrt()
        ctx.save_for_backward(x, weight, r)
        return x * r * weight

    @staticmethod
    def backward(ctx, grad_output):
        x, weight, r = ctx.saved_tensors
        return grad_output * weight * r, (grad_output * x * r).sum(0)


class Softmax(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        y = x.softmax(-1)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, grad_output):
        (y,) = ctx.saved_tensors
        return y * (grad_output - (grad_output * y).sum(0, keepdim=True))


class SoftmaxDiagonal(Softmax):
    """The Jacobian's diagonal alone."""

    @staticmethod
    def backward(ctx, grad_output):
        (y,) = ctx.saved_tensors
        return grad_output * y * (1 - y)


class Linear(torch.autograd.Function):
    """weight is (out, in), and square: nothing complains of a transpose that is missing."""

    @staticmethod
    def forward(ctx, x, weight, bias):
        ctx.save_for_backward(x, weight)
        return x @ weight.T + bias

    @staticmethod
    def backward(ctx, grad_output):
        x, weight = ctx.saved_tensors
        return grad_output @ weight.T, grad_output.T @ x, grad_output.sum(0)


class LinearBiasMean(Linear):
    @staticmethod
    def backward(ctx, grad_output):
        x, weight = ctx.saved_tensors
        return grad_output @ weight, grad_output.T @ x, grad_output.mean(0)


class LinearWeight(Linear):
    @staticmethod
    def backward(ctx, grad_output):
        x, weight = ctx.saved_tensors
        return grad_output @ weight, x.T @ grad_output, grad_output.sum(0)


class Normalize(torch.autograd.Function):
    """A root that the backward floors, and the forward does not."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.norm()

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return grad_output * x / x.norm().clamp(min=1.0)


class Reciprocal(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.log()

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return grad_output / x.clamp(min=0.25)


class Embedding(torch.autograd.Function):
    @staticmethod
    def forward(ctx, weight, index):
        ctx.save_for_backward(index)
        ctx.rows = weight.shape[0]
        return weight[index]

    @staticmethod
    def backward(ctx, grad_output):
        (index,) = ctx.saved_tensors
        out = grad_output.new_zeros(ctx.rows, grad_output.shape[-1])
        out[index] = grad_output
        return out, None


class QuadraticForm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, matrix):
        ctx.save_for_backward(x, matrix)
        return x @ matrix @ x

    @staticmethod
    def backward(ctx, grad_output):
        x, matrix = ctx.saved_tensors
        return 2 * grad_output * (matrix @ x), grad_output * torch.outer(x, x)


class Energy(torch.autograd.Function):
    """A matrix whose gradient is symmetrised, though nothing says that it is symmetric."""

    @staticmethod
    def forward(ctx, matrix, x, y):
        ctx.save_for_backward(x, y)
        return x @ matrix @ y

    @staticmethod
    def backward(ctx, grad_output):
        x, y = ctx.saved_tensors
        outer = torch.outer(x, y)
        return grad_output * (outer + outer.T) / 2, None, None


class CrossEntropy(torch.autograd.Function):
    """The mean over the rows, divided by all entries."""

    @staticmethod
    def forward(ctx, logits, target):
        ctx.save_for_backward(logits, target)
        return -(target * logits.log_softmax(-1)).sum() / logits.shape[0]

    @staticmethod
    def backward(ctx, grad_output):
        logits, target = ctx.saved_tensors
        p = logits.softmax(-1) * target.sum(-1, keepdim=True)
        return grad_output * (p - target) / logits.numel(), None


class Guided(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.nn.functional.softplus(x)

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return grad_output.clamp(min=0) * x.sigmoid()


MISTAKES: dict[str, Mistake] = {
    "a square, not multiplied": of_function(Square.apply, numbers(4), words="not multiplied by the cotangent"),
    "3x for 3x²": of_function(CubeLoss.apply, numbers(4), words="1/x"),
    "grad_output overwritten": of_function(InPlace.apply, numbers(4), words="changes its cotangent"),
    "by ln σ": of_function(NormalNLL.apply, numbers(4, low=0.3, high=3.0), fixed(4), words="by ln scale"),
    "by the logit": of_function(
        BinaryCrossEntropy.apply, numbers(4, low=0.1, high=0.9), fixed(4, low=0.0, high=1.0), words="by the logit of p"
    ),
    "the density": of_function(LogDensity.apply, numbers(3, 2), words="e^fn"),
    "layer norm, the variance": of_function(
        LayerNorm.apply, numbers(3, 4), numbers(4, low=0.5, high=2.0), numbers(4), words="variance"
    ),
    "layer norm, n − 1": of_function(
        LayerNormBessel.apply, numbers(3, 4), numbers(4, low=0.5, high=2.0), numbers(4), words="wrong count"
    ),
    "batch norm, detached": of_function(BatchNorm.apply, numbers(2, 3, 4), words="statistics"),
    "rms norm, detached": of_function(
        RMSNorm.apply, numbers(3, 4), numbers(4, low=0.5, high=2.0), words="held constant"
    ),
    "softmax over the wrong axis": of_function(Softmax.apply, numbers(3, 4), words="axis"),
    "softmax, its diagonal": of_function(SoftmaxDiagonal.apply, numbers(3, 4), words="diagonal"),
    "a weight that is transposed": of_function(
        Linear.apply, numbers(2, 3), numbers(3, 3), numbers(3), words="transpose"
    ),
    "the weight's gradient transposed": of_function(
        LinearWeight.apply, numbers(2, 3), numbers(3, 3), numbers(3), words="transpose"
    ),
    "a bias's mean": of_function(LinearBiasMean.apply, numbers(4, 3), numbers(2, 3), numbers(2), words="wrong count"),
    "a norm that is floored": of_function(Normalize.apply, numbers(3), words="floored at 1"),
    "a denominator that is floored": of_function(
        Reciprocal.apply, numbers(5, low=0.1, high=2.0), words="floored at 0.25"
    ),
    "an embedding that overwrites": of_function(
        Embedding.apply, numbers(4, 2), torch.tensor([0, 2, 2, 3, 0]), words="overwritten"
    ),
    "a quadratic form": of_function(QuadraticForm.apply, numbers(3), numbers(3, 3), words="symmetric"),
    "symmetrised": of_function(
        Energy.apply, numbers(3, 3), fixed(3), fixed(3, low=0.2, high=2.0), words="symmetric part"
    ),
    "a mean over all entries": of_function(
        CrossEntropy.apply, numbers(4, 3), fixed(4, 3, low=0.0, high=1.0), words="wrong count"
    ),
    "guided": of_function(Guided.apply, numbers(4), words="positive"),
}
