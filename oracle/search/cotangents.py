"""Cotangents: a vector–Jacobian product is linear in its cotangent, and what is not shows at another scale, or at a zero."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.search.domains import Domain

Array = NDArray[Any]
Draw = Callable[[tuple[int, ...], np.random.Generator], Array]

#: A cotangent may be any numbers.
COTANGENT = Domain("cotangent")


def ordinary(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Of either sign, none zero, no two alike, and none a number of a narrower dtype."""
    return np.asarray(rng.uniform(0.3, 2.7, shape) * rng.choice([-1.0, 1.0], shape))


def _large(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    return 1000.0 * ordinary(shape, rng)


def _small(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    return 1e-4 * ordinary(shape, rng)


def _scattered(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    return np.asarray(ordinary(shape, rng) * 10.0 ** rng.integers(-4, 5, shape))


def _with_zeros(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Zeros, and one of them first, beside repeated numbers."""
    values = rng.choice(np.array([0.0, 0.0, -1.25, 0.75, 2.0]), shape)
    if values.ndim and values.size > 1:
        values.flat[0], values.flat[-1] = 0.0, 1.5
    return np.asarray(values)


def _one_hot(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    values = np.zeros(shape)
    if values.size:
        values.flat[int(rng.integers(values.size))] = 1.0
    return values


def _all_equal(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    return np.full(shape, ordinary((), rng))


def _zero(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    return np.zeros(shape)


#: In the order in which they come: every second one is ordinary.
KINDS: tuple[Draw, ...] = (
    *(ordinary, _large, ordinary, _with_zeros, ordinary, _scattered, ordinary, _one_hot),
    *(ordinary, _small, ordinary, _all_equal, ordinary, _with_zeros, ordinary, _zero),
)
