"""Random programs with branches, at points chosen to tie: autodiff in balls and differences in balls must tell the same.

A tie that the interpreter failed to see would show as a derivative "certified" by a branch, which the differences contradict.
"""

from __future__ import annotations

import collections
import sys
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from oracle.balls import decisions
from oracle.balls.errors import Undecidable
from oracle.witnesses import Enclosure, ball_differences, certified, trace

from ...sweeps import thinned

ONES = np.ones(3)
UNARY: dict[str, Callable[[Any], Any]] = {
    "abs": jnp.abs,
    "relu": jax.nn.relu,
    "relu6": jax.nn.relu6,
    "sign": jnp.sign,
    "floor": jnp.floor,
    "square": lambda x: x * x,
    "tanh": jnp.tanh,
    "root of abs": lambda x: jnp.sqrt(jnp.abs(x)),
    "cbrt": jnp.cbrt,
    "erf": lax.erf,
    "clip": lambda x: jnp.clip(x, -1, 1),
    "sort": jnp.sort,
    "reverse": lambda x: x[::-1],
    "cummax": lax.cummax,
    "softplus": lambda x: jnp.log1p(jnp.exp(-jnp.abs(x))) + jnp.maximum(x, 0),
    "elu": jax.nn.elu,
    "where": lambda x: jnp.where(x > 0, x, x * x),
    "where equal": lambda x: jnp.where(x == 0, 0.0, x * jnp.log(jnp.abs(x))),
    "max": lambda x: jnp.max(x) * ONES,
    "softmax": jax.nn.softmax,
    "logsumexp": lambda x: jax.nn.logsumexp(x) * ONES,
    "gather": lambda x: x[jnp.array([2, 0, 0])],
    "argmax": lambda x: x[jnp.argmax(x)] * ONES,
    "cond": lambda x: lax.cond(x[0] >= x[1], lambda v: v, lambda v: v * 2, x),
    "top_k": lambda x: lax.top_k(x, 3)[0],
    "norm": lambda x: jnp.linalg.norm(x) * ONES,
    "scan": lambda x: lax.scan(lambda c, a: (jnp.maximum(c, a), c * a), 0.0, x)[1],
}
BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "add": jnp.add,
    "sub": jnp.subtract,
    "mul": jnp.multiply,
    "maximum": jnp.maximum,
    "minimum": jnp.minimum,
    "logaddexp": jnp.logaddexp,
    "where less": lambda x, y: jnp.where(x < y, x, y * 2),
}
WEIGHTS = np.array([1.0, -0.5, 2.0])


def random_tree(rng: np.random.Generator, depth: int) -> Any:
    if depth == 0:
        return "x"
    if rng.random() < 0.65:
        return (str(rng.choice(list(UNARY))), random_tree(rng, depth - 1))
    return (str(rng.choice(list(BINARY))), random_tree(rng, depth - 1), random_tree(rng, depth - 1))


def run(tree: Any, x: Any) -> Any:
    if tree == "x":
        return x
    children = [run(child, x) for child in tree[1:]]
    return (UNARY if len(children) == 1 else BINARY)[tree[0]](*children)


def answer(witness: Any, traced: Any, x: np.ndarray) -> Enclosure | None:
    try:
        return witness(traced, [x])[0]
    except Undecidable:
        return None


def agree(one: Enclosure | None, other: Enclosure | None) -> bool:
    if one is None or other is None:
        return one is other
    overlap = np.frompyfunc(lambda a, b: a.overlaps(b), 2, 1)
    return bool(
        (one.kink == other.kink).all()
        and overlap(one.lower, other.lower).all()
        and overlap(one.upper, other.upper).all()
    )


def campaign(count: int, seed: int) -> tuple[collections.Counter[str], list[Any]]:
    rng = np.random.default_rng(seed)
    seen: collections.Counter[str] = collections.Counter()
    conflicts = []
    for _ in range(count):
        tree = random_tree(rng, int(rng.integers(1, 4)))
        x = rng.integers(-2, 3, size=3).astype(float) if rng.random() < 0.8 else rng.normal(size=3)
        traced = trace(lambda x, tree=tree: jnp.sum(run(tree, x) * WEIGHTS), [x])
        by_autodiff, by_differences = answer(certified, traced, x), answer(ball_differences, traced, x)
        if not agree(by_autodiff, by_differences):
            conflicts.append((tree, x, by_autodiff, by_differences))
        if by_autodiff is None:
            seen["undecided"] += 1
        else:
            seen["kinked" if by_autodiff.kink.any() else "smooth"] += 1
            seen["rigorous" if by_autodiff.rigorous.all() else "by differences"] += 1
    return seen, conflicts


@pytest.mark.parametrize(("count", "least"), thinned([(120, 4), (350, 10)], 2))
@pytest.mark.longer
def test_no_tie_is_missed(count, least):
    seen, conflicts = campaign(count, seed=11)
    assert not conflicts, conflicts[0]
    assert min(seen[kind] for kind in ("undecided", "kinked", "smooth", "rigorous", "by differences")) > least, seen


@pytest.mark.longer
def test_ties_that_went_unseen_would_be_noticed(monkeypatch):
    blind = decisions.decide
    monkeypatch.setattr(
        decisions,
        "decide",
        lambda what, outcome, *, tied, **rest: blind(what, outcome, tied=False, **rest),
    )
    monkeypatch.setattr(sys.modules[certified.__module__], "_is_derivative", lambda *_: True)
    _, conflicts = campaign(60, seed=11)
    assert len(conflicts) > 3


def test_a_number_minus_itself_is_no_tie_and_two_equal_numbers_are():
    """Σ |xᵢ − xⱼ|: its diagonal is 0 whatever x is."""
    between = lambda x: jnp.sum(jnp.abs(x[:, None] - x[None, :]) * np.arange(9.0).reshape(3, 3))  # noqa: E731
    (apart,) = certified(between, [np.array([0.3, 0.5, 0.9])])
    assert apart.rigorous.all()
    assert not apart.kink.any()
    (equal,) = certified(between, [np.array([0.5, 0.5, 0.9])])
    assert equal.kink[:2].all()
