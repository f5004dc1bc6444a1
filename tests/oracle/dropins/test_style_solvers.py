"""In the style of a package of JAX solvers: implicit derivatives by custom_jvp, matrices, order 2 where it is known."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from oracle import check_grads  # from jax.test_util import check_grads

pytestmark = pytest.mark.longer


@jax.custom_jvp
def square_root(a):
    """Newton's iteration, whose derivative is that of the equation x² = a."""
    return jax.lax.fori_loop(0, 40, lambda _, x: 0.5 * (x + a / x), a)


@square_root.defjvp
def square_root_jvp(primals, tangents):
    x = square_root(primals[0])
    return x, tangents[0] / (2 * x)


@jax.custom_jvp
def square_root_of_half(a):
    return square_root.__wrapped__(a)


@square_root_of_half.defjvp
def square_root_of_half_jvp(primals, tangents):
    x = square_root_of_half(primals[0])
    return x, tangents[0] / x


def ridge(theta, features, targets):
    gram = features.T @ features + theta * jnp.eye(2)
    return jnp.linalg.solve(gram, features.T @ targets)


A = np.array([0.7, 1.9, 3.1])
FEATURES = np.array([[0.5, -1.0], [2.0, 0.3], [1.1, 0.7]])


def test_square_root():
    check_grads(square_root, (A,), 1, modes=("fwd", "rev"), eps=1e-3)


def test_square_root_of_half():
    with pytest.raises(AssertionError):
        check_grads(square_root_of_half, (A,), 1, modes=("fwd", "rev"), eps=1e-3)


def test_ridge():
    check_grads(ridge, (0.5, FEATURES, np.array([1.0, -2.0, 0.5])), 1, modes=("rev",))


def test_smooth_function_twice():
    check_grads(lambda x: jnp.sin(x) * x[0], (A,), 2, modes=("rev",))
