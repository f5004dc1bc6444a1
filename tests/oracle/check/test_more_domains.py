"""Sorted vectors, whole numbers, repaired draws; seeds for generators; gradients that ask for arrays of JAX or torch."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import oracle
from oracle.witnesses.tracing import double_precision

pytestmark = pytest.mark.usefixtures("little_evidence", "unnamed_mistakes")

Array = Any


def quantile_loss(x: Array, y: Array) -> Array:
    return jnp.sum((jnp.sort(x) - y) ** 2)


def test_sorted_vectors() -> None:
    """On all vectors the gradient below is wrong: it forgets the permutation."""
    assert oracle.check_gradient(
        quantile_loss, lambda x, y: 2 * (x - y), ("sorted", "real"), lengths=(2, 4), examples=8
    )
    assert not oracle.check_gradient(
        quantile_loss, lambda x, y: 2 * (x - y), ("real", "real"), lengths=(2, 4), examples=8
    )
    assert not oracle.check_gradient(quantile_loss, lambda x, y: x - y, ("sorted", "real"), lengths=(2, 4), examples=8)


def test_differences_of_floats_stay_sorted() -> None:
    outside = []

    def gaps(x: Array) -> float:
        outside.extend(pair for pair in pairwise(x) if pair[0] >= pair[1])
        return sum(math.log(float(b) - float(a)) for a, b in pairwise(x))

    def grad(x: Array) -> Array:
        inverse = 1 / np.diff(x)
        return np.concatenate([[0.0], inverse]) - np.concatenate([inverse, [0.0]])

    report = oracle.check_gradient(gaps, grad, ("sorted",), shapes=((3,),), examples=10)
    assert report.verdict == "right"
    assert not outside


def cross_entropy(z: Array, label: Array) -> Array:
    return jax.nn.logsumexp(z) - z[label]


def cross_entropy_grad(z: Array, label: Array) -> Array:
    p = np.exp(z - z.max())
    p /= p.sum()
    p[label] -= 1
    return p


def test_labels_are_whole_numbers() -> None:
    asked: dict[str, Any] = {"shapes": ((4,), ()), "examples": 8}
    domains = ("real", range(4))
    assert oracle.check_gradient(cross_entropy, cross_entropy_grad, domains, **asked)
    wrong = oracle.check_gradient(cross_entropy, lambda z, label: cross_entropy_grad(z, 0), domains, **asked)
    assert wrong.verdict == "wrong"
    assert wrong.counterexample is not None
    assert wrong.counterexample[1].dtype == np.int64
    with pytest.raises(oracle.CannotJudge, match="nothing is differentiated by whole numbers"):
        oracle.check_gradient(cross_entropy, cross_entropy_grad, domains, argnum=1, **asked)


def test_ragged_lengths_are_whole_numbers() -> None:
    """A masked mean: the last entry, which only a full row reaches, is forgotten."""

    def masked(x: Array, n: Array) -> Array:
        return jnp.sum(jnp.where(jnp.arange(4) < n[:, None], x, 0.0) / n[:, None])

    def grad(x: Array, n: Array) -> Array:
        return (np.arange(4) < n[:, None]) / n[:, None]

    def forgetful(x: Array, n: Array) -> Array:
        return (np.arange(4) < np.minimum(n, 3)[:, None]) / n[:, None]

    asked: dict[str, Any] = {"shapes": ((2, 4), (2,)), "examples": 8}
    assert oracle.check_gradient(masked, grad, ("real", range(1, 5)), **asked)
    assert oracle.check_gradient(masked, forgetful, ("real", range(1, 5)), **asked).verdict == "wrong"


def symmetrised(A: Array) -> Array:
    return (A + A.T) / 2


def corner(A: Array) -> Array:
    return A[0, 1] ** 2 + A[0, 0]


def test_a_repaired_draw_accuses_along_what_the_repair_keeps() -> None:
    def by_one_entry(A: Array) -> Array:
        return np.array([[1.0, 2 * A[0, 1]], [0.0, 0.0]])

    def by_both(A: Array) -> Array:
        return np.array([[1.0, A[0, 1]], [A[0, 1], 0.0]])

    asked: dict[str, Any] = {"shapes": ((2, 2),), "examples": 6}
    assert oracle.check_gradient(corner, by_one_entry, (symmetrised,), **asked)
    left_open = oracle.check_gradient(corner, by_both, (symmetrised,), **asked)
    assert left_open.verdict == "undecided"
    assert "only along directions that the domain takes back" in str(left_open)
    assert oracle.check_gradient(corner, lambda A: 2 * by_both(A), (symmetrised,), **asked).verdict == "wrong"


def test_a_repair_that_changes_what_is_inside_accuses_nobody() -> None:
    report = oracle.check_gradient(lambda x: jnp.sum(x**2), lambda x: x, (np.exp,), shapes=((2,),), examples=6)
    assert report.verdict == "undecided"
    assert "repair only what is outside" in str(report)


def square(a: Array) -> Array:
    return jnp.sum(a[1:] ** 2)


def test_a_whole_number_is_a_seed() -> None:
    own = np.random.default_rng(3)
    by_seed, by_generator = (
        oracle.check_gradient(square, lambda a: 3 * a, ("real",), shapes=((2,),), rng=rng, examples=4)
        for rng in (3, own)
    )
    assert by_seed.to_dict() | {"seconds": 0} == by_generator.to_dict() | {"seconds": 0}
    assert oracle.check_vjp(lambda a: a * a, lambda a, c: (2 * a * c,), ("real",), shapes=((2,),), rng=3, examples=4)
    for rng in (-1, True, 1.5, "3"):
        with pytest.raises(oracle.CannotJudge, match="rng"):
            oracle.check_gradient(square, lambda a: 2 * a, ("real",), rng=rng)


@pytest.mark.parametrize("arrays", [None, "jax"])
def test_a_gradient_of_jax_arrays(arrays: str | None) -> None:
    def grad(a: Array) -> Array:
        return (2 * a).at[0].set(0.0)

    with double_precision():
        asked: dict[str, Any] = {"shapes": ((3,),), "examples": 4, "arrays": arrays}
        assert oracle.check_gradient(square, grad, ("real",), **asked)
        assert not oracle.check_gradient(square, lambda a: (2 * a).at[1].set(0.0), ("real",), **asked)


def test_a_gradient_of_tensors() -> None:
    torch = pytest.importorskip("torch")

    def grad(a: Array) -> Array:
        assert isinstance(a, torch.Tensor)
        return 2 * a * (torch.arange(3) > 0)

    assert oracle.check_gradient(square, grad, ("real",), shapes=((3,),), examples=4, arrays="torch")


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: oracle.check_gradient(square, square, ("real",), arrays="mlx"), "arrays = 'mlx'"),
        (lambda: oracle.check_vjp(square, square, ("real",), arrays=3), "arrays = 3"),
        (lambda: oracle.check_gradient(square, square, like=(np.ones(2),), arrays="jax"), "like and arrays"),
        (lambda: oracle.check_gradient(square, square, ("sorted",), shapes=((),)), "entries along an axis"),
        (lambda: oracle.check_gradient(square, square, (range(0),)), "is empty"),
        (lambda: oracle.check_gradient(square, square, (lambda a: a[:1],), shapes=((3,),)), "it must keep the shape"),
        (lambda: oracle.check_gradient(square, square, (range(3),), like=(np.ones(2),)), "give one of integers"),
        (lambda: oracle.takes("positive-definite"), "unknown domain 'positive-definite'"),
        (lambda: oracle.takes(range(0)), "is empty"),
    ],
)
def test_bad_input_is_one_sentence(ask: Callable[[], Any], says: str) -> None:
    with pytest.raises(ValueError, match=says) as raised:
        ask()
    assert "\n" not in str(raised.value)
