"""The verdict does not depend on the machine's load: limits count calls and operations, and what they cut short is said."""

from __future__ import annotations

import functools
import itertools
import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import oracle
from oracle.check.budgets import for_a_point
from oracle.effort.budget import Budget

from ...sweeps import thinned

Array = Any
check = functools.partial(oracle.check_gradient, database=None)


def cross_entropy(a: Array, E: Array) -> Array:
    return -jnp.sum(E * jnp.log(a) + (1 - E) * jnp.log1p(-a))


def squares(a: Array) -> float:
    return float(sum(float(x) ** 2 for x in a))


def kinked(a: Array) -> Array:
    return jnp.sum(jnp.abs(a - 0.5))


CASES: dict[str, tuple[Callable[..., Any], Callable[..., Any], tuple[str, ...]]] = {
    "right, traced": (cross_entropy, lambda a, E: (a - E) / (a * (1 - a)), ("unit", "closed_unit")),
    "wrong, traced": (cross_entropy, lambda a, E: (a - E) / (a * (1 - a) + 1e-9), ("unit", "closed_unit")),
    "wrong beyond a threshold": (kinked, lambda a: np.where(a > 0.75, 2, np.sign(a - 0.5)), ("real",)),
    "right, on floats": (squares, lambda a: 2 * a, ("real",)),
    "wrong, on floats": (squares, lambda a: np.where(a > 1, 3 * a, 2 * a), ("real",)),
    "inaccurate": (cross_entropy, lambda a, E: -E / a + (1 - E) / (np.float64(1.0) - a), ("unit", "closed_unit")),
}


@pytest.mark.longer
@pytest.mark.parametrize("name", thinned(CASES, 2))
def test_a_clock_that_jumps_changes_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine that is busy with something else for an hour between any two looks at the clock."""
    fn, grad, domains = CASES[name]
    few: Any = {"lengths": (1, 4), "examples": 30}
    quiet = check(fn, grad, domains, **few)
    hours = itertools.count(0.0, 3600.0)
    for clock in ("perf_counter", "monotonic", "time", "process_time"):
        monkeypatch.setattr(time, clock, lambda: next(hours))
    busy = check(fn, grad, domains, **few)
    monkeypatch.undo()
    assert str(busy) == str(quiet)
    assert busy.to_dict() | {"seconds": 0} == quiet.to_dict() | {"seconds": 0}


def test_a_slow_cost_is_judged_by_as_many_calls_as_a_quick_one() -> None:
    """20 ms a call end in bounded work; here the calls are counted, and none is waited for."""
    calls: dict[str, int] = {"fn": 0}

    def counted(a: Array) -> float:
        calls["fn"] += 1
        return squares(a)

    report = check(counted, lambda a: 2 * a, ("real",))
    assert report.verdict == "right"
    assert report.tried.points > 30
    assert calls["fn"] < 1.2 * 12_000
    lengths = {shape[0] for (shape,) in report.tried.shapes}
    assert {1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17} <= lengths


def test_where_little_could_be_tried_it_is_undecided_and_says_what_to_declare() -> None:
    report = check(squares, lambda a: 2 * a, ("real",), shapes=((200,),))
    assert report.verdict == "undecided"
    assert "little was tried" in report.how
    assert "calls of fn and grad; declare shorter lengths or smaller shapes, or ask for fewer examples" in report.how
    assert check(squares, lambda a: 2 * a, ("real",), lengths=(1, 5)).verdict == "right"
    few = report.tried.right
    assert few >= 1
    assert check(squares, lambda a: 2 * a, ("real",), shapes=((200,),), examples=few).verdict == "right"
    assert check(squares, lambda a: 3 * a, ("real",), shapes=((12,),), examples=3).verdict == "wrong"


@pytest.mark.parametrize("steps", thinned([100, 3_000], 2))
def test_a_cost_too_large_for_one_point_is_undecided_there_or_refused(
    steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """30,000 steps take half a minute to be too many; fewer are as large a part of a smaller budget."""
    whole = for_a_point()
    operations = whole.operations * steps // 30_000
    monkeypatch.setattr("oracle.check.run.for_a_point", lambda: Budget(whole.calls, operations))

    def loops(x: Array) -> Array:
        return jax.lax.scan(lambda c, _: (jnp.sin(c) + x, None), x, None, length=steps)[0].sum()

    report = check(loops, lambda x: 2 * x, ("real",), examples=4, lengths=(1, 4), timeout=None)
    assert report.verdict == "undecided"
    assert "declare shorter lengths" in report.how
    assert not report.tried.right


@pytest.mark.parametrize("part", ["for_shrinking", "for_diagnosis", "for_power"])
def test_parts_end_by_their_own_budgets(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fn, grad, domains = CASES["wrong, on floats"]
    budgets: list[Budget] = []

    def small() -> Budget:
        budgets.append(Budget(200, 10**6))
        return budgets[-1]

    monkeypatch.setattr(f"oracle.check.conclusion.{part}", small)
    report = check(fn, grad, domains)
    assert report.verdict == "wrong"
    assert all(b.calls_spent <= 1.2 * b.calls for b in budgets)
    assert budgets
