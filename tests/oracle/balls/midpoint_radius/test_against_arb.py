"""Jaxprs in midpoint–radius arrays hold what the same jaxpr is in arb: every primitive, and gradients as people write them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flint import arb

from oracle.balls.arrays import precision
from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.balls.jaxpr import evaluate as in_arb
from oracle.balls.midpoint_radius.array import MidRad
from oracle.balls.midpoint_radius.interpreter import HANDLERS, evaluate
from oracle.balls.walk import every_equation
from oracle.balls.watch import watch_ties
from oracle.witnesses.tracing import double_precision

from .random_programs import holds

RNG = np.random.default_rng(5)


def normal(*shape: int) -> Any:
    return RNG.normal(size=shape)


def pool(x: Any) -> Any:
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 2), (1, 2), "VALID")


def scanned(x: Any) -> Any:
    def step(carry: Any, row: Any) -> Any:
        carry = jnp.tanh(carry * row + 1)
        return carry, carry * 2

    last, rows = jax.lax.scan(step, jnp.zeros(x.shape[1:]), x)
    return jnp.sum(rows**2) + jnp.sum(last)


def looped(x: Any) -> Any:
    return jax.lax.while_loop(lambda c: c[0] < 3, lambda c: (c[0] + 1, jnp.sin(c[1]) * 2), (0, x))[1]


PROGRAMS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "conv": (lambda x, k: jax.lax.conv_general_dilated(x, k, (1, 2), "SAME"), (normal(2, 3, 6, 5), normal(4, 3, 3, 3))),
    "conv in groups": (
        lambda x, k: jax.lax.conv_general_dilated(x, k, (1, 1), "VALID", feature_group_count=2),
        (normal(2, 4, 5, 5), normal(6, 2, 3, 2)),
    ),
    "gather": (lambda x: x[jnp.array([2, 0, 2, -1]), :2], (normal(4, 3),)),
    "gather that fills": (lambda x: x.at[jnp.array([1, 9])].get(mode="fill", fill_value=3.0), (normal(4),)),
    "scatter": (lambda x, y: x.at[jnp.array([2, 0])].set(y), (normal(4, 3), normal(2, 3))),
    "scatter one number twice": (lambda x: x.at[jnp.array([2, 0, 2])].set(7.0) * x, (normal(4, 3),)),
    "scatter-add": (lambda x, y: x.at[jnp.array([2, 0, 2])].add(y), (normal(4, 3), normal(3, 3))),
    "scatter that drops": (lambda x, y: x.at[jnp.array([2, 9])].add(y, mode="drop"), (normal(4), normal(2))),
    "dynamic slices": (
        lambda x: jax.lax.dynamic_update_slice(x, jax.lax.dynamic_slice(x, (1, 0), (2, 2)), (0, 1)),
        (normal(4, 3),),
    ),
    "pad": (lambda x: jax.lax.pad(x, 2.0, ((1, 2, 1), (0, -1, 0))), (normal(3, 3),)),
    "shapes": (
        lambda x: jnp.stack([jnp.flip(x.T).reshape(3, 4), jnp.concatenate([x, x]).reshape(4, 6)[:3, :4]]).squeeze(),
        (normal(4, 3),),
    ),
    "batched product": (lambda x, y: jnp.einsum("bij,bjk->bik", x, y), (normal(2, 3, 4), normal(2, 4, 2))),
    "long product": (lambda x, y: x @ y, (normal(3, 2000), normal(2000, 2))),
    "long sum": (lambda x: jnp.sum(x, axis=0) + jnp.sum(x), (normal(1001, 3),)),
    "extremes": (lambda x: x.max(axis=1) - x.min(axis=1) + jax.lax.cummax(x, axis=1)[:, -1], (normal(4, 5),)),
    "argmax": (lambda x: x[jnp.argmax(x, axis=0), jnp.arange(3)] + jnp.argmin(x, axis=0), (normal(4, 3),)),
    "sorts": (lambda x: jnp.sort(x, axis=0) + x[jnp.argsort(x, axis=0)[:, 0]], (normal(4, 3),)),
    "top k": (lambda x: jax.lax.top_k(x, 2)[0] * jax.lax.top_k(x, 2)[1], (normal(4, 6),)),
    "scan": (jax.grad(scanned), (normal(4, 3),)),
    "while": (looped, (normal(3),)),
    "cond": (lambda x: jax.lax.cond(x[0] > 5, jnp.sin, jnp.cos, x), (normal(3),)),
    "random numbers": (lambda x: x + jax.random.uniform(jax.random.PRNGKey(0), (3,)), (normal(3),)),
    "custom rules": (lambda x: jax.nn.relu(x) + jax.nn.silu(x) + jax.nn.gelu(x, approximate=False), (normal(7),)),
    "whole numbers": (lambda x: jnp.floor(x) + jnp.round(x) + jnp.ceil(x).astype(int) + jnp.sign(x), (normal(7) * 9,)),
    "logic": (
        lambda x: jnp.where((x > 0) & ~(x > 1) | (x < -1), x, 0.0) + jnp.any(x > 0) + jnp.all(x < 0),
        (normal(7),),
    ),
    "polynomial": (lambda x: jnp.polyval(jnp.array([1.0, -2.0, 3.0]), x) + jnp.clip(x, -0.5, 0.5), (normal(7),)),
}


def softmax_cross_entropy(z: Any, y: Any) -> Any:
    return jnp.mean(jnp.sum(y * (jax.scipy.special.logsumexp(z, axis=1, keepdims=True) - z), axis=1))


def layer_norm(x: Any, g: Any) -> Any:
    mu = x.mean(-1, keepdims=True)
    return jnp.sum(g * (x - mu) * jax.lax.rsqrt(((x - mu) ** 2).mean(-1, keepdims=True) + 1e-5))


def attention(q: Any, k: Any, v: Any) -> Any:
    return jnp.sum(jax.nn.softmax(q @ k.T / 8, axis=-1) @ v)


GRADIENTS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "softmax cross-entropy": (softmax_cross_entropy, (normal(4, 6), np.eye(6)[[1, 0, 5, 2]])),
    "layer norm": (layer_norm, (normal(3, 8), normal(3, 8))),
    "attention": (attention, (normal(3, 4), normal(5, 4), normal(5, 2))),
    "convolution": (
        lambda x, k: jnp.sum(jax.nn.gelu(jax.lax.conv_general_dilated(x, k, (1, 1), "SAME"), approximate=False)),
        (normal(1, 2, 5, 5), normal(3, 2, 3, 3)),
    ),
    "a maximum": (lambda x: jnp.sum(jnp.max(x, axis=1) ** 2) + jnp.sum(jnp.maximum(x, 0) * x), (normal(4, 5),)),
    "a norm": (lambda x: jnp.linalg.norm(x) + jnp.linalg.norm(x, axis=1).sum(), (normal(3, 4),)),
    "an embedding": (lambda x: jnp.sum(jnp.tanh(x[jnp.array([0, 2, 2, 1])]) ** 2), (normal(4, 3),)),
}


def traced(fn: Callable[..., Any], args: Any) -> Any:
    with double_precision():
        return jax.make_jaxpr(fn)(*args)


def both(closed: Any, args: Any) -> tuple[list[Any], list[Any]]:
    with precision(300):
        return evaluate(closed, args), in_arb(closed, args)


@pytest.mark.parametrize("name", [*PROGRAMS], ids=str)
def test_primitives_hold_what_arb_says(name: str) -> None:
    fn, args = PROGRAMS[name]
    ours, theirs = both(traced(fn, args), args)
    with precision(300):
        for a, b in zip(ours, theirs, strict=True):
            if isinstance(a, MidRad):
                assert a.shape == b.shape
                assert holds(a, b)
                assert np.max(a.radius) < 1e-9, "it says nothing"
            else:
                assert np.array_equal(a, b)


@pytest.mark.parametrize("name", [*GRADIENTS], ids=str)
def test_gradients_hold_what_arb_says(name: str) -> None:
    fn, args = GRADIENTS[name]
    with watch_ties() as watch:
        (ours,), (theirs,) = both(traced(jax.grad(fn), args), args)
    assert holds(ours, theirs)
    assert np.max(ours.radius) < 1e-12 * np.max(np.abs(ours.midpoint))
    assert watch.ties == []


def test_every_handler_is_met() -> None:
    from .random_programs import STEPS

    met = {name for name, _ in STEPS} | {
        "select_n",
        "broadcast_in_dim",
        "reshape",
        "concatenate",
        "convert_element_type",
        "not",
    }
    for fn, args in (*PROGRAMS.values(), *((jax.grad(f), a) for f, a in GRADIENTS.values())):
        met |= {eqn.primitive.name for eqn in every_equation(traced(fn, args))}
    names_of_other_versions = {
        "scatter_add",
        "copy_p",
        "pvary",
        "pcast",
        "reduced_vary_cast",
        "one_minus_square",
        "polynomial",
    }
    names_that_do_nothing = {
        "optimization_barrier",
        "sharding_constraint",
        "reshard",
        "device_put",
        "name",
        "reduce_precision",
        "copy",
    }
    other = {
        "xor",
        "lt_to",
        "le_to",
        "rev",
        "expand_dims",
        "tile",
        "unstack",
        "split",
        "stop_gradient",
        "squeeze",
        "stack",
        "slice",
    }
    assert set(HANDLERS) - met - names_of_other_versions - names_that_do_nothing - other == set()


def test_what_has_no_handler_goes_up_a_tier() -> None:
    for fn, args in ((jnp.linalg.inv, (np.eye(2),)), (jax.scipy.special.digamma, (normal(2),))):
        with pytest.raises(UnsupportedPrimitive):
            evaluate(traced(fn, args), args)


def test_an_open_branch_is_undecidable() -> None:
    closed = traced(lambda x: jax.lax.cond(x * x > 0.01, jnp.sin, jnp.cos, x), (0.1,))
    with pytest.raises(Undecidable):
        evaluate(closed, (MidRad(np.asarray(0.1), np.asarray(1e-9)),))


def test_an_open_condition_is_answered_by_both_branches() -> None:
    closed = traced(lambda x: jnp.where(x * 3 > 0.3, x + 5, x), (0.1,))
    (found,) = evaluate(closed, (MidRad(np.asarray(0.1), np.asarray(1e-9)),))
    assert found.lower < 0.1
    assert found.upper > 5.1


@pytest.mark.parametrize(
    ("fn", "x", "ties"),
    [
        (lambda x: jnp.sum(jnp.where(x > 0, x, -x)), [1.0, 0.0], True),
        (lambda x: jnp.sum(jnp.maximum(x, 0)), [1.0, 0.0], True),
        (lambda x: jnp.max(x), [1.0, 1.0], True),
        (lambda x: jnp.max(x), [1.0, 0.5], False),
        (lambda x: jnp.sum(jax.nn.relu(x)), [1.0, 0.5], False),
        (lambda x: jnp.sum(jnp.where(jnp.arange(2.0) > 0, x, 0)), [1.0, 0.0], False),
        (lambda x: jnp.max(x * jnp.array([3.0, 1.0])), [0.1, 0.2], False),
        (lambda x: jnp.sum(jnp.abs(x)), [0.0, 1.0], True),
    ],
)
def test_ties_are_reported_as_arb_reports_them(fn: Callable[..., Any], x: list[float], ties: bool) -> None:
    closed = traced(jax.grad(fn), (np.array(x),))
    for run in (evaluate, in_arb):
        with watch_ties() as watch:
            run(closed, [np.array(x)])  # type: ignore[operator]
        assert bool(watch.ties) is ties


def test_a_literal_that_stands_for_a_real_number_is_a_ball_around_it() -> None:
    """π itself lies in it, and the float nearest to π is its midpoint: neither is the other."""
    closed = traced(lambda x: x * np.pi, (1.0,))
    (alone,) = evaluate(closed, (1.0,))
    (found,) = evaluate(closed, (1.0,), constants={np.pi: arb.pi})
    assert found.midpoint == np.pi
    with precision(200):
        off = float(abs(arb.pi() - arb(np.pi)).mid())
    assert alone.radius < found.radius
    assert found.radius - alone.radius >= off * (1 - 2.0**-40)


def test_overflow_and_no_number_are_unknown() -> None:
    closed = traced(lambda x: (jnp.exp(x), jnp.log(-x), x * 1e305 * x, 1 / (x - x * 1.0), x * 1e-300), (800.0,))
    exp, log, square, over_zero, fine = evaluate(closed, (800.0,))
    for unknown in (exp, log, square, over_zero):
        assert unknown.radius == np.inf
        assert unknown.midpoint == 0
    assert fine.radius < 1e-310


def test_exact_infinities_stay_what_they_are() -> None:
    closed = traced(lambda x: jax.nn.softmax(jnp.where(jnp.arange(3) < 2, x, -jnp.inf)), (normal(3),))
    (found,) = evaluate(closed, (np.array([1.0, 2.0, 3.0]),))
    assert found.midpoint[2] == 0
    assert found.radius[2] < 1e-300
    assert found.radius.max() < 1e-14
