"""JAX as its users write it: dense layers x @ W + b, jax.nn's activations, optax's losses, and jax.jit(jax.value_and_grad(…)).

Samples are rows and W is (in, out), as in Flax and Haiku. What neither jax.nn nor optax has is written with jax.numpy.
"""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from manualbp import HEADS
from oracle.backends.backend import Backend, Capabilities
from oracle.vectors.record import Answer, Question
from oracle.witnesses.tracing import double_precision

Array = Any

ACTIVATIONS: Mapping[str, Callable[[Array], Array]] = {
    "identity": lambda z: z,
    "sigmoid": jax.nn.sigmoid,
    "tanh": jnp.tanh,
    "relu": jax.nn.relu,
    "leaky_relu": jax.nn.leaky_relu,
    "elu": jax.nn.elu,
    "selu": jax.nn.selu,
    "softplus": jax.nn.softplus,
    "silu": jax.nn.silu,
    "gelu": lambda z: jax.nn.gelu(z, approximate=False),
    "gelu_tanh": jax.nn.gelu,
    "mish": jax.nn.mish,
    "softsign": jax.nn.soft_sign,
    "arctan": jnp.arctan,
    "softmax": jax.nn.softmax,
}

#: One term an entry or a sample: the loss of the batch sums them and divides by the number of samples.
COSTS: Mapping[str, Callable[..., Array]] = {
    "quadratic": optax.l2_loss,
    "cross_entropy": lambda a, E: -(E * jnp.log(a) + (1 - E) * jnp.log1p(-a)),
    "exponential": lambda a, E, tau: tau * jnp.exp(optax.squared_error(a, E).sum(axis=1) / tau),
    "hellinger": lambda a, E: optax.squared_error(jnp.sqrt(a), jnp.sqrt(E)) / np.sqrt(2).item(),
    "kullback_leibler": lambda a, E: optax.kl_divergence(jnp.log(a), E),
    "generalized_kullback_leibler": lambda a, E: optax.losses.generalized_kl_divergence(jnp.log(a), E),
    "itakura_saito": lambda a, E: E / a - jnp.log(E / a) - 1,
    "categorical_cross_entropy": lambda a, E: -E * jnp.log(a),
    "huber": lambda a, E, threshold: optax.huber_loss(a, E, delta=threshold),
    "log_cosh": optax.log_cosh,
    "squared_hinge": lambda a, E: optax.hinge_loss(a, E) ** 2,
    "poisson": lambda a, E: a - E * jnp.log(a),
}

#: Losses that take z itself, by optax where it has one.
FROM_Z: Mapping[str, Callable[[Array, Array], Array]] = {
    "sigmoid+cross_entropy:fused": optax.sigmoid_binary_cross_entropy,
    "sigmoid+kullback_leibler:fused": lambda z, E: optax.kl_divergence(jax.nn.log_sigmoid(z), E),
    "sigmoid+generalized_kullback_leibler:fused": lambda z, E: optax.losses.generalized_kl_divergence(
        jax.nn.log_sigmoid(z), E
    ),
    "sigmoid+categorical_cross_entropy:fused": lambda z, E: -E * jax.nn.log_sigmoid(z),
    "sigmoid+poisson:fused": lambda z, E: jax.nn.sigmoid(z) - E * jax.nn.log_sigmoid(z),
    "softmax+categorical_cross_entropy:fused": optax.softmax_cross_entropy,
    "softmax+kullback_leibler:fused": lambda z, E: optax.kl_divergence(jax.nn.log_softmax(z), E),
    "softmax+generalized_kullback_leibler:fused": lambda z, E: optax.losses.generalized_kl_divergence(
        jax.nn.log_softmax(z), E
    ),
    "softmax+poisson:fused": lambda z, E: jax.nn.softmax(z) - E * jax.nn.log_softmax(z),
}


def backend() -> Backend:
    # XLA's code for the CPU runs with flush-to-zero
    dtypes = ("float64", "float32", "float16", "bfloat16")
    kept = Capabilities(dtypes, flush_to_zero=True, samples="rows", weights="in_out")
    return Backend("jax", run, kept, version=f"JAX {jax.__version__}, optax {optax.__version__}")


def run(question: Question) -> Answer:
    with double_precision() if question.dtype == "float64" else nullcontext():
        x, E = jnp.asarray(question.x), jnp.asarray(question.expected)
        parameters = [(jnp.asarray(w), jnp.asarray(b)) for w, b in zip(question.weights, question.biases, strict=True)]
        moves = [jnp.zeros((len(x), w.shape[1]), x.dtype) for w, _ in parameters]
        value_and_grad = jax.jit(jax.value_and_grad(loss(question), argnums=(0, 1), has_aux=True))
        (cost, activations), (nabla, by_moves) = value_and_grad(parameters, moves, x, E)
        # by_moves is the derivative of the mean: times m it is δ
        deltas = tuple(np.asarray(d * len(x)) for d in by_moves)
        nabla_w, nabla_b = (tuple(map(np.asarray, values)) for values in zip(*nabla, strict=True))
        return Answer(nabla_w, nabla_b, np.asarray(cost), tuple(map(np.asarray, activations)), deltas)


def loss(question: Question) -> Callable[..., tuple[Array, list[Array]]]:
    """The mean cost of (parameters, moves, x, E), and the activations. moves: zeros added to each z, whose derivative is δ/m."""
    head = HEADS[question.head]
    hidden = [ACTIVATIONS[name] for name in question.hidden]
    output, cost = ACTIVATIONS[head.activation], COSTS[head.cost.name]

    def mean_cost(parameters: Any, moves: Any, x: Array, E: Array) -> tuple[Array, list[Array]]:
        a, activations = x, []
        for (w, b), move, sigma in zip(parameters, moves, [*hidden, output], strict=True):
            z = a @ w + b + move
            a = sigma(z)
            activations.append(a)
        terms = FROM_Z[head.name](z, E) if head.name in FROM_Z else cost(a, E, **question.parameters)
        return terms.sum() / len(x), activations

    return mean_cost
