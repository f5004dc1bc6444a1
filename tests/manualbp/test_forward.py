"""The forward pass: an explicit loop, and the same lines in every arithmetic."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import manualbp
from manualbp import ACTIVATIONS, HEADS, Network
from oracle.balls.arrays import lift, midpoints, precision, radii

from ..sweeps import thinned

HEAD_NAMES = (
    "identity+quadratic:fused",
    "softmax+categorical_cross_entropy:fused",
    "sigmoid+cross_entropy",
    "tanh+huber",
)
HEAD = pytest.mark.parametrize("head", HEAD_NAMES)
ALL = tuple(ACTIVATIONS.values())
SIZES = (3, *(2 + k % 4 for k in range(len(ALL))), 4)  # a layer for every activation


def network(head: str, dtype: Any = np.float64) -> Network:
    return manualbp.init(SIZES, hidden=ALL, head=HEADS[head], rng=np.random.default_rng(0), dtype=dtype)


def batch(m: int, dtype: Any = np.float64) -> np.ndarray:
    return np.random.default_rng(1).normal(size=(SIZES[0], m)).astype(dtype)


def by_loop(net: Network, x: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """z and a by sums over neurons, one sample after the other."""
    sigmas = [*(activation.sigma for activation in net.activations), net.head.sigma]
    z, a = [], [x]
    for w, b, sigma in zip(net.weights, net.biases, sigmas, strict=True):
        z_i = np.empty((len(w), x.shape[1]))
        for r in range(x.shape[1]):
            for j in range(len(w)):
                z_i[j, r] = sum(w[j, k] * a[-1][k, r] for k in range(w.shape[1])) + b[j, 0]
        z.append(z_i)
        a.append(np.column_stack([sigma(z_i[:, [r]]) for r in range(x.shape[1])]))
    return z, a


@HEAD
@pytest.mark.parametrize("m", [1, 5])
def test_the_forward_pass_is_the_loop(head: str, m: int) -> None:
    net, x = network(head), batch(m)
    z, a = manualbp.forward(net, x)
    assert len(z) == len(SIZES) - 1
    assert len(a) == len(SIZES)
    assert a[0] is x
    for got, expected, n in zip(
        (*z, *a[1:]), (*by_loop(net, x)[0], *by_loop(net, x)[1][1:]), SIZES[1:] * 2, strict=True
    ):
        assert got.shape == (n, m)
        assert np.allclose(got, expected, rtol=1e-12, atol=1e-13)
        assert not np.allclose(got * 1.0001, expected, rtol=1e-12, atol=1e-13)


def test_every_activation_has_its_layer() -> None:
    assert network(HEAD_NAMES[0]).activations == ALL


@HEAD
def test_samples_are_columns(head: str) -> None:
    net, x = network(head), batch(6)
    z, a = manualbp.forward(net, x)
    order = [3, 0, 5, 1, 2, 4]
    z_moved, a_moved = manualbp.forward(net, x[:, order])
    for whole, moved in zip((*z, *a), (*z_moved, *a_moved), strict=True):
        assert np.allclose(whole[:, order], moved, rtol=1e-12, atol=1e-13)
    assert not np.allclose(z[0], z_moved[0])
    for r in range(6):
        alone, _ = manualbp.forward(net, x[:, [r]])
        assert all(np.allclose(p[:, [r]], q, rtol=1e-12, atol=1e-13) for p, q in zip(z, alone, strict=True))


@HEAD
def test_a_stack_of_batches_is_each_batch(head: str) -> None:
    net, x = network(head), batch(6)
    z, a = manualbp.forward(net, np.stack([x[:, :3], x[:, 3:]]))
    whole_z, whole_a = manualbp.forward(net, x)
    for stacked, whole in zip((*z, *a), (*whole_z, *whole_a), strict=True):
        assert np.allclose(np.concatenate(list(stacked), axis=-1), whole, rtol=1e-12, atol=1e-13)


@HEAD
@pytest.mark.parametrize(("dtype", "bits"), [(np.float64, 53), (np.float32, 24)])
def test_floats_are_as_near_to_the_exact_pass_as_rounding_lets_them(head: str, dtype: Any, bits: int) -> None:
    net, x = network(head, dtype), batch(3, dtype)
    before = x.copy()
    floats = manualbp.forward(net, x)
    assert np.array_equal(x, before)
    assert {v.dtype for part in floats for v in part} == {np.dtype(dtype)}

    balls = Network(tuple(map(lift, net.weights)), tuple(map(lift, net.biases)), net.activations, net.head)
    with precision(300):
        exact = manualbp.forward(balls, lift(x))
    with precision(bits):
        coarse = manualbp.forward(balls, lift(x))
    for got, truth, ball in zip(
        (*floats[0], *floats[1][1:]), (*exact[0], *exact[1][1:]), (*coarse[0], *coarse[1][1:]), strict=True
    ):
        assert np.all(radii(truth) < 1e-60)
        assert np.all(abs(got.astype(float) - midpoints(truth)) <= 4 * radii(ball) + 1e-300)
        off = got.astype(float) * (1 + 2e4 * np.finfo(dtype).eps)
        assert np.any(abs(off - midpoints(truth)) > 4 * radii(ball))


@pytest.mark.longer
@pytest.mark.parametrize("head", thinned(HEAD_NAMES[1:3], 2))
def test_the_same_lines_run_under_jit_and_grad(head: str) -> None:
    net, x = network(head), batch(3)
    with jax.enable_x64(True):
        weights, biases = tuple(map(jnp.asarray, net.weights)), tuple(map(jnp.asarray, net.biases))

        def output(weights: Any, biases: Any, x: Any) -> Any:
            z, a = manualbp.forward(Network(weights, biases, net.activations, net.head), x)
            return z, a

        def moment(weights: Any, biases: Any, x: Any) -> Any:
            return (output(weights, biases, x)[0][-1] ** 2).sum()

        arguments = weights, biases, jnp.asarray(x)
        compiled = jax.tree.map(np.asarray, jax.jit(output)(*arguments))
        slopes = jax.tree.map(np.asarray, jax.jit(jax.grad(moment, argnums=(0, 1, 2)))(*arguments))
    z, a = manualbp.forward(net, x)
    for got, expected in zip((*compiled[0], *compiled[1]), (*z, *a), strict=True):
        assert np.allclose(got, expected, rtol=1e-10, atol=1e-12)
    step = 1e-6
    later, earlier = ((manualbp.forward(net, x + h)[0][-1] ** 2).sum() for h in (step, -step))
    assert np.isclose(slopes[2].sum(), (later - earlier) / (2 * step), rtol=1e-6)
    assert np.allclose(slopes[1][-1], 2 * z[-1].sum(axis=1, keepdims=True), rtol=1e-12)
