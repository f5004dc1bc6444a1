"""tinygrad as its users write it: Tensor's methods for activations and losses, and loss.gradient(…).

Samples are rows and W is (in, out), as in Tensor.linear. It runs on tinygrad's default device, which DEV=… chooses; where it finds
none (its CPU device needs clang), on its device PYTHON, which interprets every operation.
"""

import math
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np
from tinygrad import Device, Tensor, dtypes
from tinygrad.helpers import Context

from manualbp import HEADS
from oracle.backends.backend import Backend, Capabilities
from oracle.vectors.record import Answer, Question

ACTIVATIONS: Mapping[str, Callable[[Any], Any]] = {
    "identity": lambda z: z,
    "sigmoid": Tensor.sigmoid,
    "tanh": Tensor.tanh,
    "relu": Tensor.relu,
    "leaky_relu": Tensor.leaky_relu,
    "elu": Tensor.elu,
    "selu": Tensor.selu,
    "softplus": Tensor.softplus,
    "silu": Tensor.silu,
    "gelu": lambda z: 0.5 * z * (1 + (z / math.sqrt(2)).erf()),
    "gelu_tanh": Tensor.gelu,
    "mish": Tensor.mish,
    "softsign": Tensor.softsign,
    "arctan": Tensor.atan,
    "softmax": lambda z: z.softmax(axis=1),
}


def kl_divergence(log_a: Any, E: Any) -> Any:
    return E * ((E > 0).where(E, 1).log() - log_a)


#: One term an entry or a sample: the loss of the batch sums them and divides by the number of samples.
COSTS: Mapping[str, Callable[..., Any]] = {
    "quadratic": lambda a, E: (a - E).square() / 2,
    "cross_entropy": lambda a, E: a.binary_crossentropy(E, reduction="none"),
    "exponential": lambda a, E, tau: tau * ((a - E).square().sum(axis=1) / tau).exp(),
    "hellinger": lambda a, E: (a.sqrt() - E.sqrt()).square() / math.sqrt(2),
    "kullback_leibler": lambda a, E: kl_divergence(a.log(), E),
    "generalized_kullback_leibler": lambda a, E: kl_divergence(a.log(), E) - E + a,
    "itakura_saito": lambda a, E: E / a - (E / a).log() - 1,
    "categorical_cross_entropy": lambda a, E: -E * a.log(),
    "huber": lambda a, E, threshold: ((a - E).abs() <= threshold).where(
        (a - E).square() / 2, threshold * ((a - E).abs() - threshold / 2)
    ),
    "log_cosh": lambda a, E: (a - E).logaddexp(E - a) - math.log(2),
    "squared_hinge": lambda a, E: (1 - E * a).relu().square(),
    "poisson": lambda a, E: a - E * a.log(),
}

#: Losses that take z itself.
FROM_Z: Mapping[str, Callable[[Any, Any], Any]] = {
    "sigmoid+cross_entropy:fused": lambda z, E: z.binary_crossentropy_logits(E, reduction="none"),
    "sigmoid+kullback_leibler:fused": lambda z, E: kl_divergence(z.logsigmoid(), E),
    "sigmoid+generalized_kullback_leibler:fused": lambda z, E: kl_divergence(z.logsigmoid(), E) - E + z.sigmoid(),
    "sigmoid+categorical_cross_entropy:fused": lambda z, E: -E * z.logsigmoid(),
    "sigmoid+poisson:fused": lambda z, E: z.sigmoid() - E * z.logsigmoid(),
    "softmax+categorical_cross_entropy:fused": lambda z, E: z.cross_entropy(E, reduction="none"),
    "softmax+kullback_leibler:fused": lambda z, E: kl_divergence(z.log_softmax(), E),
    "softmax+generalized_kullback_leibler:fused": lambda z, E: kl_divergence(z.log_softmax(), E) - E + z.softmax(),
    "softmax+poisson:fused": lambda z, E: z.softmax() - E * z.log_softmax(),
}


def backend() -> Backend:
    kept = Capabilities(("float64", "float32"), samples="rows", weights="in_out")
    with device():
        return Backend("tinygrad", run, kept, version=f"tinygrad {version('tinygrad')}, device {Device.DEFAULT}")


def device() -> AbstractContextManager[Any]:
    """The default device, or PYTHON where there is none."""
    return nullcontext() if has_device() else Context(DEV="PYTHON")


@cache
def has_device() -> bool:
    try:
        return bool(Device.DEFAULT)
    except RuntimeError:  # "no usable devices"
        return False


def run(question: Question) -> Answer:
    with device():
        dtype = {"float64": dtypes.float64, "float32": dtypes.float32}[question.dtype]
        x, E = Tensor(question.x, dtype=dtype), Tensor(question.expected, dtype=dtype)
        weights = [Tensor(w, dtype=dtype) for w in question.weights]
        biases = [Tensor(b, dtype=dtype) for b in question.biases]
        head = HEADS[question.head]
        zs: list[Any] = []
        activations: list[Any] = [x]
        for w, b, name in zip(weights, biases, (*question.hidden, head.activation), strict=True):
            zs.append(activations[-1].linear(w, b))
            activations.append(ACTIVATIONS[name](zs[-1]))
        if head.name in FROM_Z:
            terms = FROM_Z[head.name](zs[-1], E)
        else:
            terms = COSTS[head.cost.name](activations[-1], E, **question.parameters)
        cost = terms.sum() / len(question.x)
        found = [g.numpy() for g in cost.gradient(*weights, *biases, *zs)]
        L = len(weights)
        # the derivative of the mean by z: times m it is δ
        deltas = tuple(g * np.asarray(len(question.x), g.dtype) for g in found[2 * L :])
        values = tuple(a.numpy() for a in activations[1:])
        return Answer(tuple(found[:L]), tuple(found[L : 2 * L]), np.asarray(cost.numpy()), values, deltas)
