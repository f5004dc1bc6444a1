"""The strategies: inside the domains, over the patterns, and shrinking well."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from oracle.search.domains import DOMAINS, as_domain
from oracle.search.matrices import MATRICES
from oracle.search.problem import Problem
from oracle.search.strategies import arguments

from ...sweeps import thinned

Array = Any
QUIET = settings(
    derandomize=True, deadline=None, database=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow]
)


def problem(*domains: Any, grad: Any = lambda *x: x[0], **options: Any) -> Problem:
    return Problem(lambda *x: 0.0, grad, tuple(as_domain(d) for d in domains), **options)


@pytest.mark.parametrize(
    "pair",
    [(d, d) for d in DOMAINS if not DOMAINS[d].is_of_matrices] + [("real", "one_hot"), ((-3, 5), "simplex")],
    ids=str,
)
@pytest.mark.parametrize("options", thinned([{}, {"shapes": ((2, 3), (2, 3))}], 2), ids=str)
def test_everything_drawn_is_inside(pair: tuple[Any, Any], options: dict[str, Any]) -> None:
    asked = problem(*pair, **options)

    @settings(QUIET, max_examples=30)
    @given(arguments(asked))
    def check(args: tuple[Array, ...]) -> None:
        for domain, x in zip(asked.domains, args, strict=True):
            assert domain.holds(x)
        assert args[0].shape == args[1].shape

    check()


@pytest.mark.parametrize(
    "spec", ["sorted", range(4), "orthogonal", *thinned([k for k in MATRICES if k != "orthogonal"], 2)], ids=str
)
def test_what_is_made_is_inside(spec: Any) -> None:
    asked = problem(spec, shapes=((3, 3),))

    @settings(QUIET, max_examples=10)
    @given(arguments(asked))
    def check(args: tuple[Array, ...]) -> None:
        assert asked.domains[0].holds(args[0])

    check()


@pytest.mark.longer
def test_lengths_specials_ties_and_constants_are_drawn() -> None:
    asked = problem("real", "real", grad=lambda a, E: np.where(abs(a) > 3.25, a, E))
    seen: Counter[str] = Counter()
    lengths: Counter[int] = Counter()

    @settings(QUIET, max_examples=600)
    @given(arguments(asked))
    def collect(args: tuple[Array, ...]) -> None:
        a, E = args
        lengths[a.size] += 1
        seen["zero"] += bool((a == 0).any())
        seen["tie"] += bool(a.any() and (a == E).any())
        seen["repeated"] += len(np.unique(a)) < a.size
        seen["subnormal"] += bool((abs(a) == 5e-324).any())
        seen["saturation"] += bool((abs(a) == 700).any())
        seen["constant"] += bool((abs(a) == 3.25).any())
        seen["beside it"] += bool((abs(abs(a) - 3.25) < 0.01).any() and not (abs(a) == 3.25).any())
        seen["any float"] += bool((abs(a) > 1e10).any())

    collect()
    assert set(lengths) == set(range(1, 10))
    assert min(seen.values()) >= 3, seen


@pytest.mark.longer
def test_shrinks_to_one_short_entry() -> None:
    args = find(
        arguments(problem("real", "real")),
        lambda x: bool((x[0] > 1.5).any()),
        settings=settings(QUIET, max_examples=2000),
    )
    assert args[0].size == 1
    assert args[0][0] in (2.0, 3.0)


def test_lengths_and_strategies_of_arrays() -> None:
    vectors = npst.arrays(np.float64, 4, elements=st.floats(0, 1))

    @settings(QUIET, max_examples=40)
    @given(arguments(problem(vectors, lengths=(4, 4))), arguments(problem("unit", lengths=(12, 20))))
    def check(drawn: tuple[Array], long: tuple[Array]) -> None:
        assert drawn[0].shape == (4,)
        assert long[0].size == 12

    check()


def test_a_simplex_needs_an_axis() -> None:
    from oracle.search.strategies import arrays

    with pytest.raises(ValueError, match="needs entries along a last axis"):
        arrays(DOMAINS["simplex"], ())
