"""What is constant wherever no decision ties does not move: a later decision on it is no tie."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from oracle.balls.arrays import precision
from oracle.balls.jaxpr import evaluate
from oracle.balls.watch import watch_ties
from oracle.witnesses.tracing import double_precision


@pytest.mark.parametrize(
    ("fn", "x", "tied"),
    [
        (lambda x: jnp.where(jnp.floor(x) == 2, x, 0.0), 2.5, False),
        (lambda x: jnp.where(jnp.floor(x) == 2, x, 0.0), 2.0, True),
        (lambda x: jnp.where(jnp.sign(x) > 0, x, 0.0), 0.5, False),
        (lambda x: jnp.where(jnp.sign(x) >= 0, x, 0.0), 0.0, True),
        (lambda x: x * (x.astype(int) % 2 == 0), 2.5, False),
        (lambda x: x * (x.astype(int) % 2 == 0), 2.0, True),
        (lambda x: x * jnp.floor(jnp.floor(x)), 2.5, False),
        (lambda x: x * (jnp.ceil(x) - jnp.floor(x) == 1), 2.5, False),
        (lambda x: lax.cond(jnp.round(x) == 3, jnp.sin, jnp.cos, x), 2.75, False),
        (lambda x: lax.cond(jnp.round(x) == 3, jnp.sin, jnp.cos, x), 2.5, True),
        (lambda x: jnp.where(x * jnp.floor(x) == 5, x, 0.0), 2.5, True),
        (lambda x: jnp.where(lax.sign(lax.complex(x, x - 2.5)).imag == 0, x, 0.0), 2.5, True),
        (jax.scipy.special.gamma, 2.5, False),
        (lambda x: jax.scipy.special.beta(x, 3.25), 2.5, False),
    ],
)
def test_only_what_moves_ties(fn, x, tied):
    x = np.asarray(x)
    with double_precision():
        closed = jax.make_jaxpr(fn)(x)
    with precision(120), watch_ties() as watch:
        evaluate(closed, [x])
    assert bool(watch.ties) is tied
