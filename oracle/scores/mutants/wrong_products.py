"""Wrong by their cotangent: clipped, in few bits, at zeros, not linear in it, where its entries repeat."""

from __future__ import annotations

import numpy as np

from oracle.scores.mutants.record import Subject, wrong_product
from oracle.scores.mutants.right_products import (
    CUBED,
    GATHER,
    GATHERED,
    INPUT,
    SOFTMAX,
    SUMS,
    TANH,
    WEIGHTS,
    Array,
    softmax,
)

PLAIN = [([0.5, -1.0], [0.25, -2.0])]
GREAT = [([0.5, -1.0], [40.0, -2.0])]
ZERO = [([0.5, -1.0], [0.0, 2.0])]
REPEATED = [([0.5, -1.0, 2.0], [1.5, 1.5, 1.0])]
MATRIX = [[1.0, 0.5], [0.25, -1.0], [2.0, 1.0]]
APPLIED = [(MATRIX, [0.5, -1.0], [1.5, -2.0, 0.5])]


def overwritten(a: Array, c: Array) -> tuple[Array]:
    out = np.zeros(a.shape)
    out[list(GATHERED)] += c
    return (out,)


def summed_where_repeated(a: Array, c: Array) -> tuple[Array]:
    """Each entry of the cotangent stands for all that are equal to it."""
    return (3 * a * a * np.array([c[c == y].sum() for y in c]),)


def by_value(a: Array, c: Array) -> tuple[Array]:
    """Entries of the cotangent are told apart by their values, and what comes later wins."""
    place = {y: k for k, y in enumerate(c.tolist())}
    return (np.array([3 * a[place[y]] ** 2 * y for y in c.tolist()]),)


def norm_limited(a: Array, c: Array) -> tuple[Array]:
    size = float(np.linalg.norm(c))
    return (c * (10 / max(size, 10.0)) / np.cosh(a) ** 2,)


def softmax_of_clipped(a: Array, c: Array) -> tuple[Array]:
    p, c = softmax(a), np.clip(c, -5, 5)
    return (p * (c - p @ c),)


def cubed(cotangent):  # type: ignore[no-untyped-def]
    """The right rule, after `cotangent` has changed what it is given."""
    return lambda a, c: (3 * a * a * cotangent(c),)


SUBJECTS: tuple[Subject, ...] = (
    wrong_product(CUBED, "cotangent_clipped", "cotangent: clipped at 5", cubed(lambda c: np.clip(c, -5, 5)), GREAT),
    wrong_product(SOFTMAX, "softmax_of_clipped", "cotangent: clipped at 5", softmax_of_clipped, GREAT),
    wrong_product(TANH, "cotangent_norm_limited", "cotangent: its norm clipped at 10", norm_limited, GREAT),
    wrong_product(
        CUBED,
        "cotangent_float16",
        "cotangent: through float16",
        cubed(lambda c: c.astype(np.float16).astype(np.float64)),
        [([0.5, -1.0], [0.1, -0.3])],
        digits_only=True,
    ),
    wrong_product(
        INPUT,
        "applied_float16",
        "cotangent: through float16",
        lambda W, x, c: (np.outer(c, x), W.T @ c.astype(np.float16).astype(np.float64)),
        [(MATRIX, [0.5, -1.0], [0.1, -0.3, 0.7])],
        digits_only=True,
    ),
    wrong_product(CUBED, "one_at_zero", "cotangent: 1 where it is 0", cubed(lambda c: np.where(c == 0, 1.0, c)), ZERO),
    wrong_product(
        TANH,
        "nan_at_zero",
        "cotangent: NaN where it is 0",
        lambda a, c: (c * c / c / np.cosh(a) ** 2,),
        ZERO,
        digits_only=True,
    ),
    wrong_product(CUBED, "cotangent_squared", "cotangent: squared", cubed(np.square), PLAIN),
    wrong_product(CUBED, "cotangent_size", "cotangent: its size alone", cubed(np.abs), PLAIN),
    wrong_product(
        SUMS, "cotangent_sign", "cotangent: its sign alone", lambda a, c: (np.cumsum(np.sign(c)[::-1])[::-1],), PLAIN
    ),
    wrong_product(
        WEIGHTS,
        "cotangent_ignored",
        "cotangent: taken as ones",
        lambda W, x, c: (np.outer(np.ones(3), x), W.T @ c),
        APPLIED,
    ),
    wrong_product(
        CUBED,
        "cotangent_mean",
        "cotangent: its mean for each entry",
        cubed(lambda c: np.full(c.shape, c.mean())),
        PLAIN,
    ),
    wrong_product(
        CUBED, "summed_where_repeated", "cotangent: summed where it repeats", summed_where_repeated, REPEATED
    ),
    wrong_product(CUBED, "told_apart_by_value", "cotangent: entries told apart by value", by_value, REPEATED),
    wrong_product(
        GATHER,
        "gathered_overwritten",
        "cotangent: entries that were taken twice are not added",
        overwritten,
        [([0.5, -1.0, 2.0], [1.0, 2.0, 3.0, 4.0, 5.0])],
    ),
    wrong_product(
        CUBED,
        "small_cotangent_dropped",
        "cotangent: 0 where it is below 1e-4",
        cubed(lambda c: np.where(abs(c) < 1e-4, 0.0, c)),
        [([0.5, -1.0], [1e-5, 1.0])],
    ),
)
