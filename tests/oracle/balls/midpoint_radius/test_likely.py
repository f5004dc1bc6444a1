"""The √n bound: what independent roundings cost but for a probability, less than the worst case, and not less than they do."""

import math

import numpy as np
import pytest

from oracle.balls.midpoint_radius.rounding import Rounding, bounding, gamma, of_sum

U = 2.0**-24
LIKELY = Rounding(U, any_order=True, likely=10.0)


def test_it_is_less_where_many_are_rounded_and_never_more():
    for n in (1, 2, 50, 100, 1000, 10**5, 10**7):
        with bounding(Rounding(U, any_order=True)):
            worst = gamma(n)
        with bounding(LIKELY):
            assert gamma(n) <= worst
            assert of_sum(n + 1, 1) == gamma(n)
    with bounding(LIKELY):
        assert gamma(10**4) == pytest.approx(10 * 100 * U, rel=1e-3)
        assert gamma(10**7) == pytest.approx(math.expm1(10 * math.sqrt(1e7) * U), rel=1e-3)
        assert math.isinf(gamma(10**15))
    assert gamma(100) < 1e-13


def test_sums_of_float32_lie_within_it():
    rng = np.random.default_rng(0)
    terms = rng.normal(size=(300, 4000)).astype(np.float32)
    sums = terms.cumsum(axis=1)[:, -1].astype(np.float64)  # one after the other
    sizes = np.abs(terms.astype(np.float64)).sum(axis=1)
    error = np.abs(sums - terms.astype(np.float64).sum(axis=1)) / sizes
    with bounding(LIKELY):
        assert error.max() < gamma(3999)
    with bounding(Rounding(U, likely=0.01)):  # a λ that claims too much is seen
        assert error.max() > gamma(3999)


def test_roundings_that_lean_to_one_side_pass_it_and_keep_within_the_worst_case():
    terms = np.full(2**20, np.float32(1.1))
    total = float(terms.cumsum()[-1])
    true = float(np.float64(terms[0])) * len(terms)
    with bounding(Rounding(U, any_order=True)):
        assert abs(total - true) / true < gamma(len(terms) - 1)
    with bounding(LIKELY):
        assert abs(total - true) / true > gamma(len(terms) - 1)
