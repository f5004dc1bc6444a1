"""The activations as records, and as the same lines on NumPy arrays, JAX arrays and arrays of balls."""

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from manualbp.activations import ACTIVATIONS, Activation
from oracle.balls.arrays import lift, precision
from oracle.scores.textbook_activations import DEFINITIONS, activation_enclosure

EVERY = pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=list(ACTIVATIONS))
DTYPE = pytest.mark.parametrize("dtype", [np.float64, np.float32])
MOMENTS = np.array([0.0, -0.0, 1e-300, -1e-300, 0.3, -0.3, 2.0, -2.0, 50.0, -50.0, 700.0, -700.0, -1.2785, -0.7518])

LIMITS = {  # σ(−∞), σ(∞), σ′(−∞), σ′(∞)
    "identity": (-math.inf, math.inf, 1, 1),
    "sigmoid": (0, 1, 0, 0),
    "tanh": (-1, 1, 0, 0),
    "relu": (0, math.inf, 0, 1),
    "leaky_relu": (-math.inf, math.inf, 0.01, 1),
    "elu": (-1, math.inf, 0, 1),
    "selu": (-1.758099340847377, math.inf, 0, 1.0507009873554805),
    "softplus": (0, math.inf, 0, 1),
    "silu": (0, math.inf, 0, 1),
    "gelu": (0, math.inf, 0, 1),
    "gelu_tanh": (0, math.inf, 0, 1),
    "mish": (0, math.inf, 0, 1),
    "softsign": (-1, 1, 0, 0),
    "arctan": (-math.pi / 2, math.pi / 2, 0, 0),
}


def test_the_mapping_holds_every_definition_by_its_name() -> None:
    assert list(ACTIVATIONS) == list(DEFINITIONS) == list(LIMITS)
    assert all(name == activation.name for name, activation in ACTIVATIONS.items())


def test_the_mapping_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        ACTIVATIONS["sigmoid"] = ACTIVATIONS["tanh"]  # type: ignore[index]


@EVERY
def test_each_carries_its_formula(activation: Activation) -> None:
    assert activation.sigma.__doc__
    assert activation.sigma_prime.__doc__


@EVERY
def test_the_range_lies_in_the_interval_stated(activation: Activation) -> None:
    grid = [*np.linspace(-40, 40, 801), *MOMENTS]
    balls = [activation_enclosure(activation.name, float(z), bits=2048)[0] for z in grid]
    assert all(ball < activation.high for ball in balls)
    assert all(ball >= activation.low if activation.attains_low else ball > activation.low for ball in balls)


@EVERY
def test_the_interval_stated_is_the_least(activation: Activation) -> None:
    grid = np.concatenate([np.linspace(-2, 0, 4001), [-1e17, 1e17]])
    a = activation.sigma(grid)
    for bound, reached in ((activation.low, a.min()), (activation.high, a.max())):
        assert abs(reached) >= 1e15 if math.isinf(bound) else abs(reached - bound) < 1e-7


def test_what_a_range_lies_within() -> None:
    def within(low: float, high: float) -> set[str]:
        return {name for name, activation in ACTIVATIONS.items() if activation.ranges_within(low, high)}

    assert within(0, 1) == {"sigmoid"}
    assert within(0, math.inf) == {"sigmoid", "softplus"}, "relu reaches 0"
    assert within(-1, 1) == {"sigmoid", "tanh", "softsign"}
    assert "relu" in within(-1e-9, math.inf)
    assert within(-math.inf, math.inf) == set(ACTIVATIONS)


@EVERY
def test_a_kink_has_a_convention_and_keeps_it(activation: Activation) -> None:
    assert bool(activation.kinks) == bool(activation.convention)
    at_kinks = activation.sigma_prime(np.array(activation.kinks))
    below = activation.sigma_prime(np.array([math.nextafter(kink, -math.inf) for kink in activation.kinks]))
    assert np.array_equal(at_kinks, below)


def test_the_kinks_are_where_one_sided_derivatives_differ() -> None:
    tiny = 1e-300
    kinked = {
        name
        for name in ACTIVATIONS
        if not abs(activation_enclosure(name, tiny)[1] - activation_enclosure(name, -tiny)[1]) < 1e-9
    }
    assert kinked == {name for name, activation in ACTIVATIONS.items() if activation.kinks}


@EVERY
@DTYPE
@pytest.mark.parametrize("shape", [(), (0,), (3, 0), (1, 1), (3, 5), (2, 3, 4)])
def test_shape_and_dtype_are_kept_and_z_is_left_alone(activation: Activation, dtype: type, shape: tuple) -> None:
    z = np.random.default_rng(0).normal(size=shape).astype(dtype)
    z = np.asarray(z)
    before = z.copy()
    for curve in (activation.sigma, activation.sigma_prime):
        y = curve(z)
        assert y.dtype == dtype
        assert y.shape == shape
        assert not np.shares_memory(y, z)
        assert np.array_equal(z, before)


@EVERY
@DTYPE
def test_a_transposed_or_strided_z_gives_the_same(activation: Activation, dtype: type) -> None:
    z = np.random.default_rng(1).normal(scale=3, size=(6, 8)).astype(dtype)
    for curve in (activation.sigma, activation.sigma_prime):
        expected = curve(np.ascontiguousarray(z[::2, ::3]))
        eps = np.finfo(dtype).eps  # SIMD loops and their scalar remainders may differ in the last place
        assert np.allclose(curve(z[::2, ::3]), expected, rtol=8 * eps, atol=0)
        assert np.allclose(curve(z.T[::3, ::2]), expected.T, rtol=8 * eps, atol=0)


@EVERY
@DTYPE
def test_the_limits_at_infinity(activation: Activation, dtype: type) -> None:
    z = np.array([-np.inf, np.inf], dtype)
    expected = np.array(LIMITS[activation.name]).astype(dtype)
    got = np.concatenate([activation.sigma(z), activation.sigma_prime(z)])
    assert np.allclose(got, expected, rtol=2 * np.finfo(dtype).eps, atol=0)


@EVERY
@DTYPE
def test_not_a_number_is_passed_on(activation: Activation, dtype: type) -> None:
    assert np.all(np.isnan(activation.sigma(np.array([np.nan], dtype))))


@EVERY
@DTYPE
def test_nothing_warns_at_any_magnitude(activation: Activation, dtype: type) -> None:
    info = np.finfo(dtype)
    powers = 2.0 ** np.arange(info.minexp - info.nmant, info.maxexp)
    z = np.concatenate([powers, -powers, [info.max, info.min, 0.0, -0.0]]).astype(dtype)
    with np.errstate(all="warn", under="ignore"):  # warnings are errors here
        a, slope = activation.sigma(z), activation.sigma_prime(z)
    assert np.all(np.isfinite(slope))
    assert np.all(np.isfinite(a) | (np.abs(z) > info.max / 2))  # selu's λ > 1


@EVERY
@pytest.mark.parametrize("bits", [8, 24, 53, 2000])
def test_balls_hold_the_truth(activation: Activation, bits: int) -> None:
    with precision(bits):
        a, slope = activation.sigma(lift(MOMENTS)), activation.sigma_prime(lift(MOMENTS))
    for z, ball, ball_prime in zip(MOMENTS, a, slope, strict=True):
        value, derivative = activation_enclosure(activation.name, float(z), bits=2000)
        assert ball.arb.overlaps(value), (z, ball, value)
        assert ball_prime.arb.overlaps(derivative), (z, ball_prime, derivative)


@EVERY
def test_balls_are_narrow(activation: Activation) -> None:
    with precision(2000):
        balls = [*activation.sigma(lift(MOMENTS)), *activation.sigma_prime(lift(MOMENTS))]
    for ball in balls:
        assert ball.arb.rad() <= abs(ball.arb) * 2.0**-900 or ball.arb.is_zero()


@EVERY
def test_a_single_ball(activation: Activation) -> None:
    z = lift(0.5)
    assert z.shape == ()
    for curve, true in zip(
        (activation.sigma, activation.sigma_prime), activation_enclosure(activation.name, 0.5), strict=True
    ):
        assert np.asarray(curve(z), dtype=object)[()].arb.overlaps(true)


@EVERY
def test_jax_traces_both_curves(activation: Activation) -> None:
    z = np.random.default_rng(2).normal(scale=2, size=(3, 4))
    for curve in (activation.sigma, activation.sigma_prime):
        for dtype in (np.float64, np.float32):
            with jax.enable_x64(True):
                y = jax.jit(jax.vmap(curve))(jnp.asarray(z, dtype))
            assert y.dtype == dtype
            assert np.allclose(y, curve(z), rtol=100 * np.finfo(dtype).eps, atol=4 * np.finfo(dtype).eps)


def autodiff(sigma: Any, z: np.ndarray) -> np.ndarray:
    with jax.enable_x64(True):
        return np.asarray(jax.jit(jax.vmap(jax.grad(sigma)))(jnp.asarray(z)))


def farthest(got: np.ndarray, name: str, z: np.ndarray) -> float:
    """The greatest distance of got from σ′, in eps of the greater of 1 and |σ′|."""
    truths = [activation_enclosure(name, float(at))[1] for at in z]
    distances = [float(abs(g - true).upper()) / max(1, float(abs(true))) for g, true in zip(got, truths, strict=True)]
    return max(distances) / float(np.finfo(np.float64).eps)


@EVERY
def test_autodiff_of_sigma_is_the_derivative_even_where_branches_meet(activation: Activation) -> None:
    assert farthest(autodiff(activation.sigma, MOMENTS), activation.name, MOMENTS) < 8


def test_where_autodiff_of_the_sigmoid_overflows_sigma_prime_does_not() -> None:
    z = np.array([-300.0, -400.0, -720.0])
    slopes = autodiff(ACTIVATIONS["sigmoid"].sigma, z)
    assert np.array_equal(slopes > 0, [True, False, False])
    assert np.array_equal(np.isnan(slopes), [False, False, True])
    assert np.all(ACTIVATIONS["sigmoid"].sigma_prime(z) > 0)


@EVERY
def test_autodiff_keeps_the_convention_at_a_kink(activation: Activation) -> None:
    kinks = np.array([*activation.kinks, 0.0])
    eps = np.finfo(np.float64).eps
    assert np.allclose(autodiff(activation.sigma, kinks), activation.sigma_prime(kinks), rtol=4 * eps, atol=0)


def test_that_check_sees_a_tie_that_misleads_autodiff() -> None:
    def softplus_with_a_tie(z: Any) -> Any:
        return jnp.log1p(jnp.exp(-jnp.abs(z))) + jnp.where(z > 0, z, 0)

    def untaken_overflow(z: Any) -> Any:
        return jnp.where(z > 0, z, jnp.expm1(z))

    assert farthest(autodiff(softplus_with_a_tie, MOMENTS), "softplus", MOMENTS) > 1e15
    assert np.isnan(autodiff(untaken_overflow, np.array([800.0]))).all()
