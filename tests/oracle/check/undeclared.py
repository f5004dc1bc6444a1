"""Costs with gradients as in a file that declares nothing: thirty wrong ones that are right on (0, 1), and thirty right ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

Array = Any


class Undeclared(NamedTuple):
    """A cost, its right gradient, and one that is wrong where an assumed unit interval would not look."""

    fn: Callable[..., Any]
    right: Callable[..., Any]
    wrong: Callable[..., Any]


def sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def softmax(z: Array) -> Array:
    e = np.exp(z - z.max())
    return e / e.sum()


def step(z: Array) -> Array:
    return np.where(z > 0, 1.0, 0.0)


CASES: dict[str, Undeclared] = {
    "relu": Undeclared(lambda z: jnp.maximum(z, 0).sum(), step, np.ones_like),
    "lasso": Undeclared(lambda w: jnp.abs(w).sum(), np.sign, np.ones_like),
    "hinge": Undeclared(
        lambda a, y: jnp.maximum(0, 1 - a * y).sum(), lambda a, y: np.where(a * y < 1, -y, 0.0), lambda a, y: -y
    ),
    "elu": Undeclared(
        lambda z: jnp.where(z > 0, z, jnp.expm1(z)).sum(),
        lambda z: np.where(z > 0, 1.0, np.exp(np.minimum(z, 0))),
        lambda z: np.where(z > 0, 1.0, -7 * np.exp(np.minimum(z, 0))),
    ),
    "leaky relu": Undeclared(
        lambda z: jnp.where(z > 0, z, 0.01 * z).sum(), lambda z: np.where(z > 0, 1, 0.01), lambda z: np.ones_like(z)
    ),
    "huber": Undeclared(
        lambda a, y: jnp.where(jnp.abs(a - y) < 1, 0.5 * (a - y) ** 2, jnp.abs(a - y) - 0.5).sum(),
        lambda a, y: np.clip(a - y, -1, 1),
        lambda a, y: a - y,
    ),
    "relu6": Undeclared(
        lambda z: jnp.minimum(jnp.maximum(z, 0), 6).sum(), lambda z: np.where((z > 0) & (z < 6), 1.0, 0.0), step
    ),
    "squared hinge": Undeclared(
        lambda a, y: (jnp.maximum(0, 1 - a * y) ** 2).sum(),
        lambda a, y: -2 * y * np.maximum(0, 1 - a * y),
        lambda a, y: -2 * y * (1 - a * y),
    ),
    "cubed magnitude": Undeclared(lambda w: (jnp.abs(w) ** 3).sum(), lambda w: 3 * w * np.abs(w), lambda w: 3 * w**2),
    "norm of ones": Undeclared(
        lambda w: jnp.abs(w).sum() + 0.5 * (w**2).sum(), lambda w: np.sign(w) + w, lambda w: 1 + w
    ),
    "clipped": Undeclared(
        lambda z: jnp.clip(z, -2, 2).sum(), lambda z: np.where(np.abs(z) < 2, 1.0, 0.0), np.ones_like
    ),
    "soft threshold": Undeclared(
        lambda z: jnp.where(jnp.abs(z) > 5, jnp.abs(z) - 5, 0.0).sum(),
        lambda z: np.where(np.abs(z) > 5, np.sign(z), 0.0),
        np.zeros_like,
    ),
    "hard sigmoid": Undeclared(
        lambda z: jnp.clip(z / 6 + 0.5, 0, 1).sum(),
        lambda z: np.where(np.abs(z) < 3, 1 / 6, 0.0),
        lambda z: np.full_like(z, 1 / 6),
    ),
    "epsilon-insensitive": Undeclared(
        lambda a, y: jnp.maximum(0, jnp.abs(a - y) - 2).sum(),
        lambda a, y: np.where(np.abs(a - y) > 2, np.sign(a - y), 0.0),
        lambda a, y: np.zeros_like(a),
    ),
    "quantile": Undeclared(
        lambda a: jnp.where(a > 0, 0.9 * a, -0.1 * a).sum(),
        lambda a: np.where(a > 0, 0.9, -0.1),
        lambda a: np.full_like(a, 0.9),
    ),
    "log cosh": Undeclared(
        lambda a: (jnp.abs(a) + jnp.log1p(jnp.exp(-2 * jnp.abs(a))) - jnp.log(2.0)).sum(),
        np.tanh,
        lambda a: np.tanh(np.abs(a)),
    ),
    "softplus": Undeclared(lambda z: jnp.logaddexp(z, 0).sum(), sigmoid, lambda z: sigmoid(np.abs(z))),
    "logistic loss": Undeclared(
        lambda a, y: jnp.logaddexp(0, -a * y).sum(),
        lambda a, y: -y * sigmoid(-a * y),
        lambda a, y: -np.abs(y) * sigmoid(-a * y),
    ),
    "logits": Undeclared(
        lambda z, y: (jnp.logaddexp(z, 0) - z * y).sum(),
        lambda z, y: sigmoid(z) - y,
        lambda z, y: sigmoid(z) - np.abs(y),
    ),
    "squares": Undeclared(
        lambda a, y: 0.5 * ((a - y) ** 2).sum(), lambda a, y: a - y, lambda a, y: np.where(a < -0.5, y - a, a - y)
    ),
    "poisson": Undeclared(
        lambda z, y: (jnp.exp(z) - y * z).sum(), lambda z, y: np.exp(z) - y, lambda z, y: np.exp(np.abs(z)) - y
    ),
    "cross-entropy": Undeclared(
        lambda a, E: -(E * jnp.log(a) + (1 - E) * jnp.log1p(-a)).sum(),
        lambda a, E: (a - E) / (a * (1 - a)),
        lambda a, E: (a - np.clip(E, 0, 1)) / (a * (1 - a)),
    ),
    "Gaussian": Undeclared(
        lambda x: jnp.exp(-(x**2)).sum(), lambda x: -2 * x * np.exp(-(x**2)), lambda x: -2 * np.abs(x) * np.exp(-(x**2))
    ),
    "tanh": Undeclared(
        lambda z: jnp.tanh(z).sum(),
        lambda z: 1 / np.cosh(np.clip(z, -350, 350)) ** 2,
        lambda z: 1 - np.abs(np.tanh(z)) ** 3,
    ),
    "softsign": Undeclared(
        lambda z: (z / (1 + jnp.abs(z))).sum(), lambda z: 1 / (1 + np.abs(z)) ** 2, lambda z: 1 / (1 + z) ** 2
    ),
    "arctangent": Undeclared(
        lambda z: jnp.arctan(z).sum(), lambda z: 1 / (1 + z**2), lambda z: 1 / (1 + np.where(z > 1, z, z**2))
    ),
    "log-sum-exp": Undeclared(lambda z: jax.scipy.special.logsumexp(z), softmax, lambda z: softmax(np.maximum(z, 0))),
    "maximum of two": Undeclared(
        lambda a, b: jnp.maximum(a, 2 * b + 3).sum(), lambda a, b: step(a - 2 * b - 3), lambda a, b: np.zeros_like(a)
    ),
    "cubic": Undeclared(lambda x: (x**3).sum(), lambda x: 3 * x**2, lambda x: 3 * x * np.abs(x)),
    "reciprocal": Undeclared(lambda x: jnp.log(jnp.abs(x)).sum(), lambda x: 1 / x, lambda x: 1 / np.abs(x)),
}
