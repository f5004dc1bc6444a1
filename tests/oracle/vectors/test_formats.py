"""Rounding and distances of the four formats, against the casts of NumPy and ml_dtypes, which nobody here wrote."""

import numpy as np
import pytest

from oracle.vectors.formats import FORMATS, from_patterns, patterns, places, round_array, round_dyadic

EVERY = list(FORMATS.values())


def samples(fmt):
    """Numbers of every magnitude, exact ties between two numbers of the format, its ends, its subnormals."""
    rng = np.random.default_rng(5)
    grown = rng.standard_normal(300) * 2.0 ** rng.uniform(fmt.low - fmt.bits, fmt.high - 1, 300)
    grid = from_patterns(rng.integers(0, 2 ** (fmt.width - 1), 300, dtype=np.uint64).astype(fmt.unsigned), fmt)
    grid = grid.astype(np.float64)[np.isfinite(grid.astype(np.float64))]
    after = round_array(grid * (1 + 2.0 ** (1 - fmt.bits)), fmt)
    ties = (grid + after) / 2 if fmt.bits < 50 else grid
    return np.concatenate([grown, ties, [0.0, fmt.smallest, fmt.smallest / 2, fmt.smallest * 1.5, fmt.tiny, 1.0]])


@pytest.mark.parametrize("fmt", EVERY, ids=lambda f: f.name)
def test_rounding_is_that_of_the_casts(fmt):
    x = np.concatenate([samples(fmt), -samples(fmt)])
    with np.errstate(over="ignore"):
        cast = x.astype(fmt.dtype).astype(np.float64)
    np.testing.assert_array_equal(round_array(x, fmt), cast)


@pytest.mark.parametrize("fmt", EVERY, ids=lambda f: f.name)
def test_ends_of_the_range(fmt):
    largest = (2**fmt.bits - 1) * 2.0 ** (fmt.high - fmt.bits + 1)
    assert round_dyadic(2**fmt.bits - 1, fmt.high - fmt.bits + 1, fmt) == largest
    assert round_dyadic(2 ** (fmt.bits + 1) - 1, fmt.high - fmt.bits, fmt) == np.inf  # half a place above it
    assert round_dyadic(-(2 ** (fmt.bits + 1)), fmt.high, fmt) == -np.inf
    assert round_dyadic(1, fmt.low - fmt.bits, fmt) == 0.0  # half the least subnormal: a tie, to even
    assert round_dyadic(3, fmt.low - fmt.bits, fmt) == 2 * fmt.smallest
    assert np.signbit(round_dyadic(-1, fmt.low - fmt.bits - 5, fmt)) == 0


@pytest.mark.parametrize("fmt", EVERY, ids=lambda f: f.name)
def test_places_count_the_numbers_between(fmt):
    x = np.array([0.0, -0.0, fmt.smallest, -fmt.smallest, fmt.tiny]).astype(fmt.dtype)
    assert places(x, fmt).tolist() == [0, 0, 1, -1, 2 ** (fmt.bits - 1)]
    one = np.ones(1).astype(fmt.dtype)
    above = from_patterns(patterns(one, fmt) + fmt.unsigned.type(1), fmt)
    assert float(above[0]) == 1 + 2.0 ** (1 - fmt.bits)
    assert (places(above, fmt) - places(one, fmt)).tolist() == [1]


def test_patterns_of_scalars_and_back():
    fmt = FORMATS["float32"]
    assert patterns(np.asarray(np.float32(1)), fmt).shape == ()
    assert from_patterns(patterns(np.asarray(np.float32(-2.5)), fmt), fmt)[()] == np.float32(-2.5)
