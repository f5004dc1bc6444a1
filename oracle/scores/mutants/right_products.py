"""Right vector–Jacobian products: each is right for a cotangent of every scale, for zeros, and for entries that repeat."""

from __future__ import annotations

from typing import Any

import numpy as np

from oracle.scores.mutants.record import Product, Subject, right_product

Array = Any

WIDE = (-5, 5)
COTANGENT = (-100, 100)
GATHERED = (0, 2, 2, 1, 2)
SCALES = tuple(([0.5, -1.0], [size, -2 * size]) for size in (1e-6, 1.0, 40.0, 0.0))


def softmax(a: Array) -> Array:
    xp = a.__array_namespace__()
    e = xp.exp(a - xp.max(a))
    return e / xp.sum(e)


def softmax_formula(m: Any, a: Array, c: Array) -> Any:
    e = [m.exp(x) for x in a]
    return m.fsum(x * y for x, y in zip(e, c, strict=True)) / m.fsum(e)


def softmax_vjp(a: Array, c: Array) -> tuple[Array]:
    p = softmax(a)
    return (p * (c - p @ c),)


def applied_formula(m: Any, W: Array, x: Array, c: Array) -> Any:
    return m.fsum(c[i] * W[i, k] * x[k] for i in range(3) for k in range(2))


APPLIED = Product(lambda W, x: W @ x, lambda W, x, c: (np.outer(c, x), W.T @ c))


def gathered_vjp(a: Array, c: Array) -> tuple[Array]:
    out = np.zeros(a.shape)
    np.add.at(out, list(GATHERED), c)
    return (out,)


CUBED = right_product(
    "cubed_product",
    "cotangent: elementwise",
    (WIDE, COTANGENT),
    Product(lambda a: a * a * a, lambda a, c: (3 * a * a * c,)),
    lambda m, a, c: m.fsum(x**3 * y for x, y in zip(a, c, strict=True)),
    where=SCALES,
)
TANH = right_product(
    "tanh_product",
    "cotangent: elementwise",
    (WIDE, COTANGENT),
    Product(lambda a: a.__array_namespace__().tanh(a), lambda a, c: (c / np.cosh(a) ** 2,)),
    lambda m, a, c: m.fsum(m.tanh(x) * y for x, y in zip(a, c, strict=True)),
    where=SCALES,
)
SOFTMAX = right_product(
    "softmax_product",
    "cotangent: a softmax",
    ((-1.5, 1.5), COTANGENT),
    Product(softmax, softmax_vjp),
    softmax_formula,
    where=SCALES,
)
WEIGHTS = right_product(
    "applied_weights",
    "cotangent: a matrix times a vector, argument 0",
    (WIDE, WIDE, COTANGENT),
    APPLIED,
    applied_formula,
    shapes=((3, 2), (2,), (3,)),
)
INPUT = right_product(
    "applied_input",
    "cotangent: a matrix times a vector, argument 1",
    (WIDE, WIDE, COTANGENT),
    APPLIED,
    applied_formula,
    argnum=1,
    shapes=((3, 2), (2,), (3,)),
)
GATHER = right_product(
    "gathered_product",
    "cotangent: entries taken several times",
    (WIDE, COTANGENT),
    Product(lambda a: a[np.array(GATHERED)], gathered_vjp),
    lambda m, a, c: m.fsum(a[k] * y for k, y in zip(GATHERED, c, strict=True)),
    shapes=((3,), (5,)),
)
SUMS = right_product(
    "running_sums_product",
    "cotangent: running sums",
    (WIDE, COTANGENT),
    Product(lambda a: a.__array_namespace__().cumulative_sum(a), lambda a, c: (np.cumsum(c[::-1])[::-1],)),
    lambda m, a, c: m.fsum(c[i] * m.fsum(a[: i + 1]) for i in range(len(c))),
    where=SCALES,
)

SUBJECTS: tuple[Subject, ...] = (CUBED, TANH, SOFTMAX, WEIGHTS, INPUT, GATHER, SUMS)
