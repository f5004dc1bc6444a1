"""The index form and the matrix form of BP1–BP4 are the same equations: in floats to rounding, in balls without a gap."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import manualbp
from manualbp import ACTIVATIONS, HEADS, Gradients, Network, index_form
from oracle.balls.arrays import lift, lift_arb, precision

EVERY = pytest.mark.parametrize("name", HEADS)


@functools.cache
def case(name: str) -> tuple[Network, np.ndarray, np.ndarray]:
    """A random network of 2 to 6 layers with 1 to 9 neurons, a batch of 1 to 5, every layer with an activation of its own."""
    number = list(HEADS).index(name)
    rng, head = np.random.default_rng(number), HEADS[name]
    L, m = 2 + number % 5, 1 + number % 4 if number % 7 else 5
    sizes = [int(n) for n in rng.integers(1, 10, L)]
    if head.cost.name == "cross_entropy" and head.form == "jacobian":
        sizes[-1] = max(2, sizes[-1])  # a single softmax output is 1, out of (0, 1)
    hidden = list(rng.permutation(np.array(list(ACTIVATIONS.values()), dtype=object)))[: L - 2]
    net = manualbp.init(sizes, hidden=hidden, head=head, rng=rng)
    x = rng.normal(size=(sizes[0], m))
    if head.cost.name == "exponential":  # exp(Σ (a − E)²) leaves the floats
        net = dataclasses.replace(
            net, weights=tuple(w / 4 for w in net.weights), biases=tuple(b / 4 for b in net.biases)
        )
        x = x / 4
    return net, x, expected_output(rng, head, (sizes[-1], m))


def expected_output(rng: np.random.Generator, head: Any, shape: tuple[int, int]) -> np.ndarray:
    domain = head.cost.e_domain.name
    if domain == "sign":
        return rng.choice([-1.0, 1.0], shape)
    E = rng.uniform(size=shape)
    if domain == "closed_simplex":
        return E / E.sum(axis=0)
    return np.where(rng.random(shape) < 0.3, rng.integers(0, 2, shape), E) if domain != "positive" else E + 0.01


def arrays(g: Gradients) -> Iterator[Any]:
    yield from (np.asarray(g.cost), *g.deltas, *g.nabla_w, *g.nabla_b)


def test_the_draw_covers_depths_widths_batches_and_activations() -> None:
    drawn = [case(name) for name in HEADS]
    assert {len(net.sizes) for net, _, _ in drawn} == {2, 3, 4, 5, 6}
    assert {n for net, _, _ in drawn for n in net.sizes} == set(range(1, 10))
    assert {x.shape[1] for _, x, _ in drawn} == {1, 2, 3, 4, 5}
    assert {s.name for net, _, _ in drawn for s in net.activations} == set(ACTIVATIONS)
    assert any(len(set(net.activations)) > 2 for net, _, _ in drawn)
    assert {net.head.name for net, _, _ in drawn} == set(HEADS)


def apart(p: Gradients, q: Gradients) -> float:
    """The largest difference, in eps of each array's largest entry."""
    worst = 0.0
    for u, v in zip(arrays(p), arrays(q), strict=True):
        size = np.max(abs(v))
        worst = max(worst, float(np.max(abs(u - v)) / size) if size else float(np.max(abs(u))))
    return worst / float(np.finfo(np.float64).eps)


@EVERY
def test_in_floats_the_two_forms_agree(name: str) -> None:
    net, x, expected = case(name)
    matrix, index = manualbp.gradients(net, x, expected), index_form.gradients(net, x, expected)
    for p, q in zip(arrays(matrix), arrays(index), strict=True):
        assert p.shape == q.shape
        assert p.dtype == q.dtype == np.float64
    assert apart(matrix, index) < 1e4  # a sum in another order, at worst before a steep exponential


@EVERY
def test_in_balls_the_two_forms_meet(name: str) -> None:
    net, x, expected = case(name)
    with precision(300):
        balls = Network(tuple(map(lift, net.weights)), tuple(map(lift, net.biases)), net.activations, net.head)
        matrix = manualbp.gradients(balls, lift(x), lift(expected))
        index = index_form.gradients(balls, lift(x), lift(expected))
        for p, q in zip(arrays(matrix), arrays(index), strict=True):
            assert p.shape == q.shape
            pairs = list(zip(lift_arb(p).ravel(), lift_arb(q).ravel(), strict=True))
            assert all(u.overlaps(v) for u, v in pairs)
            assert not any(u.overlaps(v * (1 + 2.0**-45)) for u, v in pairs if not v.contains(0))


def mistakes(net: Network, x: np.ndarray, expected: np.ndarray) -> Iterator[tuple[str, Gradients]]:
    """Gradients as a wrong matrix form would yield them."""
    g = manualbp.gradients(net, x, expected)
    m = x.shape[1]
    yield "a sum in the place of the mean", dataclasses.replace(g, nabla_w=tuple(m * v for v in g.nabla_w))
    yield "the samples in another order", dataclasses.replace(g, deltas=tuple(d[:, ::-1] for d in g.deltas))
    yield (
        "σ in the place of σ′",
        manualbp.gradients(
            dataclasses.replace(
                net, activations=tuple(dataclasses.replace(s, sigma_prime=s.sigma) for s in net.activations)
            ),
            x,
            expected,
        ),
    )
    yield (
        "no σ′",
        manualbp.gradients(
            dataclasses.replace(
                net, activations=tuple(dataclasses.replace(s, sigma_prime=np.ones_like) for s in net.activations)
            ),
            x,
            expected,
        ),
    )
    head = net.head
    yield (
        "δ of the other sign",
        manualbp.gradients(
            dataclasses.replace(net, head=dataclasses.replace(head, delta=lambda z, a, E: -head.delta(z, a, E))),
            x,
            expected,
        ),
    )
    yield "one entry off by 1e-9", dataclasses.replace(g, nabla_b=(g.nabla_b[0] * (1 + 1e-9), *g.nabla_b[1:]))


def test_the_comparison_sees_what_one_gets_wrong() -> None:
    name = "sigmoid+quadratic"
    net = manualbp.init((3, 5, 4, 2), hidden=manualbp.TANH, head=HEADS[name], rng=np.random.default_rng(3))
    rng = np.random.default_rng(4)
    x, expected = rng.normal(size=(3, 5)), rng.uniform(size=(2, 5))
    index = index_form.gradients(net, x, expected)
    assert apart(manualbp.gradients(net, x, expected), index) < 1e2
    for mistake, g in mistakes(net, x, expected):
        assert apart(g, index) > 1e6, mistake


def test_the_index_form_keeps_float32_and_its_arguments() -> None:
    net = manualbp.init(
        (3, 4, 2), hidden=manualbp.SILU, head=HEADS["sigmoid+quadratic"], rng=np.random.default_rng(5), dtype="f4"
    )
    x, expected = np.ones((3, 2), np.float32), np.zeros((2, 2), np.float32)
    g = index_form.gradients(net, x, expected)
    assert {v.dtype for v in arrays(g)} == {np.dtype(np.float32)}
    assert np.array_equal(x, np.ones((3, 2)))
    assert np.array_equal(expected, np.zeros((2, 2)))
