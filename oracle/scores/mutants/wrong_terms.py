"""Wrong by a missing or an extra term, an added epsilon, or a clip."""

from __future__ import annotations

from typing import Any

import numpy as np

from oracle.scores.mutants.record import Subject, wrong
from oracle.scores.mutants.right_costs import (
    CATEGORICAL,
    CROSS_ENTROPY,
    EXPONENTIAL,
    GENERALIZED_KL,
    HELLINGER,
    ITAKURA_SAITO,
    KULLBACK_LEIBLER,
    LOG_COSH,
    MEAN_SQUARED,
    POISSON,
    QUADRATIC,
    SQUARED_HINGE,
    sigmoid,
)
from oracle.scores.mutants.right_kinks import ELU_STEEP, SILU
from oracle.scores.mutants.right_lengths import NEIGHBOURS, NORMALIZED
from oracle.scores.mutants.right_scales import ROSENBROCK
from oracle.scores.mutants.right_shapes import FORM
from oracle.scores.mutants.right_smooth import ENTROPY, FOCAL, POWER
from oracle.scores.mutants.right_softmax import LSE, SOFT_LABEL, WEIGHTED_MEAN, softmax
from oracle.scores.mutants.right_sorting import NORM

Array = Any

PAIR = [([0.7, -0.2], [0.3, 0.4])]
POSITIVE_PAIR = [([0.7, 0.2], [0.3, 0.4])]


def rosenbrock_uncoupled(a: Array) -> Array:
    out = np.zeros(a.shape)
    out[:-1] = -400 * a[:-1] * (a[1:] - a[:-1] ** 2) - 2 * (1 - a[:-1])
    return out


def one_neighbour(a: Array) -> Array:
    return np.concatenate([a[1:], [0.0]])


def normalized_mean_constant(a: Array, w: Array) -> Array:
    centred = a - np.mean(a)
    deviation = np.sqrt(np.mean(centred**2) + 1)
    unit = centred / deviation
    return (w - unit * np.mean(w * unit)) / deviation


def normalized_variance_constant(a: Array, w: Array) -> Array:
    return (w - np.mean(w)) / np.sqrt(np.var(a) + 1)


def norm_with_epsilon(a: Array) -> Array:
    return a / (np.sqrt(np.sum(a * a)) + 1e-8)


def gradient_clipped_by_norm(a: Array, E: Array) -> Array:
    g = a - E
    return g / max(1.0, float(np.sqrt(np.sum(g * g))) / 10)


SUBJECTS: tuple[Subject, ...] = (
    wrong(CROSS_ENTROPY, "cross_entropy_one_term", "missing term: (1 − E)/(1 − a)", lambda a, E: -E / a, POSITIVE_PAIR),
    wrong(GENERALIZED_KL, "generalized_kl_without_one", "missing term: 1", lambda a, E: -E / a, POSITIVE_PAIR),
    wrong(KULLBACK_LEIBLER, "kl_with_one", "extra term: 1", lambda a, E: 1 - E / a, POSITIVE_PAIR),
    wrong(ITAKURA_SAITO, "itakura_saito_one_term", "missing term: 1/a", lambda a, E: -E / a / a, POSITIVE_PAIR),
    wrong(FOCAL, "focal_without_log", "missing term: 2 (1 − a) ln a", lambda a: -((1 - a) ** 2) / a, [([0.4],)]),
    wrong(ENTROPY, "a_log_a_without_one", "missing term: 1", lambda a: np.log(a), [([0.4],)]),
    wrong(POWER, "power_not_lowered", "missing factor: 1/a", lambda a, E: E * a**E, [([2.0], [1.5])]),
    wrong(SILU, "silu_sigma_alone", "missing term: a σ′", sigmoid, [([1.0],)]),
    wrong(WEIGHTED_MEAN, "weighted_mean_p_alone", "missing term: p (z − Σ p z)", softmax, [([1.0, 3.0],)]),
    wrong(
        ROSENBROCK, "rosenbrock_uncoupled", "missing term: the neighbour's", rosenbrock_uncoupled, [([1.0, 2.0, 0.5],)]
    ),
    wrong(NEIGHBOURS, "one_neighbour", "missing term: the left neighbour", one_neighbour, [([1.0, 2.0, 3.0],)]),
    wrong(
        NORMALIZED,
        "normalized_mean_constant",
        "missing term: through the mean",
        normalized_mean_constant,
        [([1.0, 2.0, -1.0], [1.0, 1.0, 2.0])],
    ),
    wrong(
        NORMALIZED,
        "normalized_variance_constant",
        "missing term: through the variance",
        normalized_variance_constant,
        [([1.0, 2.0, -1.0], [1.0, 1.0, 2.0])],
    ),
    wrong(
        FORM,
        "quadratic_form_one_side",
        "missing term: ½ Aᵀ x",
        lambda A, x: A @ x / 2,
        [(np.eye(4), [1.0, 2.0, 3.0, 4.0])],
    ),
    wrong(
        FORM,
        "quadratic_form_as_if_symmetric",
        "missing term: the skew part",
        lambda A, x: A @ x,
        [(np.triu(np.ones((4, 4))), [1.0, 2.0, 3.0, 4.0])],
        note="right where A is symmetric",
    ),
    wrong(
        ELU_STEEP,
        "elu_without_alpha",
        "missing factor: α",
        lambda a: np.where(a > 0, 1, np.exp(np.minimum(a, 0))),
        [([-1.0],)],
    ),
    wrong(
        SQUARED_HINGE,
        "squared_hinge_without_label",
        "missing factor: E",
        lambda a, E: -2 * np.maximum(1 - E * a, 0),
        [([0.2], [-1.0])],
    ),
    wrong(LSE, "softmax_not_normalised", "missing factor: 1/Σ", lambda z: np.exp(z - np.max(z)), [([1.0, 1.5],)]),
    wrong(
        EXPONENTIAL,
        "exponential_by_component",
        "missing factor: the other components' exponential",
        lambda a, E: 2 * (a - E) * np.exp((a - E) ** 2),
        PAIR,
        note="right at n = 1",
    ),
    wrong(
        SOFT_LABEL,
        "softmax_smoothed_labels",
        "extra term: label smoothing",
        lambda z, E: softmax(z) - (0.9 * E + 0.1 / E.size),
        [([1.0, 2.0], [0.2, 0.8])],
    ),
    wrong(MEAN_SQUARED, "weight_decay", "extra term: 1e-4 a", lambda a, E: (a - E) * (2 / a.size) + 1e-4 * a, PAIR),
    wrong(QUADRATIC, "quadratic_plus_a_millionth", "extra term: 1e-6", lambda a, E: a - E + 1e-6, PAIR),
    wrong(QUADRATIC, "quadratic_cubic", "extra term: 1e-5 (a − E)³", lambda a, E: a - E + 1e-5 * (a - E) ** 3, PAIR),
    wrong(
        LOG_COSH, "log_cosh_two_terms", "missing term: beyond the cube", lambda a, E: (a - E) - (a - E) ** 3 / 3, PAIR
    ),
    wrong(
        CROSS_ENTROPY,
        "cross_entropy_epsilon_7",
        "epsilon: 1e-7",
        lambda a, E: (a - E) / (a * (1 - a) + 1e-7),
        POSITIVE_PAIR,
    ),
    wrong(
        CROSS_ENTROPY,
        "cross_entropy_epsilon_15",
        "epsilon: 1e-15",
        lambda a, E: (a - E) / (a * (1 - a) + 1e-15),
        [([1e-9], [1.0])],
    ),
    wrong(
        GENERALIZED_KL,
        "generalized_kl_epsilon_10",
        "epsilon: 1e-10",
        lambda a, E: (a - E) / (a + 1e-10),
        [([1e-3], [0.5])],
    ),
    wrong(CATEGORICAL, "categorical_epsilon_16", "epsilon: 1e-16", lambda a, E: -E / (a + 1e-16), [([1e-12], [1.0])]),
    wrong(
        HELLINGER,
        "hellinger_epsilon_12",
        "epsilon: 1e-12",
        lambda a, E: (1 - np.sqrt(E + 1e-12) / np.sqrt(a)) / 2**0.5,
        [([0.5], [0.0])],
    ),
    wrong(NORM, "norm_epsilon_8", "epsilon: 1e-8", norm_with_epsilon, [([0.3, 0.4],)]),
    wrong(
        CROSS_ENTROPY,
        "cross_entropy_clip_7",
        "clip: a to [1e-7, 1 − 1e-7]",
        lambda a, E: (np.clip(a, 1e-7, 1 - 1e-7) - E) / (np.clip(a, 1e-7, 1 - 1e-7) * (1 - np.clip(a, 1e-7, 1 - 1e-7))),
        [([1e-8], [1.0])],
    ),
    wrong(
        KULLBACK_LEIBLER, "kl_clip_12", "clip: a from 1e-12", lambda a, E: -E / np.maximum(a, 1e-12), [([1e-13], [1.0])]
    ),
    wrong(
        POISSON, "poisson_clip_30", "clip: a from 1e-30", lambda a, E: 1 - E / np.maximum(a, 1e-30), [([1e-31], [1.0])]
    ),
    wrong(
        QUADRATIC, "quadratic_clip_5", "clip: the gradient to ±5", lambda a, E: np.clip(a - E, -5, 5), [([7.0], [0.0])]
    ),
    wrong(
        QUADRATIC,
        "quadratic_clip_million",
        "clip: the gradient to ±1e6",
        lambda a, E: np.clip(a - E, -1e6, 1e6),
        [([2e6], [0.0])],
    ),
    wrong(
        QUADRATIC, "quadratic_clip_norm", "clip: the norm to 10", gradient_clipped_by_norm, [([9.0, 9.0], [0.0, 0.0])]
    ),
    wrong(
        ITAKURA_SAITO,
        "itakura_saito_nan_to_num",
        "clip: what is not finite becomes 0",
        lambda a, E: np.nan_to_num((a - E) / (a * a), posinf=0.0, neginf=0.0),
        [([1e-170], [1.5e-170])],
        digits_only=True,
        extremes=True,
    ),
)
