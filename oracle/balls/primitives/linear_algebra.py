"""Linear algebra by elimination, in balls, real or complex: each step is one of LAPACK's, so that the pivots and signs are its own.

Leading axes are batches. What a factorisation decides (the pivot of a column, the sign of a reflection) is decided in balls: a tie
between two pivots is a tie.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from flint import acb, arb

from oracle.balls import decisions
from oracle.balls import real_functions as real
from oracle.balls.primitives.complex_numbers import as_complex
from oracle.balls.primitives.equation import Array, Equation, Handler, elementwise, full, is_complex

_conjugate = elementwise(lambda z: z.conjugate() if isinstance(z, acb) else z, 1)
ZERO, ONE = arb(0), arb(1)


def batched(function: Callable[..., Any], ranks: tuple[int, ...]) -> Callable[..., list[Array]]:
    """A function of single matrices (and vectors, by rank) with a tuple of results, over leading axes that all operands share."""

    def apply(*operands: Array) -> list[Array]:
        batch = operands[0].shape[: operands[0].ndim - ranks[0]]
        results = [function(*(x[index] for x in operands)) for index in np.ndindex(batch)]
        if not results:
            return []
        stacked = []
        for parts in zip(*results, strict=True):
            whole = np.empty((*batch, *parts[0].shape), dtype=parts[0].dtype)
            for index, part in zip(np.ndindex(batch), parts, strict=True):
                whole[index] = part
            stacked.append(whole)
        return stacked

    return apply


def over_matrices(function: Callable[..., Any], *ranks: int) -> Handler:
    """The handler of a primitive without parameters, from a function of single matrices."""
    apply = batched(function, ranks)

    def handler(equation: Equation, *operands: Array) -> list[Array]:
        results = apply(*operands)
        return results or [full(aval.shape, ZERO) for aval in equation.results]

    return handler


def _is_zero(x: Any) -> bool:
    return bool(x.is_zero())


def times(x: Array, y: Array) -> Array:
    """x @ y for matrices of balls, where an inner length of 0 gives zeros."""
    if 0 in (*x.shape, *y.shape):
        return full((x.shape[0], *y.shape[1:]), ZERO)
    return np.asarray(np.dot(x, y))


def solve_triangular(a: Array, b: Array, *, lower: bool, unit_diagonal: bool) -> Array:
    """x with a x = b, by substitution; of a only the one triangle is read."""
    n = len(a)
    x = b.copy()
    for i in range(n) if lower else reversed(range(n)):
        known = slice(0, i) if lower else slice(i + 1, n)
        row = x[i] - times(a[i : i + 1, known], x[known])[0] if a[i, known].size else x[i]
        x[i] = row if unit_diagonal else elementwise(real.divide, 2)(row, a[i, i])
    return x


def _triangular_solve(equation: Equation, a: Array, b: Array) -> Array:
    """op(a) x = b, or x op(a) = b; op transposes and conjugates."""
    params = equation.params
    left, lower, transpose = params["left_side"], params["lower"], params["transpose_a"]

    def solve(a: Array, b: Array) -> tuple[Array]:
        if params["conjugate_a"]:
            a = _conjugate(a)
        flip = transpose == left
        matrix = a.T if flip else a
        x = solve_triangular(matrix, b if left else b.T, lower=lower != flip, unit_diagonal=params["unit_diagonal"])
        return (x if left else x.T,)

    if is_complex(a) != is_complex(b):
        a, b = as_complex(a), as_complex(b)
    (solution,) = batched(solve, (2, 2))(a, b) or [b]
    return solution


def _size(x: Any) -> Any:
    """|re| + |im|, by which LAPACK compares complex pivots."""
    return abs(x.real) + abs(x.imag) if isinstance(x, acb) else abs(x)


def _pivot(column: Array) -> int:
    """The first entry of the largest size."""
    best, largest = 0, _size(column[0])
    for k in range(1, len(column)):
        if _is_zero(column[k]) or column[k] is column[best]:
            continue
        size = _size(column[k])
        if largest.is_zero() or decisions.gt(size, largest):
            best, largest = k, size
    return best


def lu(a: Array) -> tuple[Array, Array, Array]:
    """(L and U in one matrix, the row exchanged at each step, the permutation): rows of a permuted are L U."""
    a = a.copy()
    rows, columns = a.shape
    steps = min(rows, columns)
    pivots, order = np.zeros(steps, dtype=np.int32), np.arange(rows, dtype=np.int32)
    for k in range(steps):
        pivot = k + _pivot(a[k:, k])
        pivots[k] = pivot
        if pivot != k:
            a[[k, pivot]], order[[k, pivot]] = a[[pivot, k]], order[[pivot, k]]
        if _is_zero(a[k, k]):
            continue
        for i in range(k + 1, rows):
            if _is_zero(a[i, k]):
                continue
            a[i, k] = real.divide(a[i, k], a[k, k])
            a[i, k + 1 :] = a[i, k + 1 :] - a[i, k] * a[k, k + 1 :]
    return a, pivots, order


def _pivots_to_permutation(equation: Equation, pivots: Array) -> Array:
    size = equation.params["permutation_size"]

    def permutation(exchanges: Array) -> tuple[Array]:
        order = np.arange(size, dtype=np.int32)
        for k, pivot in enumerate(exchanges):
            order[[k, pivot]] = order[[pivot, k]]
        return (order,)

    return batched(permutation, (1,))(pivots)[0]


def cholesky(a: Array) -> tuple[Array]:
    """Lower L with L Lᴴ = a, its lower triangle being read; all NaN (unknown, too) where it is not proved positive definite."""
    n = len(a)
    result = full((n, n), ZERO)
    for k in range(n):
        left = result[k, :k]
        pivot = a[k, k].real - (sum(abs(v) * abs(v) for v in left) if k else ZERO)
        if not pivot > 0:
            return (full((n, n), real.NAN),)
        root = pivot.sqrt()
        result[k, k] = root
        for i in range(k + 1, n):
            product = times(result[i : i + 1, :k], _conjugate(left))[0] if k else ZERO
            result[i, k] = (a[i, k] - product) / root
    return (result,)


def _cholesky(equation: Equation, a: Array) -> Array:
    (result,) = batched(cholesky, (2,))(a) or [a]
    return as_complex(result) if is_complex(a) else result


def _cholesky_update(equation: Equation, r: Array, w: Array) -> list[Array]:
    """Upper R with RᵀR + w wᵀ = R′ᵀR′, the new diagonal positive as the old one's sign has it; and w, used up."""
    upper = r.T
    (updated,) = cholesky(times(upper, r) + np.outer(w, w))
    signs = [decisions.sign(r[k, k]) for k in range(len(r))]
    return [
        np.asarray([row * sign for row, sign in zip(updated.T, signs, strict=True)], dtype=object),
        full(w.shape, real.NAN),
    ]


def reflections(a: Array) -> tuple[Array, Array]:
    """(R above, the vectors v below the diagonal; τ): H₁ᴴ a, H₂ᴴ H₁ᴴ a, …, with H = 1 − τ v vᴴ and v₁ = 1.

    β = −sign(Re α)·‖(α, x)‖ takes the place of α; a column that is zero below a real α is left as it is (LAPACK's xLARFG).
    """
    a = a.copy()
    rows, columns = a.shape
    taus = full((min(rows, columns),), ZERO)
    for k in range(len(taus)):
        alpha, rest = a[k, k], a[k + 1 :, k]
        if all(_is_zero(v) for v in rest) and not (isinstance(alpha, acb) and not alpha.imag.is_zero()):
            continue
        norm = sum((abs(v) * abs(v) for v in rest), abs(alpha) * abs(alpha)).sqrt()
        head = alpha.real if isinstance(alpha, acb) else alpha
        beta = norm if not head.is_zero() and decisions.sign(head) < 0 else -norm
        if head.is_zero():
            decisions.sign(head)  # a tie
        taus[k] = (beta - alpha) / beta
        scaled = elementwise(real.divide, 2)(rest, alpha - beta)
        a[k, k], a[k + 1 :, k] = beta, scaled
        conjugated = taus[k].conjugate() if isinstance(taus[k], acb) else taus[k]
        for j in range(k + 1, columns):
            inner = a[k, j] + (times(_conjugate(scaled)[None, :], a[k + 1 :, j])[0] if len(scaled) else ZERO)
            step = conjugated * inner
            a[k, j] = a[k, j] - step
            a[k + 1 :, j] = a[k + 1 :, j] - step * scaled
    return a, taus


def product_of_reflections(a: Array, taus: Array) -> tuple[Array]:
    """The first columns of H₁ H₂ …, as many as a has."""
    rows, columns = a.shape
    q = full((rows, columns), ZERO)
    for k in range(min(rows, columns)):
        q[k, k] = ONE
    for k in reversed(range(len(taus))):
        v = np.concatenate([full((1,), ONE), a[k + 1 :, k]])
        for j in range(columns):
            inner = times(_conjugate(v)[None, :], q[k:, j])[0]
            q[k:, j] = q[k:, j] - taus[k] * inner * v
    return (q,)


def _upper(a: Array) -> Array:
    return np.asarray(np.where(np.tri(a.shape[0], a.shape[1], k=-1, dtype=bool), ZERO, a), dtype=object)


def _qr(equation: Equation, a: Array) -> list[Array]:
    """Q and R (and, with pivoting, nothing: that order is not enclosed)."""
    if equation.params.get("pivoting"):
        from oracle.balls.errors import UnsupportedPrimitive

        raise UnsupportedPrimitive(equation.name, "pivoting")

    def factors(a: Array) -> tuple[Array, Array]:
        rows, columns = a.shape
        packed, taus = reflections(a)
        size = rows if equation.params["full_matrices"] else min(rows, columns)
        wide = full((rows, size), ZERO)
        wide[:, : min(columns, size)] = packed[:, : min(columns, size)]
        (q,) = product_of_reflections(wide, taus)
        return q, _upper(packed)[:size]

    results = batched(factors, (2,))(a)
    return [as_complex(x) for x in results] if is_complex(a) else results


def _geqrf(equation: Equation, a: Array) -> list[Array]:
    results = batched(reflections, (2,))(a)
    return [as_complex(x) for x in results] if is_complex(a) else results


def _householder_product(equation: Equation, a: Array, taus: Array) -> Array:
    (q,) = batched(product_of_reflections, (2, 1))(a, taus)
    return as_complex(q) if is_complex(a) else q


def _lu(equation: Equation, a: Array) -> list[Array]:
    return batched(lu, (2,))(a)


def tridiagonal_solve(lower: Array, diagonal: Array, upper: Array, b: Array) -> tuple[Array]:
    """x with the tridiagonal matrix times x = b, by elimination without pivots (LU of a matrix is unique, so is x)."""
    n = len(diagonal)
    d, x = diagonal.copy(), b.copy()
    for k in range(1, n):
        factor = lower[k] / d[k - 1]
        d[k] = d[k] - factor * upper[k - 1]
        x[k] = x[k] - factor * x[k - 1]
    for k in reversed(range(n)):
        x[k] = (x[k] - upper[k] * x[k + 1] if k + 1 < n else x[k]) / d[k]
    return (x,)


def _symmetric_product(equation: Equation, a: Array, c: Array) -> Array:
    alpha, beta = arb(float(equation.params["alpha"])), arb(float(equation.params["beta"]))

    def product(a: Array, c: Array) -> tuple[Array]:
        return (alpha * times(a, a.T) + beta * c,)

    return batched(product, (2, 2))(a, c)[0]


#: What takes complex operands as it takes real ones.
LINEAR_ALGEBRA: dict[str, Handler] = {
    "triangular_solve": _triangular_solve,
    "lu": _lu,
    "lu_pivots_to_permutation": _pivots_to_permutation,
    "cholesky": _cholesky,
    "cholesky_update": _cholesky_update,
    "qr": _qr,
    "geqrf": _geqrf,
    "householder_product": _householder_product,
    "tridiagonal_solve": over_matrices(tridiagonal_solve, 1, 1, 1, 2),
    "symmetric_product": _symmetric_product,
}
