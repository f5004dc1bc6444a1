"""Where autodiff is no evidence: ties, kinks, untaken branches, edges of a domain; and subgradients as a whole."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from oracle.balls.arrays import midpoints, precision
from oracle.balls.errors import Undecidable
from oracle.witnesses import autodiff, ball_differences, certified, directional_derivative, trace


def ends(enclosure: Any) -> list[tuple[float, float]]:
    return list(zip(midpoints(enclosure.lower).tolist(), midpoints(enclosure.upper).tolist(), strict=True))


TIED: list[tuple[str, Any, list[float], list[tuple[float, float]]]] = [
    ("jax#2107", lambda a: (jnp.log1p(jnp.exp(-abs(a))) + jnp.maximum(a, 0)).sum(), [0.0], [(0.5, 0.5)]),
    ("jax#1052", lambda a: jnp.where(a > 0, jnp.sqrt(a), 2 * a).sum(), [-1.0, 4.0], [(2.0, 2.0), (0.25, 0.25)]),
    ("abs", lambda a: abs(a).sum(), [0.0, -3.0], [(-1.0, 1.0), (-1.0, -1.0)]),
    ("minus abs", lambda a: -abs(a).sum(), [0.0], [(-1.0, 1.0)]),
    ("relu", lambda a: jax.nn.relu(a).sum(), [0.0, 2.0, -2.0], [(0.0, 1.0), (1.0, 1.0), (0.0, 0.0)]),
    ("elu is smooth", lambda a: jax.nn.elu(a).sum(), [0.0], [(1.0, 1.0)]),
    ("leaky relu", lambda a: jax.nn.leaky_relu(a, 0.25).sum(), [0.0], [(0.25, 1.0)]),
    ("a times abs is smooth", lambda a: (a * abs(a)).sum(), [0.0], [(0.0, 0.0)]),
    ("maximum", lambda a: jnp.max(a), [2.0, 2.0, 1.0], [(0.0, 1.0), (0.0, 1.0), (0.0, 0.0)]),
    ("sort", lambda a: jnp.sort(a) @ jnp.arange(1.0, 4.0), [2.0, 2.0, 5.0], [(1.0, 2.0), (1.0, 2.0), (3.0, 3.0)]),
    ("clip", lambda a: jnp.clip(a, 0, 1).sum(), [0.0, 1.0, 0.5], [(0.0, 1.0), (0.0, 1.0), (1.0, 1.0)]),
    ("norm", lambda a: jnp.sqrt((a**2).sum()), [0.0, 0.0], [(-1.0, 1.0), (-1.0, 1.0)]),
    ("cube root of a cube", lambda a: jnp.cbrt(a**3).sum(), [0.0], [(1.0, 1.0)]),
    ("branch at an exact sum", lambda a: jnp.where(a + a >= 1, 3 * a, a + 1.0).sum(), [0.5], [(1.0, 3.0)]),
    ("one that no precision tells apart", lambda a: jnp.maximum(jnp.exp(jnp.log(a)), a).sum(), [1.7], [(1.0, 1.0)]),
    (
        "softmax of one number at a threshold",
        lambda a: jnp.where(jax.nn.softmax(a) <= 1, jax.nn.softmax(a), 2 * a).sum(),
        [0.3],
        [(0.0, 0.0)],
    ),
    ("cond", lambda a: jax.lax.cond(a[0] >= 0, lambda v: v @ v, lambda v: v.sum(), a), [0.0], [(0.0, 1.0)]),
    ("three-halves power", lambda a: (a * jnp.sqrt(a)).sum(), [0.0], [(0.0, 0.0)]),
]


@pytest.mark.parametrize(("fn", "at", "expected"), [t[1:] for t in TIED], ids=[t[0] for t in TIED])
def test_where_autodiff_is_no_evidence_one_sided_differences_decide(fn, at, expected):
    (enclosure,) = certified(fn, [np.array(at)])
    np.testing.assert_allclose(ends(enclosure), expected, rtol=1e-20, atol=1e-200)
    assert enclosure.kink.tolist() == [low != high for low, high in expected]
    assert not enclosure.rigorous.all()
    (without_ad,) = ball_differences(fn, [np.array(at)])
    np.testing.assert_allclose(ends(without_ad), expected, rtol=1e-20, atol=1e-200)
    for low, high in expected:
        if low < high:
            k = expected.index((low, high))
            probe = enclosure.midpoint()
            for value, right in [(low, True), (high, True), ((low + high) / 2, True), (high + 1e-9, False)]:
                probe[k] = value
                assert bool(enclosure.contains(probe)[k]) is right


def test_jax_itself_is_wrong_where_the_witness_is_right():
    """If this fails, JAX has mended it, and the examples above show less than they say."""
    assert autodiff(TIED[0][1], [np.zeros(1)])[0].tolist() != [0.5]
    assert math.isnan(autodiff(TIED[1][1], [np.array([-1.0])])[0][0])


@pytest.mark.parametrize(
    ("fn", "at", "reason"),
    [
        (lambda a: jnp.sqrt(a).sum(), [0.0], "grow without bound"),
        (lambda a: jnp.cbrt(a).sum(), [0.0], "grow without bound"),
        (lambda a: jnp.sqrt(abs(a)).sum(), [0.0], "grow without bound"),
        (lambda a: jnp.sign(a).sum(), [0.0], "grow without bound"),
        (lambda a: 1e-320 * jnp.cbrt(jnp.cbrt(a)).sum(), [0.0], "grow without bound"),
        (lambda a: jnp.floor(a).sum(), [2.0], "grow without bound"),
        (lambda a: jnp.log(a).sum(), [0.0], "not finite here"),
        (lambda a: jnp.log(a).sum(), [-1.0], "not finite here"),
        (lambda a: jnp.sqrt(-(a**2)).sum(), [0.0], "neither side counts"),
        (lambda a: jnp.where(jnp.exp(jnp.log(a)) > a, a, 2 * a).sum(), [1.7], ">"),
    ],
)
def test_no_derivative_is_an_error_and_never_a_number(fn, at, reason):
    with pytest.raises(Undecidable, match=reason):
        certified(fn, [np.array(at)])
    with pytest.raises(Undecidable, match=reason):
        ball_differences(fn, [np.array(at)])


def test_a_side_outside_the_domain_does_not_count():
    fn = lambda a: jnp.maximum(a, -a).sum()  # noqa: E731
    assert ends(certified(fn, [np.zeros(1)])[0]) == [(-1.0, 1.0)]
    assert ends(certified(fn, [np.zeros(1)], domains=((0.0, math.inf),))[0]) == [(1.0, 1.0)]
    assert ends(certified(fn, [np.zeros(1)], domains=((-1.0, 0.0),))[0]) == [(-1.0, -1.0)]
    with pytest.raises(Undecidable, match="leaves the domain"):
        certified(fn, [np.zeros(1)], domains=((0.0, 0.0),))
    with pytest.raises(ValueError, match="domains"):
        certified(fn, [np.zeros(1)], domains=(None, None))


def test_directional_derivatives_judge_a_subgradient_jointly():
    """f = max: g = (1, 1) lies in both intervals, yet is no subgradient, for g·(1, 1) = 2 > f′(x; (1, 1)) = 1."""
    traced = trace(lambda a: jnp.max(a), [np.array([2.0, 2.0])])
    args, ones = [np.array([2.0, 2.0])], np.ones(2)
    (enclosure,) = certified(traced, args)
    assert enclosure.contains(ones).all()
    upper = directional_derivative(traced, args, [ones])
    lower = directional_derivative(traced, args, [-ones])
    assert (upper.midpoint(), -lower.midpoint()) == (1.0, 1.0)
    mixed = directional_derivative(traced, args, [np.array([0.5, -3.0])])
    assert mixed.midpoint() == 0.5
    with pytest.raises(ValueError, match="zero"):
        directional_derivative(traced, args, [np.zeros(2)])
    with pytest.raises(ValueError, match="shape"):
        directional_derivative(traced, args, [np.zeros(3)])


def test_a_directional_derivative_of_two_arguments_is_the_sum_of_both():
    fn = lambda a, e: ((jnp.sqrt(a) - jnp.sqrt(e)) ** 2).sum()  # noqa: E731
    args = [np.array([0.3, 0.6, 0.9]), np.array([0.25, 0.5, 0.125])]
    gradients = certified(fn, args, (0, 1))
    directions = [np.array([1.0, -2.0, 0.5]), np.array([0.0, 1.0, -1.0])]
    found = directional_derivative(fn, args, directions, (0, 1))
    with precision(200):
        expected = sum(g.lower @ d for g, d in zip(gradients, directions, strict=True))
        assert found.lower.item().overlaps(expected)
    assert found.relative_radius() < 2.0**-79
