"""BP1–BP4 in matrix form: against the certified derivative and jax.grad, batch against samples, stacks, and manners."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import manualbp
from manualbp import ACTIVATIONS, HEADS, Gradients, Network
from oracle.balls.arrays import lift, lift_arb, precision
from oracle.judgement.verdict import Verdict
from oracle.verify.case import Case
from oracle.verify.examine import examine

from ..sweeps import thinned

HEAD_NAMES = (
    "identity+quadratic:fused",
    "sigmoid+cross_entropy:fused",
    "sigmoid+cross_entropy",
    "softmax+categorical_cross_entropy:fused",
    "softmax+hellinger",
    "tanh+exponential",
    "softplus+itakura_saito",
    "arctan+huber",
    "sigmoid+kullback_leibler",
)
HEAD = pytest.mark.parametrize("head", HEAD_NAMES)
SIZES = (3, 5, 1, 4, 2)
HIDDEN = (ACTIVATIONS["gelu"], ACTIVATIONS["softplus"], ACTIVATIONS["tanh"])


def case(head: str, m: int = 4, dtype: Any = np.float64, seed: int = 0) -> tuple[Network, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    net = manualbp.init(SIZES, hidden=HIDDEN, head=HEADS[head], rng=rng, dtype=dtype)
    expected = rng.uniform(0.1, 0.9, (SIZES[-1], m))
    return net, rng.normal(size=(SIZES[0], m)).astype(dtype), (expected / expected.sum(axis=0)).astype(dtype)


def arrays(g: Gradients) -> Iterator[Any]:
    yield from (np.asarray(g.cost), *g.deltas, *g.nabla_w, *g.nabla_b)


def apart(p: Gradients, q: Gradients) -> float:
    """The largest difference, relative to each array's largest entry."""
    return max(float(np.max(abs(u - v)) / np.max(abs(v))) for u, v in zip(arrays(p), arrays(q), strict=True))


def on_balls(net: Network) -> Network:
    return Network(tuple(map(lift, net.weights)), tuple(map(lift, net.biases)), net.activations, net.head)


# against the truth


@HEAD
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_equation_is_certified(head: str, dtype: Any) -> None:
    examination = examine(Case(*case(head, dtype=dtype)))
    assert examination.verdict is Verdict.RIGHT, examination.first_wrong
    assert {step.symbol for step in examination.steps} == {
        "C",
        *(f"{symbol}^{i}" for symbol in ("δ", "∂C/∂W", "∂C/∂b") for i in (2, 3, 4, 5)),
    }


def test_that_certificate_is_refused_to_a_wrong_derivative() -> None:
    net, x, expected = case("sigmoid+cross_entropy")
    wrong = dataclasses.replace(HIDDEN[1], sigma_prime=HIDDEN[1].sigma)
    spoiled = dataclasses.replace(net, activations=(HIDDEN[0], wrong, HIDDEN[2]))
    examination = examine(Case(spoiled, x, expected))
    assert examination.verdict is Verdict.WRONG
    assert examination.first_wrong is not None
    assert examination.first_wrong.symbol == "δ^3"


def by_jax(net: Network, x: np.ndarray, expected: np.ndarray) -> Gradients:
    """jax.value_and_grad of the mean cost; ∂C/∂(a shift of zⁱ) is δⁱ/m."""
    L, m = len(net.weights), x.shape[1]

    def mean_cost(weights: Any, biases: Any, shifts: Any) -> Any:
        moved = Network(weights, tuple(b + s for b, s in zip(biases, shifts, strict=True)), net.activations, net.head)
        z, a = manualbp.forward(moved, jnp.asarray(x))
        return net.head.C(z[-1], a[-1], jnp.asarray(expected)).sum() / m

    with jax.enable_x64(True):
        parameters = [tuple(map(jnp.asarray, v)) for v in (net.weights, net.biases)]
        shifts = tuple(jnp.zeros((net.sizes[i + 1], m)) for i in range(L))
        cost, (dw, db, ds) = jax.jit(jax.value_and_grad(mean_cost, argnums=(0, 1, 2)))(*parameters, shifts)
        return Gradients(
            np.asarray(cost), *(tuple(np.asarray(v) for v in part) for part in ([m * d for d in ds], dw, db))
        )


@pytest.mark.parametrize("head", thinned(HEAD_NAMES[::2], 3))
def test_jax_agrees(head: str) -> None:
    arguments = case(head)
    g, autodiff = manualbp.gradients(*arguments), by_jax(*arguments)
    assert apart(g, autodiff) < 1e-12
    assert apart(dataclasses.replace(g, deltas=tuple(d / 4 for d in g.deltas)), autodiff) > 0.5
    assert apart(dataclasses.replace(g, nabla_w=(g.nabla_w[0] * (1 + 1e-9), *g.nabla_w[1:])), autodiff) > 1e-10


# the batch and its samples


@HEAD
@pytest.mark.parametrize("m", [1, 2, 5])
def test_the_batch_is_the_mean_of_its_samples(head: str, m: int) -> None:
    net, x, expected = case(head, m)
    g, each = manualbp.gradients(net, x, expected), manualbp.per_sample_gradients(net, x, expected)
    assert each.cost.shape == (m,)
    for i, n in enumerate(SIZES[1:]):
        assert each.deltas[i].shape == each.nabla_b[i].shape == (m, n, 1)
        assert each.nabla_w[i].shape == (m, n, SIZES[i])
    mean = Gradients(
        each.cost.mean(),
        tuple(np.concatenate(list(d), axis=1) for d in each.deltas),
        *(tuple(v.mean(axis=0) for v in part) for part in (each.nabla_w, each.nabla_b)),
    )
    assert apart(mean, g) < 1e-13
    if m > 1:
        total = dataclasses.replace(mean, nabla_w=tuple(v.sum(axis=0) for v in each.nabla_w))
        assert apart(total, g) > 0.5


@HEAD
def test_in_balls_the_batch_meets_the_mean_of_its_samples(head: str) -> None:
    net, x, expected = case(head, 3)
    with precision(300):
        g = manualbp.gradients(on_balls(net), lift(x), lift(expected))
        each = manualbp.per_sample_gradients(on_balls(net), lift(x), lift(expected))
        for whole, parts in zip((*g.nabla_w, *g.nabla_b), (*each.nabla_w, *each.nabla_b), strict=True):
            mean = parts.sum(axis=0) / 3
            pairs = list(zip(lift_arb(whole).ravel(), lift_arb(mean).ravel(), strict=True))
            assert all(u.overlaps(v) for u, v in pairs)
            assert not any(u.overlaps(v * (1 + 2.0**-45)) for u, v in pairs)


@HEAD
def test_each_sample_is_the_gradient_of_its_column(head: str) -> None:
    net, x, expected = case(head, 5)
    each = manualbp.per_sample_gradients(net, x, expected)
    alone = [manualbp.gradients(net, x[:, [r]], expected[:, [r]]) for r in range(5)]
    for r, g in enumerate(alone):
        mine = Gradients(
            each.cost[r], *(tuple(v[r] for v in part) for part in (each.deltas, each.nabla_w, each.nabla_b))
        )
        assert apart(mine, g) < 1e-13
        assert apart(mine, alone[r - 1]) > 1e-3


# stacks


@HEAD
def test_a_stack_of_batches_yields_a_stack_of_gradients(head: str) -> None:
    net, x, expected = case(head, 6)
    stacked = manualbp.gradients(net, np.stack([x[:, :3], x[:, 3:]]), np.stack([expected[:, :3], expected[:, 3:]]))
    for k in (0, 1):
        half = np.s_[:, 3 * k : 3 * k + 3]
        g = manualbp.gradients(net, x[half], expected[half])
        mine = Gradients(
            stacked.cost[k], *(tuple(v[k] for v in part) for part in (stacked.deltas, stacked.nabla_w, stacked.nabla_b))
        )
        assert apart(mine, g) < 1e-13


@HEAD
def test_a_stack_of_networks_yields_a_stack_of_gradients(head: str) -> None:
    cases = [case(head, seed=seed) for seed in (0, 1, 2)]
    weights = tuple(np.stack(layer) for layer in zip(*(net.weights for net, _, _ in cases), strict=True))
    biases = tuple(np.stack(layer) for layer in zip(*(net.biases for net, _, _ in cases), strict=True))
    net = Network(weights, biases, HIDDEN, HEADS[head])
    assert net.sizes == SIZES
    stacked = manualbp.gradients(net, np.stack([x for _, x, _ in cases]), np.stack([E for _, _, E in cases]))
    for k, arguments in enumerate(cases):
        mine = Gradients(
            stacked.cost[k], *(tuple(v[k] for v in part) for part in (stacked.deltas, stacked.nabla_w, stacked.nabla_b))
        )
        assert apart(mine, manualbp.gradients(*arguments)) < 1e-13


# manners


@HEAD
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_shapes_and_dtype_are_kept_and_arguments_left_alone(head: str, dtype: Any) -> None:
    net, x, expected = case(head, dtype=dtype)
    given = [x, expected, *net.weights, *net.biases]
    before = [v.copy() for v in given]
    for v in given:
        v.flags.writeable = False
    for g, lead in (
        (manualbp.gradients(net, x, expected), ()),
        (manualbp.per_sample_gradients(net, x, expected), (4,)),
    ):
        assert {np.asarray(v).dtype for v in arrays(g)} == {np.dtype(dtype)}
        assert np.shape(g.cost) == lead
        for i, (w, b) in enumerate(zip(net.weights, net.biases, strict=True)):
            assert g.nabla_w[i].shape == (*lead, *w.shape)
            assert g.nabla_b[i].shape == (*lead, *b.shape)
            assert g.deltas[i].shape == (*lead, len(w), 1 if lead else 4)
        assert all(np.array_equal(p, q) for p, q in zip(given, before, strict=True))


def test_every_result_is_its_own() -> None:
    for m in (1, 4, 301):
        net, x, expected = case("identity+quadratic:fused", m)
        g, again = manualbp.gradients(net, x, expected), manualbp.gradients(net, x, expected)
        others = [x, expected, *net.weights, *net.biases]
        results = [v for v in arrays(g) if v.ndim]
        for k, v in enumerate(results):
            assert not any(np.shares_memory(v, o) for o in (*others, *results[:k], *results[k + 1 :], *arrays(again)))


def test_arrays_that_are_not_contiguous() -> None:
    net, x, expected = case("tanh+exponential", 301)
    turned = np.asfortranarray(x), np.asfortranarray(expected)
    strided = np.repeat(x, 2, axis=1)[:, ::2], np.repeat(expected, 2, axis=0)[::2]
    for arguments in (turned, strided):
        assert apart(manualbp.gradients(net, *arguments), manualbp.gradients(net, x, expected)) < 1e-13


@HEAD
def test_the_same_call_gives_the_same_bits(head: str) -> None:
    arguments = case(head)
    one, two = manualbp.gradients(*arguments), manualbp.gradients(*arguments)
    assert all(np.array_equal(p, q) for p, q in zip(arrays(one), arrays(two), strict=True))


def test_zero_weights_and_equal_neurons() -> None:
    """With W = 0 nothing flows back beyond the last layer; equal neurons have equal gradients."""
    net, x, expected = case("sigmoid+cross_entropy:fused")
    silent = dataclasses.replace(net, weights=tuple(0 * w for w in net.weights))
    g = manualbp.gradients(silent, x, expected)
    assert all(not d.any() for d in g.deltas[:-1])
    assert g.deltas[-1].any()
    twins = dataclasses.replace(
        net,
        weights=(net.weights[0][[0, 0, 2, 3, 4]], net.weights[1][:, [0, 0, 2, 3, 4]], *net.weights[2:]),
        biases=(net.biases[0][[0, 0, 2, 3, 4]], *net.biases[1:]),
    )
    g = manualbp.gradients(twins, x, expected)
    assert np.array_equal(g.nabla_w[0][0], g.nabla_w[0][1])
    assert np.array_equal(g.deltas[0][0], g.deltas[0][1])


def test_a_network_without_hidden_layers() -> None:
    rng = np.random.default_rng(6)
    net = manualbp.init((3, 2), hidden=(), head=manualbp.IDENTITY_QUADRATIC, rng=rng)
    x, expected = rng.normal(size=(3, 4)), rng.normal(size=(2, 4))
    error = net.weights[0] @ x + net.biases[0] - expected
    g = manualbp.gradients(net, x, expected)
    assert np.allclose(g.deltas[0], error, rtol=1e-13)
    assert np.allclose(g.nabla_w[0], error @ x.T / 4, rtol=1e-13)
    assert np.allclose(g.nabla_b[0], error.mean(axis=1, keepdims=True), rtol=1e-13)
    assert np.allclose(g.cost, (error**2).sum() / 8, rtol=1e-13)
