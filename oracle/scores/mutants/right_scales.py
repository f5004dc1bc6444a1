"""Right gradients of stiff, flat, badly scaled, cancelling and smooth functions of one argument or two."""

from __future__ import annotations

from typing import Any

import numpy as np

from oracle.scores.mutants.record import Subject, right
from oracle.scores.mutants.right_costs import exp, logistic, pair_sum, sigmoid
from oracle.scores.mutants.right_kinks import each

Array = Any


def flat_at_zero(a: Array) -> Array:
    """Σ exp(−1/a²), and 0 where a = 0."""
    xp = a.__array_namespace__()
    safe = xp.where(a == 0, xp.ones_like(a), a)
    return xp.sum(xp.where(a == 0, xp.zeros_like(a), xp.exp(-((1 / safe) ** 2))))


def flat_at_zero_prime(a: Array) -> Array:
    size = np.where(a == 0, 1.0, np.abs(a))
    return np.where(a == 0, 0.0, np.sign(a) * 2 * np.exp(-((1 / size) ** 2) - 3 * np.log(size)))


def gauss(a: Array) -> Array:
    xp = a.__array_namespace__()
    return -xp.sum(xp.exp(-a * a))


def rosenbrock(a: Array) -> Array:
    return a.__array_namespace__().sum(100 * (a[1:] - a[:-1] ** 2) ** 2 + (1 - a[:-1]) ** 2)


def rosenbrock_prime(a: Array) -> Array:
    out = np.zeros(a.shape)
    bend = a[1:] - a[:-1] ** 2
    out[:-1] = -400 * a[:-1] * bend - 2 * (1 - a[:-1])
    out[1:] += 200 * bend
    return out


def steep(a: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(1 / (1 + xp.exp(-1e4 * a)))


def cold_softplus(a: Array) -> Array:
    """T ln(1 + e^(a/T)) at T = 10⁻³."""
    xp = a.__array_namespace__()
    return xp.sum(xp.logaddexp(a * 1000, xp.zeros_like(a))) / 1000


def barrier(a: Array) -> Array:
    xp = a.__array_namespace__()
    return -xp.sum(xp.log1p(a) + xp.log1p(-a))


def mixed_units(a: Array, E: Array) -> Array:
    """a is some 10¹⁵⁰ times what E is."""
    return a.__array_namespace__().sum((1e-150 * a - 1e150 * E) ** 2)


TINY = right(
    "tiny_quadratic",
    "badly scaled: 1e-150",
    ((-1e100, 1e100),),
    lambda a: 5e-151 * a.__array_namespace__().sum(a * a),
    lambda a: 1e-150 * a,
    lambda m, a: m.mpf(5e-151) * m.fsum(x * x for x in a),
)


HUGE = right(
    "huge_quadratic",
    "badly scaled: 1e150",
    ((-1e3, 1e3),),
    lambda a: 5e149 * a.__array_namespace__().sum(a * a),
    lambda a: 1e150 * a,
    lambda m, a: m.mpf(5e149) * m.fsum(x * x for x in a),
)


MIXED_UNITS = right(
    "mixed_units",
    "badly scaled: 1e150 beside 1e-150",
    ((1e149, 1e151), (1e-151, 1e-149)),
    mixed_units,
    lambda a, E: 2e-150 * (1e-150 * a - 1e150 * E),
    pair_sum(lambda m, x, y: (m.mpf(1e-150) * x - m.mpf(1e150) * y) ** 2),
)


FLAT = right(
    "flat_at_zero",
    "flat: every derivative vanishes at 0",
    ((-1e3, 1e3),),
    flat_at_zero,
    flat_at_zero_prime,
    each(lambda m, x: exp(m, -1 / (x * x)) if x else m.mpf(0)),
)


GAUSS = right(
    "gauss",
    "flat: tails that underflow",
    ("real",),
    gauss,
    lambda a: a * np.exp(-a * a) * 2,
    each(lambda m, x: -exp(m, -x * x)),
)


EIGHTH = right(
    "eighth_power",
    "flat",
    ((-100, 100),),
    lambda a: a.__array_namespace__().sum(a**8),
    lambda a: 8 * a**7,
    each(lambda m, x: x**4 * x**4),
)


ROSENBROCK = right(
    "rosenbrock",
    "stiff",
    ((-5, 5),),
    rosenbrock,
    rosenbrock_prime,
    lambda m, a: m.fsum(100 * (a[i] ** 2 - a[i + 1]) ** 2 + (a[i] - 1) ** 2 for i in range(len(a) - 1)),
    lengths=(2, 20),
)


STIFF = right(
    "stiff_exponential",
    "stiff",
    ((-10, 10),),
    lambda a: a.__array_namespace__().sum(a.__array_namespace__().exp(50 * a)),
    lambda a: 50 * np.exp(50 * a),
    each(lambda m, x: m.exp(x) ** 50),
)


OSCILLATING = right(
    "oscillating",
    "stiff",
    ((-10, 10),),
    lambda a: a.__array_namespace__().sum(a.__array_namespace__().sin(1000 * a)),
    lambda a: 1000 * np.cos(1000 * a),
    each(lambda m, x: m.sin(1000 * x)),
)


STEEP = right(
    "steep_sigmoid",
    "stiff",
    ((-0.07, 0.07),),
    steep,
    lambda a: 1e4 * sigmoid(1e4 * a) * sigmoid(-1e4 * a),
    each(lambda m, x: logistic(m, 10000 * x)),
)


COLD = right(
    "cold_softplus",
    "stiff",
    ((-0.5, 0.5),),
    cold_softplus,
    lambda a: sigmoid(1000 * a),
    each(lambda m, x: (m.log(1 + m.exp(-abs(1000 * x))) + (1000 * x if x > 0 else 0)) / 1000),
)


BARRIER = right(
    "log_barrier",
    "stiff near the edge",
    ((-1, 1),),
    barrier,
    lambda a: 2 * a / ((1 - a) * (1 + a)),
    each(lambda m, x: -m.log(1 - x * x)),
)

SUBJECTS: tuple[Subject, ...] = (
    TINY,
    HUGE,
    MIXED_UNITS,
    FLAT,
    GAUSS,
    EIGHTH,
    ROSENBROCK,
    STIFF,
    OSCILLATING,
    STEEP,
    COLD,
    BARRIER,
)
