"""Wrong by the chain rule, or by taking another cost's derivative: what learners get wrong most."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from oracle.scores.mutants.record import Subject, right, wrong
from oracle.scores.mutants.right_costs import (
    CROSS_ENTROPY,
    EXPONENTIAL,
    HELLINGER,
    ITAKURA_SAITO,
    LOG_COSH,
    LOGITS,
    POISSON,
    QUADRATIC,
    SIGMOID_QUADRATIC,
    SQUARED_HINGE,
    sigmoid,
)
from oracle.scores.mutants.right_kinks import HUBER, RELU, SOFTPLUS, SQUARED_RELU, each
from oracle.scores.mutants.right_scales import OSCILLATING
from oracle.scores.mutants.right_shapes import AFFINE, AFFINE_INPUT, LAYER, TWO_LAYERS
from oracle.scores.mutants.right_smooth import SIGMOID, TANH
from oracle.scores.mutants.right_softmax import COLD_MAXIMUM, ONE_HOT, SOFTMAX_QUADRATIC, softmax

Array = Any

PAIR = [([0.7, -0.2], [0.3, 0.4])]
POSITIVE_PAIR = [([0.7, 0.2], [0.3, 0.4])]
ONE_HOT_POINT = [([0.7, -0.2, 1.0], [0.0, 1.0, 0.0])]
LAYER_POINT = [(np.arange(9.0).reshape(3, 3) / 9, [1.0, -0.5, 0.3], [0.2, 0.5, 0.9])]
TWO_POINT = [([1.0, -0.5, 0.3], np.arange(9.0).reshape(3, 3) / 9, np.sin(np.arange(9.0)).reshape(3, 3) / 2)]
AFFINE_POINT = [(np.arange(16.0).reshape(4, 4) / 9, [1.0, 2.0, 3.0, 0.1], [1.0, -1.0, 2.0, 0.5], [0.0, 0.0, 1.0, 2.0])]

GELU_SCALE = 0.7978845608028654


def gelu_by_tanh(a: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(0.5 * a * (1 + xp.tanh(GELU_SCALE * (a + 0.044715 * a**3))))


def gelu_by_tanh_prime(a: Array) -> Array:
    t = np.tanh(GELU_SCALE * (a + 0.044715 * a * a * a))
    return 0.5 * (1 + t) + 0.5 * a * (1 - t * t) * GELU_SCALE * (1 + 3 * 0.044715 * a * a)


def gelu_prime(a: Array) -> Array:
    """Of the exact gelu: Φ(a) + a φ(a)."""
    phi = np.exp(-a * a / 2) / math.sqrt(2 * math.pi)
    return np.array([0.5 * math.erfc(-x / math.sqrt(2)) for x in a]) + a * phi


def gelu_formula(m: Any, x: Any) -> Any:
    return x / 2 * (1 + m.tanh(m.mpf(GELU_SCALE) * (x + m.mpf(0.044715) * x**3)))


def sigma_at_a(z: Array, E: Array) -> Array:
    a = sigmoid(z)
    return (a - E) * sigmoid(a) * sigmoid(-a)


def layer_sigma_at_a(W: Array, a: Array, E: Array) -> Array:
    out = sigmoid(W @ a)
    return ((out - E) * sigmoid(out) * sigmoid(-out))[:, None] * a


def layer_without_sigma(W: Array, a: Array, E: Array) -> Array:
    return (sigmoid(W @ a) - E)[:, None] * a


def layer_outer_with_output(W: Array, a: Array, E: Array) -> Array:
    out = sigmoid(W @ a)
    return ((out - E) * out * (1 - out))[:, None] * out


def two_layers_without_sigma(x: Array, V: Array, W: Array) -> Array:
    return V.T @ (W.T @ (W @ np.tanh(V @ x)))


def two_layers_delta_of_a(x: Array, V: Array, W: Array) -> Array:
    """∂C/∂a of the hidden layer, handed on as if it were δ."""
    a = np.tanh(V @ x)
    return W.T @ (W @ a)


def two_layers_updated_first(x: Array, V: Array, W: Array) -> Array:
    """W takes its step before the error is propagated through it."""
    a = np.tanh(V @ x)
    delta = W @ a
    stepped = W - 0.1 * delta[:, None] * a
    return V.T @ ((stepped.T @ delta) * (1 - a * a))


def two_layers_sigma_of_z(x: Array, V: Array, W: Array) -> Array:
    """tanh′ taken as 1 − z², as if z were a."""
    z = V @ x
    return V.T @ ((W.T @ (W @ np.tanh(z))) * (1 - z * z))


GELU = right("gelu_by_tanh", "smooth", ((-3, 3),), gelu_by_tanh, gelu_by_tanh_prime, each(gelu_formula))

SUBJECTS: tuple[Subject, ...] = (
    wrong(
        SIGMOID_QUADRATIC,
        "sigma_prime_missing",
        "missing σ′: at the output",
        lambda z, E: sigmoid(z) - E,
        POSITIVE_PAIR,
    ),
    wrong(SIGMOID_QUADRATIC, "sigma_prime_at_a", "σ′ at a", sigma_at_a, POSITIVE_PAIR),
    wrong(
        SIGMOID_QUADRATIC,
        "sigma_prime_twice",
        "extra σ′",
        lambda z, E: (sigmoid(z) - E) * (sigmoid(z) * sigmoid(-z)) ** 2,
        POSITIVE_PAIR,
    ),
    wrong(
        LOGITS,
        "logits_with_sigma_prime",
        "extra σ′: cross-entropy cancels it",
        lambda z, E: (sigmoid(z) - E) * sigmoid(z) * sigmoid(-z),
        POSITIVE_PAIR,
    ),
    wrong(LOGITS, "logits_taken_as_probabilities", "another cost: z for σ(z)", lambda z, E: z - E, POSITIVE_PAIR),
    wrong(CROSS_ENTROPY, "cross_entropy_fused", "missing 1/σ′: ∂C/∂z for ∂C/∂a", lambda a, E: a - E, POSITIVE_PAIR),
    wrong(TANH, "tanh_prime_of_z", "σ′ at a: 1 − z²", lambda a: 1 - a * a, [([0.5],)]),
    wrong(TANH, "tanh_prime_of_tanh", "σ′ at a: tanh twice", lambda a: 1 - np.tanh(np.tanh(a)) ** 2, [([0.5],)]),
    wrong(
        TANH, "tanh_sigmoid_prime", "another function: a (1 − a)", lambda a: np.tanh(a) * (1 - np.tanh(a)), [([0.5],)]
    ),
    wrong(SIGMOID, "sigmoid_tanh_prime", "another function: 1 − a²", lambda a: 1 - sigmoid(a) ** 2, [([0.5],)]),
    wrong(SIGMOID, "sigmoid_prime_of_z", "σ′ at a: z (1 − z)", lambda a: a * (1 - a), [([0.5],)]),
    wrong(SIGMOID, "sigmoid_of_minus_z", "missing σ′: σ(z) for σ(z) σ(−z)", sigmoid, [([0.5],)]),
    wrong(
        OSCILLATING,
        "oscillating_inner_missing",
        "missing inner derivative: 1000",
        lambda a: np.cos(1000 * a),
        [([0.3],)],
    ),
    wrong(COLD_MAXIMUM, "cold_maximum_warm", "missing inner scale: 1/τ", softmax, [([0.1, 0.2],)]),
    wrong(SOFTPLUS, "softplus_relu_prime", "another function: relu", lambda a: np.where(a > 0, 1.0, 0.0), [([0.5],)]),
    wrong(
        RELU,
        "relu_mask_of_the_wrong_side",
        "another function: relu(−a)",
        lambda a: np.where(a < 0, 1.0, 0.0),
        [([0.5],)],
    ),
    wrong(SQUARED_RELU, "squared_relu_unmasked", "missing factor: the mask", lambda a: 2 * a, [([-0.5],)]),
    wrong(
        GELU, "gelu_exact_for_tanh", "another function: gelu by erf", gelu_prime, [([2.0],)], note="off by some 1e-4"
    ),
    wrong(
        SOFTMAX_QUADRATIC,
        "softmax_diagonal",
        "softmax′ as a diagonal",
        lambda z, E: (softmax(z) - E) * softmax(z) * (1 - softmax(z)),
        POSITIVE_PAIR,
    ),
    wrong(
        ONE_HOT,
        "softmax_cross_entropy_diagonal",
        "extra σ′: p (1 − p)",
        lambda z, E: (softmax(z) - E) * softmax(z) * (1 - softmax(z)),
        ONE_HOT_POINT,
    ),
    wrong(
        ONE_HOT,
        "softmax_cross_entropy_labelled_only",
        "missing term: the other components",
        lambda z, E: E * (softmax(z) - 1),
        ONE_HOT_POINT,
    ),
    wrong(
        ONE_HOT,
        "softmax_cross_entropy_one_against_all",
        "another cost: sigmoids",
        lambda z, E: sigmoid(z) - E,
        ONE_HOT_POINT,
    ),
    wrong(LAYER, "layer_without_sigma_prime", "missing σ′: at the output", layer_without_sigma, LAYER_POINT),
    wrong(LAYER, "layer_sigma_prime_at_a", "σ′ at a", layer_sigma_at_a, LAYER_POINT),
    wrong(
        LAYER,
        "layer_outer_with_output",
        "another activation: the output for the input",
        layer_outer_with_output,
        LAYER_POINT,
    ),
    wrong(
        TWO_LAYERS, "hidden_sigma_prime_missing", "missing σ′: in the hidden layer", two_layers_without_sigma, TWO_POINT
    ),
    wrong(TWO_LAYERS, "hidden_sigma_prime_of_z", "σ′ at a: 1 − z²", two_layers_sigma_of_z, TWO_POINT),
    wrong(TWO_LAYERS, "delta_taken_as_dC_da", "missing factor: Vᵀ and σ′", two_layers_delta_of_a, TWO_POINT),
    wrong(
        TWO_LAYERS,
        "updated_before_propagating",
        "extra term: the weights have moved",
        two_layers_updated_first,
        TWO_POINT,
    ),
    wrong(
        AFFINE_INPUT, "affine_input_without_bias", "missing term: b", lambda W, b, a, E: W.T @ (W @ a - E), AFFINE_POINT
    ),
    wrong(
        AFFINE_INPUT,
        "affine_input_untransposed",
        "transposed: W for Wᵀ",
        lambda W, b, a, E: W @ (W @ a + b - E),
        AFFINE_POINT,
    ),
    wrong(
        AFFINE,
        "affine_hebb",
        "another cost: no error in it",
        lambda W, b, a, E: (W @ a + b)[:, None] * a,
        [(np.arange(12.0).reshape(3, 4) / 5, [1.0, 2.0, 3.0], [1.0, -1.0, 2.0, 0.5], [0.5, 0.2, 1.0])],
    ),
    wrong(QUADRATIC, "quadratic_of_l1", "another cost: L1", lambda a, E: np.sign(a - E), PAIR),
    wrong(HELLINGER, "hellinger_of_quadratic", "another cost: quadratic", lambda a, E: a - E, POSITIVE_PAIR),
    wrong(
        ITAKURA_SAITO, "itakura_saito_of_kl", "another cost: generalized KL", lambda a, E: (a - E) / a, POSITIVE_PAIR
    ),
    wrong(LOG_COSH, "log_cosh_of_huber", "another cost: Huber", lambda a, E: np.clip(a - E, -1, 1), PAIR),
    wrong(HUBER, "huber_of_log_cosh", "another cost: log cosh", lambda a, E: np.tanh(a - E), PAIR),
    wrong(
        SQUARED_HINGE,
        "squared_hinge_of_hinge",
        "another cost: hinge",
        lambda a, E: np.where(E * a < 1, -E, 0),
        [([0.2], [1.0])],
    ),
    wrong(
        POISSON, "poisson_with_log_link", "another cost: a is ln of the mean", lambda a, E: np.exp(a) - E, POSITIVE_PAIR
    ),
    wrong(
        EXPONENTIAL,
        "exponential_of_quadratic",
        "another cost: quadratic, doubled",
        lambda a, E: 2 * (a - E),
        PAIR,
        note="right to first order at a = E",
    ),
)
