"""MLX as its users write it: mlx.nn's activations and losses, and mx.value_and_grad, on the CPU, which alone knows float64.

Samples are rows and W is (out, in), as in its Linear layers. Losses reduce by "none"; the loss of the batch sums them and divides
by the number of samples.
"""

from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any

import mlx.core as mx
import numpy as np
from mlx import nn

from manualbp import HEADS
from oracle.backends.backend import Backend, Capabilities
from oracle.vectors.record import Answer, Question

Array = Any
losses = nn.losses

ACTIVATIONS: Mapping[str, Callable[[Array], Array]] = {
    "identity": lambda z: z,
    "sigmoid": nn.sigmoid,
    "tanh": nn.tanh,
    "relu": nn.relu,
    "leaky_relu": nn.leaky_relu,
    "elu": nn.elu,
    "selu": nn.selu,
    "softplus": nn.softplus,
    "silu": nn.silu,
    "gelu": nn.gelu,
    "gelu_tanh": nn.gelu_approx,
    "mish": nn.mish,
    "softsign": nn.softsign,
    "arctan": mx.arctan,
    "softmax": lambda z: nn.softmax(z, axis=-1),
}


def kl_divergence(log_a: Array, E: Array) -> Array:
    return E * (mx.log(mx.where(E > 0, E, 1)) - log_a)


#: One term an entry or a sample: the loss of the batch sums them and divides by the number of samples.
COSTS: Mapping[str, Callable[..., Array]] = {
    "quadratic": lambda a, E: losses.mse_loss(a, E, reduction="none") / 2,
    "cross_entropy": lambda a, E: losses.binary_cross_entropy(a, E, with_logits=False, reduction="none"),
    "exponential": lambda a, E, tau: tau * mx.exp(mx.square(a - E).sum(axis=1) / tau),
    "hellinger": lambda a, E: mx.square(mx.sqrt(a) - mx.sqrt(E)) / np.sqrt(2).item(),
    "kullback_leibler": lambda a, E: kl_divergence(mx.log(a), E),
    "generalized_kullback_leibler": lambda a, E: kl_divergence(mx.log(a), E) - E + a,
    "itakura_saito": lambda a, E: E / a - mx.log(E / a) - 1,
    "categorical_cross_entropy": lambda a, E: -E * mx.log(a),
    "huber": lambda a, E, threshold: losses.huber_loss(a, E, delta=threshold, reduction="none"),
    "log_cosh": lambda a, E: losses.log_cosh_loss(a, E, reduction="none"),
    "squared_hinge": lambda a, E: mx.square(losses.hinge_loss(a, E, reduction="none")),
    "poisson": lambda a, E: a - E * mx.log(a),
}

#: Losses that take z itself.
FROM_Z: Mapping[str, Callable[[Array, Array], Array]] = {
    "sigmoid+cross_entropy:fused": lambda z, E: losses.binary_cross_entropy(z, E, reduction="none"),
    "sigmoid+kullback_leibler:fused": lambda z, E: kl_divergence(nn.log_sigmoid(z), E),
    "sigmoid+generalized_kullback_leibler:fused": lambda z, E: kl_divergence(nn.log_sigmoid(z), E) - E + nn.sigmoid(z),
    "sigmoid+categorical_cross_entropy:fused": lambda z, E: -E * nn.log_sigmoid(z),
    "sigmoid+poisson:fused": lambda z, E: nn.sigmoid(z) - E * nn.log_sigmoid(z),
    "softmax+categorical_cross_entropy:fused": lambda z, E: losses.cross_entropy(z, E, reduction="none"),
    "softmax+kullback_leibler:fused": lambda z, E: kl_divergence(nn.log_softmax(z, axis=-1), E),
    "softmax+generalized_kullback_leibler:fused": lambda z, E: (
        kl_divergence(nn.log_softmax(z, axis=-1), E) - E + nn.softmax(z, axis=-1)
    ),
    "softmax+poisson:fused": lambda z, E: nn.softmax(z, axis=-1) - E * nn.log_softmax(z, axis=-1),
}


def backend() -> Backend:
    mx.set_default_device(mx.cpu)
    kept = Capabilities(("float64", "float32", "float16"), samples="rows")
    return Backend("mlx", run, kept, version=f"MLX {version('mlx')}")


def run(question: Question) -> Answer:
    head, names = HEADS[question.head], (*question.hidden, HEADS[question.head].activation)
    x, E = array(question.x), array(question.expected)

    def mean_cost(weights: Any, biases: Any, moves: Any) -> Any:
        a, activations = x, []
        for w, b, move, name in zip(weights, biases, moves, names, strict=True):
            z = a @ w.T + b + move
            a = ACTIVATIONS[name](z)
            activations.append(a)
        terms = FROM_Z[head.name](z, E) if head.name in FROM_Z else COSTS[head.cost.name](a, E, **question.parameters)
        return terms.sum() / question.samples, activations

    weights, biases = ([array(v) for v in values] for values in (question.weights, question.biases))
    # zeros added to each z, whose derivative is δ/m
    moves = [mx.zeros((question.samples, n), x.dtype) for n in question.sizes[1:]]
    gradient = mx.value_and_grad(mean_cost, argnums=(0, 1, 2))
    (cost, activations), (nabla_w, nabla_b, by_moves) = gradient(weights, biases, moves)
    deltas = tuple(np.array(d * question.samples) for d in by_moves)
    arrays = [tuple(map(np.array, values)) for values in (nabla_w, nabla_b, activations)]
    return Answer(arrays[0], arrays[1], np.array(cost), arrays[2], deltas)


def array(x: Any) -> Array:
    return mx.array(x, dtype=getattr(mx, x.dtype.name))
