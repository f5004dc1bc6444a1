"""Matrices of a kind, along the last two axes: whether an array is one, and the one that is made of any array."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

#: What a domain of matrices may be called; the second with a condition number that can be bounded.
MATRICES = ("symmetric", "positive_definite", "invertible", "orthogonal", "lower_triangular", "cholesky_factor")
CONDITIONED = ("positive_definite", "invertible")
#: Condition numbers of what is drawn, where nobody bounds them.
ORDINARY = 100.0
#: Sums that must be equal may miss by so many units of rounding for each of their terms.
SLACK = 4
#: The kinds that are square.
SQUARE = tuple(kind for kind in MATRICES if kind != "orthogonal")


def fits(kind: str, shape: tuple[int, ...]) -> bool:
    """Whether an array of the shape can be such a matrix, or a stack of them."""
    if len(shape) < 2 or not shape[-1]:
        return False
    return shape[-2] == shape[-1] if kind in SQUARE else shape[-2] >= shape[-1]


def may_fit(kind: str, shape: tuple[int | str, ...]) -> bool:
    """The same of a shape with names in it, as far as it is known."""
    sizes = [n for n in shape if isinstance(n, int)]
    if len(sizes) == len(shape):
        return fits(kind, tuple(sizes))
    return len(shape) >= 2 and (kind not in SQUARE or shape[-2] == shape[-1])


def is_matrix(kind: str, x: Array, condition: float | None = None) -> bool:
    """Whether x, of float64, is one, or a stack of them, to rounding in the narrowest dtype that holds its entries."""
    if not fits(kind, x.shape) or not np.isfinite(x).all():
        return False
    n = x.shape[-2]
    with np.errstate(all="ignore"):
        if kind in ("lower_triangular", "cholesky_factor"):
            diagonal = np.diagonal(x, axis1=-2, axis2=-1)
            return bool(
                np.all(np.triu(x, 1) == 0) and np.all(diagonal > 0 if kind == "cholesky_factor" else diagonal != 0)
            )
        if kind == "orthogonal":
            off = np.abs(transposed(x) @ x - np.eye(x.shape[-1]))
            return bool(np.all(off <= SLACK * n * _eps(x)))
        size = np.max(np.abs(x), axis=(-2, -1), keepdims=True)
        unit = np.where(size > 0, size, 1.0)
        scaled = x / unit
        if kind != "invertible" and np.any(np.abs(scaled - transposed(scaled)) > SLACK * _eps(x)):
            return False
        if kind == "symmetric":
            return True
        least_share = 1 / (condition * (1 + 1e-9)) if condition is not None else n * float(np.finfo(np.float64).eps)
        if kind == "positive_definite":
            values = np.linalg.eigvalsh((scaled + transposed(scaled)) / 2)
            return bool(np.all(values[..., 0] > 0) and np.all(values[..., 0] >= least_share * values[..., -1]))
        values = np.linalg.svd(scaled, compute_uv=False)
        return bool(np.all(values[..., -1] > 0) and np.all(values[..., -1] >= least_share * values[..., 0]))


def made(kind: str, x: Array, condition: float | None = None) -> Array | None:
    """The matrix of the kind that is made of an array, itself or close to it where it is one already; None where there is none."""
    if not fits(kind, x.shape) or not np.isfinite(x).all():
        return None
    with np.errstate(all="ignore"):
        try:
            found = _made(kind, x, condition if condition is not None else ORDINARY)
        except np.linalg.LinAlgError:
            return None
    return found if is_matrix(kind, found, condition) else None


def _made(kind: str, x: Array, condition: float) -> Array:
    if kind == "symmetric":
        return mirrored(x)
    if kind in ("lower_triangular", "cholesky_factor"):
        return _triangular(x, positive=kind == "cholesky_factor")
    if kind == "orthogonal":
        return _orthogonal(x)
    size = np.max(np.abs(x), axis=(-2, -1), keepdims=True)
    unit = np.where(size > 0, size, 1.0)
    if kind == "positive_definite":
        values, vectors = np.linalg.eigh(mirrored(x / unit))
        least = values[..., -1:] / condition
        if np.all(values[..., :1] >= least) and np.all(values > 0):
            return mirrored(x)
        largest = np.max(np.abs(values), axis=-1, keepdims=True)
        values = np.maximum(np.abs(values), largest / (0.99 * condition))
        return np.asarray(unit * mirrored((vectors * values[..., None, :]) @ transposed(vectors)))
    left, values, right = np.linalg.svd(x / unit)
    if np.all(values[..., -1:] * condition >= values[..., :1]) and np.all(values > 0):
        return x
    values = np.maximum(values, values[..., :1] / (0.99 * condition))
    return np.asarray(unit * ((left * values[..., None, :]) @ right))


def gram(x: Array, condition: float | None) -> Array | None:
    """L Lᵀ of the Cholesky factor made of x, of about its size: positive definite, with short entries where those of x are."""
    factor = made("cholesky_factor", x)
    if factor is None:
        return None
    with np.errstate(all="ignore"):
        size = np.max(np.abs(factor), axis=(-2, -1), keepdims=True)
        scale = 2.0 ** np.floor(np.log2(size))  # of powers of 2: the entries stay short
        return made("positive_definite", scale * mirrored((factor / scale) @ transposed(factor / scale)), condition)


def transposed(x: Array) -> Array:
    return x.swapaxes(-1, -2)


def mirrored(x: Array) -> Array:
    """The lower triangle on both sides of the diagonal."""
    return np.asarray(np.tril(x) + transposed(np.tril(x, -1)))


def _triangular(x: Array, *, positive: bool) -> Array:
    """The lower triangle, with what is small on the diagonal as large as the others, so that it is commonly conditioned."""
    lower = np.tril(x)
    n = x.shape[-1]
    size = np.max(np.abs(lower), axis=(-2, -1), keepdims=True)[..., 0]
    diagonal = np.diagonal(lower, axis1=-2, axis2=-1)
    diagonal = np.where(np.abs(diagonal) >= size / 8, diagonal, np.where(diagonal < 0, -size, size))
    at = np.arange(n)
    lower[..., at, at] = np.abs(diagonal) if positive else diagonal
    return np.asarray(lower)


def _orthogonal(x: Array) -> Array:
    """The polar factor, correct to half a unit of rounding in every entry: a step of Newton and Schulz in more digits does that."""
    size = np.max(np.abs(x), axis=(-2, -1), keepdims=True)
    left, _, right = np.linalg.svd(x / np.where(size > 0, size, 1.0), full_matrices=False)
    found = (left @ right).astype(np.longdouble)
    for _ in range(2):
        found = found @ (1.5 * np.eye(x.shape[-1], dtype=np.longdouble) - 0.5 * transposed(found) @ found)
    return np.asarray(found.astype(np.float64))


def _eps(x: Array) -> float:
    """The unit of rounding of the narrowest dtype that holds the entries."""
    with np.errstate(over="ignore"):
        narrow = x.astype(np.float32)
    return float(np.finfo(np.float32 if np.array_equal(narrow, x) else np.float64).eps)
