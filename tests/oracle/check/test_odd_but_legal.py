"""Odd, and legal: what is no mistake of a user's is judged, or refused in one sentence, and never a traceback from the depths."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import oracle
from oracle.search.domains import DOMAINS
from oracle.search.patterns import fill

pytestmark = pytest.mark.usefixtures("little_evidence")

Array = Any

check = partial(oracle.check_gradient, domains=("real",), database=None, examples=12)
KEY = jax.random.key(0)


def draws(x: Array) -> Array:
    return (x * jax.random.normal(jax.random.PRNGKey(0), (3,))).sum()


def with_a_typed_key(x: Array) -> Array:
    return (x * jax.random.normal(KEY, (3,))).sum()


def of_three(x: Array, m: Array, b: Array) -> Array:
    return jnp.sum((x.reshape(-1, 1) - m) ** 2) + jnp.sum(b * m)


class Callable3:
    def __call__(self, a: Array) -> Array:
        return (a**3).sum()

    def gradient(self, a: Array) -> Array:
        return 3 * a**2


def square(a: Array) -> Array:
    return (a**2).sum()


CLOSED_OVER = jnp.array([1.0, 2.0, 3.0])
CASES: dict[str, tuple[str, Callable[..., Any], Callable[..., Any], dict[str, Any]]] = {
    "a complex literal": ("right", square, lambda x: 2 * jnp.real(x * (1 + 0j)), {}),
    "a complex literal in fn": ("right", lambda x: jnp.real((x + 1j * x) * (1 - 1j)).sum() / 2, np.ones_like, {}),
    "a typed key": ("right", with_a_typed_key, jax.grad(with_a_typed_key), {"shapes": ((3,),)}),
    "draws, as the user's flag has them": ("right", draws, jax.grad(draws), {"shapes": ((3,),)}),
    "draws doubled": ("wrong", draws, lambda x: 2 * jax.grad(draws)(x), {"shapes": ((3,),)}),
    "the third of three shapes": (
        "right",
        of_three,
        lambda x, m, b: 0 * b + m,
        {"shapes": ((5,), (3,), (3,)), "argnum": 2, "domains": ("real",) * 3},
    ),
    "the third of three shapes, doubled": (
        "wrong",
        of_three,
        lambda x, m, b: 2 * m,
        {"shapes": ((5,), (3,), (3,)), "argnum": 2, "domains": ("real",) * 3},
    ),
    "an unsigned predicate": (
        "right",
        lambda x: jax.lax.select(jnp.full(x.shape, 2, jnp.uint32) > 0, x, 2 * x).sum(),
        np.ones_like,
        {},
    ),
    "an array of JAX closed over": (
        "right",
        lambda x: (x * CLOSED_OVER).sum(),
        lambda x: CLOSED_OVER,
        {"shapes": ((3,),)},
    ),
    "an object that is called": ("right", Callable3(), Callable3().gradient, {}),
    "a partial": ("right", partial(lambda k, a: k * (a**2).sum(), 3), partial(np.multiply, 6.0), {}),
    "one number": ("right", lambda a: a**3, lambda a: 3 * a**2, {"shapes": ((),)}),
    "a column": ("right", square, lambda a: 2 * a, {"shapes": ((4, 1),)}),
    "a list": ("right", square, lambda a: (2 * a).tolist(), {}),
    "a masked array": ("right", square, lambda a: np.ma.masked_array(2 * a), {}),
    "a memoryview": ("right", square, lambda a: memoryview(2 * a), {}),
    "no gradient at all": ("right", lambda a: 3.0, np.zeros_like, {}),
}


@pytest.mark.parametrize("name", CASES)
def test_it_is_judged(name: str) -> None:
    verdict, fn, grad, options = CASES[name]
    with jax.enable_x64(False):
        assert check(fn, grad, **options).verdict == verdict


REFUSED: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "a generator": (square, lambda a: (2 * x for x in a)),
    "a set": (square, lambda a: {1.0}),
    "rows of several lengths": (square, lambda a: [[1.0], [1.0, 2.0]]),
    "a pair with the value": (square, lambda a: (float(square(a)), 2 * a)),
    "a complex value": (lambda a: (a * 1j).sum(), lambda a: a),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_in_a_sentence(name: str) -> None:
    with pytest.raises(oracle.CannotJudge) as found:
        check(*REFUSED[name])
    assert "\n" not in str(found.value)


def test_a_hot_entry_among_many_classes_takes_no_square_of_them() -> None:
    tracemalloc.start()
    try:
        hot = fill("ordinary numbers", DOMAINS["one_hot"], (100_000,), np.random.default_rng(0))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert hot is not None
    assert (hot.sum(), np.count_nonzero(hot)) == (1, 1)
    assert peak < 2**24
