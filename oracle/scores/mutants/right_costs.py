"""Right gradients: the costs that a learner meets first, in several ways of writing them."""

from __future__ import annotations

from typing import Any

import numpy as np

from oracle.scores.mutants.record import Subject, right

Array = Any


def positive_part(E: Array) -> Array:
    """E where it is positive, else 1, so that E ln E is 0 at E = 0."""
    xp = E.__array_namespace__()
    return xp.where(E > 0, E, xp.ones_like(E))


def sigmoid(z: Array) -> Array:
    """1/(1 + e^−z) without overflow."""
    e = np.exp(-np.abs(z))
    return np.where(z > 0, 1, e) / (1 + e)


def quadratic(a: Array, E: Array) -> Array:
    return a.__array_namespace__().sum((a - E) ** 2) / 2


def mean_squared(a: Array, E: Array) -> Array:
    return a.__array_namespace__().mean((a - E) ** 2)


def cross_entropy(a: Array, E: Array) -> Array:
    xp = a.__array_namespace__()
    return -xp.sum(E * xp.log(a) + (1 - E) * xp.log1p(-a))


def exponential(tau: float) -> Any:
    def cost(a: Array, E: Array) -> Array:
        xp = a.__array_namespace__()
        return tau * xp.exp(xp.sum((a - E) ** 2) / tau)

    return cost


def exponential_prime(tau: float) -> Any:
    def gradient(a: Array, E: Array) -> Array:
        return 2 * (a - E) * np.exp(np.sum((a - E) ** 2) / tau)

    return gradient


def hellinger(a: Array, E: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum((xp.sqrt(a) - xp.sqrt(E)) ** 2) / 2**0.5


def kullback_leibler(a: Array, E: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(E * (xp.log(positive_part(E)) - xp.log(a)))


def generalized_kullback_leibler(a: Array, E: Array) -> Array:
    return kullback_leibler(a, E) + a.__array_namespace__().sum(a - E)


def itakura_saito(a: Array, E: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(E / a - xp.log(E) + xp.log(a) - 1)


def categorical(a: Array, E: Array) -> Array:
    xp = a.__array_namespace__()
    return -xp.sum(E * xp.log(a))


def poisson(a: Array, E: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(a - E * xp.log(a))


def log_cosh(a: Array, E: Array) -> Array:
    """ln cosh r = |r| + ln(1 + e^(−2|r|)) − ln 2."""
    xp = a.__array_namespace__()
    size = xp.abs(a - E)
    return xp.sum(size + xp.log1p(xp.exp(-2 * size)) - 0.6931471805599453)


def squared_hinge(a: Array, E: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(xp.maximum(1 - E * a, xp.zeros_like(a)) ** 2)


def logits_cross_entropy(z: Array, E: Array) -> Array:
    xp = z.__array_namespace__()
    return xp.sum(xp.maximum(z, xp.zeros_like(z)) - z * E + xp.log1p(xp.exp(-xp.abs(z))))


def sigmoid_quadratic(z: Array, E: Array) -> Array:
    xp = z.__array_namespace__()
    return xp.sum((1 / (1 + xp.exp(-z)) - E) ** 2) / 2


def pair_sum(f: Any) -> Any:
    """The formula Σ f(m, a_j, E_j)."""
    return lambda m, a, E: m.fsum(f(m, x, y) for x, y in zip(a.flat, E.flat, strict=True))


def plogp(m: Any, x: Any, y: Any) -> Any:
    return y * m.log(y / x) if y > 0 else m.mpf(0)


def exp(m: Any, x: Any) -> Any:
    """e^x, and 0 where it is less than any float by thousands of digits: those are slow."""
    return m.exp(x) if x > -10000 else m.mpf(0)


def logistic(m: Any, z: Any) -> Any:
    return m.exp(z) / (1 + m.exp(z)) if z < 0 else 1 / (1 + m.exp(-z))


def exponential_formula(tau: float) -> Any:
    return lambda m, a, E: m.mpf(tau) * m.exp(m.fsum(a * a - 2 * a * E + E * E) / m.mpf(tau))


QUADRATIC = right(
    "quadratic",
    "cost",
    ("real", "real"),
    quadratic,
    lambda a, E: a - E,
    pair_sum(lambda m, x, y: x * x / 2 - x * y + y * y / 2),
)
MEAN_SQUARED = right(
    "mean_squared",
    "cost",
    ("real", "real"),
    mean_squared,
    lambda a, E: (a - E) * (2 / a.size),
    lambda m, a, E: m.fsum((x - y) ** 2 for x, y in zip(a, E, strict=True)) / len(a),
)
CROSS_ENTROPY = right(
    "cross_entropy",
    "cost",
    ("unit", "closed_unit"),
    cross_entropy,
    lambda a, E: (a - E) / (a * (1 - a)),
    pair_sum(lambda m, x, y: -y * m.log(x) - (1 - y) * m.log(1 - x)),
)
CROSS_ENTROPY_SPLIT = right(
    "cross_entropy_split",
    "cost",
    ("unit", "closed_unit"),
    cross_entropy,
    lambda a, E: (1 - E) / (1 - a) - E / a,
    pair_sum(lambda m, x, y: -y * m.log(x) - (1 - y) * m.log(1 - x)),
)
EXPONENTIAL = right(
    "exponential",
    "cost",
    ((-3, 3), (-3, 3)),
    exponential(1.0),
    exponential_prime(1.0),
    exponential_formula(1.0),
    lengths=(1, 9),
)
EXPONENTIAL_TAU = right(
    "exponential_tau",
    "cost",
    ((-3, 3), (-3, 3)),
    exponential(2.5),
    exponential_prime(2.5),
    exponential_formula(2.5),
    lengths=(1, 9),
)
EXPONENTIAL_NEGATIVE = right(
    "exponential_negative_tau",
    "flat",
    ((-1e3, 1e3), (-1e3, 1e3)),
    exponential(-1.0),
    exponential_prime(-1.0),
    exponential_formula(-1.0),
    note="underflows to 0 a little away from a = E",
    lengths=(1, 9),
)
HELLINGER = right(
    "hellinger",
    "cost",
    ("positive", "nonnegative"),
    hellinger,
    lambda a, E: (np.sqrt(a) - np.sqrt(E)) / (2**0.5 * np.sqrt(a)),
    pair_sum(lambda m, x, y: (x + y - 2 * m.sqrt(x * y)) / m.sqrt(2)),
)
KULLBACK_LEIBLER = right(
    "kullback_leibler",
    "cost",
    ("positive", "nonnegative"),
    kullback_leibler,
    lambda a, E: -E / a,
    pair_sum(plogp),
)
GENERALIZED_KL = right(
    "generalized_kullback_leibler",
    "cost",
    ("positive", "nonnegative"),
    generalized_kullback_leibler,
    lambda a, E: (a - E) / a,
    pair_sum(lambda m, x, y: plogp(m, x, y) - y + x),
)
ITAKURA_SAITO = right(
    "itakura_saito",
    "cost",
    ("positive", "positive"),
    itakura_saito,
    lambda a, E: (a - E) / a / a,
    pair_sum(lambda m, x, y: y / x - m.log(y / x) - 1),
)
CATEGORICAL = right(
    "categorical",
    "cost",
    ("positive", "closed_simplex"),
    categorical,
    lambda a, E: -(E / a),
    pair_sum(lambda m, x, y: -y * m.log(x)),
)
POISSON = right(
    "poisson",
    "cost",
    ("positive", "nonnegative"),
    poisson,
    lambda a, E: 1 - E / a,
    pair_sum(lambda m, x, y: x - y * m.log(x)),
    note="1 − E/a for (a − E)/a",
)
LOG_COSH = right(
    "log_cosh",
    "tie of a smooth function",
    ("real", "real"),
    log_cosh,
    lambda a, E: np.tanh(a - E),
    pair_sum(lambda m, x, y: abs(x - y) + m.log((1 + exp(m, -2 * abs(x - y))) / 2)),
    note="written with |r|: smooth at the tie",
)
SQUARED_HINGE = right(
    "squared_hinge",
    "cost",
    ("real", "sign"),
    squared_hinge,
    lambda a, E: -2 * E * np.maximum(1 - E * a, 0),
    pair_sum(lambda m, x, y: (1 - x * y) ** 2 if x * y < 1 else m.mpf(0)),
)
LOGITS = right(
    "logits_cross_entropy",
    "tie of a smooth function",
    ("real", "closed_unit"),
    logits_cross_entropy,
    lambda z, E: (1 - E) * sigmoid(z) - E * sigmoid(-z),
    pair_sum(lambda m, x, y: m.log(1 + exp(m, -abs(x))) + (x if x > 0 else 0) - x * y),
    note="keeps its digits at saturation",
)
SIGMOID_QUADRATIC = right(
    "sigmoid_quadratic",
    "cost",
    ((-20, 20), "unit"),
    sigmoid_quadratic,
    lambda z, E: (sigmoid(z) - E) * sigmoid(z) * sigmoid(-z),
    pair_sum(lambda m, x, y: (logistic(m, x) - y) ** 2 / 2),
)

SUBJECTS: tuple[Subject, ...] = (
    QUADRATIC,
    MEAN_SQUARED,
    CROSS_ENTROPY,
    CROSS_ENTROPY_SPLIT,
    EXPONENTIAL,
    EXPONENTIAL_TAU,
    EXPONENTIAL_NEGATIVE,
    HELLINGER,
    KULLBACK_LEIBLER,
    GENERALIZED_KL,
    ITAKURA_SAITO,
    CATEGORICAL,
    POISSON,
    LOG_COSH,
    SQUARED_HINGE,
    LOGITS,
    SIGMOID_QUADRATIC,
)
