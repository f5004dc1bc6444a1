"""Wrong at kinks: vectors that are right in each component and no element of the generalised gradient, or beyond its ends;
functions of floats alone with ordinary mistakes."""

from __future__ import annotations

from typing import Any

import numpy as np

from oracle.scores.mutants.record import Subject, wrong
from oracle.scores.mutants.right_generalised import (
    BOTH,
    DENSE,
    DIVIDED,
    EIGEN,
    FLOAT_LARGEST,
    FLOAT_RELU,
    FLOAT_SIZES,
    GUARDED,
    HUBER,
    LARGEST,
    LENGTH,
    POOLS,
    RUN,
    RUNNING,
    SIZES,
    TWO_LARGEST,
    UNKNOWN,
    eigenvalue_by,
    layer_by,
    norm_by,
    pools_by,
    unit,
)

Array = Any

ZEROS3, ZEROS4, ZEROS2 = ([0.0] * 3,), ([0.0] * 4,), ([0.0] * 2,)


def largest_ties(value: Any) -> Any:
    """The gradient of the largest where it is one entry, and something else where entries tie."""

    def gradient(a: Array) -> Array:
        tied = a == np.max(a)
        return tied * 1.0 if tied.sum() == 1 else np.asarray(value(a, tied), dtype=float)

    return gradient


def running_twice(a: Array) -> Array:
    """Where two entries tie both take the weight."""
    return sum(RUN[k] * np.append(a[: k + 1] == np.max(a[: k + 1]), np.zeros(3 - k)) for k in range(4))


def pools_both(a: Array) -> Array:
    return np.array([0.5 * (a[0] >= a[1]), 0.5 * (a[1] >= a[0]) + 1.25 * (a[1] >= a[2]), 1.25 * (a[2] >= a[1])])


def two_largest_all(a: Array) -> Array:
    return (a >= np.sort(a)[-2]) * 1.0


def two_largest_one(a: Array) -> Array:
    """One for the largest, and nothing for the second where it ties with it."""
    return (a == np.max(a)) / np.sum(a == np.max(a)) + (a == np.sort(a)[-2]) * (np.sort(a)[-2] < np.max(a))


SUBJECTS: tuple[Subject, ...] = (
    wrong(LARGEST, "largest_nothing", "ties: nothing", largest_ties(lambda a, tied: 0 * a), [ZEROS3]),
    wrong(
        LARGEST,
        "largest_nine_tenths",
        "ties: a sum of 0.9",
        largest_ties(lambda a, tied: 0.9 * tied / tied.sum()),
        [ZEROS3],
    ),
    wrong(
        LARGEST,
        "largest_minus",
        "ties: 1, 1 and −1",
        largest_ties(lambda a, tied: tied * 1.0 if tied.sum() == 2 else np.array([1.0, 1.0, -1.0])),
        [ZEROS3],
    ),
    wrong(
        LARGEST,
        "largest_twice_first",
        "ties: 2 for the first",
        largest_ties(lambda a, tied: 2 * unit(3, np.argmax(a))),
        [ZEROS3],
    ),
    wrong(SIZES, "sizes_two_at_zero", "point: 2 at the kink", lambda a: np.where(a == 0, 2.0, np.sign(a)), [ZEROS2]),
    wrong(
        SIZES,
        "sizes_beyond_in_the_last",
        "point: −1.5 at the kink of the last",
        lambda a: np.where((a == 0) & (np.arange(a.size) == a.size - 1), -1.5, np.sign(a)),
        [ZEROS2],
    ),
    wrong(TWO_LARGEST, "two_largest_all", "ties: each is 1", two_largest_all, [ZEROS4]),
    wrong(TWO_LARGEST, "two_largest_one", "ties: a sum of 1", two_largest_one, [ZEROS4]),
    wrong(POOLS, "pools_both", "ties: both take the weight", pools_both, [ZEROS3]),
    wrong(POOLS, "pools_beyond", "ties: 3/2 and −1/2", pools_by(1.5), [ZEROS3]),
    wrong(
        POOLS,
        "pools_twice_between",
        "ties: 2 between",
        lambda a: POOLS.grad(a) if np.ptp(a) else np.array([0.5, 2.5, -1.25]),
        [ZEROS3],
    ),
    wrong(RUNNING, "running_twice", "ties: both take the weight", running_twice, [ZEROS4]),
    wrong(RUNNING, "running_nothing", "ties: nothing", lambda a: RUNNING.grad(a) if np.ptp(a) else 0 * a, [ZEROS4]),
    wrong(DENSE, "layer_nine", "point: σ′(0) = 9", layer_by(9.0), [ZEROS2]),
    wrong(DENSE, "layer_minus_nine", "point: σ′(0) = −9", layer_by(-9.0), [ZEROS2]),
    wrong(
        BOTH,
        "largest_and_size_ties",
        "ties: each of the largest is 1",
        lambda a: (a == np.max(a)) + np.sign(a),
        [([1.0, 1.0, 0.5],)],
    ),
    wrong(BOTH, "largest_without_size", "term: no 1-norm", lambda a: unit(3, np.argmax(a)), [([1.0, 2.0, 3.0],)]),
    wrong(EIGEN, "eigenvalue_twice", "ties: twice a projection", eigenvalue_by((2.0, 0.0, 0.0)), [ZEROS3]),
    wrong(EIGEN, "eigenvalue_minus", "sign: at ties", eigenvalue_by((-0.5, 0.0, -0.5)), [ZEROS3]),
    wrong(EIGEN, "eigenvalue_off_diagonal", "ties: 1 beside (1, 0)", eigenvalue_by((1.0, 1.0, 0.0)), [ZEROS3]),
    wrong(
        EIGEN,
        "eigenvalue_smaller",
        "sign: that of the smaller",
        lambda a: np.array([1.0, 0.0, 1.0]) - EIGEN.grad(a),
        [([1.0, 2.0, 3.0],)],
    ),
    wrong(LENGTH, "length_beyond", "point: 1.01 at 0", norm_by(1.01), [ZEROS3]),
    wrong(
        LENGTH,
        "length_first_and_second",
        "point: ones at 0",
        lambda a: LENGTH.grad(a) if a.any() else np.ones(a.shape),
        [ZEROS3],
    ),
    wrong(
        FLOAT_RELU,
        "relu_of_floats_two",
        "point: 2 at the kink, floats",
        lambda a: np.where(a == 0, 2.0, a > 0),
        [([0.0],)],
    ),
    wrong(
        FLOAT_RELU,
        "relu_of_floats_minus",
        "point: −½ at the kink, floats",
        lambda a: np.where(a == 0, -0.5, a > 0),
        [([0.0, 1.0],)],
    ),
    wrong(
        FLOAT_RELU,
        "relu_of_floats_leaky",
        "factor: 0.01 below 0, floats",
        lambda a: np.where(a > 0, 1.0, 0.01),
        [([-1.0],)],
    ),
    wrong(FLOAT_SIZES, "sizes_of_floats_minus", "sign: floats", lambda a: -np.sign(a), [([1.0],)]),
    wrong(
        FLOAT_SIZES,
        "sizes_of_floats_two",
        "point: −2 at 0, floats",
        lambda a: np.where(a == 0, -2.0, np.sign(a)),
        [([0.0],)],
    ),
    wrong(
        FLOAT_LARGEST,
        "least_of_floats",
        "order: the least, floats",
        lambda a: unit(3, np.argmin(a)),
        [([1.0, 2.0, 3.0],)],
    ),
    wrong(GUARDED, "guarded_half", "factor: a for 2a, floats", lambda a: 1.0 * a, [([1.0],)]),
    wrong(UNKNOWN, "unknown_beyond_twice", "factor: 2, floats", lambda a: 2 * np.sign(a), [([1.0],)]),
    wrong(DIVIDED, "divided_floats_three", "factor: 3a for 2a, floats", lambda a: 3 * a, [([1.0],)]),
    wrong(
        HUBER,
        "huber_of_floats_beyond",
        "factor: 1.01 beyond 1, floats",
        lambda a: np.where(np.abs(a) < 1, a, 1.01 * np.sign(a)),
        [([2.0],)],
    ),
)
