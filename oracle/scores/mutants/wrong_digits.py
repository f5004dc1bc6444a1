"""Wrong by a small relative error in one component or all, by rounding on purpose, by a narrow intermediate."""

from __future__ import annotations

from typing import Any

import numpy as np

from oracle.scores.mutants.record import Subject, wrong
from oracle.scores.mutants.right_costs import (
    CATEGORICAL,
    CROSS_ENTROPY,
    EXPONENTIAL_TAU,
    HELLINGER,
    ITAKURA_SAITO,
    KULLBACK_LEIBLER,
    LOG_COSH,
    MEAN_SQUARED,
    QUADRATIC,
    sigmoid,
)
from oracle.scores.mutants.right_float32 import CROSS_ENTROPY_32, LSE_32, QUADRATIC_32
from oracle.scores.mutants.right_smooth import FOCAL, RECIPROCAL, TANH
from oracle.scores.mutants.right_softmax import LSE, softmax

Array = Any


PAIR = [([0.7, -0.2], [0.3, 0.4])]


POSITIVE_PAIR = [([0.7, 0.2], [0.3, 0.4])]


def first_off(grad: Any, by: float) -> Any:
    """The gradient with a relative error in its first component alone."""

    def gradient(*args: Array) -> Array:
        g = grad(*args)
        return g * np.where(np.arange(g.size) == 0, 1 + by, 1).astype(g.dtype)

    return gradient


def last_off(grad: Any, by: float) -> Any:
    def gradient(*args: Array) -> Array:
        g = grad(*args)
        return g * np.where(np.arange(g.size) == g.size - 1, 1 + by, 1).astype(g.dtype)

    return gradient


def through(grad: Any, dtype: Any) -> Any:
    """Computed in a narrow dtype, and given back as float64."""
    return lambda *args: grad(*(a.astype(dtype) for a in args)).astype(np.float64)


def stochastic_softmax(z: Array) -> Array:
    """The sum of the exponentials is accumulated in float32."""
    e = np.exp(z - np.max(z))
    return e / float(np.sum(e.astype(np.float32), dtype=np.float32))


SUBJECTS: tuple[Subject, ...] = (
    wrong(QUADRATIC, "relative_1e_3", "relative error: 1e-3, component 0", first_off(QUADRATIC.grad, 1e-3), PAIR),
    wrong(
        CROSS_ENTROPY,
        "relative_1e_6",
        "relative error: 1e-6, component 0",
        first_off(CROSS_ENTROPY.grad, 1e-6),
        POSITIVE_PAIR,
    ),
    wrong(
        HELLINGER, "relative_1e_9", "relative error: 1e-9, component 0", first_off(HELLINGER.grad, 1e-9), POSITIVE_PAIR
    ),
    wrong(
        QUADRATIC,
        "relative_1e_12",
        "relative error: 1e-12, component 0",
        first_off(QUADRATIC.grad, 1e-12),
        [([0.75], [0.0])],
    ),
    wrong(
        KULLBACK_LEIBLER,
        "relative_1e_12_last",
        "relative error: 1e-12, the last",
        last_off(KULLBACK_LEIBLER.grad, 1e-12),
        POSITIVE_PAIR,
    ),
    wrong(
        EXPONENTIAL_TAU,
        "relative_1e_9_exponential",
        "relative error: 1e-9, the last",
        last_off(EXPONENTIAL_TAU.grad, 1e-9),
        PAIR,
    ),
    wrong(LSE, "relative_1e_6_softmax", "relative error: 1e-6, the last", last_off(softmax, 1e-6), [([0.5, 1.5],)]),
    wrong(
        TANH,
        "relative_1e_9_everywhere",
        "relative error: 1e-9, all",
        lambda a: 4.000000004 * sigmoid(2 * a) * sigmoid(-2 * a),
        [([0.5],)],
    ),
    wrong(MEAN_SQUARED, "absolute_1e_12", "absolute error: 1e-12", lambda a, E: (a - E) * (2 / a.size) + 1e-12, PAIR),
    wrong(
        QUADRATIC,
        "relative_1e_9_small_entries",
        "relative error: 1e-9, where |a| < 1e-6",
        lambda a, E: (a - E) * np.where(np.abs(a) < 1e-6, 1.000000001, 1),
        [([5e-7], [0.3])],
    ),
    wrong(
        QUADRATIC_32,
        "float32_relative_1e_5",
        "relative error: 1e-5 in float32, component 0",
        first_off(QUADRATIC_32.grad, 1e-5),
        [([0.75], [0.0])],
    ),
    wrong(
        QUADRATIC_32,
        "float32_relative_1e_4",
        "relative error: 1e-4 in float32, the last",
        last_off(QUADRATIC_32.grad, 1e-4),
        PAIR,
    ),
    wrong(LSE_32, "float32_softmax_doubled", "factor: 2 in float32", lambda z: 2 * LSE_32.grad(z), [([0.5, 1.5],)]),
    wrong(
        CROSS_ENTROPY_32,
        "float32_cross_entropy_epsilon",
        "epsilon: 1e-4 in float32",
        lambda a, E: ((a - E) / (a * (1 - a) + 1e-4)).astype(np.float32),
        POSITIVE_PAIR,
    ),
    wrong(
        QUADRATIC,
        "float32_whole",
        "digits: float32 intermediate",
        through(QUADRATIC.grad, np.float32),
        PAIR,
        digits_only=True,
    ),
    wrong(
        CROSS_ENTROPY,
        "float32_product",
        "digits: float32 intermediate",
        lambda a, E: (a - E) / (a * (1 - a)).astype(np.float32),
        POSITIVE_PAIR,
        digits_only=True,
    ),
    wrong(
        FOCAL,
        "float32_log",
        "digits: float32 intermediate",
        lambda a: (1 - a) * (2 * np.log(a.astype(np.float32)) - (1 - a) / a),
        [([0.7],)],
        digits_only=True,
    ),
    wrong(
        LSE,
        "float32_accumulator",
        "digits: float32 intermediate",
        stochastic_softmax,
        [([0.5, 1.5, 0.3],)],
        digits_only=True,
    ),
    wrong(
        LOG_COSH,
        "float16_whole",
        "digits: float16 intermediate",
        through(LOG_COSH.grad, np.float16),
        PAIR,
        digits_only=True,
    ),
    wrong(
        ITAKURA_SAITO,
        "rounded_4",
        "digits: rounded to 4 decimals",
        lambda a, E: np.round((a - E) / a / a, 4),
        POSITIVE_PAIR,
        digits_only=True,
    ),
    wrong(
        CATEGORICAL,
        "rounded_10",
        "digits: rounded to 10 decimals",
        lambda a, E: np.round(-E / a, 10),
        [([0.7, 0.2], [0.4, 0.6])],
        digits_only=True,
    ),
    wrong(
        RECIPROCAL,
        "twelve_significant",
        "digits: printed with 12 and read back",
        lambda a: np.array([float(f"{x:.12g}") for x in -1 / a / a]),
        [([0.7, 0.3],)],
        digits_only=True,
    ),
)
