"""Wrong by the second or the third of several arguments: the mistakes that shapes which differ bring about, or hide."""

from __future__ import annotations

import numpy as np

from oracle.scores.mutants.record import Subject, wrong
from oracle.scores.mutants.right_several import (
    CENTRES,
    DEVIATION,
    KEYS,
    MEAN,
    RIGHT_FACTOR,
    ROW,
    SHIFT,
    TAPS,
    VALUES,
    heights,
    softmax,
)

Q, K, V = [0.5, -1.0], [[1.0, 0.5], [0.25, -1.0], [2.0, 1.0], [-0.5, 0.75]], [1.0, -2.0, 0.5, 1.5]
ATTENDED = [(Q, K, V)]
CONVOLVED = [([1.0, 2.0, -1.0, 0.5, 1.5, -2.0], [1.0, -0.5, 2.0], [0.5, 1.0, -1.0, 2.0])]
NORMAL = [([1.0, 2.0, -1.0, 0.5, 1.5], [0.25], 0.75)]
FACTORED = [(K, [[1.0, 2.0, 2.5], [0.5, -1.0, 2.0]], [[0.5, 1.0, 1.5]] * 4)]
SHIFTED = [
    ([[1.0, 2.0, 2.5, 0.5], [0.5, 1.0, 2.0, -1.0], [0.0, 1.0, 2.0, 2.5]], [[1.0], [2.0], [0.5]], [1.0, 0.0, 2.0, 0.5])
]
KERNEL = [([0.5, -0.25], [[0.25, 0.5], [1.0, 0.0], [0.5, -1.0]], [1.0, -2.0, 0.5])]

SUBJECTS: tuple[Subject, ...] = (
    wrong(
        KEYS,
        "attention_no_mean",
        "missing term: the weighted mean of the values",
        lambda q, K, v: np.outer(softmax(K @ q) * v, q),
        ATTENDED,
    ),
    wrong(VALUES, "attention_scores", "another function: the scores themselves", lambda q, K, v: K @ q, ATTENDED),
    wrong(
        TAPS,
        "convolution_flipped",
        "reversed: a convolution for a correlation",
        lambda x, k, w: np.convolve(x, w, "valid"),
        CONVOLVED,
    ),
    wrong(
        DEVIATION,
        "deviation_one_dimension",
        "missing factor: the number of dimensions",
        lambda x, mean, s: np.asarray(1 / s - np.sum((x - mean) ** 2) / s**3),
        NORMAL,
    ),
    wrong(
        DEVIATION,
        "deviation_of_variance",
        "another function: by the variance",
        lambda x, mean, s: np.asarray((5 / s - np.sum((x - mean) ** 2) / s**3) / (2 * s)),
        NORMAL,
    ),
    wrong(
        MEAN,
        "gaussian_mean_averaged",
        "factor: a mean for a sum",
        lambda x, mean, s: np.mean(mean - x, keepdims=True) / (s * s),
        NORMAL,
    ),
    wrong(
        RIGHT_FACTOR,
        "factor_without_residual",
        "missing term: the target",
        lambda U, V, M: U.T @ (U @ V),
        FACTORED,
    ),
    wrong(
        SHIFT,
        "shift_of_one_column",
        "missing term: all columns but the first",
        lambda X, b, Y: (X + b - Y)[:, :1].copy(),
        SHIFTED,
    ),
    wrong(
        ROW,
        "row_of_wrong_sign",
        "factor: −1",
        lambda X, b, Y: np.sum(X + b - Y, axis=0),
        SHIFTED,
    ),
    wrong(
        CENTRES,
        "centres_unweighted",
        "missing factor: the weights",
        lambda x, Z, weights: 2 * (x - Z) * heights(x, Z)[:, None],
        KERNEL,
    ),
)
