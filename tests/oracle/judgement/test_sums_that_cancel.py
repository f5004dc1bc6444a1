"""A zero that the sums of every gradient make is no loss; one that a formula makes is. Ends of domains, ties far out."""

from __future__ import annotations

from functools import partial
from itertools import product
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import oracle
from oracle.judgement.cancellation import cost_of_sums
from oracle.judgement.point import judge_point
from oracle.witnesses.prepare import prepare
from oracle.witnesses.sides import both_sides

from ...sweeps import thinned

Array = Any
check = partial(oracle.check_gradient, database=None)


def rms_norm(x: Array, w: Array) -> Array:
    return (x / jnp.sqrt((x * x).mean() + 1e-12) * w).sum()


def layer_norm(x: Array, w: Array) -> Array:
    centred = x - x.mean()
    return (centred / jnp.sqrt((centred * centred).mean() + 1e-6) * w).sum()


def batch_norm(x: Array, w: Array) -> Array:
    return jnp.tanh((x - x.mean(0)) / jnp.sqrt(x.var(0) + 1e-6) * w).sum()


NORMS: dict[str, tuple[Any, Any]] = {
    "RMSNorm": (rms_norm, None),
    "LayerNorm": (layer_norm, None),
    "BatchNorm": (batch_norm, ((4, 3), (3,))),
}


@pytest.mark.parametrize(("wide", "name"), thinned(product([True, False], NORMS), 4))
def test_a_right_normalisation_is_right_on_real_in_both_dtypes(wide: bool, name: str) -> None:
    fn, shapes = NORMS[name]
    with jax.enable_x64(wide):
        report = check(fn, jax.jit(jax.grad(fn)), ("real", "real"), shapes=shapes, lengths=None if shapes else (1, 5))
    assert report.verdict == "right", report


def slope_of_tanh(z: Array) -> Array:
    return 1 - np.tanh(z) ** 2


def test_a_slope_that_comes_out_as_zero_is_a_loss_still() -> None:
    assert check(lambda z: jnp.tanh(z).sum(), slope_of_tanh, ("real",), lengths=(1, 3)).verdict == "inaccurate"
    with jax.enable_x64(True):
        compiled = jax.jit(jax.grad(lambda z: jax.nn.sigmoid(z).sum()))
        by_jax = check(lambda z: jax.nn.sigmoid(z).sum(), compiled, ("real",), lengths=(1, 3))
    assert by_jax.verdict == "inaccurate"


def test_what_sums_cost() -> None:
    """200/√(200² + 1e-12): of the two paths, ±1/200, nothing is left; the slope of tanh has one path."""
    x, w = np.array([200.0]), np.array([1.0])
    function = prepare(rms_norm, (x, w), 0, [None, None])
    cost = cost_of_sums(function, (x, w), 53)
    assert 1e-19 < cost[0] < 1e-16
    z = np.array([30.0])
    assert cost_of_sums(prepare(lambda z: jnp.tanh(z).sum(), (z,), 0, [None]), (z,), 53)[0] < 1e-40


def cosine(a: Array, b: Array) -> Array:
    return 1 - jnp.dot(a, b) / (jnp.linalg.norm(a) * jnp.linalg.norm(b))


def test_what_sums_with_a_number_cost() -> None:
    """The backward pass of jnp.dot(a, b) / c multiplies b by a number, which is no array of one component."""
    a, b = np.array([200.0, 3.0]), np.array([1.0, -2.0])
    cost = cost_of_sums(prepare(cosine, (a, b), 0, [None, None]), (a, b), 53)
    assert np.all((cost > 1e-21) & (cost < 1e-16))


def test_steps_half_way_to_an_open_end_do_not_round_to_it() -> None:
    seen: list[float] = []

    def fn(x: Array) -> float:
        seen.append(float(x[0]))
        return float(x[0])

    for end in (2.0, 5.0):
        inward = np.nextafter(end, 3.0)
        for x in (inward, np.nextafter(inward, 3.0)):
            both_sides(fn, [np.array([x])], 0, (2.0, 5.0))
    assert all(2.0 < x < 5.0 for x in seen)


@pytest.mark.longer
def test_a_maximum_whose_terms_round_to_a_tie_is_no_mistake() -> None:
    def hinge(z: Array) -> Array:
        return (z + jnp.array([0.0, 1.0, 1.0])).max() - z[0]

    def picked(z: Array) -> Array:
        return np.eye(3)[(z + np.array([0, 1.0, 1.0])).argmax()] - np.eye(3)[0]

    few: Any = {"domains": ("real",), "shapes": ((3,),), "examples": 50}
    assert check(hinge, picked, **few).verdict in ("right", "inaccurate")
    none = check(hinge, lambda z: picked(z) + (abs(z).max() > 1e15) * 2.0, **few)
    assert none.verdict == "wrong"


def test_what_a_formula_of_its_own_choice_cancels_is_lost() -> None:
    """sin a/a has two paths, whose terms of 1/a cancel: its textbook derivative is 0 at 1e-8, all there is."""
    fn, z = (lambda a: jnp.sum(jnp.sin(a) / a)), np.array([1e-8, 0.7])
    found = judge_point(prepare(fn, (z,), 0, [(0, 1)]), lambda a: (a * np.cos(a) - np.sin(a)) / (a * a), (z,))
    assert found.verdict == "inaccurate"
    assert found.component == (0,)


def test_a_detour_by_logarithms_costs_less_than_a_digit() -> None:
    """exp(−1/a² − 3 ln a) at 261 is 20 eps off, by its own roundings: no digit is lost; by 10 000 roundings one would be."""
    fn, a = (lambda a: jnp.sum(jnp.exp(-1 / a**2))), np.array([261.5831719832937])
    function = prepare(fn, (a,), 0, [(1, 1000)])
    assert judge_point(function, lambda a: 2 * np.exp(-1 / a**2 - 3 * np.log(a)), (a,)).verdict == "right"
    lossy = judge_point(function, lambda a: 2 * np.exp((-1 / a**2 - 3 * np.log(a) + 1e4) - 1e4), (a,))
    assert lossy.verdict == "inaccurate"
