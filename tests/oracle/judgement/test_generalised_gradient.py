"""At a kink a gradient is right as a whole if it is in the convex hull of the limits of gradients near by, and wrong outside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import oracle
from oracle.judgement.hull import separate
from oracle.judgement.point import judge_point
from oracle.witnesses.function import ON_BALLS
from oracle.witnesses.limits_of_gradients import Limits
from oracle.witnesses.prepare import prepare
from oracle.witnesses.tracing import trace

Array = Any

W3 = np.array([1.0, -2.0, 4.0])
W9 = np.arange(9.0) * [1, -1, 1, -1, 1, -1, 1, -1, 1]
LAYER = np.array([[1.0, -2.0], [0.5, 1.0], [-1.0, 1.0]])


def by_rank(x: Array) -> Array:
    return (jnp.sort(x) * W3).sum()


def pools(x: Array) -> Array:
    return -0.5 * jnp.maximum(x[0], x[1]) + 1.25 * jnp.maximum(x[1], x[2])


def gap(x: Array) -> Array:
    """The second largest less the largest."""
    y = jnp.sort(x)
    return y[-2] - y[-1]


def running(x: Array) -> Array:
    return (jax.lax.cummax(x) * jnp.array([1.0, -2.0, 3.0, 0.5])).sum()


def norm(x: Array) -> Array:
    return jnp.sqrt((x**2).sum())


def layer(x: Array) -> Array:
    return jnp.maximum(LAYER @ x, 0).sum()


def smooth(x: Array) -> Array:
    """ln(1 + e^x), as it is written to keep its digits (jax#2107)."""
    return (jnp.log1p(jnp.exp(-jnp.abs(x))) + jnp.maximum(x, 0)).sum()


def several(x: Array) -> Array:
    return jnp.max(x) + jnp.abs(x).sum() - jnp.minimum(x[0], x[1])


Case = tuple[str, Callable[..., Any], Any, Any, str]

CASES: list[Case] = [
    ("sort, stable order", by_rank, np.zeros(3), W3, "right"),
    ("sort, another order", by_rank, np.zeros(3), W3[[2, 0, 1]], "right"),
    ("sort, a mixture", by_rank, np.zeros(3), [3.0, -2.0, 2.0], "right"),
    ("sort, the right sum alone", by_rank, np.zeros(3), [4.5, -2.5, 1.0], "wrong"),
    ("sort, two of three tie", by_rank, np.array([2.0, 1.0, 2.0]), [4.0, 1.0, -2.0], "right"),
    ("sort, one that does not tie", by_rank, np.array([2.0, 1.0, 2.0]), [1.0, 4.0, -2.0], "wrong"),
    ("median", lambda x: jnp.median(x), np.zeros(3), [0.0, 1.0, 0.0], "right"),
    ("median, the mean of all", lambda x: jnp.median(x), np.zeros(3), [0.25, 0.5, 0.25], "right"),
    ("median, nothing", lambda x: jnp.median(x), np.zeros(3), np.zeros(3), "wrong"),
    ("median of many", lambda x: jnp.median(x), np.zeros(33), np.eye(33)[7], "right"),
    ("quantile", lambda x: jnp.quantile(x, 0.3), np.ones(3), [0.4, 0.0, 0.6], "right"),
    ("quantile, all of it twice", lambda x: jnp.quantile(x, 0.3), np.ones(3), [0.4, 0.6, 0.6], "wrong"),
    ("pools, the first of each", pools, np.zeros(3), [-0.5, 1.25, 0.0], "right"),
    ("pools, halves", pools, np.zeros(3), [-0.25, 0.375, 0.625], "right"),
    ("pools, twice the one between", pools, np.zeros(3), [-0.5, 2.5, -1.25], "wrong"),
    ("largest, mean", lambda x: jnp.max(x), np.full(9, -1.0), np.ones(9) / 9, "right"),
    ("largest, one each", lambda x: jnp.max(x), np.full(9, -1.0), np.ones(9), "wrong"),
    ("largest, one each of two", lambda x: jnp.max(x), np.array([1.0, 1.0, 0.0]), [1.0, 1.0, 0.0], "wrong"),
    ("top two", lambda x: jax.lax.top_k(x, 2)[0].sum(), np.zeros(4), [0.0, 1.0, 0.0, 1.0], "right"),
    ("top two, three of them", lambda x: jax.lax.top_k(x, 2)[0].sum(), np.zeros(4), [1.0, 1.0, 0.0, 1.0], "wrong"),
    ("gap", gap, np.zeros(4), [0.0, 1.0, -1.0, 0.0], "right"),
    ("gap, twice", gap, np.zeros(4), [2.0, 0.0, -2.0, 0.0], "wrong"),
    ("running maximum, the first", running, np.zeros(4), [2.5, 0.0, 0.0, 0.0], "right"),
    ("running maximum, each its own", running, np.zeros(4), [1.0, -2.0, 3.0, 0.5], "right"),
    ("running maximum, one more", running, np.zeros(4), [2.5, 1.0, 0.0, 0.0], "wrong"),
    ("1-norm at 0", lambda x: jnp.abs(x).sum(), np.zeros(9), np.linspace(-1, 1, 9), "right"),
    ("1-norm at 0, one and a half", lambda x: jnp.abs(x).sum(), np.zeros(9), np.eye(9)[3] * 1.5, "wrong"),
    ("2-norm at 0", norm, np.zeros(3), np.zeros(3), "right"),
    ("2-norm at 0, inside of the ball", norm, np.zeros(3), [0.5, 0.5, 0.5], "right"),
    ("2-norm at 0, ones", norm, np.zeros(3), np.ones(3), "wrong"),
    ("∞-norm at 0", lambda x: jnp.max(jnp.abs(x)), np.zeros(3), [0.5, -0.25, 0.25], "right"),
    ("∞-norm at 0, signs", lambda x: jnp.max(jnp.abs(x)), np.zeros(3), [1.0, -0.5, 0.0], "wrong"),
    ("relu layer, σ′(0) = 0", layer, np.zeros(2), np.zeros(2), "right"),
    ("relu layer, σ′(0) = 2", layer, np.zeros(2), 9 * LAYER.sum(0), "wrong"),
    ("several", several, np.zeros(3), [0.0, 1.0, 0.5], "right"),
    ("several, too much", several, np.zeros(3), [2.5, 1.0, 0.0], "wrong"),
    ("smooth where its code ties", smooth, np.zeros(2), [0.5, 0.5], "right"),
    ("smooth where its code ties, by AD", smooth, np.zeros(2), np.zeros(2), "wrong"),
    ("smooth beside a kink", lambda x: x[0] * jnp.abs(x[0]) + jnp.abs(x[1]), np.zeros(2), [0.0, 0.3], "right"),
    ("smooth beside a kink, wrong", lambda x: x[0] * jnp.abs(x[0]) + jnp.abs(x[1]), np.zeros(2), [0.1, 0.3], "wrong"),
]  # fmt: skip


@pytest.mark.parametrize(("fn", "at", "value", "verdict"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_whole_vectors_at_kinks(fn: Any, at: Array, value: Any, verdict: str) -> None:
    point = (np.asarray(at, dtype=np.float64),)
    function = prepare(fn, point, 0, (None,))
    found = judge_point(function, lambda x: np.array(value, dtype=np.float64), point)
    assert found.verdict == verdict
    assert not found.certified


def three_relus(x: Array) -> Array:
    return jax.nn.relu(x[0]) - 3 * jax.nn.relu(2 * x[0]) + jax.nn.relu(-x[0])


@pytest.mark.parametrize(
    ("fn", "value", "verdict", "noted"),
    [
        (three_relus, [0.0], "right", True),  # σ′(0) = 0 thrice; the slopes near by are −5 and −1
        (three_relus, [-5.0], "right", False),
        (three_relus, [-3.0], "right", False),
        (three_relus, [-7.0], "wrong", False),
        (three_relus, [1.5], "wrong", False),
        (lambda x: (jax.nn.relu(x) - jax.nn.relu(-x)).sum(), [1.0], "right", False),
        (lambda x: (jax.nn.relu(x) - jax.nn.relu(-x)).sum(), [0.0], "wrong", False),  # it is x, tied by its code
        (lambda x: jnp.abs(x).sum(), [1.5], "wrong", False),
    ],
)
def test_the_value_of_the_chain_rule_passes_with_a_note_where_f_has_a_kink(
    fn: Any, value: list[float], verdict: str, noted: bool
) -> None:
    point = (np.zeros(1),)
    found = judge_point(prepare(fn, point, 0, (None,)), lambda x: np.array(value), point)
    assert found.verdict == verdict
    assert bool(found.convention) == noted


def test_the_note_is_in_the_report() -> None:
    def chain_rule(x: Array) -> Array:
        return (x > 0) * 1.0 - 6.0 * (x > 0) - (x < 0) * 1.0

    report = oracle.check_gradient(three_relus, chain_rule, ("real",), shapes=((1,),), database=None)
    assert report.verdict == "right"
    assert any("no generalised gradient" in note for note in report.notes)


def test_code_that_runs_on_balls_and_is_not_traced() -> None:
    def largest(x: Array) -> Array:
        most = x[0]
        for v in x[1:]:
            most = v if v > most else most
        return most

    point = (np.zeros(3),)
    function = prepare(largest, point, 0, (None,))
    assert function.level == ON_BALLS
    for value, verdict in (([0.0, 1.0, 0.0], "right"), ([0.5, 0.25, 0.25], "right"), ([1.0, 1.0, 0.0], "wrong")):
        assert judge_point(function, lambda x, v=value: np.array(v), point).verdict == verdict


def test_limits_that_do_not_reach_a_slope_along_an_axis_accuse_nobody() -> None:
    """relu + i0e at 0 has the slopes 1 and 0; where only one of them was found as a limit, the other is right all the same."""
    point = (np.zeros(1),)
    function = prepare(lambda x: (jax.nn.relu(x) + jax.scipy.special.i0e(x)).sum(), point, 0, (None,))
    for value, verdict in ((0.0, "right"), (0.5, "right"), (1.0, "right"), (2.0, "wrong")):
        assert judge_point(function, lambda x, v=value: np.full(1, v), point).verdict == verdict


def test_a_direction_does_not_leave_the_domain() -> None:
    x = np.zeros(2)
    limits = Limits(trace(lambda a: jnp.abs(a).sum(), (x,), (0,)), (x,), 0, (0.0, np.inf))
    limits.explore()
    assert limits.rows.tolist() == [[1.0, 1.0]]


def test_gradients_that_grow_or_jump_near_by_have_no_limit() -> None:
    for fn in (lambda a: jnp.sqrt(jnp.abs(a)).sum(), lambda a: jnp.sign(a).sum()):
        x = np.zeros(2)
        limits = Limits(trace(fn, (x,), (0,)), (x,), 0)
        limits.explore()
        assert not limits.found


def test_what_vanishes_with_the_step_is_zero_and_what_is_small_is_not() -> None:
    x = np.array([0.0, 5e-324])
    limits = Limits(trace(lambda a: (a * jnp.sqrt(a)).sum(), (x,), (0,)), (x,), 0, (0.0, np.inf))
    limits.explore()
    np.testing.assert_allclose(limits.rows, [[0.0, 1.5 * np.sqrt(5e-324)]], rtol=1e-15)


def test_a_plane_is_a_proof_and_rounding_is_no_plane() -> None:
    corners, allowed = np.eye(3), np.full(3, 2.0**-50)
    assert separate(corners, np.full(3, 1 / 3), allowed) is None
    assert separate(corners, np.array([0.2, 0.3, 0.5 + 2.0**-52]), allowed) is None
    for outside in ([0.2, 0.3, 0.5 + 1e-9], [0.5, 0.75, -0.25], [1.0, 1.0, 0.0]):
        plane = separate(corners, np.array(outside), allowed)
        assert plane is not None
        assert plane.normal @ outside > np.max(corners @ plane.normal)
    square = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
    rhombus = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    assert separate(square, np.array([0.7, -0.7]), allowed[:2]) is None
    plane = separate(rhombus, np.array([0.7, -0.7]), allowed[:2])
    assert plane is not None
    assert plane.chosen
