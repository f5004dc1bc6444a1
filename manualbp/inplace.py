"""The verbs of the equations, which write into a buffer when one is given.

Without `out` each returns a fresh array, and runs on any array. With `out`, a NumPy buffer, large arrays are worked on in
blocks that stay in a processor's cache: the temporaries of σ, σ′ or a head then cost no memory traffic.
"""

from collections.abc import Callable

import numpy as np

from manualbp.types import Array

#: Entries a block: 128 KiB in float64, so that a handful of temporaries fit a second-level cache.
BLOCK = 16_384
#: Columns a block, at least: fewer make short runs in memory.
COLUMNS = 64


def matmul(left: Array, right: Array, out: Array | None = None) -> Array:
    """The matrix product."""
    return left @ right if out is None else np.matmul(left, right, out=out)


def affine(w: Array, a: Array, b: Array, out: Array | None = None) -> Array:
    """W a + b."""
    if out is None:
        return w @ a + b
    np.matmul(w, a, out=out)
    out += b
    return out


def elementwise(f: Callable[[Array], Array], z: Array, out: Array | None = None) -> Array:
    """f(z) for an f that acts on each entry by itself."""
    if out is None or z.size <= BLOCK:
        return f(z)
    source, target = z.reshape(-1), out.reshape(-1)
    for start in range(0, source.size, BLOCK):
        target[start : start + BLOCK] = f(source[start : start + BLOCK])
    return out


def hadamard(x: Array, f: Callable[[Array], Array], z: Array) -> Array:
    """x ⊙ f(z) for an elementwise f, in place of x, which must be a fresh array or a buffer."""
    if z.ndim > 2 or z.size <= BLOCK:
        x *= f(z)
        return x
    product, source = x.reshape(-1), z.reshape(-1)
    for start in range(0, source.size, BLOCK):
        product[start : start + BLOCK] *= f(source[start : start + BLOCK])
    return x


def columnwise(f: Callable[..., Array], *arrays: Array, out: Array | None = None) -> Array:
    """f(*arrays) for an f that acts on each column by itself (softmax, a head)."""
    n, m = arrays[0].shape[-2:]
    if out is None or n * m <= BLOCK:
        return f(*arrays)
    width = max(COLUMNS, BLOCK // n)
    for start in range(0, m, width):
        columns = np.s_[..., start : start + width]
        out[columns] = f(*(x[columns] for x in arrays))
    return out


def divide(x: Array, m: int, out: Array | None = None) -> Array:
    """x / m."""
    return x / m if out is None else np.divide(x, m, out=out)


def sum_of_columns(x: Array, out: Array | None = None) -> Array:
    """Σ over the samples, kept as a column."""
    return np.sum(x, axis=-1, keepdims=True, out=out)
