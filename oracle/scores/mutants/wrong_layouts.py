"""Right for fresh arrays in C order, and wrong for the same numbers in other arrays."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np

from oracle.scores.mutants.record import Subject, right, wrong
from oracle.scores.mutants.right_memory import (
    BETWEEN,
    MATRIX,
    WIDE,
    cubes,
    cubes_formula,
    half_square,
    half_square_formula,
)

Array = Any

VECTORS = [([0.75, -0.25, 2.0, 1.5], [0.25, 0.5, -1.0, 3.0])]
ONES = [([0.75, -0.25, 2.0, 1.5],)]
GRID = (np.arange(12.0).reshape(3, 4) / 4).tolist()
GRIDS = [(GRID, [[0.5, 0.25, -1.0, 2.0]] * 3)]
LABELS = [([0.75, -0.25, 2.0, 1.5], [1.0, -1.0, 1.0, -1.0])]
FORTRAN, STRIDED, BACKWARDS = "in Fortran order", "in every third entry", "from the end"


def margins(z: Array, y: Array) -> Any:
    """Σ log(1 + exp(−y z))."""
    xp = z.__array_namespace__()
    return xp.sum(xp.log1p(xp.exp(-y * z)))


def margins_formula(m: Any, z: Array, y: Array) -> Any:
    return m.fsum(m.log(1 + m.exp(-u * v)) for u, v in zip(z, y, strict=True))


MARGINS = right(
    "margins",
    "memory: labels of either sign",
    (WIDE, "sign"),
    margins,
    lambda z, y: -y / (1 + np.exp(y * z)),
    margins_formula,
)
CUBES = right(
    "cubes_of_a_matrix", "memory: a matrix", (WIDE,), cubes, lambda A: 3 * A * A, cubes_formula, shapes=((3, 4),)
)
LINE = right("half_square", "memory: a vector", (WIDE,), half_square, lambda a: a.copy(), half_square_formula)


def from_its_base(a: Array) -> Array:
    """What C code reads that is handed the memory, and no strides."""
    root = a
    while isinstance(root.base, np.ndarray):
        root = root.base
    return np.array(root.ravel(order="K")[: a.size]).reshape(a.shape)


def raveled(order: Any) -> Any:
    return lambda A, B: (A.ravel(order=order) - B.ravel(order="C")).reshape(A.shape)


def through_bytes(A: Array) -> Array:
    return 3 * np.frombuffer(A.tobytes(order="A")).reshape(A.shape) ** 2


def transposed_where_fortran(A: Array, B: Array) -> Array:
    return A - B if A.flags.c_contiguous else np.reshape((A - B).T, A.shape)


def contiguous_alone(a: Array) -> Array:
    """Its fast way is right; the other one forgets the last entry."""
    if a.flags.c_contiguous:
        return a.copy()
    out = np.zeros(a.shape)
    out[:-1] = a[:-1]
    return out


def shifted_in_place(a: Array, E: Array) -> Array:
    """Computes in its argument, and puts it back; where it must not write it goes on as if it had."""
    before = a.copy()
    with contextlib.suppress(ValueError):
        a -= E
    answer = a.copy()
    if a.flags.writeable:
        a[...] = before
    return answer


def zero_where_read_only(a: Array) -> Array:
    return a.copy() if a.flags.writeable else np.zeros(a.shape)


def as_the_labels_are(z: Array, y: Array) -> Array:
    """The answer is written to an array of the labels' dtype."""
    out = np.empty_like(y)
    out[...] = -y / (1 + np.exp(y * z))
    return out.astype(np.float64)


def quotients(z: Array, y: Array) -> Array:
    """Integers are divided as integers are."""
    if y.dtype.kind == "i":
        return -(y // (1 + np.exp(y * z)))
    return -y / (1 + np.exp(y * z))


SUBJECTS: tuple[Subject, ...] = (
    MARGINS,
    CUBES,
    LINE,
    wrong(MATRIX, "ravel_in_order_k", "layout: ravel in order K", raveled("K"), GRIDS, guise=FORTRAN),
    wrong(CUBES, "bytes_as_they_lie", "layout: the bytes as they lie", through_bytes, [(GRID,)], guise=FORTRAN),
    wrong(
        MATRIX,
        "transposed_where_fortran",
        "layout: right for C order alone",
        transposed_where_fortran,
        GRIDS,
        guise=FORTRAN,
    ),
    wrong(
        BETWEEN,
        "base_read",
        "layout: reads the memory of a view's base",
        lambda a, E: from_its_base(a) - E,
        VECTORS,
        guise=STRIDED,
    ),
    wrong(
        BETWEEN,
        "base_of_labels_read",
        "layout: reads the memory of the other argument's base",
        lambda a, E: a - from_its_base(E),
        VECTORS,
        guise=BACKWARDS,
    ),
    wrong(LINE, "contiguous_alone", "layout: right for contiguous arrays alone", contiguous_alone, ONES, guise=STRIDED),
    wrong(
        BETWEEN,
        "computes_in_its_argument",
        "layout: computes in its argument where it may",
        shifted_in_place,
        VECTORS,
        guise="read-only",
    ),
    wrong(
        LINE, "zero_where_read_only", "layout: 0 for read-only arrays", zero_where_read_only, ONES, guise="read-only"
    ),
    wrong(
        MARGINS,
        "as_the_labels_are",
        "layout: truncated where labels are integers",
        as_the_labels_are,
        LABELS,
        guise="labels as integers",
    ),
    wrong(
        MARGINS,
        "integers_divided",
        "layout: whole quotients where labels are integers",
        quotients,
        LABELS,
        guise="labels as integers",
    ),
)
