"""Functions with their Hessians, and what people write instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

Array = Any


class Case(NamedTuple):
    """fn, its Hessian by `argnum`, and the options of the check."""

    fn: Callable[..., Any]
    hess: Callable[..., Any]
    options: dict[str, Any]


def _case(fn: Any, hess: Any, *domains: Any, **options: Any) -> Case:
    return Case(fn, hess, {"domains": domains or ((-3.0, 3.0),), **options})


A = np.array([[2.0, -1.0, 0.5], [-1.0, 3.0, 0.25], [0.5, 0.25, 1.0]])
B = np.array([[1.0, 2.0, 0.0], [0.5, -1.0, 3.0], [2.0, 0.0, 1.0], [1.0, 1.0, 1.0]])
T = np.array([0.5, -1.0, 2.0, 0.25])
THREE: dict[str, Any] = {"shapes": ((3,),)}


def sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def softmax(x: Array) -> Array:
    e = np.exp(x - np.max(x))
    return e / e.sum()


def quadratic(x: Array) -> Array:
    return 0.5 * x @ (A @ x)


def unequal(x: Array) -> Array:
    """Its matrix is not symmetric: the Hessian is M + Mᵀ."""
    return x @ (np.triu(A) @ x)


def rosenbrock(x: Array) -> Array:
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def rosenbrock_hess(x: Array) -> Array:
    n = len(x)
    H = np.zeros((n, n))
    for i in range(n - 1):
        H[i, i] += 1200 * x[i] ** 2 - 400 * x[i + 1] + 2
        H[i, i + 1] = H[i + 1, i] = -400 * x[i]
        H[i + 1, i + 1] += 200
    return H


def log_sum_exp(x: Array) -> Array:
    return jnp.log(jnp.exp(x).sum())


def log_sum_exp_hess(x: Array) -> Array:
    p = softmax(x)
    return np.diag(p) - np.outer(p, p)


def cross_entropy(z: Array, y: Array) -> Array:
    return jnp.log(jnp.exp(z).sum()) * y.sum() - (y * z).sum()


def logistic(w: Array) -> Array:
    return jnp.logaddexp(0.0, B @ w).sum() - (T * (B @ w)).sum()


def logistic_hess(w: Array) -> Array:
    p = sigmoid(B @ w)
    return B.T @ np.diag(p * (1 - p)) @ B


def curve(w: Array) -> Array:
    """Least squares of a nonlinear model: the Gauss–Newton matrix JᵀJ lacks the second derivatives of the residuals."""
    r = jnp.exp(B @ w) - T
    return 0.5 * (r * r).sum()


def curve_hess(w: Array) -> Array:
    e = np.exp(B @ w)
    return B.T @ np.diag(e * e + (e - T) * e) @ B


def gauss_newton(w: Array) -> Array:
    e = np.exp(B @ w)
    return B.T @ np.diag(e * e) @ B


def huber(x: Array) -> Array:
    return jnp.where(jnp.abs(x) <= 1, 0.5 * x * x, jnp.abs(x) - 0.5).sum()


def squared_relu(x: Array) -> Array:
    return (jnp.maximum(x, 0) ** 2).sum()


def product(x: Array) -> Array:
    return x[0] * x[1] ** 2 * jnp.exp(x[2])


def product_hess(x: Array) -> Array:
    a, b, c = x
    e = np.exp(c)
    return np.array([[0, 2 * b, b * b], [2 * b, 2 * a, 2 * a * b], [b * b, 2 * a * b, a * b * b]]) * e


def ridge(w: Array, x: Array, y: Array) -> Array:
    return 0.5 * ((x @ w - y) ** 2).sum() + 0.05 * (w * w).sum()


def by_numpy(x: Array) -> Array:
    return np.sum(np.exp(x) * x**2)


def by_numpy_matrix(x: Array) -> Array:
    return np.dot(x, np.dot(A, x)) / 2 + np.log(1 + np.sum(x**2))


def by_numpy_matrix_hess(x: Array) -> Array:
    s = 1 + x @ x
    return A + 2 * np.eye(3) / s - 4 * np.outer(x, x) / s**2


def of_a_matrix(W: Array) -> Array:
    return (jnp.sin(W) * W).sum() + W[0, 0] * W[1, 1]


def of_a_matrix_hess(W: Array) -> Array:
    n = W.size
    H = np.diag((2 * np.cos(W) - W * np.sin(W)).ravel())
    k = W.shape[1] + 1
    H[0, k] += 1
    H[k, 0] += 1
    return H.reshape(*W.shape, *W.shape) if n else H


def zero(x: Array) -> Array:
    return np.zeros((len(x), len(x)))


UNIT = (0.05, 0.95)
RIGHT = {
    "quadratic": _case(quadratic, lambda x: A, **THREE),
    "of a matrix that is not symmetric": _case(unequal, lambda x: np.triu(A) + np.triu(A).T, **THREE),
    "Rosenbrock": _case(rosenbrock, rosenbrock_hess, lengths=(2, 6)),
    "Rosenbrock, as lists": _case(rosenbrock, lambda x: rosenbrock_hess(x).tolist(), lengths=(2, 4)),
    "log-sum-exp": _case(log_sum_exp, log_sum_exp_hess, lengths=(1, 6)),
    "softmax cross-entropy": _case(
        cross_entropy, lambda z, y: log_sum_exp_hess(z), (-3.0, 3.0), "one_hot", lengths=(2, 5)
    ),
    "logistic regression": _case(logistic, logistic_hess, **THREE),
    "nonlinear least squares": _case(curve, curve_hess, (-1.0, 1.0), **THREE),
    "Huber": _case(huber, lambda x: np.diag(np.where(np.abs(x) <= 1, 1.0, 0.0)), lengths=(1, 5)),
    "Huber, the other side of the kink": _case(
        huber, lambda x: np.diag(np.where(np.abs(x) < 1, 1.0, 0.0)), lengths=(1, 5)
    ),
    "relu²": _case(squared_relu, lambda x: np.diag(np.where(x > 0, 2.0, 0.0)), lengths=(1, 5)),
    "relu², the other side": _case(squared_relu, lambda x: np.diag(np.where(x >= 0, 2.0, 0.0)), lengths=(1, 5)),
    "relu, which has none at 0": _case(lambda x: jnp.maximum(x, 0).sum(), zero, lengths=(1, 5)),
    "|x|": _case(lambda x: jnp.abs(x).sum(), zero, lengths=(1, 5)),
    "linear": _case(lambda x: (2 * x).sum(), zero, lengths=(1, 5)),
    "constant": _case(lambda x: 0.0 * x.sum() + 3.0, zero, lengths=(1, 5)),
    "one variable": _case(lambda x: x**3, lambda x: 6 * x, shapes=((),)),
    "one entry": _case(lambda x: jnp.sin(x).sum(), lambda x: np.diag(-np.sin(x)), lengths=(1, 1)),
    "a product": _case(product, product_hess, **THREE),
    "logarithms": _case(lambda x: -jnp.log(x).sum(), lambda x: np.diag(1 / x**2), "positive", lengths=(1, 6)),
    "entropy": _case(lambda p: (p * jnp.log(p)).sum(), lambda p: np.diag(1 / p), UNIT, lengths=(1, 6)),
    "norm": _case(
        lambda x: jnp.sqrt((x * x).sum()),
        lambda x: np.eye(len(x)) / np.sqrt(x @ x) - np.outer(x, x) / np.sqrt(x @ x) ** 3,
        (0.5, 3.0),
        lengths=(1, 5),
    ),
    "square of a sum": _case(lambda x: x.sum() ** 2, lambda x: 2 * np.ones((len(x), len(x))), lengths=(1, 9)),
    "neighbours": _case(
        lambda x: (x[1:] * x[:-1]).sum(), lambda x: np.eye(len(x), k=1) + np.eye(len(x), k=-1), lengths=(2, 6)
    ),
    "ridge, by its weights": _case(
        ridge, lambda w, x, y: x.T @ x + 0.1 * np.eye(2), *[(-2.0, 2.0)] * 3, shapes=((2,), (4, 2), (4,))
    ),
    "by the second argument": _case(
        lambda a, x: (a * x * x).sum(), lambda a, x: np.diag(2 * a), (-3.0, 3.0), (-3.0, 3.0), argnum=1, lengths=(1, 5)
    ),
    "NumPy": _case(by_numpy, lambda x: np.diag(np.exp(x) * (x * x + 4 * x + 2)), lengths=(1, 5)),
    "NumPy, matrices": _case(by_numpy_matrix, by_numpy_matrix_hess, **THREE),
    "of a matrix": _case(of_a_matrix, of_a_matrix_hess, shapes=((2, 3),)),
    "float32": _case(quadratic, lambda x: A.astype(np.float32), **THREE),
    "periodic": _case(
        lambda x: jnp.cos(x[0] - x[1]),
        lambda x: np.cos(x[0] - x[1]) * np.array([[-1.0, 1.0], [1.0, -1.0]]),
        shapes=((2,),),
    ),
    "variance": _case(
        lambda x: ((x - x.mean()) ** 2).mean(), lambda x: 2 * (np.eye(len(x)) - 1 / len(x)) / len(x), lengths=(1, 9)
    ),
}


def _times(factor: float, hess: Any) -> Any:
    return lambda *arrays: factor * hess(*arrays)


def _diagonal(hess: Any) -> Any:
    return lambda *arrays: np.diag(np.diag(hess(*arrays)))


def _upper(hess: Any) -> Any:
    return lambda *arrays: np.triu(hess(*arrays))


def _other_sign(hess: Any) -> Any:
    return lambda *arrays: 2 * np.diag(np.diag(hess(*arrays))) - hess(*arrays)


def _one_entry(hess: Any, change: float) -> Any:
    def changed(*arrays: Any) -> Any:
        H = np.array(hess(*arrays))
        H[-1, 0] += change
        return H

    return changed


def _wrong(name: str, change: Any) -> Case:
    fn, hess, options = RIGHT[name]
    return Case(fn, change(hess), options)


def _fn_of(name: str, hess: Any) -> Case:
    return RIGHT[name]._replace(hess=hess)


TWICE, HALF, MINUS = (lambda h: _times(2, h)), (lambda h: _times(0.5, h)), (lambda h: _times(-1, h))
#: A wrong Hessian, and a word of the diagnosis, or nothing where none is expected.
WRONG: dict[str, tuple[Case, str]] = {
    "twice": (_wrong("quadratic", TWICE), "twice"),
    "half": (_wrong("square of a sum", HALF), "half of"),
    "minus": (_wrong("Rosenbrock", MINUS), "the negative of"),
    "the matrix alone": (_fn_of("of a matrix that is not symmetric", lambda x: np.triu(A)), "with its transpose added"),
    "the transposed matrix alone": (
        _fn_of("of a matrix that is not symmetric", lambda x: np.triu(A).T),
        "with its transpose added",
    ),
    "diagonal only: Rosenbrock": (_wrong("Rosenbrock", _diagonal), "diagonal of the Hessian alone"),
    "diagonal only: log-sum-exp": (_fn_of("log-sum-exp", lambda x: np.diag(softmax(x) * (1 - softmax(x)))), "alone"),
    "diag(p)": (_fn_of("log-sum-exp", lambda x: np.diag(softmax(x))), ""),
    "−p pᵀ": (_fn_of("log-sum-exp", lambda x: -np.outer(softmax(x), softmax(x))), ""),
    "diag(p) + p pᵀ": (_fn_of("log-sum-exp", lambda x: np.diag(softmax(x)) + np.outer(softmax(x), softmax(x))), ""),
    "sign beside the diagonal": (_wrong("Rosenbrock", _other_sign), "beside the diagonal have the other sign"),
    "upper triangle": (_wrong("Rosenbrock", _upper), "upper triangle is there"),
    "lower triangle": (_fn_of("a product", lambda x: np.tril(product_hess(x))), "lower triangle is there"),
    "Gauss–Newton": (_fn_of("nonlinear least squares", gauss_newton), ""),
    "p for p(1 − p)": (_fn_of("logistic regression", lambda w: B.T @ np.diag(sigmoid(B @ w)) @ B), ""),
    "one data point less": (
        _fn_of("logistic regression", lambda w: logistic_hess(w) - 0.01 * np.outer(B[0], B[0])),
        "",
    ),
    "mean for sum": (_wrong("logistic regression", lambda h: _times(0.25, h)), "a quarter of"),
    "1 beyond the kink": (_fn_of("Huber", lambda x: np.eye(len(x))), ""),
    "1 for 2": (_wrong("relu²", HALF), "half of"),
    "not zero": (_fn_of("linear", lambda x: np.diag(2 + 0 * x)), ""),
    "the first derivative": (_fn_of("one variable", lambda x: 3 * x**2), ""),
    "a sign in one variable": (_fn_of("one entry", lambda x: np.diag(np.sin(x))), ""),
    "one entry, by 1e-9": (_wrong("a product", lambda h: _one_entry(h, 1e-9)), ""),
    "one entry, by 1": (_wrong("quadratic", lambda h: _one_entry(h, 1.0)), ""),
    "−1/x²": (_wrong("logarithms", MINUS), "the negative of"),
    "1/x": (_fn_of("logarithms", lambda x: np.diag(1 / x)), ""),
    "the projection without 1/‖x‖": (_fn_of("norm", lambda x: np.eye(len(x)) - np.outer(x, x) / (x @ x)), ""),
    "no ridge": (_fn_of("ridge, by its weights", lambda w, x, y: x.T @ x), ""),
    "by the other argument": (_fn_of("by the second argument", lambda a, x: np.diag(2 * x)), ""),
    "NumPy": (_fn_of("NumPy", lambda x: np.diag(np.exp(x) * (x * x + 4 * x))), ""),
    "NumPy, matrices": (_fn_of("NumPy, matrices", lambda x: A + 2 * np.eye(3) / (1 + x @ x)), ""),
    "of a matrix": (_fn_of("of a matrix", lambda W: np.zeros((2, 3, 2, 3))), ""),
    "float32, by a hundredth": (_fn_of("float32", lambda x: (A * 1.01).astype(np.float32)), ""),
    "neighbours, twice": (_wrong("neighbours", TWICE), "twice"),
    "1/n for 1/n²": (_fn_of("variance", lambda x: 2 * (np.eye(len(x)) - 1 / len(x))), ""),
}
