"""Nine ordinary costs, for what narrow arithmetic does to their gradients: each in code that runs in any dtype."""

from __future__ import annotations

from typing import Any

import numpy as np

from oracle.scores.mutants.record import Subject, right
from oracle.scores.mutants.right_costs import pair_sum
from oracle.scores.mutants.right_softmax import ONE_HOT

Array = Any


def total(f: Any) -> Any:
    """The cost Σ f(xp, a_j, E_j)."""
    return lambda a, E: a.__array_namespace__().sum(f(a.__array_namespace__(), a, E))


def softmax_error(z: Array, E: Array) -> Array:
    e = np.exp(z - np.max(z))
    return e / np.sum(e) - E


def cosine_prime(a: Array, E: Array) -> Array:
    p, q, r = np.sum(a * a), np.sum(E * E), np.sum(a * E)
    return E / np.sqrt(p * q) - a * (r / (p * np.sqrt(p * q)))


def cosine_formula(m: Any, a: Any, E: Any) -> Any:
    r = m.fsum(x * y for x, y in zip(a.flat, E.flat, strict=True))
    return r / m.sqrt(m.fsum(x * x for x in a.flat) * m.fsum(y * y for y in E.flat))


def cosine(a: Array, E: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(a * E) / xp.sqrt(xp.sum(a * a) * xp.sum(E * E))


def cost(name: str, domains: Any, fn: Any, grad: Any, formula: Any, **others: Any) -> Subject:
    return right(f"{name}_ordinary", "cost", domains, fn, grad, formula, **others)


WIDE = ((-3.0, 3.0), (-3.0, 3.0))
SOFTMAX = cost("softmax", ((-3.0, 3.0), "one_hot"), ONE_HOT.fn, softmax_error, ONE_HOT.truth.value)
LOGISTIC = cost(
    "logistic",
    ((-8.0, 8.0), "sign"),
    total(lambda xp, z, E: xp.log1p(xp.exp(-E * z))),
    lambda z, E: -E / (1 + np.exp(E * z)),
    pair_sum(lambda m, x, y: m.log(1 + m.exp(-y * x))),
)
SQUARED = cost(
    "squared",
    WIDE,
    total(lambda xp, a, E: (a - E) ** 2),
    lambda a, E: 2 * (a - E),
    pair_sum(lambda m, x, y: (x - y) ** 2),
)
POISSON = cost(
    "poisson",
    ((-3.0, 3.0), (0.0, 5.0)),
    total(lambda xp, z, E: xp.exp(z) - E * z),
    lambda z, E: np.exp(z) - E,
    pair_sum(lambda m, x, y: m.exp(x) - y * x),
)
RELATIVE_ENTROPY = cost(
    "relative_entropy",
    ((0.05, 1.0), (0.05, 1.0)),
    total(lambda xp, a, E: E * xp.log(E / a)),
    lambda a, E: -E / a,
    pair_sum(lambda m, x, y: y * m.log(y / x)),
)
BINARY = cost(
    "binary",
    ((0.05, 0.95), (0.05, 0.95)),
    total(lambda xp, a, E: -E * xp.log(a) - (1 - E) * xp.log(1 - a)),
    lambda a, E: (a - E) / (a * (1 - a)),
    pair_sum(lambda m, x, y: -y * m.log(x) - (1 - y) * m.log(1 - x)),
)
SMOOTH_L1 = cost(
    "smooth_l1",
    WIDE,
    total(lambda xp, a, E: xp.sqrt(1 + (a - E) ** 2)),
    lambda a, E: (a - E) / np.sqrt(1 + (a - E) * (a - E)),
    pair_sum(lambda m, x, y: m.sqrt(1 + (x - y) ** 2)),
)
SQUARED_HINGE = cost(
    "squared_hinge",
    ((-3.0, 3.0), "sign"),
    total(lambda xp, z, E: xp.where(E * z < 1, (1 - E * z) ** 2, 0 * z)),
    lambda z, E: -2 * E * np.where(E * z < 1, 1 - E * z, 0 * z),
    pair_sum(lambda m, x, y: max(1 - y * x, m.mpf(0)) ** 2),
)
COSINE = cost("cosine", ((0.1, 4.0), (0.1, 4.0)), cosine, cosine_prime, cosine_formula, lengths=(2, 9))
COSTS = (SOFTMAX, LOGISTIC, SQUARED, POISSON, RELATIVE_ENTROPY, BINARY, SMOOTH_L1, SQUARED_HINGE, COSINE)
