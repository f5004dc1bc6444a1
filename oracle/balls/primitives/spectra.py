"""Eigenvalues and singular values, and their vectors, where they are proved to be separate; else Undecidable.

FLINT encloses the eigenvalues of a matrix and proves that they are apart. Which comes first, and the sign (or phase) of each
vector, is what JAX's own call answers in float64 at the midpoints: both are LAPACK's choice, and constant around the point.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from flint import acb, acb_mat, arb
from numpy.typing import NDArray

from oracle.balls.arrays import midpoints
from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.balls.primitives.by_jax import by_jax
from oracle.balls.primitives.complex_numbers import as_complex
from oracle.balls.primitives.equation import Array, Equation, Handler, elementwise, is_complex
from oracle.balls.primitives.linear_algebra import batched, times

CLEAR = 0.5  # |cosine| between a float vector and the enclosed one from which they are the same up to sign
TWO_DIGITS = 0.01  # a float further than this from a singular value, relative, does not know two digits of it

_conjugate = elementwise(lambda z: z.conjugate() if isinstance(z, acb) else z, 1)
_real_part = elementwise(lambda z: z.real, 1)


def _float_midpoints(x: Array) -> NDArray[Any]:
    if not is_complex(x):
        return midpoints(x)
    return midpoints(_real_part(x)) + 1j * midpoints(elementwise(lambda z: z.imag, 1)(x))


def separate_eigenpairs(a: Array, *, vectors: bool) -> tuple[list[Any], Array]:
    """Eigenvalues and eigenvectors (columns, of any length) as `acb`. Raises Undecidable where they are not proved apart."""
    if not all(v.is_finite() for v in a.flat):
        raise Undecidable("eigenvalues of a matrix that is not finite")
    n = len(a)
    if n == 0:
        return [], a
    if n == 1:
        return [acb(a[0, 0])], np.asarray([[acb(1)]], dtype=object)
    matrix = acb_mat([[acb(v) for v in row] for row in a])
    try:
        found = matrix.eig(right=vectors)
    except ValueError as error:
        raise Undecidable("eigenvalues that are not proved to be apart") from error
    if not vectors:
        return list(found), np.empty((n, 0), dtype=object)
    values, right = found
    return list(values), np.asarray(right.table(), dtype=object)


def _unit(v: Array) -> Array:
    norm = sum((abs(x) * abs(x) for x in v), arb(0)).sqrt()
    if not norm > 0:
        raise Undecidable("an eigenvector whose length is not clear of zero")
    return v / norm


def _like(v: Array, model: NDArray[Any]) -> tuple[Array, Any]:
    """The unit vector v times a number of size 1, which comes with it, such that ⟨model, v⟩ is real and positive."""
    inner = complex(np.vdot(model, _float_midpoints(v)))
    if not abs(inner) > CLEAR:
        raise Undecidable("an eigenvector that is not the float one")
    if not is_complex(v):
        sign = 1 if inner.real > 0 else -1
        return v * sign, sign
    exact = sum((acb(complex(m)).conjugate() * x for m, x in zip(model, v, strict=True)), acb(0))
    turn = abs(exact) / exact
    return v * turn, turn


def _in_order(values: Sequence[Any], order: NDArray[Any]) -> list[int]:
    """For each float value the enclosed one that is nearest; each once."""
    mids = _float_midpoints(np.asarray([acb(v) for v in values], dtype=object))
    left = list(range(len(values)))
    picked = []
    for value in order:
        nearest = min(left, key=lambda k: abs(mids[k] - value))
        left.remove(nearest)
        picked.append(nearest)
    for k, value in zip(picked, order, strict=True):
        if min(range(len(values)), key=lambda j: abs(mids[j] - value)) != k:
            raise Undecidable("eigenvalues that floats do not tell apart")
    return picked


def hermitian_eigenpairs(a: Array, model: NDArray[Any] | None) -> tuple[Array, Array]:
    """(vectors as columns, ascending values) of a symmetric or Hermitian matrix."""
    values, columns = separate_eigenpairs(a, vectors=model is not None)
    order = sorted(range(len(values)), key=lambda k: float(values[k].real.mid()))
    ascending = np.asarray([values[k].real for k in order], dtype=object)
    vectors = np.empty(a.shape, dtype=object)
    if model is not None:
        for place, k in enumerate(order):
            column = columns[:, k] if is_complex(a) else _real_part(columns[:, k])
            vectors[:, place] = _like(_unit(column), model[:, place])[0]
    return vectors, ascending


def _whole(a: Array, *, lower: bool) -> Array:
    """The Hermitian matrix of which one triangle is given."""
    other = _conjugate(a.T)
    keep = np.tri(len(a), dtype=bool)
    whole = np.where(keep if lower else keep.T, a, other)
    for k in range(len(a)):
        whole[k, k] = acb(a[k, k].real) if is_complex(a) else a[k, k]
    return np.asarray(whole, dtype=object)


def _models(equation: Equation, operand: Array, position: int) -> NDArray[Any]:
    """One result of JAX's own call at the midpoints, flattened over the batch."""
    model = np.asarray(by_jax(equation, _float_midpoints(operand))[position])
    return model.reshape(-1, *model.shape[operand.ndim - 2 :])


def _eigh(equation: Equation, a: Array) -> list[Array]:
    if equation.params.get("subset_by_index") is not None:
        raise UnsupportedPrimitive(equation.name, "a subset of the eigenvalues")
    models = iter(_models(equation, a, 0))

    def pairs(a: Array) -> tuple[Array, Array]:
        return hermitian_eigenpairs(_whole(a, lower=bool(equation.params["lower"])), next(models))

    return batched(pairs, (2,))(a)


def _eig(equation: Equation, a: Array) -> list[Array]:
    """Eigenvalues; then left and right eigenvectors as asked, of length 1."""
    params = equation.params
    left, right = params["compute_left_eigenvectors"], params["compute_right_eigenvectors"]
    order = iter(_models(equation, a, 0))
    models = [iter(_models(equation, a, k)) for k in range(1, 1 + left + right)]

    def pairs(a: Array) -> tuple[Array, ...]:
        results = []
        picked: list[int] = []
        values, columns = separate_eigenpairs(a, vectors=bool(right))
        picked = _in_order(values, next(order))
        results.append(np.asarray([acb(values[k]) for k in picked], dtype=object))
        wanted = iter(models)
        if left:
            others, adjoint = separate_eigenpairs(_conjugate(a.T), vectors=True)
            chosen = _in_order(others, np.conj(_float_midpoints(results[0])))
            results.append(_aligned(adjoint, chosen, next(next(wanted))))
        if right:
            results.append(_aligned(columns, picked, next(next(wanted))))
        return tuple(results)

    return batched(pairs, (2,))(a)


def _aligned(columns: Array, order: Sequence[int], model: NDArray[Any]) -> Array:
    vectors = np.empty(columns.shape, dtype=object)
    for place, k in enumerate(order):
        vectors[:, place] = _like(_unit(as_complex(columns[:, k])), model[:, place])[0]
    return vectors


def singular_triplets(a: Array, left: NDArray[Any] | None) -> tuple[Array, ...]:
    """(s,) or (s, U, Vᴴ) of a matrix with at least as many rows as columns, by the eigenvectors of aᴴa: U = a V/s."""
    squares, values, vectors = times(_conjugate(a.T), a), [], None
    pairs, columns = separate_eigenpairs(squares, vectors=left is not None)
    order = sorted(range(len(pairs)), key=lambda k: -float(pairs[k].real.mid()))
    for k in order:
        if not pairs[k].real > 0:
            raise Undecidable("a singular value that is not proved to be positive")
        values.append(pairs[k].real.sqrt())
    s = np.asarray(values, dtype=object)
    if left is None:
        return (s,)
    vectors = np.empty((a.shape[1], len(s)), dtype=object)
    u = np.empty((a.shape[0], len(s)), dtype=object)
    for place, k in enumerate(order):
        v = _unit(columns[:, k] if is_complex(a) else _real_part(columns[:, k]))
        u[:, place], turn = _like(np.asarray(np.dot(a, v)) / s[place], left[:, place])
        vectors[:, place] = v * turn
    return s, u, _conjugate(vectors.T)


def _svd(equation: Equation, a: Array) -> list[Array]:
    params = equation.params
    rows, columns = a.shape[-2:]
    with_vectors = params["compute_uv"]
    if params.get("subset_by_index") is not None:
        raise UnsupportedPrimitive(equation.name, "a subset of the singular values")
    if with_vectors and params["full_matrices"] and rows != columns:
        raise UnsupportedPrimitive(equation.name, "full matrices of a matrix that is not square")
    tall = rows >= columns
    models = iter(_models(equation, a, 1 if tall else 2)) if with_vectors else None
    float_values = iter(by_jax(equation, _float_midpoints(a))[0].reshape(-1, min(rows, columns)))

    def triplets(a: Array) -> tuple[Array, ...]:
        model = next(models) if models is not None else None
        s, *vectors = singular_triplets(
            a if tall else _conjugate(a.T), model if tall or model is None else np.conj(model.T)
        )
        if not np.all(np.abs(midpoints(s) - next(float_values)) <= TWO_DIGITS * midpoints(s)):
            raise Undecidable("a singular value that floats do not tell from zero: whether it counts is chance")
        if tall:
            return (s, *vectors)
        return (s, *(_conjugate(x.T) for x in reversed(vectors)))

    return batched(triplets, (2,))(a)


SPECTRA: dict[str, Handler] = {"eigh": _eigh, "eig": _eig, "svd": _svd}
