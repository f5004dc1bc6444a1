"""Gradients by matrices of a kind: accused along directions that stay inside alone, right by a convention that is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import oracle

pytestmark = pytest.mark.usefixtures("little_evidence", "unnamed_mistakes")

Array = Any
inv = np.linalg.inv
SMALL: dict[str, Any] = {"shapes": ((2, 2),), "examples": 6, "database": None}


SKEW = np.array([[0.0, 1.0], [-1.0, 0.0]])


def logdet(A: Array) -> Array:
    return jnp.linalg.slogdet(A)[1]


def once(A: Array) -> Array:
    """2A⁻¹ − diag(A⁻¹)."""
    return 2 * inv(A) - np.diag(np.diag(inv(A)))


@pytest.mark.parametrize(
    ("grad", "first_line"),
    [
        (inv, "right, in the symmetrised convention"),
        (once, "right, in the convention that counts each pair of entries once"),
        (lambda A: np.tril(once(A)), "right, in the convention of one triangle"),
        (lambda A: inv(A) * (1 + SKEW / 2), "right, in the plain convention"),
        (lambda A: np.tril(inv(A)), "wrong"),
        (lambda A: 2 * inv(A), "wrong"),
        (lambda A: inv(A) + np.abs(SKEW), "wrong"),
    ],
)
def test_log_determinant(grad: Callable[..., Any], first_line: str) -> None:
    report = oracle.check_gradient(logdet, grad, ("positive_definite",), name="g", **SMALL)
    assert str(report).startswith(f"g: {first_line}")
    assert report.of == "symmetrised gradient"


def test_what_is_wrong_by_every_convention_is_shown_as_it_is_written() -> None:
    def grad(A: Array) -> Array:
        return inv(A) + np.abs(SKEW)

    report = oracle.check_gradient(logdet, grad, ("positive_definite",), **SMALL)
    assert report.verdict == "wrong"
    assert report.counterexample is not None
    assert report.component is not None
    assert report.got == pytest.approx(grad(report.counterexample[0])[report.component])


def test_a_convention_is_one_for_all_points() -> None:
    def grad(A: Array) -> Array:
        return once(A) if A[0, 0] > A[1, 1] else inv(A)

    assert oracle.check_gradient(logdet, grad, ("positive_definite",), **{**SMALL, "examples": 12}).verdict == "wrong"


def test_code_of_numpy_that_reads_one_triangle() -> None:
    def likelihood(S: Array, x: Array) -> Array:
        L = np.linalg.cholesky(S)
        z = np.linalg.solve(L, x)
        return 0.5 * z @ z + np.sum(np.log(np.diag(L)))

    def grad(S: Array, x: Array, sign: float = -1.0) -> Array:
        y = inv(S) @ x
        return 0.5 * (inv(S) + sign * np.outer(y, y))

    asked: dict[str, Any] = {"shapes": ((2, 2), (2,)), "examples": 6, "database": None}
    domains = ("positive_definite", "real")
    assert oracle.check_gradient(likelihood, grad, domains, **asked)
    assert oracle.check_gradient(likelihood, lambda S, x: grad(S, x, 1.0), domains, **asked).verdict == "wrong"


def procrustes(Q: Array, B: Array) -> Array:
    return 0.5 * jnp.sum((Q - B) ** 2)


def riemannian(Q: Array, B: Array) -> Array:
    return Q @ (Q.T @ -B + B.T @ Q) / 2


@pytest.mark.parametrize(
    ("grad", "first_line"),
    [
        (lambda Q, B: Q - B, "right, in the Euclidean convention"),
        (lambda Q, B: -B, "right, in the Euclidean convention"),
        (riemannian, "right, in the Riemannian convention: along"),
        (lambda Q, B: 2 * riemannian(Q, B), "right, in the Riemannian convention of the canonical metric"),
        (lambda Q, B: -B / 2, "wrong"),
        (lambda Q, B: Q.T - B, "wrong"),
    ],
)
def test_orthogonal_matrices(grad: Callable[..., Any], first_line: str) -> None:
    report = oracle.check_gradient(
        procrustes,
        grad,
        ("orthogonal", "real"),
        name="g",
        shapes=((2, 2),) * 2,
        examples=6,
    )
    assert str(report).startswith(f"g: {first_line}")


def solved(L: Array, b: Array) -> Array:
    return jnp.sum(jax.scipy.linalg.solve_triangular(L, b, lower=True) ** 2)


def solved_grad(L: Array, b: Array) -> Array:
    x = np.linalg.solve(L, b)
    return -np.outer(np.linalg.solve(L.T, 2 * x), x)


def test_above_the_diagonal_nothing_is_asked() -> None:
    asked: dict[str, Any] = {"shapes": ((2, 2), (2,)), "examples": 6, "database": None}
    domains = ("lower_triangular", "real")
    assert oracle.check_gradient(solved, solved_grad, domains, **asked)
    assert oracle.check_gradient(solved, lambda L, b: np.tril(solved_grad(L, b)), domains, **asked)
    assert oracle.check_gradient(solved, lambda L, b: solved_grad(L, b).T, domains, **asked).verdict == "wrong"


def inverse_vjp(A: Array, c: Array) -> tuple[Array]:
    return (-inv(A).T @ c @ inv(A).T,)


def hess(A: Array) -> Array:
    return -np.einsum("ik,lj->ijkl", inv(A), inv(A))


def test_products_and_second_derivatives() -> None:
    domains = ("positive_definite",)
    assert oracle.check_vjp(jnp.linalg.inv, inverse_vjp, domains, **SMALL)
    assert oracle.check_hvp(logdet, lambda A, v: -inv(A) @ v @ inv(A), domains, **SMALL)


@pytest.mark.longer
def test_more_products_and_second_derivatives() -> None:
    domains = ("positive_definite",)
    assert not oracle.check_vjp(jnp.linalg.inv, lambda A, c: (inverse_vjp(A, c)[0] * A,), domains, **SMALL)
    assert oracle.check_jvp(jnp.linalg.inv, lambda p, t: -inv(p[0]) @ t[0] @ inv(p[0]), domains, **SMALL)
    assert not oracle.check_jvp(jnp.linalg.inv, lambda p, t: inv(p[0]) @ t[0] @ inv(p[0]), domains, **SMALL)
    assert oracle.check_hessian(logdet, hess, domains, **SMALL)
    assert not oracle.check_hessian(logdet, lambda A: -hess(A), domains, **SMALL)


def test_examples_keep_their_dtype_and_kind() -> None:
    example = (np.array([[2.0, 1.0], [1.0, 3.0]], dtype=np.float32),)
    report = oracle.check_gradient(logdet, inv, ("positive_definite",), like=example, examples=8)
    assert report
    assert "symmetrised convention" in str(report).splitlines()[0]
    assert not oracle.check_gradient(logdet, lambda A: -inv(A), ("positive_definite",), like=example, examples=8)


def test_the_default_shapes_are_square() -> None:
    report = oracle.check_gradient(
        lambda A, x: x @ A @ x, lambda A, x: np.outer(x, x), ("symmetric", "real"), examples=12
    )
    assert report
    assert ((3, 3), (3,)) in report.tried.shapes


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: oracle.check_gradient(logdet, inv, ("symmetric",), shapes=((2, 3),)), "as many rows as columns"),
        (lambda: oracle.check_gradient(logdet, inv, ("orthogonal",), shapes=((2, 3),)), "at least as many rows"),
        (lambda: oracle.check_gradient(logdet, inv, ("symmetric",), like=(np.ones((2, 3)),)), "is of matrices, square"),
        (lambda: oracle.check_gradient(logdet, inv, ("symmetric",), like=(np.triu(np.ones((2, 2))),)), "lies outside"),
        (lambda: oracle.check_hessian(logdet, inv, ("symmetric",), diagonal=True), "without diagonal=True"),
        (lambda: oracle.check_hessian(logdet, inv, ("orthogonal",)), "which is curved"),
        (lambda: oracle.check_hvp(logdet, lambda A, v: v, ("orthogonal",)), "which is curved"),
    ],
)
def test_bad_input_is_one_sentence(ask: Callable[[], Any], says: str) -> None:
    with pytest.raises(oracle.CannotJudge, match=says) as raised:
        ask()
    assert "\n" not in str(raised.value)
