"""Functions with their gradients that many tests of `check_gradient` start from, and how they ask."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax.numpy as jnp
import numpy as np

import oracle

Array = Any

REAL2 = ("real", "real")
UNIT = ("unit", "closed_unit")

check = partial(oracle.check_gradient, database=None, examples=24)


def cost(a: Array, E: Array) -> Array:
    return 0.5 * ((a - E) ** 2).sum()


def cost_grad(a: Array, E: Array) -> Array:
    return a - E


def cross_entropy(a: Array, E: Array) -> Array:
    return -(E * jnp.log(a) + (1 - E) * jnp.log(1 - a)).sum()


def cross_entropy_grad(a: Array, E: Array) -> Array:
    return (1 - E) / (1 - a) - E / a


def on_floats(a: Array, E: Array) -> float:
    """Twice `cost`, which neither traces nor runs on balls."""
    return float(sum((float(x) - float(y)) ** 2 for x, y in zip(a, E, strict=True)))


def handing_out_one(buffers: dict[Any, Array], a: Array, E: Array) -> Array:
    """`cost_grad`, which returns one buffer a shape again and again."""
    buffer = buffers.setdefault(a.shape, np.empty(a.shape))
    buffer[...] = a - E
    return buffer
