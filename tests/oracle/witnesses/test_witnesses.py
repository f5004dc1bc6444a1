"""Four witnesses agree where there is a derivative, and are honest where there is none."""

from __future__ import annotations

import math
import subprocess
import sys
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flint import arb, ctx

from oracle.balls.arrays import midpoints, precision
from oracle.balls.errors import UnsupportedPrimitive
from oracle.witnesses import (
    autodiff,
    ball_differences,
    certified,
    differences,
    directional_derivative,
    trace,
)

A = np.array([0.3, 0.6, 0.9])
E = np.array([0.25, 0.5, 0.125])
UNIT = ((0.0, 1.0), (0.0, 1.0))

COSTS: dict[str, Any] = {
    "quadratic": lambda a, e: ((a - e) ** 2).sum() / 2,
    "cross-entropy": lambda a, e: -(e * jnp.log(a) + (1 - e) * jnp.log1p(-a)).sum(),
    "exponential": lambda a, e: 2.0 * jnp.exp(((a - e) ** 2).sum() / 2.0),
    "Hellinger": lambda a, e: ((jnp.sqrt(a) - jnp.sqrt(e)) ** 2).sum() / jnp.sqrt(2.0),
    "Kullback–Leibler": lambda a, e: (e * jnp.log(e / a)).sum(),
    "Itakura–Saito": lambda a, e: (e / a - jnp.log(e / a) - 1).sum(),
    "softmax": lambda a, e: -(e * jax.nn.log_softmax(a)).sum(),
    "Huber": lambda a, e: jnp.where(abs(a - e) < 0.2, (a - e) ** 2 / 2, 0.2 * abs(a - e) - 0.02).sum(),
}


def ends(enclosure: Any) -> list[tuple[float, float]]:
    return list(zip(midpoints(enclosure.lower).tolist(), midpoints(enclosure.upper).tolist(), strict=True))


@pytest.mark.parametrize("name", COSTS)
def test_all_four_agree_on_smooth_costs(name):
    fn, args = COSTS[name], [A, E]
    traced = trace(fn, args, (0, 1))
    expected = autodiff(traced, args)
    by_autodiff = certified(traced, args)
    by_differences = ball_differences(traced, args, domains=UNIT)
    by_floats = differences(fn, args, (0, 1), domains=UNIT)
    for n in range(2):
        assert by_autodiff[n].rigorous.all()
        assert not by_differences[n].rigorous.any()
        assert (by_differences[n].relative_radius() < 2.0**-79).all()
        np.testing.assert_allclose(by_autodiff[n].midpoint(), expected[n], rtol=1e-13, atol=1e-16)
        overlap = [a.overlaps(b) for a, b in zip(by_autodiff[n].lower, by_differences[n].lower, strict=True)]
        assert all(overlap)
        off = np.abs(by_floats[n].value - by_autodiff[n].midpoint())
        assert (off <= by_floats[n].error).all()
        assert (by_floats[n].error < 1e-7 * (1 + np.abs(expected[n]))).all()
        for wrong in (expected[n] * 1.5, -expected[n], expected[n] + 1e-9):
            assert not by_autodiff[n].contains(wrong)[expected[n] != 0].any()


def test_rounded_constants_of_derivative_rules_are_replaced_by_the_real_numbers():
    """JAX's ⅓ and 2/√π are off by a relative 2⁻⁵⁴: the enclosure is of the derivative, not of that."""
    x = np.array([0.3, -0.9])
    for fn in (
        lambda a: jnp.cbrt(a).sum(),
        lambda a: jax.lax.erf(a).sum(),
        lambda a: jax.lax.erfc(a).sum(),
        lambda a: jax.lax.erf_inv(a).sum(),
    ):
        (by_autodiff,), (by_differences,) = certified(fn, [x]), ball_differences(fn, [x])
        assert by_autodiff.rigorous.all()
        assert all(a.overlaps(b) for a, b in zip(by_autodiff.lower, by_differences.lower, strict=True))
    (both,) = certified(
        lambda a: (jnp.cbrt(a) * (1 / 3)).sum(), [x]
    )  # here ⅓ means the float, too: two slopes, a rounding apart
    assert not both.rigorous.any()
    with precision(300):
        as_coded = arb(1 / 3) / (3 * arb(0.3).root(3) ** 2)
        assert both.lower[0].overlaps(as_coded) or both.upper[0].overlaps(as_coded)
        assert (both.upper[0] - both.lower[0]) / as_coded < 2**-53


def test_a_rule_that_is_no_derivative_is_found_out():
    @jax.custom_jvp
    def square(x: Any) -> Any:
        return x * x

    square.defjvp(lambda primals, tangents: (primals[0] ** 2, (2 + 1e-15) * primals[0] * tangents[0]))
    x = np.array([0.3, -0.9])
    for fn, proved in (
        (lambda a: square(a).sum(), True),  # of the code without the rule
        (lambda a: (a * jax.lax.stop_gradient(a)).sum(), False),  # by differences
    ):
        assert not np.array_equal(autodiff(fn, [x])[0], 2 * x)
        (enclosure,) = certified(fn, [x])
        assert enclosure.contains(2 * x).all()
        assert enclosure.rigorous.all() == proved


@pytest.mark.parametrize("scale", [1e-157, 1e-300, 1e-12, 1e250])
def test_a_derivative_of_any_scale_is_found_to_relative_precision(scale):
    """Also beside a value of 1, which hides it from every float64 difference."""
    args = [np.array([0.5, 2.0])]
    for fn in (lambda a: scale * (a**2).sum(), lambda a: 1.0 + scale * jnp.maximum(a, 0.0) @ a):
        for witness in (certified, ball_differences):
            (enclosure,) = witness(fn, args)
            np.testing.assert_allclose(enclosure.midpoint(), [scale, 4 * scale], rtol=4e-16)
            assert (enclosure.relative_radius() < 2.0**-79).all()
            assert not enclosure.contains(np.array([scale, 4 * scale]) * (1 + 1e-12)).any()


def test_saturated_derivatives_are_exact_where_jax_says_zero():
    (enclosure,) = certified(lambda a: jax.nn.sigmoid(a).sum(), [np.array([54.0, 700.0, -60.0])])
    np.testing.assert_allclose(enclosure.midpoint(), np.exp([-54.0, -700.0, -60.0]), rtol=1e-13)
    (beyond,) = certified(lambda a: jnp.tanh(a).sum(), [np.array([180.0, 2000.0])])
    assert beyond.midpoint()[0] == pytest.approx(4 * math.exp(-360), rel=1e-13)
    assert beyond.midpoint()[1] == 0.0  # 4e⁻⁴⁰⁰⁰: below every float64
    assert beyond.upper[1] < arb(2) ** -1200


def test_a_derivative_that_cancels_to_zero_comes_with_a_tiny_radius():
    (enclosure,) = certified(lambda a: jax.nn.softmax(a).sum(), [A])
    assert enclosure.straddles.all()
    assert enclosure.contains(np.zeros(3)).all()
    assert not enclosure.contains(np.full(3, 5e-324)).any()
    assert (enclosure.relative_radius() == math.inf).all()
    (exact,) = certified(lambda a: (a * jnp.array([1.0, 0.0, 2.0])).sum(), [A])
    assert not exact.straddles.any()
    assert exact.relative_radius().tolist() == [0.0, 0.0, 0.0]


def test_programs_that_jax_cannot_trace_run_on_balls():
    def fn(a: Any) -> Any:
        total = 0
        for value in a:
            total = total + (value**2 if value > 0 else -value)
        return total

    (enclosure,) = ball_differences(fn, [np.array([3.0, -2.0, 0.0])], on_balls=True)
    assert ends(enclosure) == [(6.0, 6.0), (-1.0, -1.0), (-1.0, pytest.approx(0.0, abs=1e-100))]
    with pytest.raises(jax.errors.TracerBoolConversionError):
        certified(fn, [np.array([3.0])])
    assert directional_derivative(fn, [np.array([3.0])], [np.array([-1.0])], on_balls=True).midpoint() == -6.0


def test_differences_take_any_float_function_and_stay_inside():
    seen = []

    def fn(a: np.ndarray) -> float:
        seen.append(a.copy())
        assert isinstance(a, np.ndarray)
        return float(np.sum(np.sqrt(a * (1 - a))))

    a = np.array([1e-9, 0.5, 1 - 1e-9])
    (estimate,) = differences(fn, [a], domains=((0.0, 1.0),))
    truth = (1 - 2 * a) / (2 * np.sqrt(a * (1 - a)))
    assert (np.abs(estimate.value - truth) <= estimate.error).all()
    assert (estimate.error < 1e-4 * np.abs(truth) + 1e-9).all()
    assert all(((x >= 0) & (x <= 1)).all() for x in seen)
    (at_edge,) = differences(lambda a: np.sum(a**3), [np.array([0.0, 1.0])], domains=((0.0, 1.0),))
    assert (np.abs(at_edge.value - [0.0, 3.0]) <= at_edge.error).all()
    assert (at_edge.error < 1e-6).all()


def test_differences_of_a_float32_function_know_their_own_rounding():
    (estimate,) = differences(lambda a: np.sum(np.exp(a.astype(np.float32))), [np.array([0.3, 1.0])])
    off = np.abs(estimate.value - np.exp([0.3, 1.0]))
    assert (off <= estimate.error).all()
    assert (estimate.error < 1e-3).all()


def test_differences_do_not_hide_that_they_know_nothing():
    (nowhere,) = differences(lambda a: math.nan, [np.ones(2)])
    assert np.isnan(nowhere.value).all()
    assert (nowhere.error == np.inf).all()
    (point,) = differences(lambda a: np.sum(a), [np.ones(1)], domains=((1.0, 1.0),))
    assert np.isnan(point.value).all()
    rng = np.random.default_rng(0)
    (noisy,) = differences(lambda a: np.sum(a**2) + 1e-3 * rng.normal(), [np.array([1.0])])
    assert noisy.error > 1e-4
    with pytest.raises(ValueError, match="domains"):
        differences(lambda a: np.sum(a), [np.ones(1)], domains=(None, None))


def test_a_trace_serves_many_points_and_refuses_other_shapes():
    fn = COSTS["cross-entropy"]
    traced = trace(fn, [A, E])
    rng = np.random.default_rng(0)
    for _ in range(5):
        args = [rng.uniform(0.05, 0.95, 3), rng.uniform(0.05, 0.95, 3)]
        (enclosure,) = certified(traced, args)
        np.testing.assert_allclose(enclosure.midpoint(), (args[0] - args[1]) / (args[0] * (1 - args[0])), rtol=1e-12)
    with pytest.raises(ValueError, match="traced at"):
        certified(traced, [np.ones(4), np.ones(4)])


def test_bad_arguments_are_named():
    with pytest.raises(IndexError, match="argnums"):
        certified(COSTS["quadratic"], [A, E], (2,))
    with pytest.raises(TypeError, match=r"args\[1\]"):
        certified(COSTS["quadratic"], [A, np.array(["x"])])
    with pytest.raises(TypeError, match="must hold floats"):
        certified(lambda a: (a * 1.0).sum(), [np.arange(3)])
    with pytest.raises(UnsupportedPrimitive, match="bitcast_convert_type"):
        certified(lambda a: jax.lax.bitcast_convert_type(jax.lax.bitcast_convert_type(a, int) | 1, float).sum(), [A])


def test_other_floats_integers_and_shapes_are_taken_exactly():
    fn = lambda a, labels: -jax.nn.log_softmax(a)[jnp.arange(2), labels].sum()  # noqa: E731
    a = np.array([[0.1, 0.2, 0.3], [0.5, -0.5, 0.0]], dtype=np.float32)
    (enclosure,) = certified(fn, [a, np.array([2, 0])])
    (expected,) = autodiff(fn, [a.astype(np.float64), np.array([2, 0])])
    assert enclosure.shape == (2, 3)
    np.testing.assert_allclose(enclosure.midpoint(), expected, rtol=1e-14)
    assert certified(lambda a: a**2, [np.float64(3.0)])[0].midpoint() == 6.0


def test_the_flag_and_the_precision_of_the_user_are_left_alone():
    assert not jax.config.jax_enable_x64
    before = ctx.prec
    for witness in (autodiff, certified, ball_differences, differences):
        witness(COSTS["quadratic"], [A, E])
        with pytest.raises(ZeroDivisionError):
            witness(lambda a, e: 1 / 0, [A, E])
        assert not jax.config.jax_enable_x64
        assert ctx.prec == before
    assert jnp.asarray(A).dtype == jnp.float32


def test_importing_the_witnesses_imports_no_jax():
    code = "import sys, oracle, oracle.witnesses; assert 'flint' in sys.modules; print('jax' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
