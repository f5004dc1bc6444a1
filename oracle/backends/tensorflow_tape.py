"""TensorFlow as its users write it: tf.nn's activations and losses, and tf.GradientTape.

Samples are rows and W is (in, out), as in its Dense layers. What tf.nn does not have is written with tf.math.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from manualbp import HEADS
from oracle.backends.backend import Backend, Capabilities
from oracle.vectors.record import Answer, Question

Tensor = Any

ACTIVATIONS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "identity": tf.identity,
    "sigmoid": tf.nn.sigmoid,
    "tanh": tf.nn.tanh,
    "relu": tf.nn.relu,
    "leaky_relu": lambda z: tf.nn.leaky_relu(z, alpha=0.01),
    "elu": tf.nn.elu,
    "selu": tf.nn.selu,
    "softplus": tf.nn.softplus,
    "silu": tf.nn.silu,
    "gelu": tf.nn.gelu,
    "gelu_tanh": lambda z: tf.nn.gelu(z, approximate=True),
    "mish": lambda z: z * tf.nn.tanh(tf.nn.softplus(z)),
    "softsign": tf.nn.softsign,
    "arctan": tf.math.atan,
    "softmax": tf.nn.softmax,
}


def kl_divergence(log_a: Tensor, E: Tensor) -> Tensor:
    return tf.math.xlogy(E, E) - E * log_a


def huber(a: Tensor, E: Tensor, threshold: float) -> Tensor:
    r = tf.abs(a - E)
    return tf.where(r <= threshold, r**2 / 2, threshold * (r - threshold / 2))


#: One term an entry or a sample: the loss of the batch sums them and divides by the number of samples.
COSTS: Mapping[str, Callable[..., Tensor]] = {
    "quadratic": lambda a, E: tf.math.squared_difference(a, E) / 2,
    "cross_entropy": lambda a, E: -(E * tf.math.log(a) + (1 - E) * tf.math.log1p(-a)),
    "exponential": lambda a, E, tau: tau * tf.exp(tf.reduce_sum(tf.math.squared_difference(a, E), axis=1) / tau),
    "hellinger": lambda a, E: tf.math.squared_difference(tf.sqrt(a), tf.sqrt(E)) / np.sqrt(2).item(),
    "kullback_leibler": lambda a, E: kl_divergence(tf.math.log(a), E),
    "generalized_kullback_leibler": lambda a, E: kl_divergence(tf.math.log(a), E) - E + a,
    "itakura_saito": lambda a, E: E / a - tf.math.log(E / a) - 1,
    "categorical_cross_entropy": lambda a, E: -E * tf.math.log(a),
    "huber": huber,
    "log_cosh": lambda a, E: tf.nn.softplus(2 * (a - E)) - (a - E) - np.log(2).item(),
    "squared_hinge": lambda a, E: tf.square(tf.nn.relu(1 - E * a)),
    "poisson": lambda a, E: a - E * tf.math.log(a),
}

#: Losses that take z itself.
FROM_Z: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = {
    "sigmoid+cross_entropy:fused": lambda z, E: tf.nn.sigmoid_cross_entropy_with_logits(E, z),
    "sigmoid+kullback_leibler:fused": lambda z, E: kl_divergence(tf.math.log_sigmoid(z), E),
    "sigmoid+generalized_kullback_leibler:fused": lambda z, E: (
        kl_divergence(tf.math.log_sigmoid(z), E) - E + tf.nn.sigmoid(z)
    ),
    "sigmoid+categorical_cross_entropy:fused": lambda z, E: -E * tf.math.log_sigmoid(z),
    "sigmoid+poisson:fused": lambda z, E: tf.nn.log_poisson_loss(E, tf.math.log_sigmoid(z)),
    "softmax+categorical_cross_entropy:fused": lambda z, E: tf.nn.softmax_cross_entropy_with_logits(E, z),
    "softmax+kullback_leibler:fused": lambda z, E: kl_divergence(tf.nn.log_softmax(z), E),
    "softmax+generalized_kullback_leibler:fused": lambda z, E: (
        kl_divergence(tf.nn.log_softmax(z), E) - E + tf.nn.softmax(z)
    ),
    "softmax+poisson:fused": lambda z, E: tf.nn.log_poisson_loss(E, tf.nn.log_softmax(z)),
}


def backend() -> Backend:
    # its kernels run with flush-to-zero
    dtypes = ("float64", "float32", "float16", "bfloat16")
    kept = Capabilities(dtypes, flush_to_zero=True, samples="rows", weights="in_out")
    return Backend("tensorflow", run, kept, version=f"TensorFlow {tf.__version__}")


def run(question: Question) -> Answer:
    head, E = HEADS[question.head], tf.constant(question.expected)
    weights, biases = ([tf.Variable(v) for v in values] for values in (question.weights, question.biases))
    zs, activations = [], [tf.constant(question.x)]
    with tf.GradientTape() as tape:
        for w, b, name in zip(weights, biases, (*question.hidden, head.activation), strict=True):
            zs.append(tf.matmul(activations[-1], w) + b)
            activations.append(ACTIVATIONS[name](zs[-1]))
        if head.name in FROM_Z:
            terms = FROM_Z[head.name](zs[-1], E)
        else:
            terms = COSTS[head.cost.name](activations[-1], E, **question.parameters)
        cost = tf.reduce_sum(terms) / question.samples
    by_z, nabla_w, nabla_b = tape.gradient(cost, (zs, weights, biases))
    # the derivative of the mean by z: times m it is δ
    deltas = tuple((d * question.samples).numpy() for d in by_z)
    arrays = [tuple(v.numpy() for v in values) for values in (nabla_w, nabla_b, activations[1:])]
    return Answer(arrays[0], arrays[1], cost.numpy(), arrays[2], deltas)
