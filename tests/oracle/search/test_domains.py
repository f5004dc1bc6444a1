"""Domains: who is inside, what a user may write, and that the values worth a look are inside."""

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from oracle.search.domains import DOMAINS, Domain, as_domain, edge_values, short_values, special_values
from oracle.search.matrices import MATRICES

INSIDE = {
    "real": [-1e308, -5e-324, 0.0, 7.0],
    "positive": [5e-324, 1.0, 1e308],
    "nonnegative": [0.0, -0.0, 5e-324, 1e308],
    "unit": [5e-324, 0.5, 1 - 2**-53],
    "closed_unit": [0.0, 0.5, 1.0],
    "sign": [-1.0, 1.0],
}
OUTSIDE = {
    "real": [math.nan, math.inf, -math.inf],
    "positive": [0.0, -0.0, -5e-324, math.inf, math.nan],
    "nonnegative": [-5e-324, math.inf, math.nan],
    "unit": [0.0, 1.0, -1.0, math.nan],
    "closed_unit": [-5e-324, 1 + 2**-52, math.nan],
    "sign": [0.0, 0.5, -1.0000000000000002, math.nan],
}


@pytest.mark.parametrize("name", INSIDE)
def test_entries_inside_and_outside(name: str) -> None:
    assert DOMAINS[name].contains(INSIDE[name]).all()
    assert not DOMAINS[name].contains(OUTSIDE[name]).any()
    assert DOMAINS[name].holds(INSIDE[name])
    assert not DOMAINS[name].holds(INSIDE[name] + OUTSIDE[name][:1])


def test_every_domain_is_tested() -> None:
    assert set(INSIDE) | {"simplex", "closed_simplex", "one_hot", "sorted", *MATRICES} == set(DOMAINS)


@pytest.mark.parametrize(
    ("name", "x", "inside"),
    [
        ("simplex", [0.5, 0.5], True),
        ("simplex", [1.0], True),
        ("simplex", [1.0, 0.0], False),
        ("simplex", [0.5, 0.6], False),
        ("simplex", [0.5, 0.5 + 1e-9], False),
        ("simplex", [0.1] * 10, True),  # whose sum is 0.9999999999999999
        ("simplex", 1.0, False),
        ("simplex", [math.nan, 1.0], False),
        ("closed_simplex", [1.0, 0.0], True),
        ("closed_simplex", [1.5, -0.5], False),
        ("closed_simplex", [0.0, 0.0], False),
        ("closed_simplex", [1e308, 1e308], False),
        ("one_hot", [0.0, 1.0, 0.0], True),
        ("one_hot", [0.0, 0.0], False),
        ("one_hot", [1.0, 1.0], False),
        ("one_hot", [0.5, 0.5], False),
        ("one_hot", 1.0, False),
    ],
)
def test_columns(name: str, x: list[float], inside: bool) -> None:
    assert DOMAINS[name].holds(x) is inside


def test_columns_lie_along_the_last_axis() -> None:
    x = [[0.5, 0.5], [0.5, 0.6]]
    np.testing.assert_array_equal(DOMAINS["simplex"].contains(x), [[True, True], [False, False]])
    assert not DOMAINS["one_hot"].holds(np.eye(3)[:, :2])
    assert DOMAINS["one_hot"].holds(np.eye(3)[:2])


def test_a_simplex_of_narrow_floats_is_summed_at_their_precision() -> None:
    thirds = np.array([1, 1, 1], np.float32) / np.float32(3)
    assert DOMAINS["simplex"].holds(thirds)
    assert not DOMAINS["simplex"].holds(thirds.astype(np.float64))


def test_what_a_user_may_write() -> None:
    assert as_domain("unit") is DOMAINS["unit"]
    assert as_domain(DOMAINS["sign"]) is DOMAINS["sign"]
    pair = as_domain((-2, 3.5))
    assert (pair.name, pair.bounds, pair.closed) == ("(-2, 3.5)", (-2.0, 3.5), (False, False))
    assert not pair.contains([-2.0, 3.5]).any()
    assert as_domain([0, math.inf]).contains(1e300)
    drawn = as_domain(npst.arrays(np.float64, 3))
    assert drawn.kind == "drawn"
    assert not drawn.moves_freely
    assert drawn.holds([1.0, -3.0])
    assert not drawn.holds([math.nan])


@pytest.mark.parametrize(
    ("spec", "error", "says"),
    [
        ("units", ValueError, "unknown domain 'units': give one of real, positive, nonnegative, unit"),
        (3, TypeError, "domain 3 is of type int: give one of real"),
        (None, TypeError, "a pair (low, high)"),
        ((1, 2, 3), TypeError, "Hypothesis strategy"),
        ((True, False), TypeError, "type tuple"),
        ((1, 1), ValueError, "is empty"),
        ((2, 1), ValueError, "needs low < high"),
        ((math.nan, 1), ValueError, "is empty"),
        ((0.0, 5e-324), ValueError, "is empty"),
    ],
)
def test_anything_else_is_one_clear_sentence(spec: object, error: type[Exception], says: str) -> None:
    with pytest.raises(error) as raised:
        as_domain(spec)
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)


def test_bounds_and_freedom_of_steps() -> None:
    assert DOMAINS["real"].bounds == (-math.inf, math.inf)
    assert DOMAINS["closed_unit"].bounds == (0.0, 1.0)
    assert {name for name, d in DOMAINS.items() if not d.moves_freely} == {
        "simplex",
        "closed_simplex",
        "one_hot",
        "sign",
        "symmetric",
        "positive_definite",
        "orthogonal",
        "lower_triangular",
        "cholesky_factor",
    }
    assert {name for name, d in DOMAINS.items() if d.has_columns} == {"simplex", "closed_simplex", "one_hot", "sorted"}


INTERVALS = [d for d in DOMAINS.values() if d.kind == "interval"]
OTHERS = [as_domain(p) for p in ((-3, 5), (2, math.inf), (-math.inf, -1e-5), (1e300, 1e301), (0, 1e-300))]


@pytest.mark.parametrize(
    "domain", [*INTERVALS, *OTHERS, Domain("mine", -1.0, 4.0, (True, False))], ids=lambda d: d.name
)
def test_special_values_are_inside_and_reach_every_end(domain: Domain) -> None:
    values = special_values(domain)
    assert values
    assert domain.contains(values).all()
    assert len(set(values)) == len(values)
    for end, closed, nearest in zip(domain.bounds, domain.closed, (domain.least, domain.greatest), strict=True):
        if closed:
            assert end in short_values(domain)
        elif math.isfinite(end):
            assert nearest in edge_values(domain)
            assert not domain.contains(end)


def test_special_values_of_the_real_line() -> None:
    values = set(special_values(DOMAINS["real"]))
    assert {0.0, 1.0, -1.0, 0.5, 2.0, 5e-324, -5e-324, 1e300, 20.0, -20.0, 40.0, -40.0, 700.0, -700.0} <= values


def test_importing_the_search_imports_neither_jax_nor_hypothesis() -> None:
    names = ("domains", "points", "branches", "switch_points", "shrink", "memory", "strategies")
    modules = ", ".join(f"oracle.search.{name}" for name in names)
    code = f"import sys, {modules}\nprint({{'jax', 'hypothesis'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_strategies_are_recognised_only_as_such() -> None:
    assert as_domain(st.just([1.0])).strategy is not None
    with pytest.raises(TypeError, match="of type type"):
        as_domain(float)
