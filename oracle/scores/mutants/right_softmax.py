"""Right gradients around softmax and log-sum-exp: ties, saturation, temperature."""

from __future__ import annotations

from typing import Any

import numpy as np

from oracle.scores.mutants.record import Subject, right
from oracle.scores.mutants.right_costs import pair_sum, sigmoid

Array = Any

TEMPERATURE = 0.1


def softmax(z: Array) -> Array:
    e = np.exp(z - np.max(z))
    return e / np.sum(e)


def log_sum_exp(z: Array) -> Array:
    xp = z.__array_namespace__()
    top = xp.max(z)
    return top + xp.log(xp.sum(xp.exp(z - top)))


def jax_log_sum_exp(z: Array) -> Array:
    import jax

    return jax.nn.logsumexp(z)


def cold_maximum(z: Array) -> Array:
    return TEMPERATURE * log_sum_exp(z / TEMPERATURE)


def label_cross_entropy(z: Array, E: Array) -> Array:
    """−Σ E ln softmax(z)."""
    return z.__array_namespace__().sum(E * (log_sum_exp(z) - z))


def one_hot_prime(z: Array, E: Array) -> Array:
    """p − E, in which p − 1 is minus the sum of the others."""
    e = np.exp(z - np.max(z))
    others = np.array([np.sum(np.delete(e, j)) for j in range(z.size)])
    return ((1 - E) * e - E * others) / np.sum(e)


def soft_label_prime(z: Array, E: Array) -> Array:
    return np.sum(E) * softmax(z) - E


def weighted_mean(z: Array) -> Array:
    """Σ p z with p = softmax(z): a soft maximum."""
    xp = z.__array_namespace__()
    e = xp.exp(z - xp.max(z))
    return xp.sum(e * z) / xp.sum(e)


def weighted_mean_prime(z: Array) -> Array:
    p = softmax(z)
    return p * (1 + z - np.sum(p * z))


def softmax_quadratic(z: Array, E: Array) -> Array:
    xp = z.__array_namespace__()
    e = xp.exp(z - xp.max(z))
    return xp.sum((e / xp.sum(e) - E) ** 2) / 2


def softmax_quadratic_prime(z: Array, E: Array) -> Array:
    p = softmax(z)
    residual = p - E
    return p * (residual - np.sum(p * residual))


def log_add(a: Array, E: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(xp.logaddexp(a, E))


def row_cross_entropy(z: Array, E: Array) -> Array:
    """The mean over columns of −Σ_j E_j ln softmax(z)_j; samples are columns."""
    xp = z.__array_namespace__()
    top = xp.max(z, axis=0)
    return xp.mean(xp.sum(E * (top + xp.log(xp.sum(xp.exp(z - top), axis=0)) - z), axis=0))


def row_cross_entropy_prime(z: Array, E: Array) -> Array:
    e = np.exp(z - np.max(z, axis=0))
    return (e / np.sum(e, axis=0) * np.sum(E, axis=0) - E) / z.shape[1]


def lse_formula(m: Any, z: Any) -> Any:
    return max(z) + m.log(m.fsum(m.exp(x - max(z)) for x in z))


def label_formula(m: Any, z: Any, E: Any) -> Any:
    return lse_formula(m, z) * m.fsum(E) - m.fsum(z * E)


def softmax_formula(m: Any, z: Any) -> Any:
    weights = [m.exp(x) for x in z]
    return [w / m.fsum(weights) for w in weights]


def quadratic_formula(m: Any, z: Any, E: Any) -> Any:
    return m.fsum((p - y) ** 2 for p, y in zip(softmax_formula(m, z), E, strict=True)) / 2


def row_formula(m: Any, z: Any, E: Any) -> Any:
    return m.fsum(label_formula(m, z[:, r], E[:, r]) for r in range(z.shape[1])) / z.shape[1]


LSE = right("log_sum_exp", "tie of a smooth function", ((-700, 700),), log_sum_exp, softmax, lse_formula)
LSE_JAX = right("log_sum_exp_of_jax", "tie of a smooth function", ((-30, 30),), jax_log_sum_exp, softmax, lse_formula)
COLD_MAXIMUM = right(
    "cold_maximum",
    "stiff",
    ((-20, 20),),
    cold_maximum,
    lambda z: softmax(z / TEMPERATURE),
    lambda m, z: m.mpf(TEMPERATURE) * lse_formula(m, z / m.mpf(TEMPERATURE)),
)
ONE_HOT = right("softmax_one_hot", "cost", ((-100, 100), "one_hot"), label_cross_entropy, one_hot_prime, label_formula)
SOFT_LABEL = right(
    "softmax_soft_label", "cancelling", ((-10, 10), "simplex"), label_cross_entropy, soft_label_prime, label_formula
)
WEIGHTED_MEAN = right(
    "softmax_weighted_mean",
    "smooth",
    ((-10, 10),),
    weighted_mean,
    weighted_mean_prime,
    lambda m, z: m.fsum(p * x for p, x in zip(softmax_formula(m, z), z, strict=True)),
)
SOFTMAX_QUADRATIC = right(
    "softmax_quadratic",
    "smooth",
    ((-3, 3), (0.05, 0.95)),
    softmax_quadratic,
    softmax_quadratic_prime,
    quadratic_formula,
    lengths=(2, 40),
)
LOG_ADD = right(
    "log_add_exp",
    "tie of a smooth function",
    ((-300, 300), (-300, 300)),
    log_add,
    lambda a, E: sigmoid(a - E),
    pair_sum(lambda m, x, y: max(x, y) + m.log(1 + m.exp(-abs(x - y)))),
)
BATCH = right(
    "softmax_batch",
    "shapes",
    ((-5, 5), (0.1, 0.9)),
    row_cross_entropy,
    row_cross_entropy_prime,
    row_formula,
    shapes=((4, 3), (4, 3)),
)

SUBJECTS: tuple[Subject, ...] = (
    LSE,
    LSE_JAX,
    COLD_MAXIMUM,
    ONE_HOT,
    SOFT_LABEL,
    WEIGHTED_MEAN,
    SOFTMAX_QUADRATIC,
    LOG_ADD,
    BATCH,
)
