"""Candidates that run on floats alone: what their rounding may cost, and what is no rounding, however much its neighbours jump."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import oracle
from oracle.judgement.coupled import cost_of_all_entries
from oracle.judgement.point import judge_point
from oracle.witnesses.prepare import prepare

from ...sweeps import thinned

Array = Any

check = partial(oracle.check_gradient, database=None, lengths=(1, 4))


def by_floats(f: Callable[[float], float]) -> Callable[[Array], Array]:
    """f of every entry, as code does that runs on floats alone."""
    return lambda x: np.array([float(f(float(v))) for v in x.flat]).reshape(x.shape)


def standardised(x: Array, w: Array) -> Array:
    return (w * (x - x.mean()) / x.std()).sum()


@pytest.mark.parametrize(
    ("fn", "grad", "domains", "options"),
    [
        (lambda x: (0.375 * x).sum(), by_floats(lambda v: math.exp(v + (math.log(0.375) - v))), ((-500.0, 500.0),), {}),
        (lambda x: (x**3).sum(), by_floats(lambda v: 3 * math.exp(2 * math.log(v))), ((0.0, 100.0),), {}),
        (lambda x: x.sum(), by_floats(lambda v: (v + 1) - v), ("real",), {}),
        (standardised, jax.jit(jax.grad(standardised)), ("real", "real"), {"lengths": (3, 5)}),
    ],
    ids=["exp of log", "power by log", "absorbed", "nearly equal numbers"],
)
def test_digits_that_an_opaque_program_loses_are_no_mathematics(fn: Any, grad: Any, domains: Any, options: Any) -> None:
    report = check(fn, grad, domains, **options)
    assert report.verdict in ("right", "inaccurate"), report


@pytest.mark.longer
@pytest.mark.parametrize(("part", "tolerance"), thinned(product([0.08, -0.08, 1.0], [0.0, 1e-15, 1e-14, 1e-9]), 3))
def test_a_value_that_is_wrong_at_whole_numbers_alone_is_wrong(part: float, tolerance: float) -> None:
    """Within a tolerance of some units the error comes and goes between neighbours, and is no rounding."""

    def grad(x: Array) -> Array:
        whole = abs(x - np.round(x)) <= tolerance * np.maximum(1, abs(x))
        return np.array([float(g) for g in np.cos(x) * np.where(whole, 1 + part, 1)])

    assert check(lambda x: jnp.sin(x).sum(), grad, ((0.5, 9.5),)).verdict == "wrong"


@pytest.mark.parametrize("off", [1e-10, 1e-12])
def test_a_smooth_error_above_some_thousand_roundings_is_wrong(off: float) -> None:
    assert check(lambda x: (x**2).sum(), by_floats(lambda v: 2 * v * (1 + off)), ("real",)).verdict == "wrong"


def test_one_below_is_inaccurate_at_most() -> None:
    report = check(lambda x: (x**2).sum(), by_floats(lambda v: 2 * v * (1 + 1e-14)), ("real",))
    assert report.verdict == "inaccurate"
    assert "4096 roundings of its largest component" in report.how


def test_a_small_component_that_depends_on_large_entries_has_their_rounding() -> None:
    """U Vᵀ by LAPACK is right for a matrix off by a rounding of its largest entry; a mistake of 1e-9 is none."""
    x = np.array([[0.0, 1e-6], [1.0, 10.0]])

    def grad(x: Any) -> Any:
        u, _, v = np.linalg.svd(np.asarray(x, dtype=float))
        return u @ v

    function = prepare(lambda x: jnp.linalg.norm(x, "nuc"), (x,), 0, [None])
    assert judge_point(function, grad, (x,)).verdict == "right"
    assert judge_point(function, lambda x: grad(x) * (1 + 1e-9), (x,)).verdict in ("inaccurate", "wrong")
    assert not cost_of_all_entries(
        prepare(lambda x: jnp.sum(jnp.exp(x)), (x,), 0, [None]), (x,), 53, np.ones(x.shape, bool)
    ).any(), "a sum of functions of one entry each"


def test_numbers_of_1e15_leave_no_digits_for_logarithms_and_a_mistake_beyond_1e6_is_none_of_theirs() -> None:
    def fn(x: Array, y: Array) -> Array:
        return (0.375 * x).sum() + 0 * y.sum()

    def by_logarithms(x: Array, y: Array) -> Array:
        return np.array([math.exp((v + w + math.log(0.375)) - (v + w)) for v, w in zip(x, y, strict=True)])

    def beyond(x: Array, y: Array) -> Array:
        return np.array([0.375 if abs(v) < 1e6 else 0.376 for v in x])

    point = np.array([0.0]), np.array([5e15])
    function = prepare(fn, point, 0, [None, None])
    found = judge_point(function, by_logarithms, point)
    assert found.verdict == "inaccurate"
    assert "no digits are left" in found.how
    assert (
        judge_point(function, lambda x, y: np.array([0.376 for _ in x]), (point[0], point[1] / 1e11)).verdict == "wrong"
    )
    assert check(fn, by_logarithms, ("real", "real")).verdict == "inaccurate"
    assert check(fn, beyond, ("real", "real")).verdict == "wrong"


@pytest.mark.parametrize(("off", "verdict"), [(3e-15, "right"), (1e-14, "inaccurate")])
def test_an_opaque_error_of_less_than_a_digit_is_right(off: float, verdict: str) -> None:
    """A running sum of many terms leaves some units that the rounding of fn's own gradient does not have."""
    report = check(lambda x: (x**2).sum(), by_floats(lambda v: 2 * v * (1 + off)), ((1.0, 2.0),))
    assert report.verdict == verdict
