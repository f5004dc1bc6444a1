"""Right but at some lengths, or in one component: vectorised remainders, the last entry, a row, a diagonal."""

from __future__ import annotations

from typing import Any

import numpy as np

from oracle.scores.mutants.record import Subject, wrong
from oracle.scores.mutants.right_costs import (
    CROSS_ENTROPY,
    EXPONENTIAL,
    HELLINGER,
    KULLBACK_LEIBLER,
    LOG_COSH,
    MEAN_SQUARED,
    QUADRATIC,
)
from oracle.scores.mutants.right_lengths import BLOCKS, NEIGHBOURS, RUNNING
from oracle.scores.mutants.right_scales import ROSENBROCK
from oracle.scores.mutants.right_shapes import BATCH_MEAN, BILINEAR, FROBENIUS, TENSOR
from oracle.scores.mutants.right_smooth import VARIANCE
from oracle.scores.mutants.right_softmax import LSE, softmax
from oracle.scores.mutants.right_sorting import BY_RANK

Array = Any


def long(n: int) -> list[Any]:
    """A point of the given length, with a − E = 1, 2, …, n."""
    return [(list(np.arange(1.0, n + 1)), [0.0] * n)]


def scaled_at(index: Any, factor: float) -> Any:
    """a − E, with the components that `index(n)` names times a factor."""

    def gradient(a: Array, E: Array) -> Array:
        g = a - E
        g[index(a.size)] *= factor
        return g

    return gradient


def if_length(condition: Any, factor: float = 2) -> Any:
    return lambda a, E: (a - E) * (factor if condition(a.size) else 1)


def remainder_dropped(width: int) -> Any:
    """Whole blocks only: what is left beyond the last block stays 0."""

    def gradient(a: Array, E: Array) -> Array:
        out = np.zeros(a.shape)
        whole = a.size // width * width if a.size >= width else a.size
        out[:whole] = a[:whole] - E[:whole]
        return out

    return gradient


def remainder_repeats_the_block(a: Array, E: Array) -> Array:
    """The remainder is read from the start of the last whole block."""
    g = a - E
    whole = a.size // 8 * 8
    if whole and whole < a.size:
        g[whole:] = g[whole - 8 : whole - 8 + a.size - whole].copy()
    return g


def mean_in_eight_bits(a: Array, E: Array) -> Array:
    """n is kept in a signed byte: 128 becomes −128."""
    return 2 * (a - E) / float(np.array(a.size).astype(np.int8))


def sum_of_first_64(z: Array) -> Array:
    e = np.exp(z - np.max(z))
    return e / np.sum(e[:64])


def last_row_zero(A: Array, B: Array) -> Array:
    g = A - B
    g[-1] = 0
    return g


def diagonal_doubled(W: Array, x: Array, y: Array) -> Array:
    g = x[:, None] * y
    return g + g * np.eye(3, 4)


def last_sample_ignored(a: Array, E: Array) -> Array:
    g = (a - E) / a.shape[1]
    g[:, -1] = 0
    return g


def neighbours_wrap(a: Array) -> Array:
    """A ring instead of a chain: right in the middle."""
    return np.roll(a, 1) + np.roll(a, -1)


def running_without_last(a: Array) -> Array:
    out = np.cumsum(np.cumsum(a)[::-1])[::-1].copy()
    if a.size >= 9:
        out[-1] = 0
    return out


def rosenbrock_first_only(a: Array) -> Array:
    g = ROSENBROCK.grad(a)
    if a.size > 4:
        g[2] = -g[2]
    return g


SUBJECTS: tuple[Subject, ...] = (
    wrong(QUADRATIC, "length_one", "length: n = 1", if_length(lambda n: n == 1), long(1)),
    wrong(QUADRATIC, "length_from_9", "length: n ≥ 9", scaled_at(lambda n: slice(8, None), 0), long(9)),
    wrong(QUADRATIC, "length_from_33", "length: n ≥ 33", scaled_at(lambda n: slice(32, None), 0), long(33)),
    wrong(QUADRATIC, "length_from_65", "length: n ≥ 65", scaled_at(lambda n: slice(64, None), 0.5), long(65)),
    wrong(
        QUADRATIC, "length_129", "length: n = 129, the last entry", scaled_at(lambda n: slice(128, None), 2), long(129)
    ),
    wrong(QUADRATIC, "length_64", "length: n = 64", if_length(lambda n: n == 64), long(64)),
    wrong(QUADRATIC, "length_even", "length: n even", if_length(lambda n: n % 2 == 0, 1.01), long(2)),
    wrong(QUADRATIC, "length_seven", "length: n = 7", if_length(lambda n: n == 7, -1), long(7)),
    wrong(BLOCKS, "remainder_of_8_dropped", "length: the remainder of blocks of 8", remainder_dropped(8), long(9)),
    wrong(BLOCKS, "remainder_of_4_dropped", "length: the remainder of blocks of 4", remainder_dropped(4), long(6)),
    wrong(BLOCKS, "remainder_of_64_dropped", "length: the remainder of blocks of 64", remainder_dropped(64), long(65)),
    wrong(
        BLOCKS,
        "remainder_repeats_the_block",
        "length: the remainder of blocks of 8",
        remainder_repeats_the_block,
        long(10),
    ),
    wrong(MEAN_SQUARED, "mean_in_eight_bits", "length: n ≥ 128", mean_in_eight_bits, long(128)),
    wrong(LSE, "softmax_sum_of_64", "length: n > 64", sum_of_first_64, [([0.0] * 65,)]),
    wrong(
        VARIANCE,
        "variance_of_pairs",
        "length: n > 2",
        lambda a: (a - a[::-1]) / 2 if a.size == 2 else 2 * a / a.size,
        [([1.0, 2.0, 4.0],)],
    ),
    wrong(QUADRATIC, "component_last", "component: the last", scaled_at(lambda n: -1, 0), long(3)),
    wrong(
        QUADRATIC,
        "component_last_from_two",
        "component: the last, n ≥ 2",
        scaled_at(lambda n: slice(max(n - 1, 1), None), 0.99),
        long(2),
    ),
    wrong(QUADRATIC, "component_second", "component: 1", scaled_at(lambda n: slice(1, 2), -1), long(2)),
    wrong(QUADRATIC, "component_fifth", "component: 5", scaled_at(lambda n: slice(5, 6), 1.1), long(6)),
    wrong(
        QUADRATIC,
        "component_middle",
        "component: the middle of an odd length ≥ 5",
        scaled_at(lambda n: slice(n // 2, n // 2 + (n % 2 and n > 4)), 3),
        long(5),
    ),
    wrong(
        CROSS_ENTROPY,
        "component_first_term_missing",
        "component: 0",
        lambda a, E: np.where(np.arange(a.size) == 0, -E / a, (a - E) / (a * (1 - a))),
        [([0.3, 0.4], [0.5, 0.5])],
    ),
    wrong(
        HELLINGER,
        "component_odd",
        "component: the odd ones",
        lambda a, E: (1 - np.sqrt(E) / np.sqrt(a)) / (2**0.5 - 0.4 * (np.arange(a.size) % 2)),
        [([0.3, 0.4], [0.5, 0.5])],
    ),
    wrong(
        KULLBACK_LEIBLER,
        "component_of_largest_label",
        "component: where E is greatest",
        lambda a, E: np.where((np.max(E) == E) & (np.arange(a.size) > 0), 0.0, -E / a),
        [([0.3, 0.4], [0.5, 0.7])],
    ),
    wrong(
        EXPONENTIAL,
        "component_sum_without_last",
        "component: left out of the sum",
        lambda a, E: 2 * (a - E) * np.exp(np.sum((a - E)[:-1] ** 2)),
        [([0.3, 0.4], [0.5, 0.7])],
    ),
    wrong(
        LOG_COSH,
        "component_nan",
        "NaN: component 3",
        lambda a, E: np.where(np.arange(a.size) == 3, np.nan, np.tanh(a - E)),
        [([0.1, 0.2, 0.3, 0.4], [0.0] * 4)],
        digits_only=True,
    ),
    wrong(
        BY_RANK,
        "rank_of_last_is_one_less",
        "component: the greatest",
        lambda a: np.where((a == np.max(a)) & (a.size > 1), a.size - 1.0, BY_RANK.grad(a)),
        [([1.0, 2.0],)],
    ),
    wrong(FROBENIUS, "last_row_zero", "component: the last row", last_row_zero, [(np.ones((3, 4)), np.zeros((3, 4)))]),
    wrong(
        BILINEAR,
        "diagonal_doubled",
        "component: the diagonal",
        diagonal_doubled,
        [(np.ones((3, 4)), [1.0, 2.0, 3.0], [1.0, 1.0, 2.0, 2.0])],
    ),
    wrong(
        BATCH_MEAN,
        "last_sample_ignored",
        "component: the last sample",
        last_sample_ignored,
        [(np.ones((3, 5)), np.zeros((3, 5)))],
    ),
    wrong(
        TENSOR,
        "one_slice_scaled",
        "component: one slice",
        lambda T: T[:, ::-1, :] * np.array([1.0, 1.0, 1.001]),
        [(np.ones((2, 2, 3)),)],
    ),
    wrong(NEIGHBOURS, "neighbours_in_a_ring", "component: the ends", neighbours_wrap, [([1.0, 2.0, 3.0],)]),
    wrong(
        RUNNING,
        "running_sums_without_last",
        "length: n ≥ 9, the last entry",
        running_without_last,
        [(list(np.arange(1.0, 10.0)),)],
    ),
    wrong(
        ROSENBROCK,
        "rosenbrock_third_sign",
        "component: 2, n ≥ 5",
        rosenbrock_first_only,
        [([1.0, 2.0, 0.5, 1.5, 2.0],)],
    ),
    wrong(
        LSE,
        "softmax_last_by_difference",
        "component: the last, n ≥ 4",
        lambda z: np.concatenate([softmax(z)[:-1], [1 - np.sum(softmax(z)[1:-1])]]) if z.size >= 4 else softmax(z),
        [([1.0, 2.0, 0.5, 0.2],)],
    ),
)
