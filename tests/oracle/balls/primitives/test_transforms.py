"""Fourier transforms, convolutions and windows against their sums in mpmath; a wrong handler is caught."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from mpmath import mp

from oracle.balls.arrays import precision
from oracle.balls.jaxpr import evaluate
from oracle.balls.watch import watch_ties
from oracle.witnesses.tracing import double_precision

from .against_mpmath import Case, exact, normal, outcomes, planted


def complex_normal(*shape):
    return lambda rng: [rng.normal(size=shape) + 1j * rng.normal(size=shape)]


def one(draw):
    return lambda rng: [draw(rng)]


def two(first, second):
    return lambda rng: [first(rng), second(rng)]


def transform(x, axis, sign):
    """Σⱼ xⱼ e^(sign·2πi jk/n) along an axis, by mpmath."""
    n = x.shape[axis]
    roots = np.array([[mp.expjpi(mp.mpf(sign * 2 * j * k) / n) for k in range(n)] for j in range(n)], dtype=object)
    return np.moveaxis(np.tensordot(x, roots, axes=([axis], [0])), -1, axis)


def forward(x, axes=(-1,)):
    x = exact(x)
    for axis in axes:
        x = transform(x, axis, -1)
    return [x]


def backward(x, axes=(-1,)):
    x = exact(x)
    for axis in axes:
        x = transform(x, axis, 1) / x.shape[axis]
    return [x]


def real_backward(x, n):
    """Σ over the spectrum completed by conjugates; the imaginary parts of the entries that are their own are left out."""
    z = exact(x)
    whole = [mp.mpc(0)] * n
    for k in range(n):
        whole[k] = z[k] if k < len(z) else z[n - k].conjugate()
    whole[0] = mp.mpc(whole[0].real)
    if n % 2 == 0:
        whole[n // 2] = mp.mpc(whole[n // 2].real)
    (result,) = [transform(np.array(whole, dtype=object), -1, 1) / n]
    return [np.frompyfunc(lambda v: v.real, 1, 1)(result)]


def convolution(x, w, strides, padding, lhs_dilation, rhs_dilation, groups=1, batch_groups=1):
    """By the definition of XLA, NCHW with OIHW, entry by entry."""
    x, w = exact(x), exact(w)
    batch, _, *spatial = x.shape
    out_features, in_features, *kernel = w.shape
    padded = [(n - 1) * d + 1 + low + high for n, d, (low, high) in zip(spatial, lhs_dilation, padding, strict=True)]
    reach = [(k - 1) * d + 1 for k, d in zip(kernel, rhs_dilation, strict=True)]
    sizes = [(n - r) // s + 1 for n, r, s in zip(padded, reach, strides, strict=True)]
    result = np.empty((batch // batch_groups, out_features, *sizes), dtype=object)
    for b, o, *place in np.ndindex(result.shape):
        group = o // (out_features // groups)
        part = o // (out_features // batch_groups)
        total = mp.mpf(0)
        for i, *offset in np.ndindex(in_features, *kernel):
            at = [
                p * s + q * d - low
                for p, s, q, d, (low, _) in zip(place, strides, offset, rhs_dilation, padding, strict=True)
            ]
            if all(a % d == 0 and 0 <= a // d < n for a, d, n in zip(at, lhs_dilation, spatial, strict=True)):
                source = tuple(a // d for a, d in zip(at, lhs_dilation, strict=True))
                total += x[(part * (batch // batch_groups) + b, group * in_features + i, *source)] * w[(o, i, *offset)]
        result[(b, o, *place)] = total
    return [result]


def conv_case(label, shapes, strides, padding, lhs_dilation, rhs_dilation, groups=1, batch_groups=1):
    return Case(
        "conv_general_dilated",
        lambda x, w: lax.conv_general_dilated(
            x, w, strides, padding, lhs_dilation, rhs_dilation, None, groups, batch_groups
        ),
        two(normal(*shapes[0]), normal(*shapes[1])),
        lambda x, w: convolution(x, w, strides, padding, lhs_dilation, rhs_dilation, groups, batch_groups),
        tries=3,
        label=f"conv {label}",
    )


def windowed(x, combine, first, size, stride, padding=((0, 0),), base=1, dilation=1):
    x = exact(x)
    (low, high) = padding[0]
    spread = [first] * low
    for k, v in enumerate(x):
        spread += [v] + [first] * (base - 1) * (k + 1 < len(x))
    spread += [first] * high
    reach = (size - 1) * dilation + 1
    values = []
    for start in range(0, len(spread) - reach + 1, stride):
        value = first
        for k in range(size):
            value = combine(value, spread[start + k * dilation])
        values.append(value)
    return [np.array(values, dtype=object)]


def pooled_slope(x):
    """The derivative of Σ wₖ max(window k), windows of 2 with stride 1: wₖ where the larger is."""
    slope = [mp.mpf(0)] * len(x)
    for k in range(len(x) - 1):
        slope[k if x[k] >= x[k + 1] else k + 1] += k + 1
    return [np.array(slope, dtype=object)]


INF = mp.mpf("inf")
CASES = [
    Case("fft", jnp.fft.fft, complex_normal(5), forward),
    Case("fft", jnp.fft.ifft, complex_normal(8), backward, label="ifft"),
    Case("fft", jnp.fft.fft2, complex_normal(2, 3), lambda x: forward(x, (-1, -2)), label="fft2"),
    Case("fft", jnp.fft.fft, complex_normal(37), forward, tries=2, label="fft, long"),
    Case("fft", jnp.fft.rfft, one(normal(6)), lambda x: [forward(x)[0][:4]], label="rfft"),
    Case("fft", lambda z: jnp.fft.irfft(z, n=6), complex_normal(4), lambda z: real_backward(z, 6), label="irfft, even"),
    Case("fft", lambda z: jnp.fft.irfft(z, n=5), complex_normal(3), lambda z: real_backward(z, 5), label="irfft, odd"),
    conv_case("plain", ((1, 2, 3, 3), (2, 2, 2, 2)), (1, 1), ((0, 0), (0, 0)), (1, 1), (1, 1)),
    conv_case("strided, dilated", ((2, 1, 4, 3), (2, 1, 2, 2)), (2, 1), ((1, 1), (0, 1)), (1, 2), (1, 2)),
    conv_case("cut off", ((1, 1, 5, 4), (1, 1, 2, 2)), (1, 1), ((-1, 0), (2, -1)), (1, 1), (1, 1)),
    conv_case("feature groups", ((1, 4, 3, 2), (2, 2, 2, 1)), (1, 1), ((0, 0), (0, 0)), (1, 1), (1, 1), groups=2),
    conv_case("batch groups", ((2, 1, 3, 2), (2, 1, 2, 1)), (1, 1), ((0, 0), (0, 0)), (1, 1), (1, 1), batch_groups=2),
    Case(
        "reduce_window_sum",
        lambda x: lax.reduce_window(x, 0.0, lax.add, (3,), (2,), ((2, 1),), (2,), (2,)),
        one(normal(5)),
        lambda x: windowed(x, lambda a, b: a + b, mp.mpf(0), 3, 2, ((2, 1),), 2, 2),
    ),
    Case(
        "reduce_window_max",
        lambda x: lax.reduce_window(x, -jnp.inf, lax.max, (2,), (1,), ((1, 0),)),
        one(normal(5)),
        lambda x: windowed(x, max, -INF, 2, 1, ((1, 0),)),
    ),
    Case(
        "reduce_window_min",
        lambda x: lax.reduce_window(x, jnp.inf, lax.min, (2,), (2,), "VALID"),
        one(normal(5)),
        lambda x: windowed(x, min, INF, 2, 2),
    ),
    Case(
        "select_and_scatter_add",
        jax.grad(
            lambda x: jnp.sum(lax.reduce_window(x, -jnp.inf, lax.max, (2,), (1,), "VALID") * jnp.arange(1.0, 5.0))
        ),
        one(normal(5)),
        pooled_slope,
    ),
    Case(
        "ragged_dot_general",
        lambda x, w: lax.ragged_dot(x, w, jnp.array([1, 2])),
        two(normal(3, 2), normal(2, 2, 2)),
        lambda x, w: [np.array([exact(x)[k] @ exact(w)[g] for k, g in enumerate((0, 1, 1))])],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_holds_the_value_of_mpmath(case):
    found = outcomes(case)
    assert set(found) == {"held"}, found


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_wrong_handler_is_caught(case):
    assert "WRONG" in outcomes(case, tables=planted(case.name), seed=1)


def test_what_is_zero_by_symmetry_stays_an_exact_zero():
    x = np.ones(8)
    with double_precision():
        closed = jax.make_jaxpr(lambda x: jnp.fft.fft(x)[jnp.array([0, 4])].imag)(x)
    (imaginary,) = evaluate(closed, [x])
    assert all(v.is_zero() for v in imaginary)


def test_equal_entries_of_a_pool_tie():
    fn = jax.grad(lambda x: jnp.sum(lax.reduce_window(x, -jnp.inf, lax.max, (2,), (1,), "VALID")))
    for x, tied in ((np.array([1.0, 1.0, 0.0]), True), (np.array([1.0, 2.0, 0.0]), False)):
        with double_precision():
            closed = jax.make_jaxpr(fn)(x)
        with precision(100), watch_ties() as watch:
            evaluate(closed, [x])
        assert bool(watch.ties) is tied


@pytest.mark.longer
def test_transposed_convolutions_are_the_gradients():
    """Every gradient of a convolution is a convolution with other paddings, dilations and groups."""
    rng = np.random.default_rng(5)
    for stride, dilation, groups in ((1, 1, 1), (2, 2, 2), (2, 1, 2)):
        x, w = rng.normal(size=(1, 2, 6)), rng.normal(size=(2, 2 // groups, 2))
        weights = rng.normal(size=9)

        def fn(x, w, stride=stride, dilation=dilation, groups=groups, weights=weights):
            y = lax.conv_general_dilated(
                x, w, (stride,), ((1, 0),), rhs_dilation=(dilation,), feature_group_count=groups
            )
            return jnp.sum(y * weights[: y.shape[-1]])

        with double_precision():
            closed = jax.make_jaxpr(jax.grad(fn, (0, 1)))(x, w)
            floats = jax.grad(fn, (0, 1))(x, w)
        balls = evaluate(closed, [x, w])
        for found, expected in zip(balls, floats, strict=True):
            assert np.allclose([float(v.mid()) for v in found.flat], np.ravel(expected), rtol=1e-12, atol=1e-12)
