"""A whole Hessian times a direction: what is judged of it, a gradient's worth of numbers at a time."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.candidate.asking import CannotJudge, Misconduct
from oracle.candidate.parameters import with_parameters

Array = NDArray[Any]


def contracted(hess: Callable[..., Any], argnum: int, names: Sequence[str] = ()) -> Callable[..., Any]:
    """hess(*arrays) times a direction, in floats with exact sums. names: what hess calls its arguments."""

    @functools.wraps(hess)
    def product(*arrays: Any) -> Any:
        *args, direction = arrays
        matrix = dense(hess(*args))
        shape = np.shape(args[argnum])
        refuse_no_hessian(matrix, shape)
        if isinstance(matrix, np.ndarray) and matrix.dtype != object:
            return _exactly(matrix, np.asarray(direction), shape)
        axes = tuple(range(len(shape), 2 * len(shape)))
        return (matrix * direction).sum(axes) if axes else matrix * direction

    return with_parameters(product, names, ("v", "direction", "the_direction"))


def dense(matrix: Any) -> Any:
    """A sparse matrix, or rows in lists, as an array; anything else as it is."""
    if isinstance(matrix, list):
        return np.array(matrix)
    return matrix.toarray() if hasattr(matrix, "toarray") else matrix


def refuse_no_hessian(matrix: Any, shape: tuple[int, ...]) -> None:
    """Raises where this is no Hessian by an argument of that shape."""
    if hasattr(matrix, "matvec"):
        raise CannotJudge("hess returned a linear operator: check_hvp judges its products")
    if matrix is None or isinstance(matrix, tuple | dict | str):
        what = "None" if matrix is None else f"a {type(matrix).__name__}"
        raise CannotJudge(f"hess returned {what}; it must return one array, the Hessian by one argument (argnum)")
    found = np.shape(matrix)
    if found == (*shape, *shape):
        return
    if found == shape:
        raise CannotJudge(f"hess returned the shape {found} of the argument itself: diagonal=True judges a diagonal")
    raise Misconduct(
        f"it returns the shape {found}; the Hessian by an argument of shape {shape} has {(*shape, *shape)}"
    )


def _exactly(matrix: Array, direction: Array, shape: tuple[int, ...]) -> Array:
    """The contraction with the direction, each sum rounded once, in the dtype of the matrix."""
    if matrix.dtype.kind not in "fiub" and matrix.dtype.name != "bfloat16":
        return matrix.reshape((*shape, -1))[..., 0]  # a dtype that is refused by itself
    size = int(np.prod(shape))
    wide = np.asarray(matrix, dtype=np.float64).reshape(size, size)
    weights = [Fraction(float(w)) for w in direction.flat]
    sums = [_sum(row, weights, direction) for row in wide]
    dtype = matrix.dtype if matrix.dtype.kind != "b" and matrix.dtype.kind not in "iu" else np.dtype(np.float64)
    with np.errstate(all="ignore"):
        return np.array(sums, dtype=np.float64).astype(dtype).reshape(shape)


def _sum(row: Array, weights: Sequence[Fraction], direction: Array) -> float:
    if not np.isfinite(row).all():
        with np.errstate(all="ignore"):
            return float(np.sum(np.where(direction.ravel() == 0, 0.0, row * direction.ravel())))
    total = sum((Fraction(float(h)) * w for h, w in zip(row, weights, strict=True) if h and w), Fraction(0))
    try:
        return float(total)
    except OverflowError:
        return float("inf") if total > 0 else float("-inf")
