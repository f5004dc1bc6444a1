"""Keras as its users write it: dense layers, keras.activations, keras.losses, and the gradient of whatever Keras runs on.

Samples are rows and W is (in, out). Keras averages most losses over the outputs: they are multiplied by their number here. What
Keras does not have is written with keras.ops. TensorFlow gives the gradient, or torch where `KERAS_BACKEND=torch`.
"""

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
from keras import activations, losses, ops

from manualbp import HEADS
from oracle.backends.backend import Backend, Capabilities
from oracle.vectors.record import Answer, Question

Tensor = Any

ACTIVATIONS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "identity": activations.linear,
    "sigmoid": activations.sigmoid,
    "tanh": activations.tanh,
    "relu": activations.relu,
    "leaky_relu": lambda z: activations.leaky_relu(z, negative_slope=0.01),
    "elu": activations.elu,
    "selu": activations.selu,
    "softplus": activations.softplus,
    "silu": activations.silu,
    "gelu": activations.gelu,
    "gelu_tanh": lambda z: activations.gelu(z, approximate=True),
    "mish": activations.mish,
    "softsign": activations.softsign,
    "arctan": ops.arctan,
    "softmax": activations.softmax,
}


def of_outputs(loss: Callable[..., Tensor], factor: float = 1.0) -> Callable[..., Tensor]:
    """A loss that is averaged over the outputs, summed over them."""
    return lambda a, E, **parameters: factor * a.shape[-1] * loss(E, a, **parameters)


#: One term a sample, or an entry: the loss of the batch sums them and divides by the number of samples.
COSTS: Mapping[str, Callable[..., Tensor]] = {
    "quadratic": of_outputs(losses.mean_squared_error, 0.5),
    "cross_entropy": of_outputs(losses.binary_crossentropy),
    "exponential": lambda a, E, tau: tau * ops.exp(ops.sum(ops.square(a - E), axis=-1) / tau),
    "hellinger": lambda a, E: ops.square(ops.sqrt(a) - ops.sqrt(E)) / np.sqrt(2).item(),
    "kullback_leibler": lambda a, E: losses.kl_divergence(E, a),
    "generalized_kullback_leibler": lambda a, E: losses.kl_divergence(E, a) + ops.sum(a - E, axis=-1),
    "itakura_saito": lambda a, E: E / a - ops.log(E / a) - 1,
    "categorical_cross_entropy": lambda a, E: -E * ops.log(a),
    "huber": lambda a, E, threshold: of_outputs(losses.huber)(a, E, delta=threshold),
    "log_cosh": of_outputs(losses.log_cosh),
    "squared_hinge": of_outputs(losses.squared_hinge),
    "poisson": of_outputs(losses.poisson),
}

#: Losses that Keras has for a pair of output and cost.
OF_PAIRS: Mapping[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {
    "softmax+categorical_cross_entropy": lambda z, a, E: losses.categorical_crossentropy(E, a),
    "softmax+categorical_cross_entropy:fused": lambda z, a, E: losses.categorical_crossentropy(E, z, from_logits=True),
    "sigmoid+cross_entropy:fused": lambda z, a, E: z.shape[-1] * losses.binary_crossentropy(E, z, from_logits=True),
}
#: What it has no loss of z for is not asked of it.
FUSED = frozenset({"identity+quadratic:fused", *(name for name in OF_PAIRS if name.endswith(":fused"))})


def backend() -> Backend:
    runs_on = keras.backend.backend()
    kept = Capabilities(
        heads=frozenset(name for name in HEADS if name in FUSED or not name.endswith(":fused")),
        samples="rows",
        weights="in_out",
        flush_to_zero=runs_on == "tensorflow",
    )
    return Backend("keras", run, kept, version=f"Keras {keras.__version__} on {runs_on} {_version(runs_on)}")


def _version(runs_on: str) -> str:
    from importlib import import_module

    return str(import_module(runs_on).__version__)


def run(question: Question) -> Answer:
    names = (*question.hidden, HEADS[question.head].activation)

    def mean_cost(weights: Any, biases: Any, shifts: Any) -> tuple[Tensor, list[Tensor]]:
        a, found = ops.convert_to_tensor(question.x), []
        E = ops.convert_to_tensor(question.expected)
        for w, b, shift, name in zip(weights, biases, shifts, names, strict=True):
            z = ops.add(ops.matmul(a, w), b) + shift
            a = ACTIVATIONS[name](z)
            found.append(a)
        return ops.sum(terms(question, z, a, E)) / question.samples, found

    shifts = [np.zeros((question.samples, n), question.dtype) for n in question.sizes[1:]]
    L = len(names)
    cost, activations, gradients = differentiated(mean_cost, [*question.weights, *question.biases, *shifts], L)
    # the derivative of the mean by a shift of z: times m it is δ
    deltas = tuple(v * v.dtype.type(question.samples) for v in gradients[2 * L :])
    return Answer(tuple(gradients[:L]), tuple(gradients[L : 2 * L]), cost, tuple(activations), deltas)


def terms(question: Question, z: Tensor, a: Tensor, E: Tensor) -> Tensor:
    head = HEADS[question.head]
    if head.name in OF_PAIRS:
        return OF_PAIRS[head.name](z, a, E)
    return COSTS[head.cost.name](a, E, **question.parameters)


def differentiated(mean_cost: Any, arrays: list[Any], L: int) -> tuple[Any, list[Any], list[Any]]:
    """(C, a, the gradients) by what Keras runs on."""
    parts = lambda values: (values[:L], values[L : 2 * L], values[2 * L :])  # noqa: E731
    if keras.backend.backend() == "torch":
        import torch

        leaves = [torch.tensor(v, requires_grad=True) for v in arrays]
        cost, activations = mean_cost(*parts(leaves))
        found = torch.autograd.grad(cost, leaves)
        return cost.detach().numpy(), [a.detach().numpy() for a in activations], [v.numpy() for v in found]
    import tensorflow as tf

    variables = [tf.Variable(v) for v in arrays]
    with tf.GradientTape() as tape:
        cost, activations = mean_cost(*parts(variables))
    return cost.numpy(), [a.numpy() for a in activations], [v.numpy() for v in tape.gradient(cost, variables)]
