"""Every kind of value of one argument meets every kind of every other one, within a few entries and inside the domains."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from oracle.search.covering import PRIME, kinds, met_pairwise
from oracle.search.domains import as_domain
from oracle.search.points import points
from oracle.search.problem import Problem

Array = Any
DOMAINS: tuple[Any, ...] = ("real", "positive", "closed_unit", "unit", (-3, 5), (2, np.inf), (1e300, 1e301))


def problem(*domains: Any) -> Problem:
    return Problem(lambda *a: 0.0, lambda *a: a[0], tuple(map(as_domain, domains)))


@pytest.mark.parametrize("domain", DOMAINS, ids=str)
def test_there_are_as_many_kinds_as_the_array_asks_all_inside(domain: Any) -> None:
    found = kinds(as_domain(domain))
    assert len(found) == PRIME
    assert all(as_domain(domain).holds(kind(np.random.default_rng(0), 20)) for kind in found)


def test_every_pair_of_kinds_is_met_in_three_points_of_three_arguments() -> None:
    asked = problem("closed_unit", "closed_unit", "closed_unit")
    made = [met_pairwise(asked, ((65,),) * 3, np.random.default_rng(turn), turn) for turn in range(3)]
    columns = [np.concatenate([args[k] for args in made if args is not None]) for k in range(3)]

    def kind(x: Array) -> Array:
        """Which of some kinds that can be told by their values: 0, 1, ½, beside 0, beside 1, others."""
        return np.select([x == 0, x == 1, x == 0.5, np.abs(x) < 0.079, np.abs(1 - x) < 0.079], range(5), 5)

    for one, other in itertools.combinations(map(kind, columns), 2):
        assert {(a, b) for a in range(6) for b in range(6)} <= set(zip(one.tolist(), other.tolist(), strict=True))


def test_one_argument_alone_meets_nobody_and_columns_stay_ordinary() -> None:
    rng = np.random.default_rng(0)
    assert met_pairwise(problem("real"), ((9,),), rng, 0) is None
    assert met_pairwise(problem("real", "one_hot"), ((9,),) * 2, rng, 0) is None
    args = met_pairwise(problem("real", "real", "simplex"), ((9,),) * 3, rng, 0)
    assert args is not None
    assert args[2].sum() == pytest.approx(1)


CORNERS: dict[str, Any] = {
    "E = 1, a beside 1": lambda a, E: (E == 1) & (a > 0.9) & (a < 0.99),
    "E = 0, a beside 0": lambda a, E: (E == 0) & (a > 0.01) & (a < 0.1),
    "both beside 1": lambda a, E: (E > 0.9) & (E < 1) & (a > 0.9),
    "a beside 0, E beside 1": lambda a, E: (E > 0.9) & (E < 1) & (a < 0.1),
    "E = ½, a very near 1": lambda a, E: (E == 0.5) & (a > 0.998),
}


@pytest.mark.parametrize("corner", CORNERS)
@pytest.mark.parametrize("seed", range(3))
def test_corners_of_two_arguments_are_met_by_default(corner: str, seed: int) -> None:
    tried = points(problem("unit", "closed_unit"), np.random.default_rng(seed))
    assert any(CORNERS[corner](*point.args).any() for point in tried)
