"""Right gradients that couple entries, run in blocks, or take several vectors."""

from __future__ import annotations

from typing import Any

import numpy as np

from oracle.scores.mutants.record import Subject, right
from oracle.scores.mutants.right_costs import quadratic
from oracle.scores.mutants.right_shapes import difference_formula, half_square

Array = Any

BLOCK = 8


def blocks_of_eight(a: Array, E: Array) -> Array:
    """2(a − E)·w in blocks of eight and a remainder."""
    out = np.empty(a.shape)
    whole = a.size // BLOCK * BLOCK
    for start in range(0, whole, BLOCK):
        out[start : start + BLOCK] = a[start : start + BLOCK] - E[start : start + BLOCK]
    for j in range(whole, a.size):
        out[j] = a[j] - E[j]
    return out


def convolution(a: Array, kernel: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(xp.stack([kernel[2] * a[i] + kernel[1] * a[i + 1] + kernel[0] * a[i + 2] for i in range(7)]) ** 2) / 2


def convolution_prime(a: Array, kernel: Array) -> Array:
    return np.convolve(np.convolve(a, kernel, "valid"), kernel[::-1], "full")


def neighbours(a: Array) -> Array:
    return a.__array_namespace__().sum(a[1:] * a[:-1])


def neighbours_prime(a: Array) -> Array:
    out = np.zeros(a.shape)
    out[1:] += a[:-1]
    out[:-1] += a[1:]
    return out


def running_sums(a: Array) -> Array:
    xp = a.__array_namespace__()
    return xp.sum(xp.cumulative_sum(a) ** 2) / 2


def normalized(a: Array, w: Array) -> Array:
    """Σ w (a − mean)/√(variance + 1)."""
    xp = a.__array_namespace__()
    centred = a - xp.mean(a)
    return xp.sum(w * centred) / xp.sqrt(xp.mean(centred**2) + 1)


def normalized_prime(a: Array, w: Array) -> Array:
    centred = a - np.mean(a)
    deviation = np.sqrt(np.mean(centred * centred) + 1)
    unit = centred / deviation
    return (w - np.mean(w) - unit * np.mean(w * unit)) / deviation


def normalized_formula(m: Any, a: Any, w: Any) -> Any:
    n = len(a)
    mean = m.fsum(a) / n
    variance = m.fsum(x * x for x in a) / n - mean**2
    return (m.fsum(w * a) - mean * m.fsum(w)) / m.sqrt(variance + 1)


def convolution_formula(m: Any, a: Any, kernel: Any) -> Any:
    return half_square(m, (sum(kernel[j] * a[i + 2 - j] for j in range(3)) for i in range(len(a) - 2)))


BLOCKS = right(
    "blocks_of_eight",
    "lengths: vectorised with a remainder",
    ("real", "real"),
    quadratic,
    blocks_of_eight,
    difference_formula,
    lengths=(1, 129),
)


CONVOLUTION = right(
    "convolution",
    "shapes",
    ((-3, 3), (-3, 3)),
    convolution,
    convolution_prime,
    convolution_formula,
    shapes=((9,), (3,)),
)


NEIGHBOURS = right(
    "neighbours",
    "lengths: couples entries",
    ((-1e3, 1e3),),
    neighbours,
    neighbours_prime,
    lambda m, a: m.fsum(a[i] * a[i - 1] for i in range(1, len(a))),
)


RUNNING = right(
    "running_sums",
    "lengths: couples entries",
    ((-100, 100),),
    running_sums,
    lambda a: np.cumsum(np.cumsum(a)[::-1])[::-1].copy(),
    lambda m, a: half_square(m, (m.fsum(a[: i + 1]) for i in range(len(a)))),
    lengths=(1, 40),
)


NORMALIZED = right(
    "normalized",
    "lengths: couples entries",
    ((-3, 3), (-10, 10)),
    normalized,
    normalized_prime,
    normalized_formula,
    lengths=(2, 20),
)


WEIGHTED = right(
    "weighted_second",
    "several arguments: argument 1",
    ("unit", (-100, 100), (-100, 100)),
    lambda w, a, E: a.__array_namespace__().sum(w * (a - E) ** 2),
    lambda w, a, E: 2 * w * (a - E),
    lambda m, w, a, E: m.fsum(p * (x - y) ** 2 for p, x, y in zip(w, a, E, strict=True)),
    argnum=1,
)


WEIGHTS = right(
    "weighted_weights",
    "several arguments: argument 0",
    ("unit", (-100, 100), (-100, 100)),
    WEIGHTED.fn,
    lambda w, a, E: (a - E) ** 2,
    WEIGHTED.truth.value,
)

SUBJECTS: tuple[Subject, ...] = (
    BLOCKS,
    CONVOLUTION,
    NEIGHBOURS,
    RUNNING,
    NORMALIZED,
    WEIGHTED,
    WEIGHTS,
)
