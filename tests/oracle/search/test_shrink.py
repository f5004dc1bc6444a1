"""Shrinking: to few entries and short numbers, never outside a domain."""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis.extra import numpy as npst

from oracle.effort.budget import Exhausted
from oracle.search.domains import DOMAINS, as_domain
from oracle.search.patterns import fill
from oracle.search.problem import Arguments, Problem
from oracle.search.shrink import shrink, simplicity

Array = Any


def problem(*domains: Any, **options: Any) -> Problem:
    return Problem(lambda *x: 0.0, lambda *x: x[0], tuple(as_domain(d) for d in domains), **options)


def start(n: int, *domains: str, seed: int = 0) -> Arguments:
    rng = np.random.default_rng(seed)
    made = [fill("ordinary numbers", DOMAINS[d], (n,), rng) for d in domains]
    return tuple(x for x in made if x is not None)


@pytest.mark.parametrize(
    ("fails", "n", "a", "E"),
    [
        (lambda a, E: True, 9, [0.0], [0.0]),
        (lambda a, E: abs(a).max() > 1.5, 129, [2.0], [0.0]),
        (lambda a, E: a.size >= 65, 129, [0.0] * 65, [0.0] * 65),
        (lambda a, E: a.size == 9, 9, [0.0] * 9, [0.0] * 9),
        (lambda a, E: a.size >= 7 and a[6] != 0, 9, [0.0] * 6 + [1.0], [0.0] * 7),
        (lambda a, E: abs(a - E).max() > 3, 65, [4.0], [0.0]),
        (lambda a, E: len(set(a)) == a.size >= 3, 9, [0.0, 1.0, 2.0], [0.0] * 3),
        (lambda a, E: (abs(a - 1.25) < 0.01).any(), 0, [1.25], [0.0]),
    ],
)
def test_to_the_simplest(fails: Callable[[Array, Array], bool], n: int, a: list[float], E: list[float]) -> None:
    args = start(n, "real", "real") if n else (np.array([0.7, 1.2512345, -3.0]), np.array([0.4, 0.6, 0.1]))
    assert fails(*args)
    shrunk = shrink(args, lambda x: bool(fails(*x)), problem("real", "real"))
    np.testing.assert_array_equal(np.sort(shrunk[0]) if len(set(a)) > 2 else shrunk[0], a)
    np.testing.assert_array_equal(shrunk[1], E)


PAIRS = [
    (a, E)
    for a in DOMAINS
    if not DOMAINS[a].is_of_matrices
    for E in ("real", "closed_simplex", "sign", "one_hot", "unit")
]


@pytest.mark.parametrize("pair", PAIRS, ids=str)
@pytest.mark.parametrize("options", [{}, {"lengths": (3, 9)}, {"shapes": ((9,), (9,))}], ids=str)
def test_no_candidate_is_outside(pair: tuple[str, str], options: dict[str, Any]) -> None:
    asked = problem(*pair, **options)
    tried: list[Arguments] = []

    def fails(args: Arguments) -> bool:
        tried.append(args)
        for domain, x in zip(asked.domains, args, strict=True):
            assert domain.holds(x), (domain.name, x)
            if options:
                assert 3 <= x.size <= 9
        return float(np.abs(args[0]).max()) > 0.4

    args = start(9, *pair)
    shrunk = shrink(args, fails, asked)
    assert simplicity(shrunk) <= simplicity(args)
    assert len({tuple(x.tobytes() for x in t) for t in tried}) == len(tried)
    again = shrink(args, lambda x: float(np.abs(x[0]).max()) > 0.4, asked)
    assert all(np.array_equal(x, y) for x, y in zip(shrunk, again, strict=True))


def test_a_simplex_becomes_readable() -> None:
    args = start(9, "simplex")
    (shrunk,) = shrink(args, lambda x: x[0].size >= 3 and x[0][0] != x[0][1], problem("simplex"))
    assert shrunk.size == 3
    assert all(len(f"{v:g}") <= 4 for v in shrunk)


def test_fixed_shapes_keep_their_shape_and_drawn_arrays_their_values() -> None:
    x = np.random.default_rng(0).normal(size=(2, 3))
    (shrunk,) = shrink((x,), lambda args: True, problem("real", shapes=((2, 3),)))
    np.testing.assert_array_equal(shrunk, np.zeros((2, 3)))
    (kept,) = shrink((x,), lambda args: True, problem(npst.arrays(np.float64, (2, 3))))
    np.testing.assert_array_equal(kept, x)


def test_it_does_not_touch_what_it_is_given() -> None:
    args = start(129, "real", "real")
    before = [x.copy() for x in args]

    def vandal(x: Arguments) -> bool:
        for array in x:
            array[...] = 7.0
        return False

    assert shrink(args, vandal, problem("real", "real")) is args
    assert all(np.array_equal(x, y) for x, y in zip(args, before, strict=True))


def test_it_keeps_what_it_has_where_the_budget_is_spent() -> None:
    args, runs = start(129, "real", "real"), itertools.count(1)

    def fails(x: Arguments) -> bool:
        if next(runs) > 2:
            raise Exhausted
        return True

    found = shrink(args, fails, problem("real", "real"))
    assert simplicity(found) < simplicity(args)
    assert next(runs) == 4
