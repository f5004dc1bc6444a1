"""Products of matrices and convolutions, by BLAS: the midpoint, and what encloses its distance from the product.

For x = a ± r, y = b ± s:  |xy − fl(ab)| ≤ |a| (s + γₙ |b|) + r (|b| + s), three products in all, two where x is exact. It holds for
any order of the sums, with or without fused multiplications; the products of the bound are themselves rounded, and inflated for it.
Source: S. M. Rump, Fast and parallel interval arithmetic, BIT 39 (1999).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.midpoint_radius.array import Floats, MidRad, Value, enclosing
from oracle.balls.midpoint_radius.decisions import as_number
from oracle.balls.midpoint_radius.rounding import TINY, gamma, inflated
from oracle.balls.primitives.convolution import convolved
from oracle.balls.primitives.equation import Equation

#: The product of three such numbers is a normal one.
SMALL = 2.0**-300
Bilinear = Callable[[Floats, Floats], Floats]


def bilinear(product: Bilinear, count: int, x: MidRad, y: MidRad) -> MidRad:
    """A product of arrays that sums so many products of two entries."""
    m = product(x.midpoint, y.midpoint)
    size = np.abs(y.midpoint)
    rounded = gamma(count) * size + np.where(
        size > 0, TINY, 0.0
    )  # so that no underflow here is multiplied by a large |a|
    bound = product(np.abs(x.midpoint), y.radius + rounded)
    if not x.exact:
        bound = bound + product(x.radius, size + y.radius)
    pairs = bound if _is_far_from_underflow(x, y) else product(_may_count(x), _may_count(y))
    return enclosing(m, bound * inflated(count) + np.where(pairs == 0, 0.0, count * TINY))


def _may_count(x: MidRad) -> Floats:
    """1 where it may differ from 0."""
    return ((x.midpoint != 0) | (x.radius > 0)).astype(np.float64)


def _is_far_from_underflow(x: MidRad, y: MidRad) -> bool:
    """Whether a bound of 0 says that every product is 0: no number is so small that a product of two, or its bound, underflows."""
    parts = [x.midpoint, y.midpoint, *(v.radius for v in (x, y) if not v.exact)]
    return all(np.min(np.abs(part), where=part != 0, initial=1.0) >= SMALL for part in parts)


def dot_general(equation: Equation, x: Value, y: Value) -> MidRad:
    """Sums over the contracted axes, entry by entry over the batch axes; result axes: batch, free of x, free of y."""
    x, y = (v if isinstance(v, MidRad) else as_number(v) for v in (x, y))
    (x_contract, y_contract), (x_batch, y_batch) = equation.params["dimension_numbers"]
    x_free = [axis for axis in range(x.ndim) if axis not in (*x_contract, *x_batch)]
    y_free = [axis for axis in range(y.ndim) if axis not in (*y_contract, *y_batch)]
    inner = int(np.prod([x.shape[axis] for axis in x_contract], dtype=int))
    shape = (
        *(x.shape[axis] for axis in x_batch),
        *(x.shape[axis] for axis in x_free),
        *(y.shape[axis] for axis in y_free),
    )
    if inner == 0 or 0 in shape:
        return MidRad(np.zeros(shape), np.zeros(shape), exact=True)
    depth, height, width = (
        int(np.prod(part, dtype=int))
        for part in (
            [x.shape[axis] for axis in x_batch],
            [x.shape[axis] for axis in x_free],
            [y.shape[axis] for axis in y_free],
        )
    )

    def left(a: NDArray[Any]) -> NDArray[Any]:
        return np.transpose(a, (*x_batch, *x_free, *x_contract)).reshape(depth, height, inner)

    def right(b: NDArray[Any]) -> NDArray[Any]:
        return np.transpose(b, (*y_batch, *y_contract, *y_free)).reshape(depth, inner, width)

    found = bilinear(
        np.multiply if inner == 1 else np.matmul,
        inner,
        MidRad(left(x.midpoint), left(x.radius), exact=x.exact),
        MidRad(right(y.midpoint), right(y.radius), exact=y.exact),
    )
    return MidRad(found.midpoint.reshape(shape), found.radius.reshape(shape))


def convolution(equation: Equation, x: Value, kernel: Value) -> MidRad:
    """Each entry sums over a window and the features of its group."""
    x, kernel = (v if isinstance(v, MidRad) else as_number(v) for v in (x, kernel))
    features = kernel.shape[equation.params["dimension_numbers"].rhs_spec[0]]
    count = kernel.size // features if features else 0
    return bilinear(lambda a, b: convolved(equation, a, b), count, x, kernel)


PRODUCTS: dict[str, Callable[..., MidRad]] = {"dot_general": dot_general, "conv_general_dilated": convolution}
