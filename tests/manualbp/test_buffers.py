"""Workspaces: the same numbers as without, in buffers that are used again; and the blocks that large arrays are cut into."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import manualbp
from manualbp import ACTIVATIONS, HEADS, TANH, Gradients, Network, Workspace
from manualbp.inplace import BLOCK, affine, columnwise, elementwise, hadamard, matmul, sum_of_columns

SMALL, LARGE = (3, 5, 4, 2), (20, 60, 200, 90)
HEAD_NAMES = ("sigmoid+cross_entropy:fused", "tanh+huber", "identity+quadratic:fused", "sigmoid+kullback_leibler")
ONES = np.ones


def network(sizes: tuple[int, ...], head: str, dtype: Any = np.float64, hidden: Any = TANH) -> Network:
    return manualbp.init(sizes, hidden=hidden, head=HEADS[head], rng=np.random.default_rng(1), dtype=dtype)


def batch(net: Network, m: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng, dtype = np.random.default_rng(seed), net.weights[0].dtype
    expected = rng.uniform(size=(net.sizes[-1], m))
    return rng.normal(size=(net.sizes[0], m)).astype(dtype), (expected / expected.sum(axis=0)).astype(dtype)


def arrays(g: Gradients) -> Iterator[np.ndarray]:
    yield from (np.asarray(g.cost), *g.deltas, *g.nabla_w, *g.nabla_b)


def copied(g: Gradients) -> list[np.ndarray]:
    return [v.copy() for v in arrays(g)]


def same(g: Gradients, expected: list[np.ndarray]) -> bool:
    return all(np.array_equal(p, q) for p, q in zip(arrays(g), expected, strict=True))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("head", HEAD_NAMES)
@pytest.mark.parametrize(("sizes", "m"), [(SMALL, 1), (SMALL, 7), (LARGE, 301), ((1, 17_000, 1), 1)])
def test_a_workspace_changes_no_bit_at_any_call(sizes: tuple[int, ...], m: int, head: str, dtype: Any) -> None:
    net = network(sizes, head, dtype)
    fresh = [copied(manualbp.gradients(net, *batch(net, m, seed))) for seed in (0, 1, 0)]
    assert any(not np.array_equal(p, q) for p, q in zip(fresh[0], fresh[1], strict=True))
    buffers = manualbp.workspace(net, m)
    for seed, expected in zip((0, 1, 0), fresh, strict=True):
        assert same(manualbp.gradients(net, *batch(net, m, seed), workspace=buffers), expected)
    for v in arrays(manualbp.gradients(net, *batch(net, m), workspace=buffers)):
        assert v.dtype == dtype


def test_the_large_network_is_worked_on_in_blocks_and_the_small_one_is_not() -> None:
    assert all(n * 301 > BLOCK for n in LARGE[1:])
    assert all(n * 301 % BLOCK for n in LARGE[1:]), "with a remainder"
    assert all(n * 7 < BLOCK for n in SMALL)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_blocks_change_no_bit_of_any_activation(name: str) -> None:
    net = network((20, 130, 10), "tanh+quadratic", hidden=ACTIVATIONS[name])
    x, expected = batch(net, 301)
    fresh = copied(manualbp.gradients(net, x, expected))
    assert same(manualbp.gradients(net, x, expected, workspace=manualbp.workspace(net, 301)), fresh)


@pytest.mark.parametrize("head", ["softmax+categorical_cross_entropy:fused", "softmax+quadratic"])
def test_softmax_in_blocks_is_the_same_to_rounding(head: str) -> None:
    """Its sums over the outputs are matrix products, which may add in another order for another number of columns."""
    for sizes, m, slack in ((SMALL, 7, 0), (LARGE, 301, 16)):
        net = network(sizes, head)
        x, expected = batch(net, m)
        fresh = manualbp.gradients(net, x, expected)
        g = manualbp.gradients(net, x, expected, workspace=manualbp.workspace(net, m))
        for p, q in zip(arrays(g), arrays(fresh), strict=True):
            assert np.all(abs(p - q) <= slack * np.finfo(np.float64).eps * np.max(abs(q)))


def test_the_result_lives_in_the_workspace_until_its_next_use() -> None:
    net = network(LARGE, "tanh+quadratic")
    buffers = manualbp.workspace(net, 301)
    g = manualbp.gradients(net, *batch(net, 301, 0), workspace=buffers)
    before = copied(g)
    for i in (2, 3, 4):
        assert g.nabla_w[i - 2] is buffers.nabla_w[i]
        assert g.nabla_b[i - 2] is buffers.nabla_b[i]
        assert g.deltas[i - 2] is buffers.delta[i]
    manualbp.gradients(net, *batch(net, 301, 1), workspace=buffers)
    assert not same(g, before)


def test_without_a_workspace_every_result_is_its_own() -> None:
    for sizes, m in ((SMALL, 7), (SMALL, 1), (LARGE, 301)):
        net = network(sizes, "identity+quadratic:fused")
        x, expected = batch(net, m)
        g, again = manualbp.gradients(net, x, expected), manualbp.gradients(net, x, expected)
        others = [x, expected, *net.weights, *net.biases]
        results = [v for v in arrays(g) if v.ndim]
        for k, v in enumerate(results):
            assert not any(np.shares_memory(v, o) for o in (*others, *results[:k], *results[k + 1 :], *arrays(again)))


def test_one_workspace_serves_networks_of_one_shape() -> None:
    one, two = (
        network(SMALL, "tanh+quadratic"),
        network(SMALL, "sigmoid+cross_entropy:fused", hidden=ACTIVATIONS["relu"]),
    )
    buffers = manualbp.workspace(one, 7)
    x, expected = batch(two, 7)
    assert same(manualbp.gradients(two, x, expected, workspace=buffers), copied(manualbp.gradients(two, x, expected)))


def test_arrays_that_are_not_contiguous() -> None:
    net = network(LARGE, "tanh+quadratic")
    x, expected = batch(net, 301)
    turned = np.asfortranarray(x), np.asfortranarray(expected)
    strided = np.repeat(x, 2, axis=1)[:, ::2], np.repeat(expected, 2, axis=0)[::2]
    eps = np.finfo(np.float64).eps
    for arguments in (turned, strided):
        fresh = manualbp.gradients(net, *arguments)
        assert same(manualbp.gradients(net, *arguments, workspace=manualbp.workspace(net, 301)), copied(fresh))
        for p, q in zip(arrays(fresh), arrays(manualbp.gradients(net, x, expected)), strict=True):
            assert np.all(abs(p - q) <= 64 * eps * np.max(abs(q)))


@pytest.mark.parametrize("m", [0, -1])
def test_a_workspace_for_no_sample(m: int) -> None:
    with pytest.raises(ValueError, match=f"^m = {m}: a batch has at least one sample$"):
        manualbp.workspace(network(SMALL, "tanh+quadratic"), m)


@pytest.mark.parametrize(
    ("sizes", "m", "dtype", "sentence"),
    [
        (
            SMALL,
            6,
            np.float64,
            "workspace was made for 6 samples, x has shape (3, 7): make one by manualbp.workspace(net, 7)",
        ),
        (
            SMALL,
            8,
            np.float64,
            "workspace was made for 8 samples, x has shape (3, 7): make one by manualbp.workspace(net, 7)",
        ),
        ((3, 5, 2), 7, np.float64, "workspace was made for another network: make one by manualbp.workspace(net, m)"),
        ((3, 5, 5, 2), 7, np.float64, "workspace was made for another network: make one by manualbp.workspace(net, m)"),
        (SMALL, 7, np.float32, "workspace was made for another network: make one by manualbp.workspace(net, m)"),
    ],
)
def test_a_workspace_of_another_size(sizes: tuple[int, ...], m: int, dtype: Any, sentence: str) -> None:
    net = network(SMALL, "tanh+quadratic")
    buffers = manualbp.workspace(network(sizes, "tanh+quadratic", dtype), m)
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        manualbp.gradients(net, *batch(net, 7), workspace=buffers)


def test_a_workspace_holds_one_batch_and_no_stack() -> None:
    net = network(SMALL, "tanh+quadratic")
    sentence = "workspace was made for 7 samples, x has shape (2, 3, 7): make one by manualbp.workspace(net, 7)"
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        manualbp.gradients(net, ONES((2, 3, 7)), ONES((2, 2, 7)), workspace=manualbp.workspace(net, 7))


def test_an_empty_workspace_reuses_nothing() -> None:
    net = network(SMALL, "tanh+quadratic")
    x, expected = batch(net, 7)
    assert same(
        manualbp.gradients(net, x, expected, workspace=Workspace()), copied(manualbp.gradients(net, x, expected))
    )


# the verbs


SHAPES = [(1, 1), (3, 5), (1, BLOCK), (1, BLOCK + 1), (BLOCK + 1, 1), (130, 301), (2, 3 * BLOCK)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("order", ["C", "F"])
def test_blocks_cover_every_entry_once(shape: tuple[int, int], order: Any) -> None:
    z = np.array(np.arange(np.prod(shape), dtype=float).reshape(shape), order=order)
    out = np.full(shape, np.nan)
    assert np.array_equal(elementwise(lambda v: 2 * v + 1, z, out), 2 * z + 1)
    assert np.array_equal(elementwise(lambda v: 2 * v + 1, z), 2 * z + 1)
    assert np.array_equal(hadamard(np.full(shape, 3.0), lambda v: v + 1, z), 3 * (z + 1))
    out = np.full(shape, np.nan)
    assert np.array_equal(columnwise(lambda p, q: p - q.sum(axis=0), z, z, out=out), z - z.sum(axis=0))
    assert np.array_equal(columnwise(lambda p, q: p - q.sum(axis=0), z, z), z - z.sum(axis=0))


def test_blocks_are_really_used() -> None:
    seen: list[int] = []

    def watched(v: np.ndarray) -> np.ndarray:
        seen.append(v.size)
        return v + 0

    z = np.zeros((2, BLOCK))
    elementwise(watched, z, np.empty_like(z))
    columnwise(watched, z, out=np.empty_like(z))
    hadamard(z.copy(), watched, z)
    assert seen == [BLOCK] * 6


def test_a_stack_goes_through_hadamard_whole() -> None:
    z = np.arange(2.0 * BLOCK).reshape(2, 2, -1)
    assert np.array_equal(hadamard(np.ones_like(z), lambda v: v + 1, z), z + 1)


def test_the_linear_verbs_write_where_they_are_told() -> None:
    rng = np.random.default_rng(2)
    w, a, b = rng.normal(size=(4, 3)), rng.normal(size=(3, 5)), rng.normal(size=(4, 1))
    out, column = np.empty((4, 5)), np.empty((4, 1))
    assert matmul(w, a, out=out) is out
    assert np.array_equal(out, matmul(w, a))
    assert affine(w, a, b, out=out) is out
    assert np.array_equal(out, affine(w, a, b))
    assert np.array_equal(out, w @ a + b)
    assert sum_of_columns(out, out=column) is column
    assert np.array_equal(column, sum_of_columns(out))
