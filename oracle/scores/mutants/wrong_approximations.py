"""Wrong by an approximation: differences, series, tables, constants cut short, small values set to zero."""

from __future__ import annotations

from typing import Any

import numpy as np

from oracle.scores.mutants.record import Subject, wrong
from oracle.scores.mutants.right_costs import CATEGORICAL, HELLINGER, KULLBACK_LEIBLER, LOGITS, QUADRATIC, sigmoid
from oracle.scores.mutants.right_scales import STIFF
from oracle.scores.mutants.right_smooth import ARCTAN, COMPLEX_STEP, ENTROPY, ONE_MINUS_COS, SIGMOID

Array = Any

PAIR = [([0.7, -0.2], [0.3, 0.4])]
POSITIVE_PAIR = [([0.7, 0.2], [0.3, 0.4])]


def forward_difference(fn: Any, step: float) -> Any:
    def gradient(*args: Array) -> Array:
        out = np.empty(args[0].shape)
        for k in range(args[0].size):
            moved = args[0].copy()
            moved[k] += step
            out[k] = (fn(moved, *args[1:]) - fn(*args)) / step
        return out

    return gradient


def central_difference(fn: Any, step: float) -> Any:
    def gradient(*args: Array) -> Array:
        out = np.empty(args[0].shape)
        for k in range(args[0].size):
            up, down = args[0].copy(), args[0].copy()
            up[k] += step
            down[k] -= step
            out[k] = (fn(up, *args[1:]) - fn(down, *args[1:])) / (2 * step)
        return out

    return gradient


def fast_inverse_root(x: Array) -> Array:
    """The trick with 0x5f3759df, in float64, and one Newton step."""
    y = (0x5FE6EB50C7B537A9 - (x.view(np.int64) >> 1)).view(np.float64)
    return y * (1.5 - 0.5 * x * y * y)


def series_exp(x: Array) -> Array:
    """e^x from (1 + x/1024)^1024."""
    return (1 + x / 1024) ** 1024


def table_sigmoid(z: Array) -> Array:
    grid = np.linspace(-8, 8, 4097)
    return np.interp(z, grid, sigmoid(grid))


SUBJECTS: tuple[Subject, ...] = (
    wrong(
        HELLINGER,
        "hellinger_short_root",
        "relative error: √2 as 1.41421",
        lambda a, E: (1 - np.sqrt(E) / np.sqrt(a)) / 1.41421,
        POSITIVE_PAIR,
    ),
    wrong(
        ENTROPY,
        "entropy_by_log2",
        "relative error: ln 2 as 0.6931472",
        lambda a: np.log2(a) * 0.6931472 + 1,
        [([0.7],)],
    ),
    wrong(
        ONE_MINUS_COS,
        "sine_of_degrees",
        "relative error: π as 3.14159265",
        lambda a: np.sin(a * (3.14159265 / np.pi)),
        [([0.7],)],
    ),
    wrong(
        QUADRATIC,
        "forward_difference",
        "digits: a forward difference of 1e-6",
        forward_difference(QUADRATIC.fn, 1e-6),
        PAIR,
    ),
    wrong(
        STIFF,
        "forward_difference_stiff",
        "relative error: a forward difference of 1e-8",
        forward_difference(STIFF.fn, 1e-8),
        [([0.7],)],
    ),
    wrong(
        COMPLEX_STEP,
        "central_difference",
        "relative error: a central difference of 1e-4",
        central_difference(COMPLEX_STEP.fn, 1e-4),
        [([0.7],)],
    ),
    wrong(
        HELLINGER,
        "inverse_root_trick",
        "relative error: one Newton step for 1/√a",
        lambda a, E: (1 - np.sqrt(E) * fast_inverse_root(a)) / 2**0.5,
        POSITIVE_PAIR,
    ),
    wrong(
        STIFF,
        "exponential_by_limit",
        "relative error: (1 + x/1024)^1024",
        lambda a: 50 * series_exp(50 * a),
        [([0.01],)],
    ),
    wrong(
        LOGITS,
        "sigmoid_from_a_table",
        "relative error: 1e-6, interpolated",
        lambda z, E: table_sigmoid(z) - E,
        [([0.701], [0.2])],
    ),
    wrong(
        ARCTAN,
        "arctan_series",
        "relative error: a series near 0",
        lambda a: np.where(np.abs(a) < 0.01, 1 - a * a, 1 / (1 + a * a)),
        [([0.009],)],
    ),
    wrong(
        SIGMOID,
        "vanishing_set_to_zero",
        "vanished: 0 below 1e-8",
        lambda a: np.where(sigmoid(a) * sigmoid(-a) < 1e-8, 0, sigmoid(a) * sigmoid(-a)),
        [([20.0],)],
    ),
    wrong(
        QUADRATIC,
        "scale_12_zero",
        "vanished: 0 below 1e-12",
        lambda a, E: np.where(np.abs(a - E) < 1e-12, 0, a - E),
        [([5e-13], [0.0])],
    ),
    wrong(
        CATEGORICAL,
        "scale_300_zero",
        "vanished: 0 below 1e-300",
        lambda a, E: np.where(E / a < 1e-300, 0, -E / a),
        [([1.5e300], [1.0])],
    ),
    wrong(
        KULLBACK_LEIBLER,
        "scale_12_sign",
        "region: sign below 1e-12",
        lambda a, E: np.where(E / a < 1e-12, E / a, -E / a),
        [([1e6], [1e-7])],
    ),
)
