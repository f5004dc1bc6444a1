"""The comparison policy: a number is held against the truth and what rounding may cost."""

import numpy as np
import pytest

from oracle.judgement.verdict import SLACK, Comparison, allowed, compare
from oracle.witnesses.enclosure import derivative


def enclosure(values):
    from oracle.balls.arrays import lift_arb

    return derivative(lift_arb(np.asarray(values)), rigorous=True, bits=200)


def test_a_number_is_held_against_its_allowance():
    truth = enclosure([1.0, 2.0, 0.0])
    allowance = np.array([1e-16, 1e-16, 0.0])
    right = compare(np.array([1.0, 2.0 - 2**-52, 1e-310]), truth, allowance)
    assert not right.beyond.any()
    wrong = compare(np.array([1.0, 2.0 + 1e-14, 1e-300]), truth, allowance)
    assert wrong.beyond.tolist() == [False, True, True]
    assert wrong.worst == (2,)
    assert wrong.eps == pytest.approx(1e-14 / 2 / 2**-52, rel=0.05)


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_never_excused(number):
    comparison = compare(np.array([number]), enclosure([1.0]), np.array([np.inf]))
    assert comparison.beyond.all()
    assert comparison.worst == (0,)


def test_an_unknown_allowance_excuses_nothing():
    assert allowed(np.array([np.inf, np.nan, 1.0]), np.dtype(float)).tolist() == pytest.approx([0.0, 0.0, SLACK])


def test_shapes_must_be_equal():
    with pytest.raises(ValueError, match=r"got \(1,\), truth \(2,\)"):
        compare(np.zeros(1), enclosure([0.0, 0.0]), np.zeros(2))


def test_eps_of_nothing_is_nothing():
    empty = np.zeros((0, 2))
    assert Comparison(empty, empty, empty, empty).eps == 0.0
    zero, one = np.zeros(1), np.ones(1)
    assert Comparison(one, zero, one, zero).eps == np.inf
    assert Comparison(1e-310 * one, zero, 1e-310 * one, zero).eps < 1
