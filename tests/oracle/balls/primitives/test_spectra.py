"""Eigenvalues, singular values and their vectors against mpmath; a wrong handler is caught; what is not separate is undecided."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from mpmath import mp

from oracle.balls.arrays import lift_arb, precision
from oracle.balls.errors import Undecidable
from oracle.balls.jaxpr import evaluate
from oracle.witnesses.tracing import double_precision

from .against_mpmath import Case, array, exact, matrix, outcomes, planted

linalg = lax.linalg


def square(n):
    return lambda rng: [rng.normal(size=(n, n)) * 10.0 ** rng.integers(-3, 4)]


def symmetric(n):
    return lambda rng: [(lambda a: a + a.T)(rng.normal(size=(n, n)))]


def hermitian(n):
    def draw(rng):
        a = rng.normal(size=(n, n)) + 1j * rng.normal(size=(n, n))
        return [a + a.conj().T]

    return draw


def rectangle(rows, columns):
    return lambda rng: [rng.normal(size=(rows, columns))]


def column(m):
    return array(m).reshape(-1)


def signed(vectors, floats):
    """The columns with the signs of the float ones."""
    vectors = vectors.copy()
    for k in range(vectors.shape[1]):
        if np.dot(vectors[:, k], exact(floats[:, k])) < 0:
            vectors[:, k] = -vectors[:, k]
    return vectors


def eigh(a):
    values, vectors = mp.eigsy(matrix(a))
    with double_precision():
        floats = np.asarray(linalg.eigh(a)[0])
    return [signed(array(vectors), floats), column(values)]


def svd(a):
    u, s, v = mp.svd_r(matrix(a))
    with double_precision():
        floats = np.asarray(linalg.svd(a, full_matrices=False)[0])
    u = array(u)
    aligned = signed(u, floats)
    flips = [1 if x is y or bool(np.all(x == y)) else -1 for x, y in zip(aligned.T, u.T, strict=True)]
    return [aligned, column(s), array(v) * np.array(flips, dtype=object)[:, None]]


def eigenvalues(a):
    """In the order of LAPACK."""
    values, _ = mp.eig(matrix(a))
    order = np.linalg.eigvals(a)
    return [np.array([min(values, key=lambda v, w=w: abs(v - mp.mpc(complex(w)))) for w in order], dtype=object)]


CASES = [
    Case("eigh", linalg.eigh, symmetric(4), eigh, tries=5),
    Case(
        "eigh",
        lambda a: jnp.linalg.eigvalsh(a),
        hermitian(3),
        lambda a: [column(mp.eighe(matrix(a), eigvals_only=True))],
        tries=5,
        label="eigvalsh, Hermitian",
    ),
    Case("eig", jnp.linalg.eigvals, square(3), eigenvalues, tries=5),
    Case("svd", lambda a: linalg.svd(a, full_matrices=False), rectangle(4, 3), svd, tries=5, label="svd tall"),
    Case("svd", lambda a: linalg.svd(a, full_matrices=False), rectangle(2, 3), svd, tries=5, label="svd wide"),
    Case(
        "svd", jnp.linalg.svdvals, rectangle(3, 3), lambda a: [column(mp.svd_r(matrix(a), compute_uv=False))], tries=5
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_holds_the_value_of_mpmath(case):
    found = outcomes(case)
    assert set(found) == {"held"}, found


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_wrong_handler_is_caught(case):
    assert "WRONG" in outcomes(case, tables=planted(case.name), seed=1)


def run(fn, *args):
    with double_precision():
        closed = jax.make_jaxpr(fn)(*args)
    with precision(150):
        return evaluate(closed, args)


def test_eigenvectors_solve_their_equation_and_have_length_one():
    a = np.array([[1.0, 2.0, 0.5], [-1.0, 0.3, 1.0], [0.2, 0.1, -2.0]])
    with double_precision():
        expected = [np.asarray(x) for x in jnp.linalg.eig(a)]
    values, vectors = run(jnp.linalg.eig, a)
    for found, float_values in zip((values, vectors), expected, strict=True):
        mids = np.array([complex(float(z.real.mid()), float(z.imag.mid())) for z in found.flat]).reshape(found.shape)
        assert np.allclose(mids, float_values, atol=1e-13)
    with precision(150):
        residual = np.dot(lift_arb(a), vectors) - vectors * values
    assert all(z.contains(0) and z.rad() < 1e-30 for z in residual.flat)


@pytest.mark.parametrize(
    ("fn", "a"),
    [
        (lambda a: linalg.eigh(a)[1], np.eye(3)),
        (jnp.linalg.svdvals, np.ones((2, 2))),
        (lambda a: linalg.svd(a, full_matrices=False)[1], np.diag([1.0, 1.0])),
        (jnp.linalg.eigvals, np.array([[1.0, 1.0], [0.0, 1.0]])),
        (jnp.linalg.svdvals, np.array([[1.0, 1.0], [1.0, 1.0 + 2.0**-51]])),  # floats do not know the smaller one
    ],
)
def test_what_is_not_separate_is_undecided(fn, a):
    with pytest.raises(Undecidable):
        run(fn, a)
