"""PyTorch as its users write it: torch.nn.functional for layers, activations and losses, and loss.backward().

Samples are rows, W is (out, in). Losses reduce by "sum" and are divided by the number of samples: "mean" would divide by the number
of outputs, too. What torch.nn.functional does not have is written with tensors' methods.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from manualbp import HEADS
from oracle.backends.backend import Backend, Capabilities
from oracle.vectors.record import Answer, Question

Tensor = Any

ACTIVATIONS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "identity": lambda z: z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": F.relu,
    "leaky_relu": F.leaky_relu,
    "elu": F.elu,
    "selu": F.selu,
    "softplus": F.softplus,
    "silu": F.silu,
    "gelu": F.gelu,
    "gelu_tanh": lambda z: F.gelu(z, approximate="tanh"),
    "mish": F.mish,
    "softsign": F.softsign,
    "arctan": torch.atan,
    "softmax": lambda z: F.softmax(z, dim=1),
}

#: Each sums over the whole batch.
COSTS: Mapping[str, Callable[..., Tensor]] = {
    "quadratic": lambda a, E: F.mse_loss(a, E, reduction="sum") / 2,
    "cross_entropy": lambda a, E: F.binary_cross_entropy(a, E, reduction="sum"),
    "exponential": lambda a, E, tau: (tau * torch.exp(((a - E) ** 2).sum(dim=1) / tau)).sum(),
    "hellinger": lambda a, E: F.mse_loss(a.sqrt(), E.sqrt(), reduction="sum") / 2**0.5,
    "kullback_leibler": lambda a, E: F.kl_div(a.log(), E, reduction="sum"),
    "generalized_kullback_leibler": lambda a, E: F.kl_div(a.log(), E, reduction="sum") + (a - E).sum(),
    "itakura_saito": lambda a, E: (E / a - torch.log(E / a) - 1).sum(),
    "categorical_cross_entropy": lambda a, E: -(E * a.log()).sum(),
    "huber": lambda a, E, threshold: F.huber_loss(a, E, reduction="sum", delta=threshold),
    "log_cosh": lambda a, E: (torch.logaddexp(a - E, E - a) - np.log(2).item()).sum(),
    "squared_hinge": lambda a, E: F.relu(1 - E * a).square().sum(),
    # the default eps = 1e-8 is another cost: a − E ln(a + eps)
    "poisson": lambda a, E: F.poisson_nll_loss(a, E, log_input=False, eps=0.0, reduction="sum"),
}

#: Losses that take z itself.
FROM_Z: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = {
    "sigmoid+cross_entropy:fused": lambda z, E: F.binary_cross_entropy_with_logits(z, E, reduction="sum"),
    "sigmoid+kullback_leibler:fused": lambda z, E: F.kl_div(F.logsigmoid(z), E, reduction="sum"),
    "sigmoid+generalized_kullback_leibler:fused": lambda z, E: (
        F.kl_div(F.logsigmoid(z), E, reduction="sum") + (torch.sigmoid(z) - E).sum()
    ),
    "sigmoid+categorical_cross_entropy:fused": lambda z, E: -(E * F.logsigmoid(z)).sum(),
    "sigmoid+poisson:fused": lambda z, E: F.poisson_nll_loss(F.logsigmoid(z), E, reduction="sum"),
    "softmax+categorical_cross_entropy:fused": lambda z, E: F.cross_entropy(z, E, reduction="sum"),
    "softmax+kullback_leibler:fused": lambda z, E: F.kl_div(F.log_softmax(z, dim=1), E, reduction="sum"),
    "softmax+generalized_kullback_leibler:fused": lambda z, E: (
        F.kl_div(F.log_softmax(z, dim=1), E, reduction="sum") + (F.softmax(z, dim=1) - E).sum()
    ),
    "softmax+poisson:fused": lambda z, E: F.poisson_nll_loss(F.log_softmax(z, dim=1), E, reduction="sum"),
}


def backend() -> Backend:
    kept = Capabilities(("float64", "float32", "float16", "bfloat16"), samples="rows")
    return Backend("torch", run, kept, version=f"PyTorch {torch.__version__}")


def run(question: Question) -> Answer:
    x, E = tensor(question.x), tensor(question.expected)
    weights = [tensor(w).requires_grad_() for w in question.weights]
    biases = [tensor(b).requires_grad_() for b in question.biases]
    head = HEADS[question.head]
    zs, activations = [], [x]
    for w, b, name in zip(weights, biases, (*question.hidden, head.activation), strict=True):
        zs.append(F.linear(activations[-1], w, b))
        zs[-1].retain_grad()
        activations.append(ACTIVATIONS[name](zs[-1]))
    if head.name in FROM_Z:
        total = FROM_Z[head.name](zs[-1], E)
    else:
        total = COSTS[head.cost.name](activations[-1], E, **question.parameters)
    cost = total / len(x)
    cost.backward()
    # z.grad is the derivative of the mean: times m it is δ
    deltas = tuple(array(z.grad * len(x)) for z in zs)
    nabla_w, nabla_b = (tuple(array(p.grad) for p in parameters) for parameters in (weights, biases))
    return Answer(nabla_w, nabla_b, array(cost), tuple(map(array, activations[1:])), deltas)


def tensor(x: Any) -> Tensor:
    """A tensor of its own; NumPy and torch share no bfloat16, so that it travels as its bits."""
    if x.dtype.name == "bfloat16":
        return torch.from_numpy(x.view(np.int16).copy()).view(torch.bfloat16)
    return torch.from_numpy(x.copy())


def array(x: Tensor) -> Any:
    if x.dtype is torch.bfloat16:
        import ml_dtypes

        return x.detach().view(torch.int16).numpy().view(ml_dtypes.bfloat16)
    return x.detach().numpy()
