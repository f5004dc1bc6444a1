"""Functions of matrices of a kind, asked along the directions that stay among them.

What a function says of matrices outside of its domain is nobody's business: symmetric ones are given to code that reads one
triangle, or both. So fn is asked as fn ∘ P, where P leaves the matrices of the kind as they are and takes every direction to one
that stays among them, and of a gradient g what is judged is the adjoint of P's derivative, applied to g: two gradients that agree
along these directions, and differ along others, are both right.

| kind | P(X) |
|---|---|
| symmetric, positive_definite | (X + Xᵀ)/2 |
| lower_triangular, cholesky_factor | X below the diagonal and on it, 0 above |
| orthogonal (XᵀX = 1) | X (3 − XᵀX)/2, whose derivative is the projection to the tangents at X |

Everything is written in the methods of the arrays themselves: NumPy's, JAX's, torch's, or balls.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from oracle.candidate.arrays_of_frameworks import is_tensor

Map = Callable[[Any], Any]

#: How gradients may be written: of symmetric matrices with both entries of a pair counted at each; of orthogonal ones in the metric
#: of the group.
PAIRS, CANONICAL = "each pair once", "canonical"


def transposed(x: Any) -> Any:
    return x.swapaxes(-1, -2)


def symmetrised(x: Any) -> Any:
    """(X + Xᵀ)/2."""
    return (x + transposed(x)) * 0.5


def lower(x: Any) -> Any:
    """X with 0 above the diagonal."""
    return x.tril() if is_tensor(x) else x * np.tril(np.ones(x.shape[-2:]))


def straightened(x: Any) -> Any:
    """X (3 − XᵀX)/2."""
    return x @ (_one(x) * 1.5 - (transposed(x) @ x) * 0.5)


def _one(x: Any) -> Any:
    n = x.shape[-1]
    return x.new_ones(n).diag() if is_tensor(x) else np.eye(n)


#: What leaves the matrices of a kind as they are, and moves whatever else among them.
MAPS: Mapping[str, Map] = MappingProxyType(
    {
        "symmetric": symmetrised,
        "positive_definite": symmetrised,
        "lower_triangular": lower,
        "cholesky_factor": lower,
        "orthogonal": straightened,
    }
)


def along(kind: str, x: Any, tangent: Any) -> Any:
    """The derivative of P at x, a matrix of the kind, along a tangent."""
    if kind != "orthogonal":
        return MAPS[kind](tangent)
    return tangent @ (_one(x) * 1.5 - (transposed(x) @ x) * 0.5) - x @ symmetrised(transposed(x) @ tangent)


def pulled_back(kind: str, x: Any, gradient: Any, convention: str = "") -> Any:
    """The adjoint of the derivative of P at x, applied to a gradient, which is first brought from its convention to that of inner
    products: df = Σ gradient·dx. What is no array of numbers of the shape of x stays what it is."""
    if isinstance(gradient, list) and np.shape(gradient) == np.shape(x):
        gradient = np.asarray(gradient)
    if tuple(getattr(gradient, "shape", ())) != tuple(x.shape) or not _is_real(gradient):
        return gradient
    if is_tensor(x) and x.dtype != gradient.dtype:  # they are multiplied in one
        x = x.to(gradient.dtype)
    if convention == PAIRS:  # off the diagonal twice what it is by one entry alone
        gradient = gradient * (0.5 + 0.5 * (np.eye(x.shape[-1]) if not is_tensor(x) else _one(x)))
    if convention == CANONICAL:
        gradient = gradient - x @ (transposed(x) @ gradient) * 0.5
    found = along(kind, x, gradient) if kind != "orthogonal" else _tangential(x, gradient)
    # the answer itself where it is the same: whose memory it is, and in which order, is judged, too
    is_same = type(gradient) is np.ndarray and gradient.dtype != object and np.array_equal(found, gradient)
    return gradient if is_same else _in_its_dtype(found, gradient)


def _tangential(x: Any, gradient: Any) -> Any:
    inner = transposed(gradient) @ x
    return gradient @ (_one(x) * 1.5 - (transposed(x) @ x) * 0.5) - x @ symmetrised(inner)


def _is_real(a: Any) -> bool:
    if is_tensor(a):
        return bool(a.is_floating_point())
    return a.dtype.kind in "fVO"


def _in_its_dtype(found: Any, like: Any) -> Any:
    """A number of NumPy's float64 widens a narrower array: rounded back it is what it was asked as."""
    if is_tensor(found) or found.dtype == like.dtype or like.dtype == object:
        return found
    return found.astype(like.dtype)


def fn_inside(
    fn: Callable[..., Any], kinds: Sequence[str], leaves: Callable[[Sequence[Any]], bool] | None = None
) -> Any:
    """fn ∘ P, or fn itself where none of its arguments is of a kind with one. leaves: whether arrays of floats are outside of their
    domains, where fn is NaN and not called."""
    if not any(kind in MAPS for kind in kinds) and leaves is None:
        return fn

    @functools.wraps(fn)
    def inside(*arrays: Any) -> Any:
        moved = [MAPS[kind](a) if kind in MAPS else a for kind, a in zip(kinds, arrays, strict=False)]
        arrays = (*moved, *arrays[len(kinds) :])
        if leaves is not None and all(type(a) is np.ndarray and a.dtype != object for a in arrays) and leaves(arrays):
            return np.float64("nan")
        return fn(*arrays)

    return _of(inside, fn)


def gradient_inside(grad: Callable[..., Any], kinds: Sequence[str], argnum: int, convention: str = "") -> Any:
    """grad, its answer pulled back to the directions inside the domain of argument `argnum`."""
    if not isinstance(argnum, int) or not 0 <= argnum < len(kinds) or kinds[argnum] not in MAPS:
        return grad

    @functools.wraps(grad)
    def inside(*arrays: Any) -> Any:
        return pulled_back(kinds[argnum], arrays[argnum], grad(*arrays), convention)

    return _of(inside, grad)


def products_inside(vjp: Callable[..., Any], kinds: Sequence[str]) -> Any:
    """vjp, every entry of its answer pulled back."""
    if not any(kind in MAPS for kind in kinds):
        return vjp

    @functools.wraps(vjp)
    def inside(*arrays: Any) -> Any:
        result = vjp(*arrays)
        if not isinstance(result, tuple | list) or len(result) != len(kinds):
            return result
        return tuple(
            pulled_back(kind, x, part) if kind in MAPS and part is not None else part
            for kind, x, part in zip(kinds, arrays, result, strict=False)
        )

    return _of(inside, vjp)


def tangents_inside(jvp: Callable[..., Any], kinds: Sequence[str]) -> Any:
    """jvp(primals, tangents), given tangents that stay inside."""
    if not any(kind in MAPS for kind in kinds):
        return jvp

    @functools.wraps(jvp)
    def inside(primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
        three = zip(kinds, primals, tangents, strict=True)
        return jvp(primals, tuple(along(kind, x, t) if kind in MAPS else t for kind, x, t in three))

    return _of(inside, jvp)


def direction_inside(hvp: Callable[..., Any], kinds: Sequence[str], argnum: int) -> Any:
    """hvp(*arrays, direction), given a direction that stays inside, its answer pulled back. Not for orthogonal matrices."""
    if kinds[argnum] not in MAPS:
        return hvp

    @functools.wraps(hvp)
    def inside(*arrays: Any) -> Any:
        *args, v = arrays
        x = args[argnum]
        return pulled_back(kinds[argnum], x, hvp(*args, along(kinds[argnum], x, v)))

    return _of(inside, hvp)


def _of(inside: Any, function: Any) -> Any:
    """inside, which keeps what it is made of."""
    inside.inward = function
    return inside
