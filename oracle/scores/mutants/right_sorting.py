"""Right gradients of what depends on the order of the entries: maxima, ranks, norms, with several conventions at ties."""

from __future__ import annotations

from typing import Any

import numpy as np

from oracle.scores.mutants.record import Subject, right

Array = Any


def greatest(a: Array) -> Array:
    return a.__array_namespace__().max(a)


def ties_averaged(a: Array) -> Array:
    tied = a == np.max(a)
    return tied / np.sum(tied)


def least_prime(a: Array) -> Array:
    out = np.zeros(a.shape)
    out[a.size - 1 - np.argmin(a[::-1])] = 1
    return out


def spread(a: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.max(a) - xp.min(a)


def spread_prime(a: Array) -> Array:
    out = np.zeros(a.shape)
    out[np.argmax(a)] += 1
    out[np.argmin(a)] -= 1
    return out


def top_two(a: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(xp.sort(a)[-2:])


def top_two_prime(a: Array) -> Array:
    out = np.zeros(a.shape)
    out[np.argsort(a, kind="stable")[-2:]] = 1
    return out


def by_rank(a: Array) -> Array:
    """Σ i·a₍ᵢ₎ over the sorted entries."""
    xp = a.__array_namespace__()
    return xp.sum(xp.sort(a) * xp.arange(1, a.shape[0] + 1))


def by_rank_prime(a: Array) -> Array:
    out = np.empty(a.shape)
    out[np.argsort(a, kind="stable")] = np.arange(1, a.size + 1)
    return out


def multiclass_hinge(a: Array, E: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.max(a + 1 - E) - xp.sum(E * a)


def multiclass_hinge_prime(a: Array, E: Array) -> Array:
    out = -1.0 * E  # a float where labels come as integers
    out[np.argmax(a + 1 - E)] += 1
    return out


def l_infinity(a: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.max(xp.abs(a))


def l_infinity_prime(a: Array) -> Array:
    k = np.argmax(np.abs(a))
    return np.where(np.arange(a.size) == k, np.sign(a[k]), 0.0)


def norm(a: Array) -> Array:
    """√Σa², scaled by the greatest entry, and 0 at 0 without a 0/0."""
    xp = a.__array_namespace__()
    big = xp.max(xp.abs(a))
    scale = xp.where(big > 0, big, xp.ones_like(big))
    squares = xp.sum((a / scale) ** 2)
    return xp.where(big > 0, scale * xp.sqrt(xp.where(big > 0, squares, xp.ones_like(big))), xp.zeros_like(big))


def norm_prime(a: Array) -> Array:
    scale = np.max(np.abs(a))
    if scale == 0:
        return np.zeros(a.shape)
    unit = a / scale
    return unit / np.sqrt(np.sum(unit * unit))


MAX = right(
    "max_first",
    "kink: the first of the greatest",
    ("real",),
    greatest,
    lambda a: (np.arange(a.size) == np.argmax(a)) * 1.0,
    lambda m, a: max(a),
)


MAX_TIES = right("max_averaged", "kink: ties averaged", ("real",), greatest, ties_averaged, MAX.truth.value)


MIN_LAST = right(
    "min_last",
    "kink: the last of the least",
    ("real",),
    lambda a: a.__array_namespace__().min(a),
    least_prime,
    lambda m, a: min(a),
)


SPREAD = right("spread", "kink", ("real",), spread, spread_prime, lambda m, a: max(a) - min(a))


TOP_TWO = right(
    "top_two", "sorting", ("real",), top_two, top_two_prime, lambda m, a: m.fsum(sorted(a)[-2:]), lengths=(2, 40)
)


BY_RANK = right(
    "weights_by_rank",
    "sorting",
    ("real",),
    by_rank,
    by_rank_prime,
    lambda m, a: m.fsum((i + 1) * x for i, x in enumerate(sorted(a))),
)


MULTICLASS_HINGE = right(
    "multiclass_hinge",
    "kink",
    ((-10, 10), "one_hot"),
    multiclass_hinge,
    multiclass_hinge_prime,
    lambda m, a, E: max(x + (0 if y else 1) for x, y in zip(a, E, strict=True)) - m.fsum(a * E),
)


L_INFINITY = right("l_infinity", "kink", ("real",), l_infinity, l_infinity_prime, lambda m, a: max(abs(x) for x in a))


NORM = right(
    "norm",
    "kink: 0 at the origin",
    ("real",),
    norm,
    norm_prime,
    lambda m, a: m.sqrt(m.fsum(x * x for x in a)),
)

SUBJECTS: tuple[Subject, ...] = (
    MAX,
    MAX_TIES,
    MIN_LAST,
    SPREAD,
    TOP_TWO,
    BY_RANK,
    MULTICLASS_HINGE,
    L_INFINITY,
    NORM,
)
