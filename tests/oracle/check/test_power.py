"""The power audit: which standard mistakes the points would have shown, and the reason for the others."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from oracle.check.power import power
from oracle.diagnosis.standard_mistakes import MISTAKES
from oracle.judgement.point import judge_point
from oracle.witnesses.prepare import prepare


def cross_entropy(a, E):
    return -(E * jnp.log(a) + (1 - E) * jnp.log1p(-a)).sum()


def gradient(a, E):
    return (a - E) / (a * (1 - a))


def audit(grad, lengths=(1, 2, 3, 4, 5, 8, 9, 17), fn=cross_entropy, low=0.05, high=0.95, labels=(0.05, 0.95), each=2):
    rng = np.random.default_rng(0)
    points = [(rng.uniform(low, high, n), rng.uniform(*labels, n)) for n in lengths for _ in range(each)]
    function = prepare(fn, points[0], 0, ((0.0, 1.0), (0.0, 1.0)))
    return power(function, grad, [judge_point(function, grad, p) for p in points])


def reasons(found):
    return dict(entry.rstrip(")").split(" (", 1) for entry in found.unseen)


def test_ordinary_points_of_many_lengths_see_all_but_the_clip():
    found = audit(gradient)
    assert len(found.seen) == len(MISTAKES) - 2
    assert reasons(found) == {"clipped at 1000": "no component tried was larger than 1000"}
    assert found.text.startswith(f"Of {len(found.seen) + 1} standard mistakes, {len(found.seen)} would have been seen")
    assert "16 points" in found.text


def test_points_near_the_edge_see_the_clip_too():
    assert audit(gradient, low=1e-5, high=1e-4, labels=(0.3, 0.9)).unseen == ()


def test_length_1_hides_what_needs_a_length():
    found = reasons(audit(gradient, lengths=(1,)))
    for name in ("n times as large", "1/n times as large", "rolled by one", "reversed"):
        assert found[name] == "every length tried was 1"


def test_one_point_of_a_shape_hides_a_kept_result():
    assert (
        reasons(audit(gradient, each=1))["the first result at every call"] == "every point tried had a shape of its own"
    )


@pytest.mark.parametrize(
    ("dtype", "hidden"),
    [(np.float32, {"off by 1e-6"}), (np.float16, {"off by 1e-6", "off by 1e-3", "1e-6 added to a denominator"})],
)
def test_few_bits_hide_small_errors(dtype, hidden):
    found = audit(lambda a, E: gradient(a, E).astype(dtype))
    assert hidden <= set(reasons(found))
    assert "rounded to float32" not in (*found.seen, *reasons(found))


def test_a_constant_gradient_hides_the_order():
    found = audit(lambda a, E: np.ones_like(a), fn=lambda a, E: a.sum())
    hidden = reasons(found)
    assert hidden["reversed"] == hidden["rolled by one"] == "it changes nothing at the points tried"
    assert "arguments exchanged" in hidden
    assert "twice as large" in found.seen


def test_a_gradient_of_zero_hides_every_factor():
    found = audit(lambda a, E: np.zeros_like(a), fn=lambda a, E: (0 * a).sum())
    assert reasons(found)["twice as large"] == "the gradient is 0 at every point tried"
    assert "1 added" in found.seen


def test_the_transpose_of_a_matrix_counts_where_there_is_one():
    def fn(a, E):
        return (a @ a * E).sum()

    def grad(a, E):
        return E @ a.T + a.T @ E

    rng = np.random.default_rng(0)
    for shape, seen in (((3, 3), True), ((2, 3), False)):
        points = [(rng.normal(size=shape), rng.normal(size=shape)) for _ in range(3)]
        use = (fn, grad) if seen else (lambda a, E: (a * E).sum(), lambda a, E: 1 * E)
        function = prepare(use[0], points[0], 0, (None, None))
        found = power(function, use[1], [judge_point(function, use[1], p) for p in points])
        assert ("transposed" in found.seen) is seen
        assert seen or reasons(found)["transposed"] == "no gradient tried was a square matrix"


def test_a_wrong_gradient_is_audited_by_the_truth_at_its_points():
    found = audit(lambda a, E: 2 * gradient(a, E))
    assert {"twice as large", "half as large", "the sign"} <= set(found.seen)
    assert "arguments exchanged" in found.seen, "the truth there is asked for"


def test_without_a_point_to_compare_nothing_is_seen():
    function = prepare(cross_entropy, (np.full(2, 0.5),) * 2, 0, ((0.0, 1.0),) * 2)
    found = power(function, gradient, [])
    assert found.seen == ()
    assert set(reasons(found).values()) == {"no point had a truth to compare with"}
