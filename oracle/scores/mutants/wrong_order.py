"""Wrong by order: rolled, reversed, sorted, transposed, swapped components and arguments."""

from __future__ import annotations

from typing import Any

import numpy as np

from oracle.scores.mutants.record import Subject, wrong
from oracle.scores.mutants.right_costs import (
    GENERALIZED_KL,
    ITAKURA_SAITO,
    KULLBACK_LEIBLER,
    LOG_COSH,
    POISSON,
    QUADRATIC,
)
from oracle.scores.mutants.right_kinks import PINBALL
from oracle.scores.mutants.right_lengths import BLOCKS, CONVOLUTION, NEIGHBOURS, RUNNING, WEIGHTED
from oracle.scores.mutants.right_shapes import AFFINE, BATCH_MEAN, FROBENIUS, LAYER, TRACE, TWO_LAYERS, layer_delta
from oracle.scores.mutants.right_smooth import POWER, VARIANCE
from oracle.scores.mutants.right_sorting import BY_RANK, MAX, MIN_LAST, TOP_TWO

Array = Any

THREE = [([0.7, -0.2, 1.5], [0.3, 0.4, 0.2])]
POSITIVE_PAIR = [([0.7, 0.2], [0.3, 0.4])]
SQUARE = np.arange(9.0).reshape(3, 3) / 9
OTHER = np.sin(np.arange(9.0)).reshape(3, 3) / 2


def swapped(g: Array, i: int, j: int) -> Array:
    out = g.copy()
    if max(i, j) < g.size:
        out[i], out[j] = g[j], g[i]
    return out


def swapped_ends(a: Array, E: Array) -> Array:
    g = a - E
    g[[0, -1]] = g[[-1, 0]]
    return g


def even_then_odd(a: Array, E: Array) -> Array:
    g = a - E
    return np.concatenate([g[::2], g[1::2]])


def rank_by_argsort(a: Array) -> Array:
    return np.argsort(a, kind="stable") + 1.0


def smallest_two(a: Array) -> Array:
    out = np.zeros(a.shape)
    out[np.argsort(a, kind="stable")[:2]] = 1
    return out


def two_layers_untransposed(x: Array, V: Array, W: Array) -> Array:
    a = np.tanh(V @ x)
    return V.T @ ((W @ (W @ a)) * (1 - a * a))


def blocks_reversed(a: Array, E: Array) -> Array:
    """Inside the last block of eight the order of the lanes is lost."""
    g = a - E
    whole = a.size // 8 * 8
    if whole >= 16:
        g[whole - 8 : whole] = g[whole - 8 : whole][::-1].copy()
    return g


def shifted_neighbours(a: Array) -> Array:
    out = np.zeros(a.shape)
    out[1:] += a[:-1]
    out[1:] += a[1:]
    return out


SUBJECTS: tuple[Subject, ...] = (
    wrong(QUADRATIC, "quadratic_rolled", "rolled: by one", lambda a, E: np.roll(a - E, 1), THREE),
    wrong(LOG_COSH, "log_cosh_labels_rolled", "rolled: E by one", lambda a, E: np.tanh(a - np.roll(E, -1)), THREE),
    wrong(KULLBACK_LEIBLER, "kl_reversed", "reversed: all", lambda a, E: (-E / a)[::-1].copy(), POSITIVE_PAIR),
    wrong(QUADRATIC, "quadratic_sorted", "order: sorted", lambda a, E: np.sort(a - E), THREE),
    wrong(
        QUADRATIC,
        "quadratic_first_two_swapped",
        "swapped: components 0 and 1",
        lambda a, E: swapped(a - E, 0, 1),
        THREE,
    ),
    wrong(
        QUADRATIC,
        "quadratic_fifth_and_seventh_swapped",
        "swapped: components 4 and 6",
        lambda a, E: swapped(a - E, 4, 6),
        [(list(np.arange(8.0)), [0.5] * 8)],
        note="needs n ≥ 7",
    ),
    wrong(
        POISSON, "poisson_ends_swapped", "swapped: the ends", lambda a, E: swapped_ends(1 - E / a, 0 * a), POSITIVE_PAIR
    ),
    wrong(QUADRATIC, "quadratic_even_then_odd", "order: interleaving lost", even_then_odd, THREE),
    wrong(KULLBACK_LEIBLER, "kl_arguments_swapped", "arguments swapped: −a/E", lambda a, E: -a / E, POSITIVE_PAIR),
    wrong(
        ITAKURA_SAITO,
        "itakura_saito_arguments_swapped",
        "arguments swapped: d(E, a)",
        lambda a, E: 1 / E - 1 / a,
        POSITIVE_PAIR,
    ),
    wrong(
        GENERALIZED_KL,
        "generalized_kl_arguments_swapped",
        "arguments swapped: ln(a/E)",
        lambda a, E: np.log(a / E),
        POSITIVE_PAIR,
    ),
    wrong(
        POWER, "power_arguments_swapped", "arguments swapped: the base", lambda a, E: a**E * np.log(a), [([2.0], [1.5])]
    ),
    wrong(
        PINBALL,
        "pinball_other_quantile",
        "arguments swapped: τ and 1 − τ",
        lambda a, E: np.where(a > E, 0.3, -0.7),
        THREE,
    ),
    wrong(
        WEIGHTED,
        "weighted_wrong_argument",
        "arguments swapped: the gradient by w",
        lambda w, a, E: (a - E) ** 2,
        [([0.5], [2.0], [1.5])],
    ),
    wrong(
        WEIGHTED,
        "weighted_by_E",
        "arguments swapped: the gradient by E",
        lambda w, a, E: 2 * w * (E - a),
        [([0.5], [2.0], [1.5])],
    ),
    wrong(
        BY_RANK,
        "argsort_for_rank",
        "order: argsort for its inverse",
        rank_by_argsort,
        [([3.0, 1.0, 2.0],)],
        note="right for n < 3",
    ),
    wrong(
        TOP_TWO, "bottom_two", "order: the least for the greatest", smallest_two, [([3.0, 1.0, 2.0],)], lengths=(3, 40)
    ),
    wrong(
        MAX,
        "max_at_argmin",
        "order: the least for the greatest",
        lambda a: (np.arange(a.size) == np.argmin(a)) * 1.0,
        [([3.0, 1.0],)],
    ),
    wrong(
        MIN_LAST,
        "min_off_by_one",
        "rolled: the index",
        lambda a: (np.arange(a.size) == (np.argmin(a) + 1) % a.size) * 1.0,
        [([3.0, 1.0],)],
    ),
    wrong(
        MAX,
        "max_of_magnitude",
        "order: the greatest magnitude",
        lambda a: (np.arange(a.size) == np.argmax(np.abs(a))) * 1.0,
        [([-3.0, 1.0],)],
        note="right where all are positive",
    ),
    wrong(TRACE, "trace_untransposed", "transposed: B for Bᵀ", lambda A, B: B.copy(), [(SQUARE, OTHER)]),
    wrong(
        FROBENIUS,
        "frobenius_column_major",
        "transposed: read in column order",
        lambda A, B: (A - B).ravel(order="F").reshape(3, 4),
        [(np.arange(12.0).reshape(3, 4), np.zeros((3, 4)))],
    ),
    wrong(
        LAYER,
        "outer_product_transposed",
        "transposed: a δᵀ for δ aᵀ",
        lambda W, a, E: a[:, None] * layer_delta(W, a, E),
        [(SQUARE, [1.0, -0.5, 0.3], [0.2, 0.5, 0.9])],
    ),
    wrong(
        TWO_LAYERS,
        "two_layers_untransposed",
        "transposed: W for Wᵀ",
        two_layers_untransposed,
        [([1.0, -0.5, 0.3], SQUARE, OTHER)],
        note="right where W is symmetric",
    ),
    wrong(
        AFFINE,
        "affine_weights_uniform",
        "order: ⊙ for the outer product",
        lambda W, b, a, E: np.ones(W.shape) * (W @ a + b - E)[:, None] * np.mean(a),
        [(np.arange(12.0).reshape(3, 4) / 5, [1.0, 2.0, 3.0], [1.0, -1.0, 2.0, 0.5], [0.0, 0.0, 1.0])],
    ),
    wrong(
        BATCH_MEAN,
        "batch_columns_rolled",
        "rolled: the samples",
        lambda a, E: np.roll(a - E, 1, axis=1) / 5,
        [(np.arange(15.0).reshape(3, 5), np.zeros((3, 5)))],
    ),
    wrong(
        CONVOLUTION,
        "convolution_kernel_not_flipped",
        "reversed: the kernel",
        lambda a, k: np.convolve(np.convolve(a, k, "valid"), k, "full"),
        [(list(np.arange(9.0) / 9), [1.0, 2.0, -1.0])],
        note="right for a symmetric kernel",
    ),
    wrong(
        RUNNING,
        "running_sums_forward",
        "reversed: the sum runs forward",
        lambda a: np.cumsum(np.cumsum(a)),
        [([1.0, 2.0],)],
    ),
    wrong(NEIGHBOURS, "neighbours_shifted", "rolled: one neighbour", shifted_neighbours, [([1.0, 2.0, 4.0],)]),
    wrong(
        BLOCKS,
        "last_block_reversed",
        "reversed: the last block of eight, from n = 16",
        blocks_reversed,
        [(list(np.arange(16.0)), [0.25] * 16)],
    ),
    wrong(
        VARIANCE,
        "variance_about_the_median",
        "order: the median for the mean",
        lambda a: 2 * (a - np.median(a)) / a.size,
        [([1.0, 2.0, 6.0],)],
    ),
)
