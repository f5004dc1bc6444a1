"""Right gradients by the second and the third of several arguments whose shapes differ."""

from __future__ import annotations

from typing import Any

import numpy as np

from oracle.scores.mutants.record import Subject, right

Array = Any

WIDE = (-3, 3)
ATTENTION_SHAPES: Any = {"shapes": ((2,), (4, 2), (4,))}
CONVOLUTION_SHAPES: Any = {"shapes": ((6,), (3,), (4,))}
KERNEL_SHAPES: Any = {"shapes": ((2,), (3, 2), (3,))}


def softmax(s: Array) -> Array:
    e = np.exp(s - s.max())
    return e / e.sum()


def attention(q: Array, K: Array, v: Array) -> Any:
    """v · softmax(K q)."""
    xp = q.__array_namespace__()
    s = K @ q
    e = xp.exp(s - xp.max(s))
    return v @ e / xp.sum(e)


def attention_formula(m: Any, q: Array, K: Array, v: Array) -> Any:
    e = [m.exp(m.fsum(K[i, k] * q[k] for k in range(2))) for i in range(4)]
    return m.fsum(x * w for x, w in zip(v, e, strict=True)) / m.fsum(e)


def attention_delta(q: Array, K: Array, v: Array) -> Array:
    """By the scores K q."""
    p = softmax(K @ q)
    return p * (v - p @ v)


def convolution(x: Array, k: Array, w: Array) -> Any:
    """Σᵢ wᵢ Σⱼ kⱼ xᵢ₊ⱼ."""
    return sum(w[i] * sum(k[j] * x[i + j] for j in range(3)) for i in range(4))


def convolution_formula(m: Any, x: Array, k: Array, w: Array) -> Any:
    return m.fsum(w[i] * k[j] * x[i + j] for i in range(4) for j in range(3))


def gaussian(x: Array, mean: Array, s: Array) -> Any:
    """−log of a normal density in five dimensions, but for its constant."""
    xp = x.__array_namespace__()
    return xp.sum((x - mean) ** 2) / (2 * s * s) + 5 * xp.log(s)


def gaussian_formula(m: Any, x: Array, mean: Array, s: Array) -> Any:
    return m.fsum((y - mean.item()) ** 2 for y in x) / (2 * s.item() ** 2) + 5 * m.log(s.item())


def factors(U: Array, V: Array, M: Array) -> Any:
    """½ ‖U V − M‖²."""
    return U.__array_namespace__().sum((U @ V - M) ** 2) / 2


def factors_formula(m: Any, U: Array, V: Array, M: Array) -> Any:
    return m.fsum((U[i, 0] * V[0, j] + U[i, 1] * V[1, j] - M[i, j]) ** 2 for i in range(4) for j in range(3)) / 2


def shifted(X: Array, b: Array, Y: Array) -> Any:
    """½ ‖X + b − Y‖², b a column beside each of four."""
    return X.__array_namespace__().sum((X + b - Y) ** 2) / 2


def shifted_formula(m: Any, X: Array, b: Array, Y: Array) -> Any:
    return m.fsum((X[i, j] + b[i, 0] - Y[j]) ** 2 for i in range(3) for j in range(4)) / 2


def kernel(x: Array, Z: Array, weights: Array) -> Any:
    """Σ wᵢ exp(−‖x − zᵢ‖²)."""
    xp = x.__array_namespace__()
    return xp.sum(weights * xp.exp(-xp.sum((x - Z) ** 2, axis=1)))


def kernel_formula(m: Any, x: Array, Z: Array, weights: Array) -> Any:
    return m.fsum(weights[i] * m.exp(-m.fsum((x[k] - Z[i, k]) ** 2 for k in range(2))) for i in range(3))


def heights(x: Array, Z: Array) -> Array:
    return np.exp(-np.sum((x - Z) ** 2, axis=1))


KEYS = right(
    "attention_keys",
    "several arguments: argument 1",
    (WIDE, WIDE, WIDE),
    attention,
    lambda q, K, v: np.outer(attention_delta(q, K, v), q),
    attention_formula,
    argnum=1,
    **ATTENTION_SHAPES,
)
VALUES = right(
    "attention_values",
    "several arguments: argument 2",
    (WIDE, WIDE, WIDE),
    attention,
    lambda q, K, v: softmax(K @ q),
    attention_formula,
    argnum=2,
    **ATTENTION_SHAPES,
)
TAPS = right(
    "convolution_taps",
    "several arguments: argument 1",
    (WIDE, WIDE, WIDE),
    convolution,
    lambda x, k, w: np.correlate(x, w, "valid"),
    convolution_formula,
    argnum=1,
    **CONVOLUTION_SHAPES,
)
DEVIATION = right(
    "gaussian_deviation",
    "several arguments: a number, argument 2",
    (WIDE, WIDE, (0.25, 4)),
    gaussian,
    lambda x, mean, s: np.asarray(5 / s - np.sum((x - mean) ** 2) / s**3),
    gaussian_formula,
    argnum=2,
    shapes=((5,), (1,), ()),
)
MEAN = right(
    "gaussian_mean",
    "several arguments: one entry, argument 1",
    (WIDE, WIDE, (0.25, 4)),
    gaussian,
    lambda x, mean, s: np.sum(mean - x, keepdims=True) / (s * s),
    gaussian_formula,
    argnum=1,
    shapes=((5,), (1,), ()),
)
RIGHT_FACTOR = right(
    "right_factor",
    "several arguments: argument 1",
    (WIDE, WIDE, WIDE),
    factors,
    lambda U, V, M: U.T @ (U @ V - M),
    factors_formula,
    argnum=1,
    shapes=((4, 2), (2, 3), (4, 3)),
)
SHIFT = right(
    "column_shift",
    "several arguments: broadcasting, argument 1",
    (WIDE, WIDE, WIDE),
    shifted,
    lambda X, b, Y: np.sum(X + b - Y, axis=1, keepdims=True),
    shifted_formula,
    argnum=1,
    shapes=((3, 4), (3, 1), (4,)),
)
ROW = right(
    "row_of_targets",
    "several arguments: broadcasting, argument 2",
    (WIDE, WIDE, WIDE),
    shifted,
    lambda X, b, Y: np.sum(Y - X - b, axis=0),
    shifted_formula,
    argnum=2,
    shapes=((3, 4), (3, 1), (4,)),
)
CENTRES = right(
    "kernel_centres",
    "several arguments: argument 1",
    (WIDE, WIDE, WIDE),
    kernel,
    lambda x, Z, weights: 2 * (x - Z) * (weights * heights(x, Z))[:, None],
    kernel_formula,
    argnum=1,
    **KERNEL_SHAPES,
)
WEIGHTS = right(
    "kernel_weights",
    "several arguments: argument 2",
    (WIDE, WIDE, WIDE),
    kernel,
    lambda x, Z, weights: heights(x, Z),
    kernel_formula,
    argnum=2,
    **KERNEL_SHAPES,
)

SUBJECTS: tuple[Subject, ...] = (
    KEYS,
    VALUES,
    TAPS,
    DEVIATION,
    MEAN,
    RIGHT_FACTOR,
    SHIFT,
    ROW,
    CENTRES,
    WEIGHTS,
)
