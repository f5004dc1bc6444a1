"""Right but at single points: kinks, ties of a smooth function, NaN and infinity at a point, joint subgradients."""

from __future__ import annotations

from typing import Any

import numpy as np

from oracle.scores.mutants.record import Subject, wrong
from oracle.scores.mutants.right_costs import (
    CROSS_ENTROPY,
    GENERALIZED_KL,
    LOG_COSH,
    LOGITS,
    MEAN_SQUARED,
    QUADRATIC,
    sigmoid,
)
from oracle.scores.mutants.right_kinks import ELU, HINGE, L1, PINBALL, RELU, SOFTPLUS, TOTAL_VARIATION
from oracle.scores.mutants.right_piecewise import CUBED_ABS, DIVIDED, SELECTED
from oracle.scores.mutants.right_scales import FLAT, GAUSS
from oracle.scores.mutants.right_sorting import L_INFINITY, MAX, NORM, SPREAD, TOP_TWO

Array = Any


def norm_ones_at_zero(a: Array) -> Array:
    scale = np.max(np.abs(a))
    if scale == 0:
        return np.ones(a.shape)
    return a / scale / np.sqrt(np.sum((a / scale) ** 2))


def all_of_the_greatest(a: Array) -> Array:
    return (a == np.max(a)) * 1.0


def halves_of_the_greatest(a: Array) -> Array:
    tied = a == np.max(a)
    return tied * (1.0 if np.sum(tied) == 1 else 0.5)


def top_two_by_value(a: Array) -> Array:
    return (a >= np.sort(a)[-2]) * 1.0


SUBJECTS: tuple[Subject, ...] = (
    wrong(RELU, "relu_two_at_zero", "point: 2 at the kink", lambda a: np.where(a == 0, 2.0, a > 0), [([0.0],)]),
    wrong(
        RELU, "relu_negative_at_zero", "point: −½ at the kink", lambda a: np.where(a == 0, -0.5, a > 0), [([0.0, 1.0],)]
    ),
    wrong(
        L1,
        "l1_nan_at_zero",
        "NaN: at the kink",
        lambda a, E: (a - E) / np.abs(a - E),
        [([0.5], [0.5])],
        digits_only=True,
    ),
    wrong(
        L1,
        "l1_one_and_a_half_at_zero",
        "point: 1.5 at the kink",
        lambda a, E: np.where(a == E, 1.5, np.sign(a - E)),
        [([0.5], [0.5])],
    ),
    wrong(
        L1,
        "l1_smoothed",
        "epsilon: 1e-6 under a root",
        lambda a, E: (a - E) / np.sqrt((a - E) ** 2 + 1e-12),
        [([0.5], [0.4999])],
    ),
    wrong(
        HINGE,
        "hinge_sign_at_margin",
        "point: +E at the margin",
        lambda a, E: np.where(E * a < 1, -E, np.where(E * a == 1, E, 0)),
        [([1.0], [1.0])],
    ),
    wrong(
        PINBALL,
        "pinball_half_beyond",
        "point: 1 at the kink",
        lambda a, E: np.where(a > E, 0.7, np.where(a == E, 1.0, -0.3)),
        [([0.5], [0.5])],
    ),
    wrong(
        MAX,
        "max_every_tie",
        "ties: each of the greatest is 1",
        all_of_the_greatest,
        [([1.0, 1.0],)],
        note="right in each component, not jointly",
    ),
    wrong(
        MAX,
        "max_half_of_three",
        "ties: ½ for each of three",
        halves_of_the_greatest,
        [([1.0, 1.0, 1.0],)],
        note="right for two",
    ),
    wrong(
        TOP_TWO,
        "top_two_with_ties",
        "ties: three of the two greatest",
        top_two_by_value,
        [([1.0, 1.0, 1.0],)],
        lengths=(3, 40),
    ),
    wrong(
        L_INFINITY,
        "l_infinity_every_tie",
        "ties: each of the greatest",
        lambda a: np.where(np.abs(a) == np.max(np.abs(a)), np.sign(a), 0),
        [([1.0, -1.0],)],
    ),
    wrong(
        SPREAD,
        "spread_of_equals",
        "ties: 1 for each where all are equal",
        lambda a: (a == np.max(a)) * 1.0 - (a == np.min(a)) * (np.max(a) > np.min(a)),
        [([1.0, 1.0],)],
    ),
    wrong(
        NORM,
        "norm_ones_at_zero",
        "point: all ones at the origin",
        norm_ones_at_zero,
        [([0.0, 0.0],)],
        note="right in each component, not jointly",
    ),
    wrong(
        TOTAL_VARIATION,
        "total_variation_at_ties",
        "ties: 1 on both sides",
        lambda a: (
            np.concatenate([[0.0], np.where(np.diff(a) >= 0, 1.0, -1.0)])
            - np.concatenate([np.where(np.diff(a) > 0, 1.0, -1.0), [0.0]])
        ),
        [([1.0, 1.0],)],
    ),
    wrong(
        SOFTPLUS,
        "softplus_zero_at_zero",
        "point: 0 where the derivative is ½",
        lambda a: np.where(a == 0, 0.0, sigmoid(a)),
        [([0.0],)],
        note="what autodiff says",
    ),
    wrong(
        LOG_COSH,
        "log_cosh_tie",
        "point: −1 at a = E",
        lambda a, E: np.where(a == E, -1.0, np.tanh(a - E)),
        [([0.3], [0.3])],
    ),
    wrong(
        LOGITS,
        "logits_at_zero",
        "point: −E at z = 0",
        lambda z, E: np.where(z == 0, -E, sigmoid(z) - E),
        [([0.0], [1.0])],
    ),
    wrong(
        ELU,
        "elu_zero_at_zero",
        "point: 0 where the derivative is 1",
        lambda a: np.where(a > 0, 1, np.where(a < 0, np.exp(np.minimum(a, 0)), 0)),
        [([0.0],)],
    ),
    wrong(
        CUBED_ABS,
        "cubed_abs_nan",
        "NaN: 0/0 at 0",
        lambda a: 3 * a**4 / a * (np.abs(a) / (a * a)),
        [([0.0],)],
        digits_only=True,
    ),
    wrong(
        QUADRATIC,
        "quadratic_one_at_zero",
        "point: 1 at a = E",
        lambda a, E: np.where(a == E, 1.0, a - E),
        [([0.5], [0.5])],
    ),
    wrong(
        QUADRATIC,
        "quadratic_at_one",
        "point: doubled at a = 1",
        lambda a, E: np.where(a == 1, 2 * (a - E), a - E),
        [([1.0], [0.5])],
    ),
    wrong(
        MEAN_SQUARED,
        "mean_squared_ratio",
        "NaN: 0/0 at a = E",
        lambda a, E: 2 * (a - E) ** 2 / (a - E) / a.size,
        [([0.5], [0.5])],
        digits_only=True,
    ),
    wrong(
        CROSS_ENTROPY,
        "cross_entropy_nan_at_half",
        "NaN: at a = ½",
        lambda a, E: np.where(a == 0.5, np.nan, (a - E) / (a * (1 - a))),
        [([0.5], [0.2])],
        digits_only=True,
    ),
    wrong(
        GENERALIZED_KL,
        "generalized_kl_log_of_zero",
        "NaN: 0 ln 0 at E = 0",
        lambda a, E: (a - E) / a + 0 * np.log(E),
        [([0.5], [0.0])],
        digits_only=True,
    ),
    wrong(
        GENERALIZED_KL,
        "generalized_kl_infinite",
        "infinity: where a = E",
        lambda a, E: np.where(a == E, np.inf, (a - E) / a),
        [([0.5], [0.5])],
        digits_only=True,
    ),
    wrong(
        FLAT,
        "flat_nan_at_zero",
        "NaN: ∞ · 0 at 0",
        lambda a: 2 * np.exp(-1 / (a * a)) / (a * a * a),
        [([0.0],)],
        digits_only=True,
    ),
    wrong(
        GAUSS, "gauss_one_at_zero", "point: 1 at 0", lambda a: np.where(a == 0, 1.0, 2 * a * np.exp(-a * a)), [([0.0],)]
    ),
    wrong(DIVIDED, "safe_division_one", "point: 1 at E = 0", lambda a, E: 1 / np.where(E == 0, 1, E), [([1.0], [0.0])]),
    wrong(
        SELECTED,
        "selected_at_the_joint",
        "point: −2 at a = 1",
        lambda a: np.where(a == 1, -2, 2 * np.clip(a, -1, 1)),
        [([1.0],)],
    ),
)
