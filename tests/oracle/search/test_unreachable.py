"""Intervals of branch conditions: what they exclude never happens, and what is reached is not excluded."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from oracle.search.branch_margins import margins
from oracle.search.branches import value_jaxpr
from oracle.search.length_branches import lengths_never_met
from oracle.search.unreachable import Interval, intervals_of_margins

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "maximum": lambda x: jnp.maximum(x, 0).sum(),
    "a sum of squares": lambda x: jnp.where((x**2).sum() > 0, 1.0, 2.0) * x[0],
    "exponentials": lambda x: jnp.where(jnp.exp(-x) > 0.5, x, 0).sum(),
    "a quotient": lambda x: jnp.where(1 / (1 + x**2) > 0.1, x, 0).sum(),
    "clip and tanh": lambda x: jnp.clip(jnp.tanh(x) * 3, -1, 2).sum(),
    "cubes and cosines": lambda x: jnp.where(x**3 - jnp.cos(x) > 1, x, 0).sum(),
    "a cond": lambda x: jax.lax.cond(x[0] > 1, lambda: jnp.abs(x).sum(), lambda: jnp.minimum(x, -x).sum()),
    "the largest": lambda x: jnp.where(jnp.max(x) > jnp.min(-x), x, 0).sum(),
    "floors": lambda x: jnp.where(jnp.floor(x) > jnp.ceil(x / 2), x, 0).sum(),
    "singular values": lambda x: (
        jnp.where(jnp.linalg.svd(x.reshape(2, 2), compute_uv=False) > 0.5, 1.0, 2.0).sum() * x[0]
    ),
    "a table": lambda x: jnp.where(
        jnp.take(jnp.array([-1.0, 0.5, 4.0]), jnp.clip(x, 0, 2).astype(int)) > x, x, 0
    ).sum(),
    "places": lambda x: jnp.where(jnp.round(x) + jnp.argmax(x) > jnp.arange(4), x, 0).sum(),
    "powers": lambda x: jnp.where(x**2.0 > jnp.abs(x) ** 1.5, jnp.where(x**-3.0 > x, x, 0), 0).sum(),
    "windows": lambda x: jnp.where(jax.lax.reduce_window(x, 0.0, jax.lax.add, (3,), (1,), "SAME") > 2, x, 0).sum(),
    "truths": lambda x: jnp.where(((x > 1) & ~(x < 2)) + ((x >= 0) | (x != 1)) * 2.0 > x, x, 0).sum(),
    "numbers cut": lambda x: jnp.where((x * 0.3).astype(int) // 2 > (x / 7).astype("float32"), x, 0).sum(),
    "numbers or none": lambda x: jnp.where(jnp.isnan(jnp.log(x)) > 0.5, 0, jnp.where(jnp.isfinite(x) > x, x, 0)).sum(),
    "quantiles": lambda x: (
        jnp.nanquantile(x, 0.3) + jnp.where(jnp.arctan(x) + jnp.sinh(x / 9) > jnp.cosh(x / 9), x, 0).sum()
    ),
    "remainders": lambda x: jnp.where(jax.lax.rem(jnp.floor(x), 2.0) < jax.lax.rem(1 - x, x + 4.5), x, 0).sum(),
    "norms": lambda x: jnp.where(jnp.sqrt(jnp.dot(x, x)) > jnp.sqrt(jnp.abs(x)), x, 0).sum(),
    "a mean": lambda x: jnp.where(jnp.mean(x) / (1 + jnp.abs(x)) > 0, x, 0).sum(),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("bounds", [(-3.0, 3.0), (0.0, 1.0), (0.0, math.inf), (-math.inf, math.inf), (1.0, 2.0)])
def test_every_margin_lies_in_its_interval(name: str, bounds: Interval) -> None:
    closed = value_jaxpr(FUNCTIONS[name], ((4,),))
    known = intervals_of_margins(closed, [bounds])
    rng = np.random.default_rng(0)
    low, high = max(bounds[0], -1e3), min(bounds[1], 1e3)
    for _ in range(40):
        for path, found in margins(closed, [rng.uniform(low, high, 4)]).items():
            assert known[path][0] <= np.min(found)
            assert np.max(found) <= known[path][1]


@pytest.mark.parametrize(
    ("fn", "bounds", "below", "above"),
    [
        (lambda x: jnp.maximum(x, 0).sum(), (0.0, math.inf), False, True),
        (lambda x: jnp.where(jnp.sum(jnp.exp(x)) > 0, x, 0).sum(), (-math.inf, math.inf), False, True),
        (lambda x: jnp.where(jnp.tanh(x) > 1, x, 0).sum(), (-math.inf, math.inf), True, False),
        (lambda x: jnp.where(x.sum() > 5, x, 0).sum(), (0.0, 1.0), True, False),
        (lambda x: jnp.where(x > 3, x, 0).sum(), (-math.inf, math.inf), True, True),
        (lambda x: jnp.where(jnp.stack([x, 1 - x]) > 0, 1.0, 2.0).sum(), (0.0, 1.0), False, True),
        (lambda x: jnp.where(jnp.dot(x, x + 1) > 0, x, 0).sum(), (0.0, 1.0), False, True),
        (lambda x: jnp.where(jnp.dot(x, x) > 4, x, 0).sum(), (-1.0, 1.0), True, False),
        (lambda x: jnp.where(jnp.cumsum(x) > 4, x, 0).sum(), (-1.0, 1.0), True, False),
        (lambda x: jnp.where(jnp.cumsum(x) > 3, x, 0).sum(), (-1.0, 1.0), True, True),
        (lambda x: jnp.where(jnp.floor(x * 1.5 + 1) + 1 < 0, x, 0).sum(), (-1.0, 1.0), False, True),
        (lambda x: jnp.where(jnp.floor(x * 1.5 + 1) + 1 > 2, x, 0).sum(), (-1.0, 1.0), True, True),
        (lambda x: jnp.where(jax.lax.rem(jnp.floor(x), 2.0) < 0, x, 0).sum(), (0.0, math.inf), False, True),
        (lambda x: jnp.where(jax.lax.rem(jnp.floor(x), 2.0) < 0, x, 0).sum(), (-1.0, math.inf), True, True),
        (lambda x: jnp.abs(x - jnp.full(4, -jnp.inf)).sum(), (-math.inf, math.inf), False, True),
        (lambda x: jnp.abs(x - jnp.full(4, jnp.inf)).sum(), (0.0, math.inf), True, False),
        (lambda x: jnp.where(jnp.sqrt(jnp.dot(x, x)) < 0, x, 0).sum(), (-math.inf, math.inf), False, True),
        (lambda x: jnp.where(jnp.dot(x, x[::-1]) < 0, x, 0).sum(), (-math.inf, math.inf), True, True),
        (lambda x: jnp.where(x.reshape(2, 2) @ x.reshape(2, 2) < 0, 1.0, 2.0).sum(), (-math.inf, math.inf), True, True),
        (lambda x: jnp.where(jnp.sqrt(x) < 0, x, 0).sum(), (-math.inf, math.inf), False, True),
        (lambda x: jnp.where(jnp.exp(x) < 0, x, 0).sum(), (-math.inf, math.inf), False, True),
        (lambda x: jnp.where(x**2.0 < 0, x, 0).sum(), (-math.inf, math.inf), False, True),
        (lambda x: jnp.where(x**3.0 < 0, x, 0).sum(), (-math.inf, math.inf), True, True),
        (lambda x: jnp.where(jnp.array([1.0, 5.0])[(x > 0).astype(int)] < 0, x, 0).sum(), (-9.0, 9.0), False, True),
        (lambda x: jnp.where(jnp.argmax(x) > 3.5, x, 0).sum(), (-9.0, 9.0), True, False),
        (lambda x: jnp.where(jnp.where(jnp.isnan(x), -1, x) < 0, 1.0, 2.0).sum(), (0.0, 9.0), False, True),
        (lambda x: jnp.where(jnp.where(jnp.isnan(jnp.log(x)), -1, x) < 0, 1.0, 2.0).sum(), (0.0, 9.0), True, True),
    ],
)
def test_what_is_excluded(fn: Any, bounds: Interval, below: bool, above: bool) -> None:
    found = list(intervals_of_margins(value_jaxpr(fn, ((4,),)), [bounds]).values())[-1]
    assert (found[0] < 0, found[1] > 0) == (below, above)


def test_lengths_that_code_compares_with() -> None:
    def code(x: Any) -> Any:
        n = len(x)
        if n > 1000 or x.size == 0 or x.shape[0] < 64 or len(x) >= 2000 or len(x) == 1 or n > x.size:
            return x
        return -x

    assert list(lengths_never_met(code, [1, 2, 9, 65])) == ["n > 1000", "len(x) >= 2000"]
    assert list(lengths_never_met(code, [1, 2, 65, 1001, 2001])) == []
    assert list(lengths_never_met(np.sum, [1])) == []


def test_keys_of_random_numbers_bound_nothing() -> None:
    key = jax.random.key(0)
    fn = lambda x: jnp.where(x + jax.random.normal(key, (4,)) > 0, x, 0).sum()  # noqa: E731
    (found,) = [m for m in intervals_of_margins(value_jaxpr(fn, ((4,),)), [(-1.0, 1.0)]).values() if m[0] < 0 < m[1]][
        :1
    ]
    assert found[0] < 0 < found[1]


def test_no_singular_value_is_negative() -> None:
    closed = value_jaxpr(lambda x: jnp.linalg.norm(x, 2), ((2, 3),))
    found = intervals_of_margins(closed, [(-math.inf, math.inf)])
    assert found
    assert all(low >= 0 or high <= 0 for low, high in found.values())


def test_no_sign_of_a_positive_number_is_negative() -> None:
    closed = value_jaxpr(lambda x: jnp.where(jnp.sign(jnp.exp(x)) < 0, jnp.nan, x).sum(), ((4,),))
    assert all(low >= 0 for low, _ in intervals_of_margins(closed, [(-math.inf, math.inf)]).values())
