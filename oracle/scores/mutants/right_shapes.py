"""Right gradients of functions of matrices, of several arguments, and by vectorised code with remainders."""

from __future__ import annotations

from typing import Any

import numpy as np

from oracle.scores.mutants.record import Subject, right
from oracle.scores.mutants.right_costs import logistic, quadratic, sigmoid

Array = Any


def bilinear(W: Array, x: Array, y: Array) -> Array:
    return x @ W @ y


def quadratic_form(A: Array, x: Array) -> Array:
    return x @ A @ x / 2


def trace_of_product(A: Array, B: Array) -> Array:
    xp = A.__array_namespace__()
    return xp.sum(A * B.T)


def affine(W: Array, b: Array, a: Array, E: Array) -> Array:
    return a.__array_namespace__().sum((W @ a + b - E) ** 2) / 2


def sigmoid_layer(W: Array, a: Array, E: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum((1 / (1 + xp.exp(-(W @ a))) - E) ** 2) / 2


def layer_delta(W: Array, a: Array, E: Array) -> Array:
    z = W @ a
    return (sigmoid(z) - E) * sigmoid(z) * sigmoid(-z)


def two_layers(x: Array, V: Array, W: Array) -> Array:
    """½ |W tanh(V x)|²: the error goes back through Wᵀ and Vᵀ."""
    xp = x.__array_namespace__()
    return xp.sum((W @ xp.tanh(V @ x)) ** 2) / 2


def two_layers_prime(x: Array, V: Array, W: Array) -> Array:
    a = np.tanh(V @ x)
    return V.T @ ((W.T @ (W @ a)) * (1 - a * a))


def batch_mean(a: Array, E: Array) -> Array:
    """The mean over samples (columns) of ½ Σ (a − E)²."""
    xp = a.__array_namespace__()
    return xp.mean(xp.sum((a - E) ** 2, axis=0)) / 2


def bias_over_batch(b: Array, z: Array) -> Array:
    """The mean over samples of Σ ½ (z + b)²: the bias is shared by the columns."""
    xp = b.__array_namespace__()
    return xp.mean(xp.sum((z + b[:, None]) ** 2, axis=0)) / 2


def dot(m: Any, x: Any, y: Any) -> Any:
    return m.fsum(p * q for p, q in zip(x, y, strict=True))


def rows(m: Any, W: Any, a: Any) -> list[Any]:
    return [dot(m, row, a) for row in W]


def half_square(m: Any, xs: Any) -> Any:
    return m.fsum(x * x for x in xs) / 2


def difference_formula(m: Any, A: Any, B: Any) -> Any:
    return half_square(m, (x - y for x, y in zip(A.flat, B.flat, strict=True)))


def affine_formula(m: Any, W: Any, b: Any, a: Any, E: Any) -> Any:
    return half_square(m, (z + c - y for z, c, y in zip(rows(m, W, a), b, E, strict=True)))


def layer_formula(m: Any, W: Any, a: Any, E: Any) -> Any:
    return half_square(m, (logistic(m, z) - y for z, y in zip(rows(m, W, a), E, strict=True)))


def form_formula(m: Any, A: Any, x: Any) -> Any:
    return m.fsum(A[i, j] * x[i] * x[j] for i in range(len(x)) for j in range(len(x))) / 2


FROBENIUS = right(
    "frobenius",
    "shapes: matrices",
    ("real", "real"),
    quadratic,
    lambda A, B: A - B,
    difference_formula,
    shapes=((3, 4), (3, 4)),
)


TENSOR = right(
    "three_dimensions",
    "shapes",
    ((-5, 5),),
    lambda T: T.__array_namespace__().sum(T[:, 0, :] * T[:, 1, :]),
    lambda T: T[:, ::-1, :].copy(),
    lambda m, T: m.fsum(T[i, 0, k] * T[i, 1, k] for i in range(2) for k in range(3)),
    shapes=((2, 2, 3),),
)


COLUMN = right(
    "column",
    "shapes: (n, 1)",
    ("real", "real"),
    quadratic,
    lambda A, B: A - B,
    difference_formula,
    shapes=((5, 1), (5, 1)),
)


NUMBER = right(
    "single_number",
    "shapes: ()",
    ((-100, 100),),
    lambda x: x * x * x,
    lambda x: np.asarray(3 * x * x),
    lambda m, x: x.item() ** 3,
    shapes=((),),
)


BILINEAR = right(
    "bilinear_weights",
    "shapes: outer product",
    ((-10, 10), (-10, 10), (-10, 10)),
    bilinear,
    lambda W, x, y: x[:, None] * y,
    lambda m, W, x, y: dot(m, x, rows(m, W, y)),
    shapes=((3, 4), (3,), (4,)),
)


BILINEAR_X = right(
    "bilinear_vector",
    "shapes: argument 1",
    ((-10, 10), (-10, 10), (-10, 10)),
    bilinear,
    lambda W, x, y: W @ y,
    lambda m, W, x, y: dot(m, x, rows(m, W, y)),
    argnum=1,
    shapes=((3, 4), (3,), (4,)),
)


FORM = right(
    "quadratic_form",
    "shapes: argument 1",
    ((-10, 10), (-10, 10)),
    quadratic_form,
    lambda A, x: (A @ x + A.T @ x) / 2,
    form_formula,
    argnum=1,
    shapes=((4, 4), (4,)),
    note="A is not symmetric",
)


TRACE = right(
    "trace_of_product",
    "shapes: transpose",
    ((-10, 10), (-10, 10)),
    trace_of_product,
    lambda A, B: B.T.copy(),
    lambda m, A, B: m.fsum(A[i, j] * B[j, i] for i in range(3) for j in range(3)),
    shapes=((3, 3), (3, 3)),
)


AFFINE = right(
    "affine_weights",
    "shapes: BP3",
    ((-5, 5), (-5, 5), (-5, 5), (-5, 5)),
    affine,
    lambda W, b, a, E: (W @ a + b - E)[:, None] * a,
    affine_formula,
    shapes=((3, 4), (3,), (4,), (3,)),
)


AFFINE_INPUT = right(
    "affine_input",
    "shapes: BP2",
    ((-5, 5), (-5, 5), (-5, 5), (-5, 5)),
    affine,
    lambda W, b, a, E: W.T @ (W @ a + b - E),
    affine_formula,
    argnum=2,
    shapes=((4, 4), (4,), (4,), (4,)),
)


LAYER = right(
    "sigmoid_layer_weights",
    "shapes: BP1 and BP3",
    ((-2, 2), (-2, 2), (0.05, 0.95)),
    sigmoid_layer,
    lambda W, a, E: layer_delta(W, a, E)[:, None] * a,
    layer_formula,
    shapes=((3, 3), (3,), (3,)),
)


TWO_LAYERS = right(
    "two_layers_input",
    "shapes: BP2",
    ((-2, 2), (-1, 1), (-1, 1)),
    two_layers,
    two_layers_prime,
    lambda m, x, V, W: half_square(m, rows(m, W, [m.tanh(z) for z in rows(m, V, x)])),
    shapes=((3,), (3, 3), (3, 3)),
)


BATCH_MEAN = right(
    "batch_mean",
    "shapes: mean over samples",
    ("real", "real"),
    batch_mean,
    lambda a, E: (a - E) / a.shape[1],
    lambda m, a, E: difference_formula(m, a, E) / a.shape[1],
    shapes=((3, 5), (3, 5)),
)


BIAS = right(
    "bias_over_batch",
    "shapes: mean over samples",
    ((-10, 10), (-10, 10)),
    bias_over_batch,
    lambda b, z: b + np.mean(z, axis=1),
    lambda m, b, z: half_square(m, (z[j, r] + b[j] for j in range(3) for r in range(4))) / 4,
    shapes=((3,), (3, 4)),
)

SUBJECTS: tuple[Subject, ...] = (
    FROBENIUS,
    TENSOR,
    COLUMN,
    NUMBER,
    BILINEAR,
    BILINEAR_X,
    FORM,
    TRACE,
    AFFINE,
    AFFINE_INPUT,
    LAYER,
    TWO_LAYERS,
    BATCH_MEAN,
    BIAS,
)
