"""Wrong products of no known kind: each is off in its own way, and nothing that has a name fits it."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .users_mistakes import Mistake, batch_norm, layer_norm, normalised, of_gradient, of_vjp, softmax

Array = Any
RANGE = (-2.0, 2.0)


def rough_layer_norm(x: Array, c: Array) -> tuple[Array]:
    """Newton's root, one step short."""
    y, s = normalised(x)
    rough = (1.0 + s * s) / 2
    n = x.shape[-1]
    return ((c - c.sum(-1, keepdims=True) / n - y * (c * y).sum(-1, keepdims=True) / n) / rough,)


def tanh_gelu(x: Array, c: Array) -> tuple[Array]:
    t = np.tanh(0.7978845608 * (x + 0.044715 * x**3))
    return (c * (0.5 * (1 + t) + 0.5 * x * (1 - t * t) * 0.7978845608 * (1 + 3 * 0.044715 * x**2)),)


def hot_softmax(x: Array, c: Array) -> tuple[Array]:
    y = softmax(x / 1.37)
    return (y * (c - (c * y).sum(-1, keepdims=True)),)


def smoothed(x: Array, c: Array) -> tuple[Array]:
    g = 2 * x * c
    return (0.8 * g + 0.13 * np.roll(g, 1) + 0.07 * np.roll(g, 2) * np.cos(x),)


def lagging_batch_norm(x: Array, c: Array) -> tuple[Array]:
    m, v = 0.9 * x.mean(0) + 0.013, 0.9 * x.var(0) + 0.1
    s = np.sqrt(v + 1e-3)
    y = (x - m) / s
    return ((c - c.mean(0) - y * (c * y).mean(0)) / s,)


UNKNOWN: dict[str, Mistake] = {
    "a wave": of_vjp(lambda x: x**2, lambda x, c: (2 * x * c * (1 + 0.1 * np.sin(3 * x)),), RANGE, words=""),
    "the tanh form of GELU": of_vjp(lambda x: x * jax.scipy.stats.norm.cdf(x), tanh_gelu, RANGE, words=""),
    "a root that has not converged": of_vjp(layer_norm, rough_layer_norm, RANGE, shapes=((2, 4),), words=""),
    "another temperature": of_vjp(lambda x: jax.nn.softmax(x, axis=-1), hot_softmax, RANGE, shapes=((3, 4),), words=""),
    "a smoothed gradient": of_vjp(lambda x: x**2, smoothed, RANGE, words=""),
    "running statistics that lag": of_vjp(batch_norm, lagging_batch_norm, RANGE, shapes=((4, 3),), words=""),
    "a cotangent that saturates": of_vjp(lambda x: x**2, lambda x, c: (2 * x * np.arctan(1.7 * c),), RANGE, words=""),
    "a Padé form of tanh": of_vjp(
        lambda x: jnp.tanh(x), lambda x, c: (c * (9 + x**2) ** -2 * (81 - 9 * x**2 + x**4),), RANGE, words=""
    ),
    "two cotangents mixed": of_vjp(
        lambda x: x**2, lambda x, c: (2 * x * (0.7 * c + 0.31 * np.roll(c, 1) ** 2),), RANGE, words=""
    ),
    "a kernel half as wide": of_vjp(
        lambda x: jnp.exp(-(x**2)), lambda x, c: (-2 * x * c * np.exp(-1.21 * x**2),), RANGE, words=""
    ),
    "a matrix nearly transposed": of_vjp(
        lambda x, w: x @ w,
        lambda x, w, c: (c @ (0.83 * w.T + 0.11 * w**2), x.T @ c),
        *(RANGE,) * 2,
        shapes=((2, 3), (3, 3)),
        words="",
    ),
    "a quadratic form of a power": of_gradient(
        lambda x, A: x @ A @ x,
        lambda x, A: A @ x + A.T @ np.abs(x) ** 1.1,
        *(RANGE,) * 2,
        shapes=((3,), (3, 3)),
        words="",
    ),
    "a deviation that drifts": of_gradient(
        lambda x, s: (jnp.log(s) + x**2 / (2 * s**2)).sum(),
        lambda x, s: (1 / s - x**2 / s**3) * s**0.3,
        RANGE,
        (0.3, 3.0),
        argnum=1,
        words="",
    ),
    "a density of another degree": of_gradient(
        lambda x: -2.5 * jnp.log1p(x**2 / 4).sum(), lambda x: -4.7 * x / (4.1 + x**2), RANGE, words=""
    ),
    "weights that fade": of_vjp(
        lambda x: jnp.cumsum(x),
        lambda x, c: (np.cumsum(c[::-1])[::-1] * 0.97 ** (1 + np.arange(c.size)),),
        RANGE,
        words="",
    ),
    "a floor that is soft": of_gradient(
        lambda x: jnp.log(x).sum(), lambda x: 1 / (0.05 * np.log1p(np.exp(x / 0.05))), (0.01, 2.0), words=""
    ),
}
