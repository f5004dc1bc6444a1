"""The rounding allowance covers what floats really lose, and no more than a small multiple of it."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from oracle.balls.allowance import rounding_allowance
from oracle.balls.arrays import lift, midpoints, precision
from oracle.balls.errors import Undecidable
from oracle.witnesses import trace
from oracle.witnesses.tracing import double_precision

SLACK = 4  # a library's exp or tanh may be a few units off, a ball's is not
DTYPES = {24: np.float32, 53: np.float64}


def softplus(x: Any) -> Any:
    return np.log1p(np.exp(x))


def polynomial(x: Any) -> Any:
    return ((x - 3) * x + 3) * x - 1


def softmax(x: Any) -> Any:
    shifted = np.exp(x - np.max(x))
    return shifted / np.sum(shifted)


def relu_times_sigmoid(x: Any) -> Any:
    return np.maximum(x, 0) / (1 + np.exp(-x))


PROGRAMS = [softplus, polynomial, softmax, relu_times_sigmoid, lambda x: x @ x, lambda x: np.cumprod(x) * np.tanh(x)]


def exact(program: Any, x: np.ndarray) -> np.ndarray:
    with precision(300):
        return midpoints(np.asarray(program(lift(x)), dtype=object))


@pytest.mark.parametrize("bits", [24, 53])
@pytest.mark.parametrize("program", PROGRAMS)
def test_covers_the_error_of_floats_without_being_vacuous(program, bits):
    rng = np.random.default_rng(5)
    dtype = DTYPES[bits]
    used = []
    for _ in range(20):
        x = (rng.normal(size=6) * 2).astype(dtype)
        (allowance,) = rounding_allowance(program, [x], bits)
        with np.errstate(all="ignore"):
            error = np.abs(np.asarray(program(x), dtype=np.longdouble) - exact(program, x))
        if bits == 24:
            assert (error <= SLACK * allowance).all()
        assert np.isfinite(allowance).all()
        used.append(np.max(error / np.where(allowance > 0, allowance, np.inf)))
    if bits == 24:
        assert max(used) > 1e-2  # floats use up a visible part of it


@pytest.mark.parametrize("program", PROGRAMS)
def test_shrinks_with_the_precision(program):
    x = np.array([0.3, -1.2, 2.0, 0.7])
    at = {bits: rounding_allowance(program, [x], bits)[0] for bits in (8, 11, 24, 53)}
    for coarse, fine in [(8, 11), (11, 24), (24, 53)]:
        ratio = at[coarse] / np.where(at[fine] > 0, at[fine], np.nan)
        assert np.nanmin(ratio) > 2.0 ** (fine - coarse) / 8
        assert np.nanmax(ratio) < 2.0 ** (fine - coarse) * 64


def test_a_wrong_result_is_outside():
    x = np.array([0.3, -1.2, 2.0, 0.7], dtype=np.float32)
    (allowance,) = rounding_allowance(softmax, [x], 24)
    wrong = exact(softmax, x) * (1 + 1e-4)
    assert (np.abs(wrong - exact(softmax, x)) > 100 * allowance).all()


def test_conditioning_counts_where_the_operations_are_exact():
    """1 − x beside 1: one exact subtraction, yet half a unit of the input is all of the result."""
    x = np.array([1 - 2.0**-24])
    (allowance,) = rounding_allowance(lambda x: 1 - x, [x], 24)
    assert 2.0**-25 <= allowance[0] < 2.0**-24
    (fixed,) = rounding_allowance(lambda x: 1 - x, [x], 24, fixed=(0,))
    assert fixed[0] < 2.0**-40


def test_follows_the_exact_branch_and_samples_the_other():
    step = lambda x: np.where(x > 1.0001, x + 10, x)  # noqa: E731
    beside, far = np.array([1.0001 - 1e-9, 0.5])
    (allowance,) = rounding_allowance(step, [np.array([beside, far])], 8)
    assert allowance[0] > 9  # half a unit moves it across the jump
    assert allowance[1] < 0.1
    kink = lambda x: np.maximum(x - 1.0001, 0)  # noqa: E731
    (allowance,) = rounding_allowance(kink, [np.array([beside])], 8)
    assert 0 < allowance[0] < 0.1


def test_an_unbounded_ball_is_replaced_by_the_spread_or_by_infinity():
    (allowance,) = rounding_allowance(lambda x: np.log(x - 1), [np.array([1.004, 3.0])], 8)
    assert np.isfinite(allowance).all()
    assert allowance[0] > 0.1
    (allowance,) = rounding_allowance(lambda x: 1 / (x - x), [np.array([2.0])], 8)
    assert allowance[0] == np.inf


def test_takes_the_jaxpr_of_a_gradient():
    fn = lambda a, y: jnp.sum(jax.nn.softplus(a) * y)  # noqa: E731
    args = [np.array([0.3, -1.2]), np.array([2.0, 1.0])]
    traced = trace(fn, args)
    value, gradient = rounding_allowance(traced.gradient, args, 24)
    assert value.shape == ()
    assert (gradient < 1e-6).all()
    assert (gradient > 1e-9).all()


def test_a_factorisation_is_that_of_a_matrix_near_by():
    """Rotations mix the entries: a component that is exactly 0 comes out as some units of the largest one, in every program by
    singular values. A mistake has no room in that."""
    a = np.array([[0.0, 0.0], [1.0, 1.0], [1.0, 0.0]])
    with jax.enable_x64(True):
        gradient = jax.make_jaxpr(jax.grad(lambda a: jnp.linalg.svd(a, compute_uv=False).sum()))(a)
    (allowance,) = rounding_allowance(gradient, [a], 53)
    u, _, vh = np.linalg.svd(a, full_matrices=False)
    exact = (u @ vh)[0, 1]
    assert abs(exact) < 4 * allowance[0, 1]
    assert np.all((allowance > 2.0**-54) & (allowance < 1e-12))
    with jax.enable_x64(True):
        products = jax.make_jaxpr(lambda a: a * a)(a)
    assert np.all(rounding_allowance(products, [a], 53)[0] < 1e-15)


def test_refuses_bad_precision_and_undecidable_programs():
    with pytest.raises(ValueError, match="bits"):
        rounding_allowance(softplus, [np.ones(1)], 1)
    with pytest.raises(Undecidable):
        rounding_allowance(lambda x: np.where(np.exp(np.log(x)) > x, x, 2 * x), [np.array([1.7])], 24)


def test_vectors_that_balls_do_not_tell_apart_are_asked_at_corners() -> None:
    """At 24 bits the two eigenvalues lie in one ball, and no vector is enclosed; what moves by half a unit there moves the vectors
    by 2⁻²⁵ over the distance of the eigenvalues."""
    x = np.array([[1.0, 1e-4], [1e-4, 1.0003]])
    with double_precision():
        closed = jax.make_jaxpr(lambda x: jnp.linalg.eigh(x)[1] ** 2)(x)
    (allowance,) = rounding_allowance(closed, [x], 24)
    moved = np.linalg.eigh(x + np.diag([2.0**-25, 0.0]))[1] ** 2 - np.linalg.eigh(x)[1] ** 2
    assert (np.abs(moved) <= 2 * allowance).all()
    assert (allowance < 1e-3).all()


def test_where_a_ball_says_nothing_the_rounding_on_the_way_is_measured_too() -> None:
    """With E = 1 the factor of ln(1 − a) is 0, and a ball around a = 1 − 2.7e-16 reaches beyond 1: what it costs that a is a float
    is seen at corners."""

    def cross_entropy(z: Any, E: Any) -> Any:
        a = 1 / (1 + jnp.exp(-z))
        return -(E * jnp.log(a) + (1 - E) * jnp.log1p(-a))

    z, E = np.array(35.859), np.array(1.0)
    with double_precision():
        closed = jax.make_jaxpr(cross_entropy)(z, E)
    (allowance,) = rounding_allowance(closed, [z, E], 53, fixed=(1,))
    a = 1 / (1 + np.exp(-z))
    lost = abs(-np.log(a) - np.log1p(np.exp(-z)))
    assert lost > 1e-17
    assert lost <= SLACK * allowance
    assert allowance < 1e-15


def test_what_is_rounded_on_the_way_is_rounded_up_and_down() -> None:
    """1 − σ(36.7) has no digits where σ is a float next to 1: of equal entries none is luckier than another."""
    z = np.full(600, 36.7)
    gradient = trace(lambda z: jnp.sum(-jnp.log1p(-1 / (1 + jnp.exp(-z)))), (z,), (0,)).gradient
    _, allowance = rounding_allowance(gradient, (z,), 53)
    assert np.isfinite(allowance).all()
    assert allowance.min() > 0.1
