"""What torch runs for its own gradients, where it cannot be taken apart: the transposes of the operations that are translated.

They matter for candidates alone, whose gradients torch computes; the truth is made of forwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import torch

from oracle.witnesses.torch_registry import registry


def _translated(name: str) -> Callable[..., Any]:
    operator = getattr(torch.ops.aten, name)
    table = registry()
    function: Callable[..., Any] = (table.get(operator.default) or table[operator]).func
    return function


def convolution_backward(
    grad: Any, x: Any, weight: Any, bias_sizes: Any, *options: Any, output_mask: Sequence[bool] = (True,) * 3
) -> Any:
    """The transposes of a convolution by its input and its weight, and the sums that are its bias's."""
    given, mask = (options[:-1], options[-1]) if len(options) == 7 else (options, output_mask)
    convolution = _translated("convolution")
    _, transpose = jax.vjp(lambda a, w: convolution(a, w, None, *given), x, weight)
    found = (*transpose(grad), grad.sum((0, *range(2, grad.ndim))))
    return tuple(f if wanted else None for f, wanted in zip(found, mask, strict=True))


def avg_pool2d_backward(grad: Any, x: Any, *options: Any) -> Any:
    return _transpose(_translated("avg_pool2d"), grad, x, *options)


def avg_pool3d_backward(grad: Any, x: Any, *options: Any) -> Any:
    return _transpose(_translated("avg_pool3d"), grad, x, *options)


def _transpose(function: Callable[..., Any], grad: Any, x: Any, *options: Any) -> Any:
    return jax.vjp(lambda a: function(a, *options), x)[1](grad)[0]


def cdist_backward(grad: Any, a: Any, b: Any, p: float, distances: Any) -> Any:
    """Σⱼ g |d|ᵖ⁻¹ sgn(d) / ‖d‖ᵖ⁻¹, d = a − b."""
    d = a[..., :, None, :] - b[..., None, :, :]
    size = jnp.where(distances == 0, 1.0, distances)
    if p == 1:
        slope = jnp.sign(d)
    elif p == 2:
        slope = d / size[..., None]
    else:
        slope = jnp.sign(d) * jnp.abs(d) ** (p - 1) / size[..., None] ** (p - 1)
    return (jnp.where((distances == 0)[..., None], 0.0, slope) * grad[..., None]).sum(-2)


def max_pool(
    x: Any,
    kernel: Sequence[int],
    stride: Sequence[int] = (),
    padding: Sequence[int] = (0,),
    dilation: Sequence[int] = (1,),
    ceil: bool = False,
    *,
    axes: int = 2,
) -> Any:
    """The largest of every window, and where in its plane it is."""
    lengths = x.shape[x.ndim - axes :]
    kernel, padding, dilation = (list(v) * (axes if len(v) == 1 else 1) for v in (kernel, padding, dilation))
    stride = kernel if not len(stride) else list(stride) * (axes if len(stride) == 1 else 1)
    outputs = []
    for n, k, s, p, d in zip(lengths, kernel, stride, padding, dilation, strict=True):
        span = n + 2 * p - d * (k - 1) - 1
        m = (-(-span // s) if ceil else span // s) + 1
        outputs.append(m - 1 if ceil and (m - 1) * s >= n + p else m)
    size = int(np.prod(kernel))
    places = np.full((int(np.prod(outputs)), size), -1)
    for row, at in enumerate(product(*map(range, outputs))):
        for column, within in enumerate(product(*map(range, kernel))):
            where = [i * s - p + w * d for i, s, p, w, d in zip(at, stride, padding, within, dilation, strict=True)]
            if all(0 <= w < n for w, n in zip(where, lengths, strict=True)):
                places[row, column] = np.ravel_multi_index(where, lengths)
    for entries in places:  # what lies in the padding repeats an entry, and changes no maximum
        entries[entries < 0] = entries[entries >= 0][0]
    flat = x.reshape(*x.shape[: x.ndim - axes], -1)
    windows = flat[..., places]
    best = jnp.argmax(windows, -1)
    table = jnp.broadcast_to(places, windows.shape)
    where = jnp.take_along_axis(table, best[..., None], -1)[..., 0]
    shape = (*x.shape[: x.ndim - axes], *outputs)
    return windows.max(-1).reshape(shape), where.reshape(shape)


BACKWARDS: Mapping[str, Callable[..., Any]] = {
    "convolution_backward": convolution_backward,
    "avg_pool2d_backward": avg_pool2d_backward,
    "avg_pool3d_backward": avg_pool3d_backward,
    "_cdist_backward": cdist_backward,
    "max_pool2d_with_indices": max_pool,
    "max_pool3d_with_indices": lambda *args, **options: max_pool(*args, **options, axes=3),
}
