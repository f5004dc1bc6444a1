"""Elimination, reflections and their solves against mpmath, real and complex; a wrong handler of each is caught."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flint import arb
from jax import lax
from mpmath import mp

from oracle.balls.arrays import lift_arb, precision
from oracle.balls.jaxpr import evaluate
from oracle.balls.primitives.linear_algebra import cholesky, lu
from oracle.balls.watch import watch_ties
from oracle.witnesses.tracing import double_precision

from .against_mpmath import Case, array, exact, matrix, normal, outcomes, planted

linalg = lax.linalg


def complex_normal(*shape):
    return lambda rng: rng.normal(size=shape) + 1j * rng.normal(size=shape)


def together(*draws):
    return lambda rng: [draw(rng) for draw in draws]


def spread_diagonal(n):
    return lambda rng: rng.normal(size=(n, n)) + np.diag(rng.uniform(3, 5, n) * rng.choice([-1, 1], n))


def positive(n):
    def draw(rng):
        a = rng.normal(size=(n, n))
        return a @ a.T + 1e-3 * np.eye(n)

    return draw


def triangle(a, *, lower=True, unit=False):
    t = np.tril(exact(a)) if lower else np.triu(exact(a))
    if unit:
        t[np.arange(len(t)), np.arange(len(t))] = mp.mpf(1)
    return mp.matrix((t + mp.mpf(0)).tolist())


def lapack_lu(a):
    """By its definition: the largest entry of the column to the top, rows subtracted."""
    a = exact(a)
    n, m = a.shape
    order, pivots = list(range(n)), []
    size = lambda v: abs(v.real) + abs(v.imag)  # noqa: E731
    for k in range(min(n, m)):
        pivot = max(range(k, n), key=lambda i: size(a[i, k]))
        pivots.append(pivot)
        a[[k, pivot]] = a[[pivot, k]]
        order[k], order[pivot] = order[pivot], order[k]
        for i in range(k + 1, n):
            a[i, k] /= a[k, k]
            a[i, k + 1 :] -= a[i, k] * a[k, k + 1 :]
    return a, np.array(pivots), np.array(order)


def lapack_qr(a):
    """mpmath's factors with the signs that LAPACK takes: R's diagonal is against that of the column that is reflected."""
    q, r = mp.qr(matrix(a), mode="skinny")
    q, r = array(q), array(r)
    reflected = exact(a)
    for k in range(min(a.shape)):
        below = reflected[k + 1 :, k]
        norm = mp.sqrt(sum(abs(v) ** 2 for v in reflected[k:, k]))
        wanted = reflected[k, k] if not any(below) else -norm if reflected[k, k] >= 0 else norm
        if mp.sign(r[k, k]) != mp.sign(wanted):
            r[k], q[:, k] = -r[k], -q[:, k]
        v = reflected[k:, k].copy()
        v[0] -= wanted
        total = sum(x * x for x in v)
        if any(below):
            reflected[k:] = reflected[k:] - np.outer(v, v @ reflected[k:]) * (2 / total)
    return q, r


def packed(a):
    """Reflections and their factors, by JAX's geqrf."""
    reflections, taus = jnp.linalg.qr(a, mode="raw")
    return reflections.T, taus


def solve_against(a, b):
    return array(mp.lu_solve(matrix(a), mp.matrix(exact(b).reshape(-1).tolist()))).reshape(np.shape(b))


def tridiagonal(d, b):
    n = len(d)
    m = np.diag(d) + np.diag(np.ones(n - 1), 1) + np.diag(np.ones(n - 1), -1)
    return [solve_against(m, b[:, 0])[:, None]]


CASES = [
    Case(
        "triangular_solve",
        lambda a, b: linalg.triangular_solve(a, b, left_side=True, lower=True),
        together(spread_diagonal(3), normal(3, 2)),
        lambda a, b: [array(mp.inverse(triangle(a)) * matrix(b))],
        label="triangular_solve left lower",
    ),
    Case(
        "triangular_solve",
        lambda a, b: linalg.triangular_solve(a, b, left_side=False, lower=False, transpose_a=True),
        together(spread_diagonal(3), normal(2, 3)),
        lambda a, b: [array(matrix(b) * mp.inverse(triangle(a, lower=False).T))],
        label="triangular_solve right upper transposed",
    ),
    Case(
        "triangular_solve",
        lambda a, b: linalg.triangular_solve(
            a, b, left_side=True, lower=True, transpose_a=True, conjugate_a=True, unit_diagonal=True
        ),
        together(complex_normal(3, 3), complex_normal(3, 1)),
        lambda a, b: [array(mp.inverse(triangle(a, unit=True).H) * matrix(b))],
        label="triangular_solve conjugated, unit diagonal",
    ),
    Case("lu", linalg.lu, together(normal(4, 4)), lapack_lu, label="lu square"),
    Case("lu", linalg.lu, together(normal(4, 2)), lapack_lu, label="lu tall"),
    Case("lu", linalg.lu, together(complex_normal(3, 3)), lapack_lu, label="lu complex"),
    Case(
        "lu_pivots_to_permutation",
        lambda a: linalg.lu_pivots_to_permutation(linalg.lu(a)[1], 4),
        together(normal(4, 4)),
        lambda a: [lapack_lu(a)[2]],
    ),
    Case("cholesky", linalg.cholesky, together(positive(4)), lambda a: [array(mp.cholesky(matrix((a + a.T) / 2)))]),
    Case(
        "qr",
        lambda a: linalg.qr(a, full_matrices=False),
        together(normal(4, 3)),
        lapack_qr,
    ),
    Case(
        "qr",
        lambda a: linalg.qr(a, full_matrices=True),
        together(normal(3, 3)),
        lapack_qr,
        label="qr square",
    ),
    Case(
        "householder_product",
        lambda a: linalg.householder_product(*packed(a)),
        together(normal(4, 3)),
        lambda a: [lapack_qr(a)[0]],
    ),
    Case("geqrf", lambda a: jnp.triu(packed(a)[0])[:3], together(normal(4, 3)), lambda a: [lapack_qr(a)[1]]),
    Case(
        "tridiagonal_solve",
        lambda d, b: linalg.tridiagonal_solve(jnp.array([0.0, 1.0, 1.0]), d, jnp.array([1.0, 1.0, 0.0]), b),
        lambda rng: [rng.uniform(3, 9, 3), rng.normal(size=(3, 1))],
        tridiagonal,
    ),
    Case(
        "custom_linear_solve",
        jnp.linalg.solve,
        together(normal(3, 3), normal(3)),
        lambda a, b: [solve_against(a, b)],
    ),
    Case("lu", jnp.linalg.det, together(normal(4, 4)), lambda a: [mp.det(matrix(a))], label="det"),
    Case("lu", jnp.linalg.inv, together(normal(3, 3)), lambda a: [array(mp.inverse(matrix(a)))], label="inv"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_holds_the_value_of_mpmath(case):
    found = outcomes(case)
    assert set(found) == {"held"}, found


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_wrong_handler_is_caught(case):
    assert "WRONG" in outcomes(case, tables=planted(case.name), seed=1)


def test_batches_are_the_matrices_one_by_one():
    a = np.random.default_rng(2).normal(size=(2, 3, 3, 3))
    with double_precision():
        closed = jax.make_jaxpr(jnp.linalg.inv)(a)
        single = jax.make_jaxpr(jnp.linalg.inv)(a[0, 0])
    with precision(100):
        (whole,) = evaluate(closed, [a])
        for index in np.ndindex(2, 3):
            (part,) = evaluate(single, [a[index]])
            assert all(x.overlaps(y) and x.rad() < 1e-20 for x, y in zip(whole[index].flat, part.flat, strict=True))


def test_pivots_of_one_size_tie_and_equal_numbers_do_not_part_the_rows():
    with watch_ties() as watch:
        lu(lift_arb([[1.0, 2.0], [-1.0, 3.0]]))
    assert watch.ties
    with watch_ties() as watch:
        packed, pivots, _order = lu(lift_arb([[0.0, 2.0], [0.0, 3.0]]))
    assert not watch.ties
    assert list(pivots) == [0, 1]
    assert bool(packed[1, 1] == 3)


def test_what_is_not_positive_definite_has_no_factor():
    (factor,) = cholesky(lift_arb([[1.0, 2.0], [2.0, 1.0]]))
    assert not any(v.is_finite() for v in factor.flat)
    unsure = lift_arb([[1.0, 0.0], [0.0, 1.0]])
    unsure[1, 1] = arb(0, 1)
    assert not any(v.is_finite() for v in cholesky(unsure)[0].flat)
