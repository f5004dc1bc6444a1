"""Domains of matrices, of sorted vectors, of whole numbers, and of what a function repairs: what is in them, and what is drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from oracle.candidate.asking import CannotJudge
from oracle.search.domains import DOMAINS, Domain, as_domain, matrices
from oracle.search.made_inside import nearest
from oracle.search.matrices import MATRICES, made
from oracle.search.patterns import FILLS, fill
from oracle.search.points import points
from oracle.search.problem import Problem
from oracle.search.shrink import shrink

Array = Any
ASYMMETRIC = [[2.0, 1.0], [0.0, 3.0]]


@pytest.mark.parametrize(
    ("name", "inside", "outside"),
    [
        ("symmetric", [[1.0, 2.0], [2.0, -3.0]], ASYMMETRIC),
        ("positive_definite", [[2.0, 1.0], [1.0, 2.0]], [[1.0, 2.0], [2.0, 1.0]]),
        ("positive_definite", [[2.0, 1.0], [1.0, 2.0]], ASYMMETRIC),
        ("invertible", ASYMMETRIC, [[1.0, 2.0], [2.0, 4.0]]),
        ("orthogonal", [[0.0, -1.0], [1.0, 0.0]], ASYMMETRIC),
        ("orthogonal", [[0.6, -0.8], [0.8, 0.6]], [[0.6, -0.8], [0.8, 0.6000001]]),
        ("lower_triangular", [[-1.0, 0.0], [5.0, 2.0]], ASYMMETRIC),
        ("lower_triangular", [[-1.0, 0.0], [5.0, 2.0]], [[0.0, 0.0], [5.0, 2.0]]),
        ("cholesky_factor", [[1.0, 0.0], [5.0, 2.0]], [[-1.0, 0.0], [5.0, 2.0]]),
        ("sorted", [-1.0, 0.0, 5.0], [-1.0, 5.0, 5.0]),
    ],
)
def test_membership_is_a_matter_of_all_entries(name: str, inside: list[Any], outside: list[Any]) -> None:
    assert DOMAINS[name].holds(inside)
    assert not DOMAINS[name].contains(outside).any()


@pytest.mark.parametrize("name", [*MATRICES, "sorted"])
def test_what_is_drawn_is_inside(name: str) -> None:
    domain, rng = DOMAINS[name], np.random.default_rng(0)
    shape = (4, 3, 3) if domain.is_of_matrices else (4, 3)
    drawn = [fill(pattern, domain, shape, rng, turn) for pattern in FILLS for turn in (0, 1)]
    held = [x for x in drawn if x is not None]
    assert len(held) >= 10
    assert all(domain.holds(x) for x in held)


def test_rows_of_an_orthogonal_matrix_are_right_to_half_a_unit() -> None:
    q = made("orthogonal", np.random.default_rng(1).normal(size=(5, 3)))
    assert q is not None
    wide = q.astype(np.longdouble)
    assert float(np.max(np.abs(wide.T @ wide - np.eye(3)))) < 5 * 2.0**-53


def test_conditions_are_bounded() -> None:
    x = np.array([[1.0, 1.0], [1.0, 1.0 + 1e-9]])
    for kind in ("positive_definite", "invertible"):
        domain = matrices(kind, condition=10)
        assert not domain.holds(x)
        close = nearest(domain, x)
        assert close is not None
        assert np.linalg.cond(close) <= 10 * (1 + 1e-6)
    assert "condition 10 at most" in domain.name


def test_a_range_is_whole_numbers() -> None:
    domain = as_domain(range(2, 11, 4))
    assert domain.contains([2, 6, 10, 3, 1, 14]).tolist() == [True, True, True, False, False, False]
    drawn = fill("short numbers", domain, (5,), np.random.default_rng(0))
    assert drawn is not None
    assert drawn.tolist() == [2, 6, 10, 2, 6]
    assert drawn.dtype == np.int64
    assert as_domain(range(9, 0, -1)).holds([9, 1])


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: as_domain(range(0)), "is empty: it needs a whole number in it"),
        (lambda: matrices("symetric"), "give one of symmetric, positive_definite"),
        (lambda: matrices("invertible", condition=1), "give a number above 1"),
        (lambda: matrices("orthogonal", condition=10), "have none to bound"),
    ],
)
def test_bad_declarations_are_one_sentence(make: Callable[[], Domain], says: str) -> None:
    with pytest.raises(ValueError, match=says) as raised:
        make()
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("repair", "says"),
    [
        (lambda x: None, "returned None: it must return an array of real numbers"),
        (lambda x: x[:1], r"returned the shape \(1,\) for one of shape \(3,\): it must keep the shape"),
        (lambda x: x.nothing, "raised AttributeError for one of shape"),
    ],
)
def test_a_repair_that_gives_no_array_is_one_sentence(repair: Callable[[Array], Array], says: str) -> None:
    with pytest.raises(CannotJudge, match=says):
        nearest(as_domain(repair), np.arange(3.0))


def test_points_and_counterexamples_stay_inside() -> None:
    domains = (DOMAINS["positive_definite"], DOMAINS["real"], as_domain(range(3)))
    problem = Problem(lambda A, x, k: 0.0, lambda A, x, k: A, domains)
    tried = [p.args for p in points(problem, np.random.default_rng(0), 12)]
    assert len(tried) == 12
    assert {a.shape for a, _, _ in tried} >= {(1, 1), (3, 3)}
    assert all(d.holds(a) for args in tried for d, a in zip(domains, args, strict=True))
    largest = max(tried, key=lambda args: args[0].size)
    small = shrink(largest, lambda args: bool(args[0].shape[0] > 1 and args[0][0, 1] != 0), problem)
    assert small[0].shape == (2, 2)
    assert small[1].shape == small[2].shape == (2,)
    assert all(d.holds(a) for d, a in zip(domains, small, strict=True))
