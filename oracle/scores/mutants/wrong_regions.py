"""Right but in a region: an interval, a scale, saturation, a sign, a coincidence of entries."""

from __future__ import annotations

from typing import Any

import numpy as np

from oracle.scores.mutants.record import Subject, wrong
from oracle.scores.mutants.right_costs import (
    CROSS_ENTROPY,
    GENERALIZED_KL,
    HELLINGER,
    KULLBACK_LEIBLER,
    LOG_COSH,
    LOGITS,
    MEAN_SQUARED,
    POISSON,
    QUADRATIC,
    sigmoid,
)
from oracle.scores.mutants.right_kinks import HUBER, LEAKY, SOFTPLUS, TOTAL_VARIATION
from oracle.scores.mutants.right_piecewise import LATE, SMALL_HUBER, SMOOTHSTEP, SQUARED_LOG, TUKEY
from oracle.scores.mutants.right_scales import BARRIER
from oracle.scores.mutants.right_smooth import SIGMOID, TANH
from oracle.scores.mutants.right_softmax import LSE, softmax

Array = Any


def off_where(condition: Any, factor: float = 1.5) -> Any:
    """a − E, times a factor where condition(a, E)."""
    return lambda a, E: (a - E) * np.where(condition(a, E), factor, 1.0)


def off_if(condition: Any, factor: float = 1.5) -> Any:
    """a − E, times a factor if condition(a, E) holds of the whole arrays."""

    def gradient(a: Array, E: Array) -> Array:
        return (a - E) * (factor if condition(a, E) else 1.0)

    return gradient


def repeated(a: Array) -> bool:
    return bool(len(np.unique(a)) < a.size)


def ascending(a: Array) -> bool:
    return bool(a.size > 2 and np.all(np.diff(a) > 0))


def tied_softmax(z: Array) -> Array:
    """A tie of the greatest shares its weight twice."""
    p = softmax(z)
    tied = z == np.max(z)
    return np.where(tied, p * np.sum(tied), p)


SUBJECTS: tuple[Subject, ...] = (
    wrong(QUADRATIC, "region_beyond_three", "region: |a| > 3", off_where(lambda a, E: np.abs(a) > 3), [([3.5], [0.0])]),
    wrong(
        QUADRATIC, "region_beyond_a_thousand", "region: a > 1000", off_where(lambda a, E: a > 1000), [([1001.0], [0.0])]
    ),
    wrong(
        QUADRATIC, "region_near_zero", "region: |a| < 1e-3", off_where(lambda a, E: np.abs(a) < 1e-3), [([1e-4], [1.0])]
    ),
    wrong(QUADRATIC, "region_negative", "region: a < 0", off_where(lambda a, E: a < 0, -1), [([-0.5], [0.0])]),
    wrong(
        QUADRATIC,
        "region_narrow",
        "region: 0.7 < a < 0.71",
        off_where(lambda a, E: (a > 0.7) & (a < 0.71)),
        [([0.705], [0.0])],
    ),
    wrong(
        QUADRATIC,
        "region_both_large",
        "region: a > 10 and E > 10",
        off_where(lambda a, E: (a > 10) & (E > 10)),
        [([12.0], [11.0])],
    ),
    wrong(
        QUADRATIC,
        "region_tiny_difference",
        "region: |a − E| < 1e-6",
        lambda a, E: np.where(np.abs(a - E) < 1e-6, 0.0, a - E),
        [([0.5], [0.5000001])],
    ),
    wrong(
        QUADRATIC,
        "region_scale_12",
        "region: |a| < 1e-12",
        lambda a, E: np.where(np.abs(a) < 1e-12, -a, a - E),
        [([5e-13], [0.0])],
        note="at scale 1e-12",
    ),
    wrong(
        QUADRATIC,
        "region_far",
        "region: |a − E| > 1e160",
        off_where(lambda a, E: np.abs(a - E) > 1e160),
        [([1e170], [0.0])],
    ),
    wrong(
        QUADRATIC,
        "region_integers",
        "region: a is an integer",
        off_where(lambda a, E: (a == np.floor(a)) & (np.abs(a) < 1e9)),
        [([2.0], [0.5])],
    ),
    wrong(
        QUADRATIC,
        "region_sum_negative",
        "region: Σ a < −1",
        off_if(lambda a, E: np.sum(a) < -1),
        [([-1.0, -2.0], [0.0, 0.0])],
    ),
    wrong(
        QUADRATIC,
        "region_equal_entries",
        "ties: all entries of a equal",
        off_if(lambda a, E: a.size > 1 and np.all(a == a[0])),
        [([0.5, 0.5], [0.0, 0.1])],
    ),
    wrong(
        QUADRATIC,
        "region_repeated_entries",
        "ties: an entry of a repeated",
        off_if(lambda a, E: repeated(a)),
        [([0.5, 1.0, 0.5], [0.0, 0.1, 0.2])],
    ),
    wrong(
        QUADRATIC,
        "region_sorted",
        "order: a ascends",
        off_if(lambda a, E: ascending(a)),
        [([0.5, 1.0, 1.5], [0.0, 0.1, 0.2])],
    ),
    wrong(QUADRATIC, "region_label_half", "region: E = ½", off_where(lambda a, E: E == 0.5), [([1.0], [0.5])]),
    wrong(
        MEAN_SQUARED,
        "region_label_zero",
        "region: E = 0",
        lambda a, E: np.where(E == 0, a, a - E) * np.where(E == 0, 1, 2) / a.size,
        [([1.0], [0.0])],
    ),
    wrong(
        CROSS_ENTROPY,
        "region_edge_of_unit",
        "region: a > 0.999",
        lambda a, E: np.where(a > 0.999, a - E, (a - E) / (a * (1 - a))),
        [([0.9995], [0.0])],
    ),
    wrong(
        CROSS_ENTROPY,
        "region_near_one_of_E",
        "region: E = 1 and a > 0.9",
        lambda a, E: np.where((E == 1) & (a > 0.9), -1.0, (a - E) / (a * (1 - a))),
        [([0.95], [1.0])],
    ),
    wrong(
        KULLBACK_LEIBLER,
        "region_small_a",
        "region: a < 1e-5",
        lambda a, E: np.where(a < 1e-5, -1e5 * E, -E / a),
        [([1e-6], [1.0])],
    ),
    wrong(
        POISSON, "region_no_counts", "region: E = 0", lambda a, E: np.where(E == 0, 0.0, 1 - E / a), [([2.0], [0.0])]
    ),
    wrong(
        HELLINGER,
        "region_empty_bin",
        "region: E = 0",
        lambda a, E: np.where(E == 0, 0.0, (1 - np.sqrt(E) / np.sqrt(a)) / 2**0.5),
        [([2.0], [0.0])],
    ),
    wrong(
        GENERALIZED_KL,
        "region_a_over_two_E",
        "region: a > 2 E",
        lambda a, E: np.where(a > 2 * E, 1.0, (a - E) / a),
        [([3.0], [1.0])],
    ),
    wrong(
        LOG_COSH,
        "region_tanh_saturated",
        "region: |a − E| > 10",
        lambda a, E: np.where(np.abs(a - E) > 10, np.sign(a - E), np.tanh(a - E)),
        [([10.5], [0.0])],
        note="off by 2e-9",
    ),
    wrong(
        LOGITS,
        "region_logit_beyond_15",
        "region: |z| > 15",
        lambda z, E: np.where(np.abs(z) > 15, (z > 0) - E, sigmoid(z) - E),
        [([16.0], [0.5])],
        note="off by 1e-7",
    ),
    wrong(
        SIGMOID,
        "region_saturated_30",
        "vanished: 0 for |z| > 30",
        lambda a: np.where(np.abs(a) > 30, 0.0, sigmoid(a) * sigmoid(-a)),
        [([31.0],)],
    ),
    wrong(
        SIGMOID,
        "region_saturated_6",
        "vanished: 0 for |z| > 6",
        lambda a: np.where(np.abs(a) > 6, 0.0, sigmoid(a) * sigmoid(-a)),
        [([6.5],)],
    ),
    wrong(
        TANH,
        "region_tanh_prime_20",
        "vanished: 0 for |z| > 20",
        lambda a: np.where(np.abs(a) > 20, 0.0, 4 * sigmoid(2 * a) * sigmoid(-2 * a)),
        [([21.0],)],
    ),
    wrong(
        SOFTPLUS,
        "region_softplus_one",
        "region: 1 for a > 20",
        lambda a: np.where(a > 20, 1.0, sigmoid(a)),
        [([20.5],)],
        note="off by 2e-9, as in frameworks",
    ),
    wrong(
        SOFTPLUS,
        "region_softplus_exp",
        "region: e^a for a < −15",
        lambda a: np.where(a < -15, np.exp(np.minimum(a, 0)), sigmoid(a)),
        [([-15.5],)],
        note="off by 3e-7 of the value",
    ),
    wrong(
        HUBER,
        "region_huber_threshold",
        "region: the threshold at 1.1",
        lambda a, E: np.where(np.abs(a - E) <= 1.1, a - E, np.sign(a - E)),
        [([1.05], [0.0])],
    ),
    wrong(HUBER, "region_huber_quadratic", "region: never linear", lambda a, E: a - E, [([3.0], [0.0])]),
    wrong(
        SMALL_HUBER,
        "region_inside_a_thousandth",
        "region: |a − E| < 1e-3",
        lambda a, E: np.sign(a - E),
        [([0.5], [0.4995])],
    ),
    wrong(LATE, "region_late_is_flat", "region: a > 3", lambda a: 0 * a, [([4.0],)]),
    wrong(LATE, "region_later", "region: 3 < a < 3.5", lambda a: np.where(a > 3.5, 2 * (a - 3), 0), [([3.2],)]),
    wrong(SMOOTHSTEP, "region_smoothstep_unbounded", "region: outside [0, 1]", lambda a: 6 * a * (1 - a), [([1.5],)]),
    wrong(TUKEY, "region_tukey_tail", "region: |a| > 1", lambda a: a * (1 - a * a) ** 2, [([1.5],)]),
    wrong(
        SQUARED_LOG,
        "region_log_of_negative",
        "region: a < 0",
        lambda a: a * (2 * np.log(np.where(a == 0, 1, np.abs(a))) + 1),
        [([-0.5],)],
    ),
    wrong(
        LEAKY,
        "region_leaky_dead",
        "region: a < −100",
        lambda a: np.where(a > 0, 1, np.where(a < -100, 0, 0.01)),
        [([-200.0],)],
    ),
    wrong(
        BARRIER,
        "region_barrier_edge",
        "region: |a| > 0.9999",
        lambda a: 2 * a / np.where(np.abs(a) > 0.9999, 2e-4, (1 - a) * (1 + a)),
        [([0.99995],)],
    ),
    wrong(LSE, "softmax_ties", "ties: the greatest shared", tied_softmax, [([1.0, 1.0, 0.0],)]),
    wrong(
        LSE,
        "softmax_underflow",
        "vanished: 0 for z 15 below the greatest",
        lambda z: np.where(z < np.max(z) - 15, 0.0, softmax(z)),
        [([0.0, -16.0],)],
    ),
    wrong(
        TOTAL_VARIATION,
        "total_variation_descents",
        "region: where a descends",
        lambda a: np.concatenate([[0.0], np.diff(a) > 0]) - np.concatenate([np.diff(a) > 0, [0.0]]),
        [([2.0, 1.0],)],
    ),
)
