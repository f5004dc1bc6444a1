"""Right gradients of functions with kinks, in several conventions, and of smooth functions written with kinked ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from oracle.scores.mutants.record import Subject, right
from oracle.scores.mutants.right_costs import exp, logistic, pair_sum, sigmoid

Array = Any


SLOPE = 0.01


TAU = 0.3


def l1(a: Array, E: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(xp.abs(a - E))


def relu(a: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(xp.maximum(a, xp.zeros_like(a)))


def leaky(a: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(xp.where(a > 0, a, SLOPE * a))


def elu(a: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(xp.where(a > 0, a, xp.expm1(xp.minimum(a, xp.zeros_like(a)))))


def elu_steep(a: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(xp.where(a > 0, a, 1.6732632423543772 * xp.expm1(xp.minimum(a, xp.zeros_like(a)))))


def pinball(a: Array, E: Array) -> Array:
    xp = a.__array_namespace__()
    r = E - a
    return xp.sum(xp.maximum(TAU * r, (TAU - 1) * r))


def hinge(a: Array, E: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(xp.maximum(1 - E * a, xp.zeros_like(a)))


def insensitive(a: Array, E: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(xp.maximum(xp.abs(a - E) - 0.5, xp.zeros_like(a)))


def huber(a: Array, E: Array) -> Array:
    xp = a.__array_namespace__()
    r = xp.abs(a - E)
    near = xp.minimum(r, xp.ones_like(r))
    return xp.sum(near * (r - near / 2))


def total_variation(a: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(xp.abs(a[1:] - a[:-1]))


def total_variation_prime(a: Array) -> Array:
    steps = np.sign(np.diff(a))
    return np.concatenate([[0.0], steps]) - np.concatenate([steps, [0.0]])


def smaller(a: Array, E: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(xp.minimum(a, E))


def weighted_l1(a: Array, E: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(xp.abs(a * E))


def squared_relu(a: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(xp.maximum(a, xp.zeros_like(a)) ** 2)


def softplus(a: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(xp.log1p(xp.exp(-xp.abs(a))) + xp.maximum(a, xp.zeros_like(a)))


def each(f: Any) -> Any:
    """The formula Σ f(m, a_j)."""
    return lambda m, a: m.fsum(f(m, x) for x in a.flat)


def huber_formula(m: Any, x: Any, y: Any) -> Any:
    return (x - y) ** 2 / 2 if abs(x - y) <= 1 else abs(x - y) - m.mpf(1) / 2


ABS_OF = pair_sum(lambda m, x, y: abs(x - y))


L1 = right("l1_sign", "kink: sign(0) = 0", ("real", "real"), l1, lambda a, E: np.sign(a - E), ABS_OF)


L1_RIGHT = right("l1_from_the_right", "kink", ("real", "real"), l1, lambda a, E: np.where(a >= E, 1.0, -1.0), ABS_OF)


RELU = right(
    "relu_left",
    "kink: relu'(0) = 0",
    ("real",),
    relu,
    lambda a: np.where(a > 0, 1.0, 0.0),
    each(lambda m, x: x if x > 0 else m.mpf(0)),
)


RELU_RIGHT = right("relu_right", "kink: relu'(0) = 1", ("real",), relu, lambda a: (a >= 0) * 1.0, RELU.truth.value)


RELU_HALF = right("relu_half", "kink: relu'(0) = ½", ("real",), relu, lambda a: np.heaviside(a, 0.5), RELU.truth.value)


LEAKY = right(
    "leaky_relu",
    "kink",
    ("real",),
    leaky,
    lambda a: np.where(a > 0, 1, SLOPE),
    each(lambda m, x: x if x > 0 else m.mpf(SLOPE) * x),
)


ELU = right(
    "elu",
    "tie of a smooth function",
    ("real",),
    elu,
    lambda a: np.where(a > 0, 1, np.exp(np.minimum(a, 0))),
    each(lambda m, x: x if x > 0 else exp(m, x) - 1),
)


ELU_STEEP = right(
    "elu_steep",
    "kink: selu without its scale",
    ("real",),
    elu_steep,
    lambda a: np.where(a > 0, 1, 1.6732632423543772 * np.exp(np.minimum(a, 0))),
    each(lambda m, x: x if x > 0 else m.mpf(1.6732632423543772) * (exp(m, x) - 1)),
)


PINBALL = right(
    "pinball",
    "kink",
    ("real", "real"),
    pinball,
    lambda a, E: np.where(a > E, 1 - TAU, -TAU),
    pair_sum(lambda m, x, y: m.mpf(TAU) * (y - x) if y > x else m.mpf(TAU - 1) * (y - x)),
)


HINGE = right(
    "hinge",
    "kink",
    ("real", "sign"),
    hinge,
    lambda a, E: np.where(E * a < 1, -E, 0.0),
    pair_sum(lambda m, x, y: 1 - x * y if x * y < 1 else m.mpf(0)),
)


INSENSITIVE = right(
    "insensitive",
    "kink",
    ("real", "real"),
    insensitive,
    lambda a, E: np.where(np.abs(a - E) > 0.5, np.sign(a - E), 0.0),
    pair_sum(lambda m, x, y: abs(x - y) - m.mpf(1) / 2 if 2 * abs(x - y) > 1 else m.mpf(0)),
)


HUBER = right(
    "huber",
    "piecewise",
    ("real", "real"),
    huber,
    lambda a, E: np.minimum(np.maximum(a - E, -1), 1),
    pair_sum(huber_formula),
)


TOTAL_VARIATION = right(
    "total_variation",
    "kink",
    ("real",),
    total_variation,
    total_variation_prime,
    lambda m, a: m.fsum(abs(a[i] - a[i + 1]) for i in range(len(a) - 1)),
)


SMALLER = right(
    "smaller_of_two",
    "kink",
    ("real", "real"),
    smaller,
    lambda a, E: np.where(a < E, 1.0, 0.0),
    pair_sum(lambda m, x, y: min(x, y)),
)


WEIGHTED_L1 = right(
    "weighted_l1",
    "kink",
    ("real", "real"),
    weighted_l1,
    lambda a, E: np.sign(a) * np.abs(E),
    pair_sum(lambda m, x, y: abs(x) * abs(y)),
)


SQUARED_RELU = right(
    "squared_relu",
    "piecewise",
    ("real",),
    squared_relu,
    lambda a: 2 * np.maximum(a, 0),
    each(lambda m, x: x * x if x > 0 else m.mpf(0)),
)


SOFTPLUS = right(
    "softplus_with_max_and_abs",
    "tie of a smooth function",
    ("real",),
    softplus,
    sigmoid,
    each(lambda m, x: m.log(1 + exp(m, -abs(x))) + (x if x > 0 else 0)),
    note="autodiff says 0 at 0, the derivative is ½",
)


SILU = right(
    "silu",
    "smooth",
    ((-300, 300),),
    lambda a: a.__array_namespace__().sum(a / (1 + a.__array_namespace__().exp(-a))),
    lambda a: sigmoid(a) * (1 + a * sigmoid(-a)),
    each(lambda m, x: x * logistic(m, x)),
)

SUBJECTS: tuple[Subject, ...] = (
    L1,
    L1_RIGHT,
    RELU,
    RELU_RIGHT,
    RELU_HALF,
    LEAKY,
    ELU,
    ELU_STEEP,
    PINBALL,
    HINGE,
    INSENSITIVE,
    HUBER,
    TOTAL_VARIATION,
    SMALLER,
    WEIGHTED_L1,
    SQUARED_RELU,
    SOFTPLUS,
    SILU,
)
