"""Entries that did not move are not computed again, and nothing changes by that."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from oracle.balls.arrays import lift_arb, precision
from oracle.balls.jaxpr import TABLES, Tables, evaluate
from oracle.balls.reuse import Kept, reusing
from oracle.witnesses.tracing import trace

Array = Any


def fn(a: Array, b: Array) -> Array:
    return jnp.sum(jnp.where(a > 0.5, jnp.log(a * b) / b, jnp.exp(a) - a**3)) + jnp.log(jnp.sum(jnp.exp(a)))


def test_moved_entries_alone_are_computed_and_the_values_are_the_same() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.uniform(0.1, 2, 9), rng.uniform(0.5, 2, 9)
    program = trace(fn, (a, b)).value
    counts: list[int] = []

    def counting(equation: Any, x: Array) -> Array:
        counts.append(x.size)
        return TABLES.plain["exp"](equation, x)

    tables = Tables(plain={**TABLES.plain, "exp": counting})
    with precision(300):
        base, other = lift_arb(a), lift_arb(b)
        kept = Kept()
        for k in range(9):
            moved = base.copy()
            moved[k] = moved[k] + 1
            with reusing(kept):
                evaluate(program, (base, other), tables=tables)
                counts.clear()
                (quick,) = evaluate(program, (moved, other), tables=tables)
            assert counts == [1, 1]
            (slow,) = evaluate(program, (moved, other), tables=tables)
            assert str(quick.item()) == str(slow.item())
        assert counts == [1, 1, 9, 9]


def test_shorter_arrays_and_other_shapes_are_computed_as_they_are() -> None:
    a = np.array([0.3, 0.7, 1.1])
    program = trace(lambda a: jnp.sum(jnp.exp(a)), (a,)).value
    kept = Kept()
    with precision(100), reusing(kept):
        evaluate(program, (a,))
    assert not kept.first
