"""Six functions as kernels compute them, each with its gradient by hand in NumPy, and in JAX and PyTorch for the judges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Shapes = tuple[tuple[int, ...], ...]

#: Beyond so many entries of q the keys stay as many as these: attention grows with the square else.
MOST_QUERIES, KEYS, HEAD = 4096, 128, 64
EPSILON = 1e-5


@dataclass(frozen=True, eq=False)
class Problem:
    """fn of JAX arrays, grad by its first argument on NumPy arrays, torch_fn the same as fn; shapes: of the arguments, where the
    first has about so many entries."""

    fn: Callable[..., Any]
    grad: Callable[..., Floats]
    torch_fn: Callable[..., Any]
    shapes: Callable[[int], Shapes]
    domains: tuple[str, ...]


def side(n: int) -> int:
    return max(2, round(n**0.5))


def softmax(z: Floats) -> Floats:
    e = np.exp(z - z.max(-1, keepdims=True))
    return np.asarray(e / e.sum(-1, keepdims=True))


def cross_entropy(z: Any, E: Any) -> Any:
    return jnp.mean(jnp.sum(E * (jax.scipy.special.logsumexp(z, axis=1, keepdims=True) - z), axis=1))


def cross_entropy_grad(z: Floats, E: Floats) -> Floats:
    return np.asarray((softmax(z) * E.sum(1, keepdims=True) - E) / len(z))


def torch_cross_entropy(z: Any, E: Any) -> Any:
    return (E * (z.logsumexp(1, keepdim=True) - z)).sum(1).mean()


def layer_norm(x: Any, g: Any) -> Any:
    centered = x - x.mean(-1, keepdims=True)
    return jnp.sum(g * centered * jax.lax.rsqrt((centered**2).mean(-1, keepdims=True) + EPSILON))


def layer_norm_grad(x: Floats, g: Floats) -> Floats:
    centered = x - x.mean(-1, keepdims=True)
    scale = 1 / np.sqrt((centered**2).mean(-1, keepdims=True) + EPSILON)
    h = centered * scale
    return np.asarray(scale * (g - g.mean(-1, keepdims=True) - h * (g * h).mean(-1, keepdims=True)))


def torch_layer_norm(x: Any, g: Any) -> Any:
    centered = x - x.mean(-1, keepdim=True)
    return (g * centered * ((centered**2).mean(-1, keepdim=True) + EPSILON).rsqrt()).sum()


def rms_norm(x: Any, g: Any) -> Any:
    return jnp.sum(g * x * jax.lax.rsqrt((x * x).mean(-1, keepdims=True) + EPSILON))


def rms_norm_grad(x: Floats, g: Floats) -> Floats:
    scale = 1 / np.sqrt((x * x).mean(-1, keepdims=True) + EPSILON)
    h = x * scale
    return np.asarray(scale * (g - h * (g * h).mean(-1, keepdims=True)))


def torch_rms_norm(x: Any, g: Any) -> Any:
    return (g * x * ((x * x).mean(-1, keepdim=True) + EPSILON).rsqrt()).sum()


def attention(q: Any, k: Any, v: Any, g: Any) -> Any:
    return jnp.sum(g * (jax.nn.softmax(q @ k.T / HEAD**0.5, axis=-1) @ v))


def attention_grad(q: Floats, k: Floats, v: Floats, g: Floats) -> Floats:
    p = softmax(q @ k.T / HEAD**0.5)
    dp = g @ v.T
    return np.asarray((p * (dp - (dp * p).sum(-1, keepdims=True))) @ k / HEAD**0.5)


def torch_attention(q: Any, k: Any, v: Any, g: Any) -> Any:
    return (g * ((q @ k.T / HEAD**0.5).softmax(-1) @ v)).sum()


def _attention_shapes(n: int) -> Shapes:
    rows = max(2, n // HEAD)
    keys = rows if rows <= MOST_QUERIES else KEYS
    return (rows, HEAD), (keys, HEAD), (keys, HEAD), (rows, HEAD)


def convolution(x: Any, w: Any, g: Any) -> Any:
    return jnp.sum(g * jax.lax.conv_general_dilated(x, w, (1, 1), "SAME"))


def convolution_grad(x: Floats, w: Floats, g: Floats) -> Floats:
    height, width = x.shape[2:]
    padded, out = np.pad(g, ((0, 0), (0, 0), (1, 1), (1, 1))), np.zeros_like(x)
    for i in range(3):
        for j in range(3):
            seen = padded[:, :, 2 - i : 2 - i + height, 2 - j : 2 - j + width]
            out += np.einsum("bohw,oc->bchw", seen, w[:, :, i, j], optimize=True)
    return out


def torch_convolution(x: Any, w: Any, g: Any) -> Any:
    import torch

    return (g * torch.nn.functional.conv2d(x, w, padding=1)).sum()


def _convolution_shapes(n: int) -> Shapes:
    height = max(2, round((n / 16) ** 0.5))
    return (1, 16, height, height), (8, 16, 3, 3), (1, 8, height, height)


def gelu_layer(x: Any, w: Any, b: Any, g: Any) -> Any:
    return jnp.sum(g * jax.nn.gelu(x @ w + b, approximate=False))


def gelu_layer_grad(x: Floats, w: Floats, b: Floats, g: Floats) -> Floats:
    from scipy.special import erfc

    z = x @ w + b
    slope = 0.5 * erfc(-z / np.sqrt(2)) + z * np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
    return np.asarray((g * slope) @ w.T)


def torch_gelu_layer(x: Any, w: Any, b: Any, g: Any) -> Any:
    import torch

    return (g * torch.nn.functional.gelu(x @ w + b)).sum()


PROBLEMS: Mapping[str, Problem] = MappingProxyType(
    {
        "softmax cross-entropy": Problem(
            cross_entropy, cross_entropy_grad, torch_cross_entropy,
            lambda n: ((side(n), side(n)),) * 2, ("real", "closed_simplex"),
        ),
        "layer norm": Problem(
            layer_norm, layer_norm_grad, torch_layer_norm, lambda n: ((side(n), side(n)),) * 2, ("real",) * 2
        ),
        "RMSNorm": Problem(
            rms_norm, rms_norm_grad, torch_rms_norm, lambda n: ((side(n), side(n)),) * 2, ("real",) * 2
        ),
        "attention": Problem(attention, attention_grad, torch_attention, _attention_shapes, ("real",) * 4),
        "conv2d": Problem(convolution, convolution_grad, torch_convolution, _convolution_shapes, ("real",) * 3),
        "matmul, bias, gelu": Problem(
            gelu_layer, gelu_layer_grad, torch_gelu_layer,
            lambda n: ((side(n), side(n)), (side(n), side(n)), (side(n),), (side(n), side(n))), ("real",) * 4,
        ),
    }
)  # fmt: skip


def wrong_in_the_last_tile(grad: Callable[..., Floats]) -> Callable[..., Floats]:
    """The same gradient, but for one entry close to its end, which is off by a thousandth of the largest one."""

    def wrong(*args: Floats) -> Floats:
        found = np.array(grad(*args))
        found.flat[found.size - 1 - min(5, found.size // 3)] += 1e-3 * np.max(np.abs(found))
        return found

    return wrong
