"""HIPS autograd as its users write it: autograd.numpy, autograd.scipy.special, and autograd.value_and_grad.

Samples are rows and W is (in, out), as in its examples. It has neither activations nor losses of its own: they are written with its
NumPy, the logarithms of sigmoid and softmax by logaddexp and logsumexp.
"""

from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd import value_and_grad
from autograd.scipy.special import erf, expit, logsumexp

from manualbp import HEADS
from manualbp.activations import LEAKY_SLOPE, SELU_ALPHA, SELU_LAMBDA
from oracle.backends.backend import Backend, Capabilities
from oracle.vectors.record import Answer, Question

Array = Any


def softplus(z: Array) -> Array:
    return anp.logaddexp(0, z)


def log_sigmoid(z: Array) -> Array:
    return -anp.logaddexp(0, -z)


def log_softmax(z: Array) -> Array:
    return z - logsumexp(z, axis=1, keepdims=True)


def gelu_tanh(z: Array) -> Array:
    return 0.5 * z * (1 + anp.tanh(np.sqrt(2 / np.pi).item() * (z + 0.044715 * z**3)))


def elu(z: Array) -> Array:
    return anp.where(z > 0, z, anp.expm1(anp.minimum(z, 0)))


def kl_divergence(log_a: Array, E: Array) -> Array:
    return E * (anp.log(anp.where(E > 0, E, 1)) - log_a)


ACTIVATIONS: Mapping[str, Callable[[Array], Array]] = {
    "identity": lambda z: z,
    "sigmoid": expit,
    "tanh": anp.tanh,
    "relu": lambda z: anp.maximum(z, 0),
    "leaky_relu": lambda z: anp.where(z > 0, z, LEAKY_SLOPE * z),
    "elu": elu,
    "selu": lambda z: SELU_LAMBDA * anp.where(z > 0, z, SELU_ALPHA * anp.expm1(anp.minimum(z, 0))),
    "softplus": softplus,
    "silu": lambda z: z * expit(z),
    "gelu": lambda z: 0.5 * z * (1 + erf(z / np.sqrt(2).item())),
    "gelu_tanh": gelu_tanh,
    "mish": lambda z: z * anp.tanh(softplus(z)),
    "softsign": lambda z: z / (1 + anp.abs(z)),
    "arctan": anp.arctan,
    "softmax": lambda z: anp.exp(log_softmax(z)),
}

#: One term an entry or a sample: the loss of the batch sums them and divides by the number of samples.
COSTS: Mapping[str, Callable[..., Array]] = {
    "quadratic": lambda a, E: 0.5 * (a - E) ** 2,
    "cross_entropy": lambda a, E: -(E * anp.log(a) + (1 - E) * anp.log1p(-a)),
    "exponential": lambda a, E, tau: tau * anp.exp(anp.sum((a - E) ** 2, axis=1) / tau),
    "hellinger": lambda a, E: (anp.sqrt(a) - anp.sqrt(E)) ** 2 / np.sqrt(2).item(),
    "kullback_leibler": lambda a, E: kl_divergence(anp.log(a), E),
    "generalized_kullback_leibler": lambda a, E: kl_divergence(anp.log(a), E) - E + a,
    "itakura_saito": lambda a, E: E / a - anp.log(E / a) - 1,
    "categorical_cross_entropy": lambda a, E: -E * anp.log(a),
    "huber": lambda a, E, threshold: anp.where(
        anp.abs(a - E) <= threshold, 0.5 * (a - E) ** 2, threshold * (anp.abs(a - E) - 0.5 * threshold)
    ),
    "log_cosh": lambda a, E: anp.logaddexp(a - E, E - a) - np.log(2).item(),
    "squared_hinge": lambda a, E: anp.maximum(0, 1 - E * a) ** 2,
    "poisson": lambda a, E: a - E * anp.log(a),
}

#: Losses that take z itself.
FROM_Z: Mapping[str, Callable[[Array, Array], Array]] = {
    "sigmoid+cross_entropy:fused": lambda z, E: -(E * log_sigmoid(z) + (1 - E) * log_sigmoid(-z)),
    "sigmoid+kullback_leibler:fused": lambda z, E: kl_divergence(log_sigmoid(z), E),
    "sigmoid+generalized_kullback_leibler:fused": lambda z, E: kl_divergence(log_sigmoid(z), E) - E + expit(z),
    "sigmoid+categorical_cross_entropy:fused": lambda z, E: -E * log_sigmoid(z),
    "sigmoid+poisson:fused": lambda z, E: expit(z) - E * log_sigmoid(z),
    "softmax+categorical_cross_entropy:fused": lambda z, E: -E * log_softmax(z),
    "softmax+kullback_leibler:fused": lambda z, E: kl_divergence(log_softmax(z), E),
    "softmax+generalized_kullback_leibler:fused": lambda z, E: (
        kl_divergence(log_softmax(z), E) - E + anp.exp(log_softmax(z))
    ),
    "softmax+poisson:fused": lambda z, E: anp.exp(log_softmax(z)) - E * log_softmax(z),
}


def backend() -> Backend:
    kept = Capabilities(("float64", "float32"), samples="rows", weights="in_out")
    return Backend("autograd", run, kept, version=f"autograd {version('autograd')}")


def run(question: Question) -> Answer:
    x = question.x
    parameters = list(zip(question.weights, question.biases, strict=True))
    moves = [np.zeros((len(x), w.shape[1]), x.dtype) for w in question.weights]
    with np.errstate(all="ignore"):  # what is not finite is the judge's to see
        cost, (nabla, by_moves) = value_and_grad(lambda p: mean_cost(question, *p))((parameters, moves))
        _, activations = passes(question, parameters, moves)
    # by_moves is the derivative of the mean: times m it is δ
    deltas = tuple(d * len(x) for d in by_moves)
    nabla_w, nabla_b = (tuple(values) for values in zip(*nabla, strict=True))
    return Answer(nabla_w, nabla_b, np.asarray(cost), tuple(activations), deltas)


def passes(question: Question, parameters: Any, moves: Any) -> tuple[Array, list[Array]]:
    """zᴸ, and the activations. moves: zeros added to each z, whose derivative is δ/m."""
    a, activations = question.x, []
    for (w, b), move, name in zip(parameters, moves, (*question.hidden, HEADS[question.head].activation), strict=True):
        z = anp.dot(a, w) + b + move
        a = ACTIVATIONS[name](z)
        activations.append(a)
    return z, activations


def mean_cost(question: Question, parameters: Any, moves: Any) -> Array:
    head, E = HEADS[question.head], question.expected
    z, activations = passes(question, parameters, moves)
    if head.name in FROM_Z:
        return anp.sum(FROM_Z[head.name](z, E)) / len(E)
    return anp.sum(COSTS[head.cost.name](activations[-1], E, **question.parameters)) / len(E)
