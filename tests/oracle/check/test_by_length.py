"""A mistake that begins with a tile: the lengths of kernels are tried, and the report says up to which length it is right."""

import jax.numpy as jnp
import numpy as np
import pytest

import oracle
from oracle.search.lengths import LENGTHS, MANY, TILES, ladder, unusual

from ..search.test_points import problem


def fn(x):
    return jnp.sum(jnp.exp(-x * x) * x)


def grad(x):
    return np.exp(-x * x) * (1 - 2 * x * x)


def from_tile(tile, factor=1.001):
    def wrong(x):
        found = grad(x)
        found[tile:] *= factor
        return found

    return wrong


def check(candidate, lengths=(1, 1100), **options):
    return oracle.check_gradient(fn, candidate, ["real"], lengths=lengths, database=None, **options)


@pytest.mark.parametrize("tile", [256, 1000, 32, 1024])
def test_it_is_said_where_it_begins(tile):
    report = check(from_tile(tile))
    assert report.verdict == "wrong"
    assert report.counterexample[0].shape == (tile + 1,)
    if tile > 200:  # shorter ones are diagnosed by their components
        words = f"It is right up to length {tile}, and wrong from {tile + 1} on, at every longer one that was tried"
        assert report.diagnosis == (words,)


@pytest.mark.longer
def test_what_is_wrong_at_one_length_alone():
    report = check(lambda x: grad(x) * (0.5 if len(x) == 1000 else 1.0) if len(x) != 999 else grad(x))
    assert report.verdict == "wrong"
    assert report.counterexample[0].shape == (1000,)
    assert report.diagnosis[0].startswith("It is right up to length 999, and wrong ")


def test_nothing_is_said_of_lengths_where_values_decide():
    report = check(lambda x: np.where(x > 2.5, x, grad(x)), lengths=(1, 300))
    assert report.verdict == "wrong"
    assert not any("up to length" in s for s in report.diagnosis)


def test_what_is_right_is_right_at_all_of_them():
    report = check(grad)
    assert report.verdict == "right"
    lengths = {shape[0][0] for shape in report.tried.shapes}
    assert {n for n in TILES if n <= 1100} <= lengths


def test_declared_lengths_bound_what_is_tried():
    assert set(ladder(problem("real"))) == set(LENGTHS)
    assert unusual(ladder(problem("real"))) == []
    assert [n for n in unusual(ladder(problem("real", lengths=(200, 300))))] == [*range(200, 209), 255, 256, 257, 300]
    longest = unusual(ladder(problem("real", lengths=(1, 10**6))))
    assert longest[-1] == 10**6
    assert len(longest) <= MANY + 4
    assert set(TILES) <= set(longest)


@pytest.mark.parametrize(
    ("shape", "part", "words"),
    [
        ((3, 140), np.s_[:, 128:], "It is right except from column 128 on"),
        ((6, 5), np.s_[4:, :], "It is right except from row 4 on"),
        ((4, 5), np.s_[:, :2], "It is right except up to column 1"),
    ],
)
def test_a_matrix_is_wrong_from_a_column_or_a_row_on(shape, part, words):
    def wrong(x):
        found = grad(x)
        found[part] *= 1.001
        return found

    report = oracle.check_gradient(fn, wrong, [(-3.0, 3.0)], shapes=(shape,), database=None)
    assert report.verdict == "wrong"
    assert report.diagnosis[0].startswith(words)
