"""Right formulas whose programs lose digits, or overflow, at corners of their domain."""

from __future__ import annotations

from typing import Any

import numpy as np

from oracle.scores.mutants.record import Subject, inaccurate, right
from oracle.scores.mutants.right_costs import (
    HELLINGER,
    ITAKURA_SAITO,
    LOGITS,
    exp,
    exponential,
    exponential_formula,
    exponential_prime,
    hellinger,
    log_cosh,
    pair_sum,
)
from oracle.scores.mutants.right_kinks import SOFTPLUS, each
from oracle.scores.mutants.right_smooth import EXPM1, HYPERBOLA, LOG1P, SIGMOID, SINC, TANH
from oracle.scores.mutants.right_softmax import LSE, ONE_HOT
from oracle.scores.mutants.right_sorting import NORM

Array = Any


def logistic_prime(z: Array) -> Array:
    a = 1 / (1 + np.exp(-z))
    return a * (1 - a)


def shifted_softmax(z: Array) -> Array:
    e = np.exp(z - np.max(z))
    return e / np.sum(e)


EXPONENTIAL_REAL = right(
    "exponential_real",
    "cost",
    ("real", "real"),
    exponential(1.0),
    exponential_prime(1.0),
    exponential_formula(1.0),
)
RESCALED = right(
    "rescaled",
    "badly scaled",
    ((-1e100, 1e100),),
    lambda a: a.__array_namespace__().sum((1e-150 * a) ** 2) * 1e300,
    lambda a: 2 * a,
    each(lambda m, x: (m.mpf(1e-150) * x) ** 2 * m.mpf(1e300)),
)
SINE_OVER_A = right(
    "sine_over_a_near_zero",
    "cancelling",
    ((0, 1),),
    SINC.fn,
    SINC.grad,
    SINC.truth.value,
)
LOG_COSH_ONE = right(
    "log_cosh_one",
    "smooth",
    ("real",),
    lambda a: log_cosh(a, 0 * a),
    np.tanh,
    each(lambda m, x: abs(x) + m.log((1 + exp(m, -2 * abs(x))) / 2)),
)
HELLINGER_RATIO = right(
    "hellinger_far",
    "cost",
    ("positive", "nonnegative"),
    hellinger,
    HELLINGER.grad,
    pair_sum(lambda m, x, y: (m.sqrt(x) - m.sqrt(y)) ** 2 / m.sqrt(2)),
)

SUBJECTS: tuple[Subject, ...] = (
    inaccurate(
        SIGMOID,
        "sigmoid_textbook",
        "cancelling: a(1 − a) at saturation",
        logistic_prime,
        [([40.0],)],
    ),
    inaccurate(
        TANH,
        "tanh_textbook",
        "cancelling: 1 − a² at saturation",
        lambda a: 1 - np.tanh(a) * np.tanh(a),
        [([20.0, 0.5],)],
    ),
    inaccurate(
        LOGITS,
        "logits_textbook",
        "cancelling: σ(z) − E where E is 1",
        lambda z, E: 1 / (1 + np.exp(-z)) - E,
        [([40.0], [1.0])],
    ),
    inaccurate(
        ONE_HOT,
        "softmax_one_hot_textbook",
        "cancelling: p − E where E is 1",
        lambda z, E: shifted_softmax(z) - E,
        [([40.0, 0.0, 1.0], [1.0, 0.0, 0.0])],
    ),
    inaccurate(
        ITAKURA_SAITO,
        "itakura_saito_squared",
        "underflow: a² at a tiny a",
        lambda a, E: (a - E) / (a * a),
        [([1e-200], [1.5e-200])],
        extremes=True,
        note="at extreme arguments alone: right, where they are not asked for",
    ),
    inaccurate(
        EXPONENTIAL_REAL,
        "exponential_far",
        "overflow: 0 times an infinite C",
        exponential_prime(1.0),
        [([30.0, 1.0], [0.0, 1.0])],
    ),
    inaccurate(
        LSE,
        "softmax_unshifted",
        "overflow: e^z",
        lambda z: np.exp(3 * z) ** (1 / 3) / np.sum(np.exp(3 * z) ** (1 / 3)),
        [([500.0, 499.0],)],
        domains=((-700, 700),),
        note="e^(3z) overflows from z = 237",
    ),
    inaccurate(
        NORM,
        "norm_unscaled",
        "underflow: a² under the root",
        lambda a: a / np.sqrt(np.sum(a * a)),
        [([3e-200, 4e-200],)],
        extremes=True,
        note="at extreme arguments alone: right, where they are not asked for",
    ),
    inaccurate(
        LOG_COSH_ONE,
        "tanh_by_sinh_and_cosh",
        "overflow: sinh and cosh",
        lambda a: np.sinh(a) / np.cosh(a),
        [([800.0],)],
    ),
    inaccurate(
        EXPM1,
        "exp_minus_one",
        "cancelling: e^a − 1 near 0",
        lambda a: np.exp(a) - 1,
        [([1e-10, 1.0],)],
    ),
    inaccurate(
        LOG1P,
        "log_of_one_plus",
        "cancelling: ln(1 + a) near 0",
        lambda a: np.log(1 + a),
        [([2.0, 1e-10],)],
    ),
    inaccurate(
        RESCALED,
        "rescaled_underflow",
        "underflow: an intermediate product",
        lambda a: 2e150 * (1e-150 * a) * (1e-150 * 1e150),
        [([1e-170],)],
        extremes=True,
        note="at extreme arguments alone: right, where they are not asked for",
    ),
    inaccurate(
        HELLINGER_RATIO,
        "hellinger_by_ratio",
        "overflow: E/a",
        lambda a, E: (1 - np.sqrt(E / a)) / np.sqrt(E * 0 + 2),
        [([1e-300], [1e300])],
        extremes=True,
        note="at extreme arguments alone: right, where they are not asked for",
    ),
    inaccurate(
        SOFTPLUS,
        "softplus_by_ratio",
        "overflow: e^a/(1 + e^a)",
        lambda a: np.exp(a) / (1 + np.exp(a)),
        [([1.0, 800.0],)],
    ),
    inaccurate(
        SINE_OVER_A,
        "sine_over_a_textbook",
        "cancelling: a cos a − sin a near 0",
        lambda a: (a * np.cos(a) - np.sin(a)) / (a * a),
        [([1e-5],)],
    ),
    inaccurate(
        HYPERBOLA,
        "hyperbola_by_difference",
        "cancelling: √(1 + a²) − 1 over a, times a series",
        lambda a: (np.sqrt(1 + a * a) - 1) / a * (1 + 1 / np.sqrt(1 + a * a)),
        [([1e-7],)],
    ),
)
