"""Functions of floats alone: a kink accepts what is between its sides; where the sides do not settle nothing is said."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

import oracle
from oracle.judgement.point import judge_point
from oracle.witnesses.function import ON_FLOATS
from oracle.witnesses.prepare import prepare
from oracle.witnesses.sides import both_sides

Array = Any
check = partial(oracle.check_gradient, database=None)


def opaque(fn: Callable[..., Any]) -> Callable[..., float]:
    """As a C library has it: it takes floats, and nothing else."""
    return lambda *args: float(fn(*(np.asarray(a, dtype=float) for a in args)))


def relu(x: Array) -> Any:
    return np.maximum(x, 0).sum()


def logarithm(x: Array) -> Any:
    if np.any(x <= -1):
        raise ValueError("x must be above -1")
    return np.log1p(x).sum()


POINTS: list[tuple[str, Callable[..., Any], list[float], list[float], set[str]]] = [
    ("relu, 0", relu, [0.0, 1.0], [0.0, 1.0], {"right"}),
    ("relu, ½", relu, [0.0, 1.0], [0.5, 1.0], {"right"}),
    ("relu, 2", relu, [0.0, 1.0], [2.0, 1.0], {"wrong"}),
    ("relu, wrong beside its kink", relu, [0.0, 1.0], [0.0, 2.0], {"wrong"}),
    ("a kink nearer than the step", lambda x: np.abs(x - 1e-16).sum(), [0.0], [-1.0], {"right"}),
    ("a jump", lambda x: np.sign(x).sum(), [0.0], [0.0], {"undecided"}),
    ("a jump that the candidate denies", lambda x: np.sign(x).sum(), [0.0], [7.0], {"undecided"}),
    ("an infinite slope", lambda x: np.cbrt(x).sum(), [0.0, 8.0], [np.inf, 1 / 12], {"undecided"}),
    ("wrong beside an infinite slope", lambda x: np.cbrt(x).sum(), [0.0, 8.0], [np.inf, 1.0], {"wrong"}),
    ("the median of three, one of them", np.median, [0.0, 0.0, 0.0], [0.0, 1.0, 0.0], {"undecided"}),
    ("the larger of two, first", np.max, [1.0, 1.0], [1.0, 0.0], {"right"}),
    ("the larger of two, both", np.max, [1.0, 1.0], [1.0, 1.0], {"undecided"}),
    ("raises beside", logarithm, [-1 + 1e-9], [1e9], {"right", "undecided"}),
    ("raises here", logarithm, [-2.0], [-1.0], {"undecided"}),
    ("steps of whole numbers", lambda x: np.floor(x).sum(), [1e12], [0.0], {"undecided", "right"}),
    ("smooth", lambda x: np.exp(x).sum(), [0.0, 1.0], [1.0, np.e], {"right"}),
    ("smooth, wrong in the seventh digit", lambda x: np.exp(x).sum(), [0.0, 1.0], [1.0, np.e * (1 + 1e-7)], {"wrong"}),
]


@pytest.mark.parametrize(("fn", "at", "value", "verdicts"), [p[1:] for p in POINTS], ids=[p[0] for p in POINTS])
def test_one_point(fn: Any, at: list[float], value: list[float], verdicts: set[str]) -> None:
    point = (np.array(at),)
    function = prepare(opaque(fn), (np.ones(len(at)),), 0, (None,))
    assert function.level == ON_FLOATS
    assert judge_point(function, lambda x: np.array(value), point).verdict in verdicts


def rank_weights(x: Array) -> Array:
    return np.array([1.0, -2.0, 4.0])[np.argsort(np.argsort(x, kind="stable"))]


CHECKS: list[tuple[str, Any, Any, Any, dict[str, Any]]] = [
    ("hinge", lambda a, y: np.maximum(0, 1 - a * y).sum(), lambda a, y: -y * (a * y < 1), ("real", "sign"), {}),
    ("absolute error", lambda a, t: np.abs(a - t).sum(), lambda a, t: np.where(a >= t, 1.0, -1.0), ("real", "real"), {}),
    ("huber", lambda a: np.where(abs(a) < 1, a * a / 2, abs(a) - 0.5).sum(), lambda a: np.clip(a, -1, 1), ("real",), {}),
    ("root at a closed end", lambda a: np.sqrt(a).sum(), lambda a: 0.5 / np.sqrt(a), ("nonnegative",), {}),
    ("sort", lambda a: (np.sort(a) * [1, -2, 4]).sum(), rank_weights, ("real",), {"shapes": ((3,),)}),
    ("norm", lambda a: np.linalg.norm(a), lambda a: a / np.linalg.norm(a) if a.any() else 0 * a, ("real",), {}),
    ("one over x", lambda a: sum(1 / float(v) for v in a), lambda a: -1 / a**2, ("real",), {}),
]  # fmt: skip


@pytest.mark.parametrize(("fn", "grad", "domains", "options"), [c[1:] for c in CHECKS], ids=[c[0] for c in CHECKS])
def test_right_gradients_are_not_accused_and_wrong_ones_are(fn: Any, grad: Any, domains: Any, options: Any) -> None:
    few = {"examples": 20, "lengths": None if "shapes" in options else (1, 4), **options}
    assert check(opaque(fn), grad, domains, **few).verdict in ("right", "undecided", "inaccurate")
    assert check(opaque(fn), lambda *a: 1.25 * grad(*a), domains, **few).verdict == "wrong"


def test_sides_and_what_does_not_settle() -> None:
    sides = both_sides(lambda x: float(np.abs(x[0]) + x[1] ** 2 + np.sign(x[2])), [np.array([0.0, 3.0, 0.0])], 0)
    np.testing.assert_allclose(sides.right[:2], [1.0, 6.0], rtol=1e-9)
    np.testing.assert_allclose(sides.left[:2], [-1.0, 6.0], rtol=1e-9)
    assert sides.is_kink().tolist() == [True, False, False]
    assert sides.is_settled().tolist() == [True, True, False]
    assert not sides.raised
    ends = both_sides(lambda x: float(np.abs(x).sum()), [np.zeros(1)], 0, (0.0, 1.0))
    assert ends.right[0] == pytest.approx(1.0)
    assert not ends.is_kink()[0]
    assert both_sides(logarithm, [np.array([-1.0 + 1e-9])], 0).raised == "ValueError: x must be above -1"


def test_a_slope_of_0_is_held_against_what_is_asked_of_it() -> None:
    """Where fn does not move, its rounding is all there is; a slope of 0.01 stands out of it, one of 1e-17 does not."""
    point = (np.array([-1.0, 2.0, 0.7]),)
    function = prepare(opaque(relu), point, 0, [(-10, 10)])
    for slope, verdict in ((0.01, "wrong"), (0.0, "right"), (1e-17, "right")):
        found = judge_point(function, lambda a, s=slope: np.where(a > 0, 1.0, s), point)
        assert found.verdict == verdict


def test_few_steps_are_enough_where_they_say_all() -> None:
    calls = []

    def smooth(x: Array) -> float:
        calls.append(1)
        return float(np.sum(x * x))

    sides = both_sides(smooth, [np.array([0.3, -1.2])], 0)
    assert np.allclose(sides.across, [0.6, -2.4], rtol=1e-12)
    assert len(calls) <= 44
