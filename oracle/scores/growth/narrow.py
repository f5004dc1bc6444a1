"""Gradients as kernels compute them, in float32 and in bfloat16, right and with a relative error in one tile.

bfloat16: arguments rounded to it, sums and functions in float32, the result rounded to it again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

Grad = Callable[..., Any]

#: What is wrong in a tile, relative to its entries, and bits.
TILE_ERRORS: Mapping[str, float] = MappingProxyType({"float32": 1e-4, "bfloat16": 2e-2})
BITS: Mapping[str, int] = MappingProxyType({"float32": 24, "bfloat16": 8})
#: A tile is so small a part of the gradient.
PART = 64


def in_float32(grad: Grad) -> Grad:
    def candidate(*args: Any) -> Any:
        return np.asarray(grad(*(np.asarray(a, dtype=np.float32) for a in args)), dtype=np.float32)

    return candidate


def in_bfloat16(grad: Grad) -> Grad:
    import ml_dtypes

    def candidate(*args: Any) -> Any:
        rounded = (np.asarray(a, dtype=ml_dtypes.bfloat16).astype(np.float32) for a in args)
        return np.asarray(grad(*rounded), dtype=np.float32).astype(ml_dtypes.bfloat16)

    return candidate


NARROW: Mapping[str, Callable[[Grad], Grad]] = MappingProxyType({"float32": in_float32, "bfloat16": in_bfloat16})


def wrong_in_a_tile(grad: Grad, relative: float) -> Grad:
    """grad, but for a run of entries in its middle, which are too large by so much; it is in as many bits as grad is."""

    def wrong(*args: Any) -> Any:
        right = np.asarray(grad(*args))
        found = right.astype(np.float32)
        start = found.size // 2
        found.reshape(-1)[start : start + max(8, found.size // PART)] *= 1 + relative
        return found.astype(right.dtype)

    return wrong
