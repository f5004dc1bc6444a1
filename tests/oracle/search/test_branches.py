"""Branch conditions: named, counted, entered, and met on the switch."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from oracle.effort.budget import Budget, spending
from oracle.search.branch_margins import margins
from oracle.search.branches import Branch, Coverage
from oracle.search.domains import DOMAINS
from oracle.search.points import points
from oracle.search.problem import Problem
from oracle.search.switch_points import switch_points

Array = Any


def covering(
    fn: Callable[..., Any], grad: Callable[..., Any] | None = None, domains: str = "real", count: int = 1
) -> Coverage:
    return Coverage(Problem(fn, grad or (lambda *args: args[0]), (DOMAINS[domains],) * count))


def only(coverage: Coverage) -> Branch:
    (branch,) = coverage.branches()
    return branch


@pytest.mark.parametrize(
    ("fn", "text", "x", "sides"),
    [
        (lambda a: jnp.sum(jnp.where(a > 3, a, 0)), "a > 3", [1.0], (True, False, False)),
        (lambda a: jnp.sum(jnp.where(a > 3, a, 0)), "a > 3", [3.0], (False, True, False)),
        (lambda a: jnp.sum(jnp.where(a > 3, a, 0)), "a > 3", [1.0, 5.0], (True, False, True)),
        (lambda a: jnp.sum(jnp.abs(a - 2)), "|a − 2|", [5.0], (False, False, True)),
        (lambda a: jnp.sum(jnp.maximum(a, 0.0)), "max(a, 0)", [-1.0], (True, False, False)),
        (lambda a: jnp.sum(jnp.sign(a)), "sign(a)", [0.0], (False, True, False)),
        (lambda a: jnp.where(jnp.sum(a) <= 1.5, a[0], 0.0), "sum(a) ≤ 1.5", [1.0, 2.0], (False, False, True)),
        (lambda a: jax.lax.cond(a[0] > 1, lambda: 1.0, lambda: 2.0) * a[0], "squeeze", [0.5], None),
    ],
)
def test_conditions_are_named_and_counted(
    fn: Any, text: str, x: list[float], sides: tuple[bool, bool, bool] | None
) -> None:
    coverage = covering(fn)
    coverage.see((np.array(x),))
    branch = only(coverage)
    if sides is not None:
        assert branch.text == text
        assert (branch.below, branch.at, branch.above) == sides
        assert branch.entered == (branch.below and branch.above)


def test_what_never_held_is_said() -> None:
    coverage = covering(lambda a: jnp.sum(jnp.where(jnp.abs(a) > 3, a, 0)))
    coverage.see((np.array([1.0]),))
    said = [never for branch in coverage.branches() for never in branch.never]
    assert said == ["a < 0", "|a| > 3"]
    coverage.see((np.array([-4.0]),))
    assert not [never for branch in coverage.branches() for never in branch.never]


def test_both_bounds_of_a_clamp_and_calls_are_seen() -> None:
    coverage = covering(lambda a: jnp.sum(jax.lax.clamp(-1.0, a, 2.0)))
    coverage.see((np.array([0.0]),))
    assert {(b.below, b.above) for b in coverage.branches()} == {(False, True), (True, False)}
    softplus = covering(lambda a: jnp.sum(jax.nn.softplus(a)))
    softplus.see((np.array([1.0]),))
    assert "max(a, 0)" in {b.text for b in softplus.branches()}


def test_tests_for_nan_infinity_and_constants_are_no_branches() -> None:
    def fn(a: Array) -> Array:
        guarded = jnp.where(a != a, 0.0, jnp.where(a == jnp.inf, 1.0, a))
        return jnp.sum(jnp.where(jnp.arange(3) > 1, guarded, 2 * guarded))

    coverage = covering(fn)
    coverage.see((np.array([1.0, 2.0, 3.0]),))
    assert coverage.branches() == ()


def test_the_branches_of_a_jax_gradient_are_seen_and_a_numpy_one_is_never_called() -> None:
    def fn(a: Array) -> Array:
        return jnp.sum(a**2)

    def jax_grad(a: Array) -> Array:
        return jnp.where(a > 7, 2 * a, a)

    def numpy_grad(a: Array) -> Array:
        raise AssertionError("a gradient in NumPy is not traced")

    coverage = covering(fn, jax_grad)
    coverage.see((np.array([1.0]),))
    assert [(b.where, b.text) for b in coverage.branches()] == [("grad", "a > 7")]
    covering(fn, numpy_grad).see((np.array([1.0]),))


def hidden(a: Array) -> Array:
    return jnp.sum(jnp.where(a > 12345.5, a, a**2)) + jnp.where(jnp.sum(a) < -77.75, 1.0, 2.0) * a[0]


def test_a_branch_that_no_point_entered_is_entered() -> None:
    coverage = covering(hidden)
    coverage.see((np.array([0.3, -0.7, 1.9]),))
    assert not any(b.entered for b in coverage.branches())
    made = list(switch_points(coverage))
    assert all(b.entered for b in coverage.branches())
    assert any((p.args[0] == 12345.5).any() for p in made)
    assert any((p.args[0] == np.nextafter(12345.5, 0)).any() for p in made)
    assert any((p.args[0] == np.nextafter(12345.5, math.inf)).any() for p in made)
    assert {p.why.partition(" the switch")[0] for p in made} >= {"on", "just below", "just above"}


@pytest.mark.parametrize(
    "margin",
    [
        lambda a: jnp.max(a),
        lambda a: -jnp.min(a) - 0.2,
        lambda a: jnp.sum(a),
        lambda a: a[0] - a[1] + 3,
        lambda a: jnp.max(jnp.abs(a)) - 1e-6,
        lambda a: 1e6 - jnp.max(a),
        lambda a: jnp.max(a) + 250,
        lambda a: jnp.sum(a**2) - 0.01,
        lambda a: jnp.mean(a) + jnp.max(a),
        lambda a: jnp.max(a) - 5 * jnp.min(a),
        lambda a: jax.scipy.special.logsumexp(a) + 4,
    ],
)
def test_what_holds_where_all_entries_are_moved_is_entered(margin: Any) -> None:
    coverage = covering(lambda a: jnp.where(margin(a) < 0, jnp.sum(a), jnp.sum(a**2)))
    coverage.see((np.array([0.6, 1.2, -0.3, 1.5, -2.4]),))
    coverage.see((np.array([0.5, 1.7, 0.2, 1.9, 2.4]),))
    list(switch_points(coverage))
    assert any(b.below for b in coverage.branches() if b.kind == "lt")


@pytest.mark.parametrize("domain", ["real", "positive", "unit", "closed_unit", "nonnegative", "simplex", "sign"])
def test_switch_points_stay_inside_their_domains_and_are_the_same_every_time(domain: str) -> None:
    def fn(a: Array, E: Array) -> Array:
        return jnp.sum(jnp.where(a > 0.3, a, jnp.abs(a - E))) + jnp.maximum(jnp.sum(a), 1.7)

    def run() -> list[Any]:
        coverage = covering(fn, domains=domain, count=2)
        for point in points(coverage.problem, np.random.default_rng(0), 30):
            coverage.see(point.args)
        return list(switch_points(coverage))

    made = run()
    assert made or domain in ("simplex", "sign")
    for point, again in zip(made, run(), strict=True):
        assert all(DOMAINS[domain].holds(x) for x in point.args), point.why
        assert all(np.array_equal(x, y) for x, y in zip(point.args, again.args, strict=True))


def test_an_impossible_side_ends_the_attempt() -> None:
    coverage = covering(lambda a: jnp.sum(jnp.maximum(a, -1.0)), domains="unit")
    coverage.see((np.array([0.25, 0.5]),))
    assert list(switch_points(coverage)) == []
    assert only(coverage).possible == (False, True)
    assert only(coverage).never == (), "what intervals exclude is nothing that was missed"


def test_a_side_that_is_possible_and_was_never_met_is_said() -> None:
    coverage = covering(lambda a: jnp.sum(jnp.maximum(a, 0.7)), domains="unit")
    coverage.see((np.array([0.25, 0.5]),))
    assert only(coverage).possible == (True, True)
    assert only(coverage).never == only(coverage).unseen == ("a > 0.7",)


def test_a_function_that_jax_cannot_trace_has_no_branches() -> None:
    coverage = covering(lambda a: float(a[0]) ** 2)
    coverage.see((np.array([1.0]),))
    assert coverage.branches() == ()
    assert list(switch_points(coverage)) == []


@pytest.mark.parametrize(
    "fn",
    [
        lambda a: jnp.sum(jnp.sort(a)) + jnp.max(a),
        lambda a: jax.lax.scan(lambda c, x: (c + x, c), 0.0, a)[0],
        lambda a: jax.lax.fori_loop(0, 3, lambda i, c: c * 0.5 + jnp.sum(a), 0.0),
        lambda a: jnp.sum(jax.scipy.special.erf(a)) + jnp.sum(jnp.outer(a, a) @ a),
        lambda a: jnp.sum(jnp.cumsum(a[::-1])) + jax.nn.logsumexp(a),
    ],
)
def test_any_traceable_function_can_be_watched(fn: Callable[..., Any]) -> None:
    coverage = covering(fn)
    x = np.array([0.5, -1.0, 2.0])
    coverage.see((x,))
    assert coverage.programs(((3,),))  # it is still watched


def test_every_shape_is_taken_apart_as_jax_does() -> None:
    def fn(a: Array) -> Array:
        middle = jax.lax.dynamic_slice(a, (7, -1), (2, 2))  # moved inside
        parts = (a[::2], a[1:, 2:0:-1], a.reshape(2, 2, 3)[1], middle, a[-1, 0])
        return sum((jnp.sum(jnp.abs(part)) for part in parts), start=jnp.asarray(0.0))

    a = np.random.default_rng(0).normal(size=(4, 3))
    with jax.enable_x64(True):
        closed = jax.make_jaxpr(fn)(a)
        parts = [a[::2], a[1:, 2:0:-1], a.reshape(2, 2, 3)[1], a[2:, 1:], a[-1, 0]]
    found = list(margins(closed, [a]).values())
    assert len(found) == len(parts)
    for got, want in zip(found, parts, strict=True):
        np.testing.assert_array_equal(got, want)


def test_a_function_without_conditions_is_not_run() -> None:
    with jax.enable_x64(True):
        closed = jax.make_jaxpr(lambda a: jnp.sum(a * a))(np.ones(3))
    with spending(Budget(calls=0, operations=0)):
        assert margins(closed, [np.ones(3)]) == {}


def test_a_variance_below_0_is_no_branch_to_be_entered() -> None:
    """max(0, E x² − (E x)²) guards against floats alone; with another x, or another n, it is a branch as others are."""
    branch = Branch("fn", "max(0, …)", "max", below=True, at=True, above=False, below_words="", above_words="")
    impossible = "0 > (sum(x^2) / 3) − (sum(x) / 3)^2"
    for words, unseen in (
        (impossible, ()),
        (impossible.replace("sum(x)", "sum(y)"), None),
        (impossible.replace("(sum(x) / 3)", "(sum(x) / 2)"), None),
        (impossible.replace("x", "…"), None),
    ):
        found = replace(branch, above_words=words, possible=(True, True)).unseen
        assert found == (unseen if unseen is not None else (words,))
