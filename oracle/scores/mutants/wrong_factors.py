"""Wrong by a constant factor: 2, ½, −1, n, 1/n, τ, mean against sum."""

from __future__ import annotations

from typing import Any

import numpy as np

from oracle.scores.mutants.record import Subject, right, wrong
from oracle.scores.mutants.right_costs import (
    CROSS_ENTROPY,
    EXPONENTIAL_TAU,
    HELLINGER,
    ITAKURA_SAITO,
    MEAN_SQUARED,
    POISSON,
    QUADRATIC,
    SQUARED_HINGE,
)
from oracle.scores.mutants.right_kinks import HUBER, L1, LEAKY, each
from oracle.scores.mutants.right_lengths import NEIGHBOURS, WEIGHTED
from oracle.scores.mutants.right_scales import HUGE, OSCILLATING, TINY
from oracle.scores.mutants.right_shapes import BATCH_MEAN, BIAS, FORM
from oracle.scores.mutants.right_smooth import VARIANCE
from oracle.scores.mutants.right_softmax import COLD_MAXIMUM, LSE, softmax

Array = Any

PAIR = [([0.7, -0.2], [0.3, 0.4])]
POSITIVE_PAIR = [([0.7, 0.2], [0.3, 0.4])]
MATRICES = [([[1.0, 2.0, 3.0, 4.0, 5.0]] * 3, [[0.5, 0.5, 2.0, 2.0, 2.0]] * 3)]


def mean_square_small(a: Array) -> Array:
    xp = a.__array_namespace__()
    return 1e-3 * xp.mean(a * a)


SMALL_MEAN = right(
    "small_mean_square",
    "badly scaled",
    ((-1, 1),),
    mean_square_small,
    lambda a: a * (2e-3 / a.size),
    lambda m, a: m.mpf(1e-3) * m.fsum(x * x for x in a) / len(a),
    shapes=((1000,),),
)
THOUSANDS = right(
    "large_output",
    "badly scaled",
    ((-1, 1),),
    lambda a: a.__array_namespace__().sum(a * a / 2 + 1e4),
    lambda a: a * 1,
    each(lambda m, x: x * x / 2 + 10000),
)

SUBJECTS: tuple[Subject, ...] = (
    wrong(QUADRATIC, "quadratic_doubled", "factor: 2", lambda a, E: 2 * (a - E), PAIR),
    wrong(QUADRATIC, "quadratic_halved", "factor: ½", lambda a, E: (a - E) / 2, PAIR),
    wrong(QUADRATIC, "quadratic_descends", "factor: −1", lambda a, E: E - a, PAIR),
    wrong(QUADRATIC, "quadratic_meant", "factor: 1/n", lambda a, E: (a - E) / a.size, PAIR, note="mean against sum"),
    wrong(MEAN_SQUARED, "mean_squared_summed", "factor: n", lambda a, E: 2 * (a - E), PAIR, note="sum against mean"),
    wrong(MEAN_SQUARED, "mean_squared_without_2", "factor: ½", lambda a, E: (a - E) / a.size, PAIR),
    wrong(
        EXPONENTIAL_TAU,
        "exponential_without_1_over_tau",
        "factor: τ",
        lambda a, E: 5 * (a - E) * np.exp(np.sum((a - E) ** 2) / 2.5),
        PAIR,
    ),
    wrong(
        EXPONENTIAL_TAU,
        "exponential_1_over_tau_twice",
        "factor: 1/τ",
        lambda a, E: 2 / 2.5 * (a - E) * np.exp(np.sum((a - E) ** 2) / 2.5),
        PAIR,
    ),
    wrong(
        HELLINGER,
        "hellinger_root_two_above",
        "factor: 2",
        lambda a, E: (np.sqrt(a) - np.sqrt(E)) * 2**0.5 / np.sqrt(a),
        POSITIVE_PAIR,
    ),
    wrong(
        HELLINGER,
        "hellinger_without_root_two",
        "factor: √2",
        lambda a, E: (np.sqrt(a) - np.sqrt(E)) / np.sqrt(a),
        POSITIVE_PAIR,
    ),
    wrong(
        CROSS_ENTROPY,
        "cross_entropy_in_bits",
        "factor: 1/ln 2",
        lambda a, E: (a - E) / (a * (1 - a)) / np.log(2),
        POSITIVE_PAIR,
    ),
    wrong(ITAKURA_SAITO, "itakura_saito_ascends", "factor: −1", lambda a, E: (E - a) / a / a, POSITIVE_PAIR),
    wrong(POISSON, "poisson_meant", "factor: 1/n", lambda a, E: (1 - E / a) / a.size, POSITIVE_PAIR),
    wrong(L1, "l1_times_length", "factor: n", lambda a, E: a.size * np.sign(a - E), PAIR),
    wrong(
        LEAKY, "leaky_relu_negative_slope", "factor: −1 in a region", lambda a: np.where(a > 0, 1, -0.01), [([-1.0],)]
    ),
    wrong(HUBER, "huber_doubled_outside", "factor: 2 in a region", lambda a, E: np.clip(2 * a - 2 * E, -1, 1), PAIR),
    wrong(
        SQUARED_HINGE,
        "squared_hinge_without_2",
        "factor: ½",
        lambda a, E: -E * np.maximum(1 - E * a, 0),
        [([0.2], [1.0])],
    ),
    wrong(
        COLD_MAXIMUM,
        "cold_maximum_1_over_temperature",
        "factor: 1/τ",
        lambda z: softmax(z / 0.1) / 0.1,
        [([0.1, 0.2],)],
    ),
    wrong(LSE, "log_sum_exp_temperature_two", "factor: τ inside", lambda z: softmax(z / 2), [([0.1, 0.9],)]),
    wrong(TINY, "tiny_sign", "factor: −1 at scale 1e-150", lambda a: -1e-150 * a, [([0.5],)]),
    wrong(HUGE, "huge_by_a_millionth", "factor: 1 + 1e-6 at scale 1e150", lambda a: 1.000001e150 * a, [([0.5],)]),
    wrong(
        SMALL_MEAN,
        "small_mean_square_zero",
        "factor: 0",
        np.zeros_like,
        [(list(np.linspace(-0.9, 0.9, 1000)),)],
        note="every entry is below 2e-6, the absolute tolerance of others",
    ),
    wrong(THOUSANDS, "large_output_one_and_a_half", "factor: 1.5", lambda a: 1.5 * a, [([0.5, -0.1],)]),
    wrong(BATCH_MEAN, "batch_summed", "factor: n", lambda a, E: a - E, MATRICES, note="the batch is not averaged"),
    wrong(BATCH_MEAN, "batch_over_entries", "factor: 1/n", lambda a, E: (a - E) / a.size, MATRICES),
    wrong(
        BIAS,
        "bias_summed_over_batch",
        "factor: n",
        lambda b, z: np.sum(z + b[:, None], axis=1),
        [([1.0, 2.0, 3.0], [[1.0, 2.0, 3.0, 4.0]] * 3)],
    ),
    wrong(
        FORM,
        "quadratic_form_without_half",
        "factor: 2",
        lambda A, x: (A + A.T) @ x,
        [(np.eye(4), [1.0, 2.0, 3.0, 4.0])],
    ),
    wrong(
        OSCILLATING, "oscillating_degrees", "factor: π/180", lambda a: np.pi / 180 * 1000 * np.cos(1000 * a), [([0.3],)]
    ),
    wrong(
        VARIANCE,
        "variance_unbiased",
        "factor: n/(n − 1)",
        lambda a: 2 * (a - np.mean(a)) / max(a.size - 1, 1),
        [([1.0, 2.0],)],
    ),
    wrong(NEIGHBOURS, "neighbours_halved", "factor: ½", lambda a: NEIGHBOURS.grad(a) / 2, [([1.0, 2.0],)]),
    wrong(
        WEIGHTED,
        "weights_squared",
        "factor: the weight",
        lambda w, a, E: 2 * w * w * (a - E),
        [([0.5], [2.0], [1.0])],
    ),
)
