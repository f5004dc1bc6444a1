"""What rounding may cost where numbers are equal, but not by their formulas: the greatest of several equal products.

No ball decides which of them is the greatest, so the allowance is measured beside the tie, and right gradients keep their verdict.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from oracle.judgement.point import judge_point
from oracle.witnesses.prepare import prepare
from oracle.witnesses.tracing import double_precision

from ...sweeps import thinned

Array = Any
TEMPERATURE = 0.1


def logsumexp(s: Array, axis: int) -> Array:
    top = jnp.max(s, axis=axis, keepdims=True)
    return jnp.squeeze(top, axis) + jnp.log(jnp.sum(jnp.exp(s - top), axis=axis))


def directions(z: Array) -> Array:
    return z / jnp.sqrt(jnp.sum(z * z, axis=1, keepdims=True))


def contrast(z: Array, w: Array) -> Array:
    s = directions(z) @ directions(w).T / TEMPERATURE
    return jnp.mean(logsumexp(s, 1) - jnp.diag(s))


def symmetric_contrast(z: Array, w: Array) -> Array:
    s = directions(z) @ directions(w).T / TEMPERATURE
    return jnp.mean(logsumexp(s, 1) + logsumexp(s, 0) - 2 * jnp.diag(s)) / 2


def weighted_log_softmax(w: Array, x: Array) -> Array:
    s = w * x
    return -jnp.sum((s - logsumexp(s, 0)) * x)


def softmax(s: Array, axis: int) -> Array:
    e = np.exp(s - s.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def through_directions(z: Array, by_direction: Array) -> Array:
    size = np.sqrt((z * z).sum(axis=1, keepdims=True))
    u = z / size
    return (by_direction - u * (u * by_direction).sum(axis=1, keepdims=True)) / size


def contrast_gradient(z: Array, w: Array, both: bool = False) -> Array:
    u, v = (x / np.sqrt((x * x).sum(axis=1, keepdims=True)) for x in (z, w))
    t, n = z.dtype.type(TEMPERATURE), z.dtype.type(len(z))
    s = u @ v.T / t
    delta = softmax(s, 1) - np.eye(len(z), dtype=z.dtype)
    if both:
        delta = (delta + softmax(s, 0) - np.eye(len(z), dtype=z.dtype)) / z.dtype.type(2)
    return through_directions(z, delta @ v / t / n)


def weighted_gradient(w: Array, x: Array) -> Array:
    return x * (softmax(w * x, 0) * x.sum() - x)


DRAWN = np.random.default_rng(0).normal(size=(2, 3, 2))
EQUAL_KEYS = (DRAWN[0], np.tile(DRAWN[1][:1], (3, 1)))
EQUAL_QUERIES = (np.tile(DRAWN[0][:1], (3, 1)), DRAWN[1])
ALL_ONES = (np.ones((3, 2)), np.ones((3, 2)))
ONE_KEY_TWICE = (DRAWN[0], DRAWN[1][[0, 0, 1]])
AT_ZERO = (np.zeros(3), np.array([0.3, -0.7, 0.2]))
EQUAL_SCORES = (np.array([0.1, 0.2, 0.3]), np.array([0.6, 0.3, 0.2]))
PAIRS = (EQUAL_KEYS, EQUAL_QUERIES, ALL_ONES, ONE_KEY_TWICE)

CASES: list[tuple[Callable[..., Any], Callable[..., Any], tuple[Array, Array]]] = [
    *((contrast, contrast_gradient, p) for p in PAIRS),
    *((symmetric_contrast, lambda z, w: contrast_gradient(z, w, both=True), p) for p in PAIRS),
    *((weighted_log_softmax, weighted_gradient, p) for p in (AT_ZERO, EQUAL_SCORES)),
]


def verdict(fn: Callable[..., Any], grad: Callable[..., Any], point: tuple[Array, ...], dtype: str) -> str:
    args = tuple(a.astype(dtype).astype(np.float64) for a in point)
    with double_precision(), np.errstate(all="ignore"):
        function = prepare(fn, args, 0, [(-np.inf, np.inf)] * 2)
        function.inside = lambda moved: True
        return str(judge_point(function, lambda *given: grad(*(a.astype(dtype) for a in given)), args).verdict)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("case", range(len(CASES)))
def test_a_right_gradient_is_right_at_a_tie(case: int, dtype: str) -> None:
    assert verdict(*CASES[case], dtype) == "right"


@pytest.mark.costly
@pytest.mark.parametrize(("case", "dtype"), thinned(product(range(len(CASES)), ["float64", "float32"]), 3))
def test_a_wrong_gradient_is_wrong_at_a_tie(case: int, dtype: str) -> None:
    """A constant more in one entry: at some of the ties the gradient is 0, and a factor would change nothing."""
    fn, grad, point = CASES[case]

    def off(*given: Array) -> Array:
        out = grad(*given)
        out.flat[0] += out.dtype.type(0.05)
        return out

    assert verdict(fn, off, point, dtype) == "wrong"


def test_a_tie_at_the_end_of_a_domain_has_neighbours_inside() -> None:
    """What rounding costs at a tie is measured beside it: inwards, where the last floats before an end tie."""
    z = np.array([19.999999999999996, 19.999999999999996, -19.999999999999996])

    def fn(z: Array) -> Array:
        return 0.1 * logsumexp(z / 0.1, 0)

    function = prepare(fn, (z,), 0, [(-20, 20)])
    function.inside = lambda args: bool(np.all(np.abs(args[0]) < 20))
    assert judge_point(function, lambda z: softmax(z / 0.1, 0), (z,)).verdict == "right"
    wrong = judge_point(function, lambda z: softmax(z / 0.1, 0) * np.array([1, 1, 1 + 1e-9]), (z,))
    assert wrong.verdict == "wrong"


TIED: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "softplus of a difference": (lambda a, b: a - b, lambda a, b: 1.0),
    "of a multiple": (lambda a, b: 3.3 * a - 3.3 * b, lambda a, b: 3.3),
    "of squares": (lambda a, b: 1e3 * a * a - 1e3 * b * b, lambda a, b: 2e3 * a),
}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", TIED)
def test_a_smooth_function_tied_by_its_code_leaves_no_room_for_a_mistake(name: str, dtype: Any) -> None:
    """max(d, 0) + log1p(exp(−|d|)) at d = 0: balls of its derivative hold both branches there, and 1 % is no rounding."""
    inner, slope = TIED[name]

    def fn(a: Array, b: Array) -> Array:
        d = inner(a, b)
        return jnp.sum(jnp.maximum(d, 0) + jnp.log1p(jnp.exp(-jnp.abs(d))))

    def grad(a: Array, b: Array) -> Array:
        return (slope(a, b) / (1 + np.exp(-inner(a, b)))).astype(dtype)

    point = tuple(np.array(x, dtype).astype(float) for x in ([0.1, 0.7], [0.1, 0.3]))
    function = prepare(fn, point, 0, [None, None])
    assert judge_point(function, grad, point).verdict == "right"
    wrong = judge_point(function, lambda a, b: grad(a, b) * np.array([1.01, 1]), point)
    assert wrong.verdict == "wrong"
    assert wrong.component == (0,)
