"""Budgets: counted where the work is done, within blocks within blocks, and no clock in them."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from oracle.balls.jaxpr import evaluate
from oracle.candidate.guard import Guarded
from oracle.effort.budget import Budget, Exhausted, call, spending, work


def test_a_block_within_a_block_takes_from_both() -> None:
    outer, inner = Budget(10, 100), Budget(3, 100)
    with spending(outer):
        call()
        with spending(inner):
            call(7)
            work(5)
    assert (outer.calls_spent, outer.operations_spent) == (2, 12)
    assert (inner.calls_spent, inner.operations_spent) == (1, 12)
    call()
    assert outer.calls_spent == 2


@pytest.mark.parametrize("budget", [Budget(3, 10**9), Budget(10**9, 30)])
def test_it_ends_where_it_is_spent_and_not_before(budget: Budget) -> None:
    with spending(budget):
        for _ in range(3):
            call(10)
        assert not budget.is_spent
        with pytest.raises(Exhausted):
            call(10)
    assert budget.is_spent


def test_calls_of_a_guarded_function_count_and_those_on_balls_as_operations_too() -> None:
    guarded, budget = Guarded(lambda x: x, "fn"), Budget(100, 10**6)
    with spending(budget):
        guarded(np.ones(5))
        assert budget.operations_spent == 0
        guarded(np.ones(5, dtype=object))
    assert budget.calls_spent == 2
    assert budget.operations_spent > 0


def test_operations_of_a_jaxpr_grow_with_its_shapes() -> None:
    def spent(n: int) -> int:
        budget = Budget(1, 10**9)
        closed = jax.make_jaxpr(lambda x: jnp.sum(jnp.exp(x @ x)))(jnp.ones((n, n)))
        with spending(budget):
            evaluate(closed, [np.ones((n, n))])
        return budget.operations_spent

    assert spent(8) > 6 * spent(4) - 200
    assert spent(4) == spent(4)


def test_a_loop_that_never_ends_is_ended() -> None:
    closed = jax.make_jaxpr(lambda x: jax.lax.while_loop(lambda c: c > 0, lambda c: c + 1.0, x))(1.0)
    with spending(Budget(1, 50_000)), pytest.raises(Exhausted):
        evaluate(closed, [np.float64(1)])
