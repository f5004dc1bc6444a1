"""Random numbers are JAX's own to the last bit; bits of floats; a gamma sample moves along its quantile."""

from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flint import arb
from jax import lax

from oracle.balls.arrays import lift_arb, precision
from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.balls.jaxpr import PLAIN, TABLES, evaluate
from oracle.balls.primitives.bits import frexp, nearest_float
from oracle.balls.primitives.random_numbers import _moved_sample
from oracle.balls.primitives.special_functions import igamma, igamma_grad_a, igammac
from oracle.witnesses.tracing import double_precision


def run(fn, *args, tables=TABLES, bits=100):
    with double_precision():
        closed = jax.make_jaxpr(fn)(*args)
    with precision(bits):
        return evaluate(closed, args, tables=tables)


KEY = jax.random.key(7)
DRAWS = {
    "bits": lambda: jax.random.bits(KEY, (3,)),
    "split": lambda: jax.random.bits(jax.random.split(KEY, 3)[1]),
    "fold_in": lambda: jax.random.bits(jax.random.fold_in(KEY, 5)),
    "seed": lambda: jax.random.bits(jax.random.PRNGKey(11)),
    "many keys": lambda: jax.vmap(jax.random.bits)(jax.random.split(KEY, 2)),
    "data": lambda: jax.random.key_data(jax.random.fold_in(KEY, 2)),
    "wrapped": lambda: jax.random.bits(jax.random.wrap_key_data(jnp.array([1, 2], dtype=jnp.uint32))),
    "randint": lambda: jax.random.randint(KEY, (4,), 0, 100),
    "permutation": lambda: jax.random.permutation(KEY, 5),
    "rbg": lambda: jax.random.bits(jax.random.key(3, impl="rbg"), (2,)),
}


@pytest.mark.parametrize("name", DRAWS)
def test_integers_are_drawn_as_jax_draws_them(name):
    with double_precision():
        expected = np.asarray(DRAWS[name]())
    (found,) = run(DRAWS[name])
    assert found.dtype == expected.dtype
    assert np.array_equal(found, expected)


@pytest.mark.parametrize("draw", [jax.random.uniform, jax.random.normal, jax.random.laplace, jax.random.gumbel])
def test_floats_are_those_of_the_same_bits(draw):
    with double_precision():
        expected = np.asarray(draw(KEY, (5,)))
    (found,) = run(lambda: draw(KEY, (5,)))
    assert np.allclose([float(v.mid()) for v in found], expected, rtol=1e-13, atol=0)


def test_a_wrong_draw_is_caught():
    wrong = replace(TABLES, plain={**PLAIN, "random_bits": lambda e, k: [PLAIN["random_bits"](e, k)[0] ^ 1]})
    with double_precision():
        expected = np.asarray(DRAWS["bits"]())
    assert not np.array_equal(run(DRAWS["bits"], tables=wrong)[0], expected)


@pytest.mark.longer
def test_a_gamma_sample_is_jax_s_and_keeps_its_quantile():
    fn = lambda a: jax.random.gamma(KEY, a)  # noqa: E731
    a = np.array([0.7, 3.0])
    with double_precision():
        floats = np.asarray(fn(a))
    (sample,) = run(fn, a)
    assert [float(v) for v in sample] == list(floats)
    with precision(300):
        step = arb(2) ** -120
        moved_shapes = np.array([arb(v) + step for v in a], dtype=object)
    with double_precision():
        closed = jax.make_jaxpr(fn)(a)
    with precision(300):
        (moved,) = evaluate(closed, [moved_shapes])
        for x, y, shape, there in zip(sample, moved, a, moved_shapes, strict=True):
            difference = igamma(there, y) - igamma(arb(float(shape)), x)
            assert difference.contains(0)
            assert abs(difference) < arb(2) ** -220
            assert abs(y - x) > arb(2) ** -130


@pytest.mark.parametrize(("shape", "sample"), [(1.7, 0.3), (1.7, 4.0), (0.01, 1e-40), (30.3, 29.0), (30.3, 31.0)])
def test_a_sample_of_a_shape_that_float32_rounds_is_as_narrow_as_the_precision(shape, sample):
    narrow, shape = arb(float(np.float32(shape))), arb(shape)
    with precision(400):
        moved = _moved_sample(arb(sample), narrow, shape)
        tail = igamma if sample < 0.5 else igammac
        assert (tail(shape, moved) - tail(narrow, arb(sample))).contains(0)
        assert moved.rel_accuracy_bits() > 250
        wrong = moved + moved * arb(2) ** -200
        assert not (tail(shape, wrong) - tail(narrow, arb(sample))).contains(0)


def test_bits_of_floats_are_those_of_the_float():
    x = np.array([1.5, -0.0, 3e-310, -7e300])
    with double_precision():
        expected = np.asarray(lax.bitcast_convert_type(x, jnp.int64))
    (found,) = run(lambda x: lax.bitcast_convert_type(x, jnp.int64), x)
    assert list(found[[0, 2, 3]]) == list(expected[[0, 2, 3]])
    (back,) = run(lambda: lax.bitcast_convert_type(jnp.asarray(expected), jnp.float64))
    assert [float(v) for v in back] == list(x)


def test_bits_that_the_ball_leaves_open_are_undecided_and_moving_ones_make_no_float():
    with precision(200):
        assert nearest_float(arb(1) + arb(2) ** -80, np.dtype(np.float64)) == 1.0
    with pytest.raises(Undecidable):
        nearest_float(arb(1, 1e-3), np.dtype(np.float64))
    with pytest.raises(UnsupportedPrimitive, match="bits of one that moves"):
        run(lambda x: lax.bitcast_convert_type(lax.bitcast_convert_type(x, jnp.int64), jnp.float64), np.array([1.0]))


def test_frexp_moves_with_its_argument():
    x = lift_arb([6.0, -0.3, 0.0])
    mantissas, exponents = frexp(x)
    assert [float(m) for m in mantissas] == [0.75, -0.6, 0.0]
    assert list(exponents) == [3, -1, 0]
    (slope,) = run(jax.grad(lambda x: jnp.frexp(x)[0]), np.array(6.0))
    assert slope.item() == arb(1) / 8


@pytest.mark.parametrize("dtype", [jnp.float32, jnp.float64])
def test_a_gamma_sample_is_that_of_its_dtype(dtype):
    fn = lambda: jax.random.gamma(KEY, 2.0, (3,), dtype)  # noqa: E731
    (found,) = run(fn)
    with double_precision():
        drawn = np.asarray(fn(), dtype=np.float64)
    eps = float(jnp.finfo(dtype).eps)
    assert np.allclose(np.vectorize(lambda ball: float(ball.mid()))(found), drawn, rtol=16 * eps, atol=0)


def test_a_series_of_too_many_terms_is_no_number():
    assert igamma_grad_a(arb(10) ** 13, arb(10) ** 13).is_nan()
    assert igamma_grad_a(arb(1000), arb(1000)).is_finite()
