"""`check_gradient`: arguments, shapes and domains; no point outside them is evaluated."""

from __future__ import annotations

from functools import partial
from itertools import product
from typing import Any

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import jax.numpy as jnp
import numpy as np
import pytest

from oracle import Domain, as_domain

from ...sweeps import thinned
from .pairs import REAL2, check, cost, cost_grad, handing_out_one, on_floats

Array = Any


def test_argnum() -> None:
    assert check(cost, lambda a, E: E - a, REAL2, argnum=1)
    report = check(cost, cost_grad, REAL2, argnum=1)
    assert report.verdict == "wrong"
    assert any("−1 times" in sentence for sentence in report.diagnosis)


def test_shapes() -> None:
    def output(W: Array, x: Array) -> Array:
        return 0.5 * ((W @ x) ** 2).sum()

    options: Any = {"domains": REAL2, "shapes": ((3, 4), (4,)), "examples": 15}
    assert check(output, lambda W, x: np.outer(W @ x, x), **options)
    assert check(output, lambda W, x: W.T @ (W @ x), argnum=1, **options)
    report = check(output, lambda W, x: 2 * np.outer(W @ x, x), **options)
    assert report.verdict == "wrong"
    assert report.component is not None
    assert len(report.component) == 2
    assert report.counterexample is not None
    assert report.counterexample[0].shape == (3, 4)


def test_numbers_without_axes() -> None:
    report = check(lambda x: x**2, lambda x: 3 * x, ("real",), shapes=((),), examples=15)
    assert report.verdict == "wrong"
    assert report.component == ()
    assert "  gradient  got       " in str(report)


def test_lengths() -> None:
    report = check(cost, cost_grad, lengths=(3, 5))
    assert {shapes[0][0] for shapes in report.tried.shapes} == {3, 4, 5}


DOMAINS: dict[str, tuple[Any, ...]] = {
    "simplex, one_hot": ("simplex", "one_hot"),
    "closed_simplex, sign": ("closed_simplex", "sign"),
    "unit, closed_unit": ("unit", "closed_unit"),
    "a pair, positive": ((2, 5), "positive"),
    "a Domain, nonnegative": (Domain("ten to eleven", 10, 11, (True, False)), "nonnegative"),
    "sign, real": ("sign", "real"),
}
BUFFERS: dict[Any, Array] = {}
CANDIDATES = {
    "right": cost_grad,
    "wrong": lambda a, E: (a - E) * (1 + 1e-3 * abs(a)),
    "opaque": lambda a, E: np.asarray((a - E) * (1 + 1e-9), dtype=np.float64),
    "float32": lambda a, E: np.float32(1.001) * (np.float32(a) - np.float32(E)),
    "one buffer": partial(handing_out_one, BUFFERS),
}


def watched(function: Any, domains: tuple[Any, ...], calls: list[bool], eps: float = 0.0) -> Any:
    """The function, with a note of whether each call on numbers came from inside the domains; eps: of those that are rounded."""

    def called(*args: Array) -> Array:
        if all(isinstance(a, np.ndarray) and a.dtype == np.float64 for a in args):
            calls.append(all(as_domain(d).holds(a, eps) for d, a in zip(domains, args, strict=True)))
        return function(*args)

    return called


@pytest.mark.costly
@pytest.mark.parametrize(("name", "candidate"), thinned(product(DOMAINS, CANDIDATES), 4))
def test_no_point_outside_the_domains_is_evaluated(name: str, candidate: str) -> None:
    calls: list[bool] = []
    domains = DOMAINS[name]
    eps = (
        2.0**-23 if candidate == "float32" else 0.0
    )  # it is asked at numbers of float32, and those are shares to its rounding
    check(cost, watched(CANDIDATES[candidate], domains, calls, eps), domains, lengths=(1, 5), examples=25)
    assert len(calls) > 40
    assert all(calls)


@pytest.mark.parametrize("name", ["unit, closed_unit", "a pair, positive"])
def test_no_difference_step_leaves_the_domains(name: str) -> None:
    calls: list[bool] = []
    fn = watched(on_floats, DOMAINS[name], calls)
    assert check(fn, lambda a, E: 2 * (a - E), DOMAINS[name], lengths=(1, 3), examples=10).tried.right > 3
    assert len(calls) > 100
    assert all(calls)


def test_that_watch_sees_a_step_outside() -> None:
    calls: list[bool] = []
    watched(cost, ("unit", "unit"), calls)(np.array([0.5]), np.array([1.0]))
    assert calls == [False]


def test_an_undefined_domain_is_found_out() -> None:
    """Half of the reals have no logarithm: nothing is claimed there."""
    report = check(lambda a: jnp.log(a).sum(), lambda a: 1 / a, ("real",))
    assert report.tried.undecided > 10
    assert f"certified: yes, at {report.tried.certified} of {report.tried.points} points" in str(report)


def test_a_strategy_of_arrays() -> None:
    threes = hnp.arrays(np.float64, 4, elements=st.floats(-3, 3))
    cube: Any = {"domains": (threes,), "examples": 10}
    assert check(lambda x: (x**3).sum(), lambda x: 3 * x**2, **cube)
    report = check(lambda x: (x**3).sum(), lambda x: 2 * x**2, **cube)
    assert report.verdict == "wrong"
    assert report.counterexample is not None
    assert abs(report.counterexample[0]).max() <= 3
