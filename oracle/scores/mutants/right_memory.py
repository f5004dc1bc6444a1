"""Right, whatever memory the answer lies in and whatever type holds it: views, other layouts, caches by content, lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from oracle.scores.mutants.record import Subject, right
from oracle.scores.mutants.right_costs import quadratic

Array = Any
Gradient = Callable[..., Any]

WIDE = (-5, 5)
MATRICES: Any = {"shapes": ((3, 4), (3, 4))}


def half_square(a: Array) -> Any:
    return a.__array_namespace__().sum(a * a) / 2


def half_square_formula(m: Any, a: Array) -> Any:
    return m.fsum(x**2 for x in a.flat) / 2


def product(a: Array, w: Array) -> Any:
    return a.__array_namespace__().sum(a * w)


def product_formula(m: Any, a: Array, w: Array) -> Any:
    return m.fsum(x * y for x, y in zip(a.flat, w.flat, strict=True))


def against_the_grain(a: Array, w: Array) -> Any:
    return a.__array_namespace__().sum(a * w[::-1])


def against_the_grain_formula(m: Any, a: Array, w: Array) -> Any:
    return m.fsum(x * y for x, y in zip(a, reversed(list(w)), strict=True))


def difference_formula(m: Any, a: Array, E: Array) -> Any:
    return m.fsum((x - e) ** 2 for x, e in zip(a.flat, E.flat, strict=True)) / 2


def cubes(a: Array) -> Any:
    return a.__array_namespace__().sum(a * a * a)


def cubes_formula(m: Any, a: Array) -> Any:
    return m.fsum(x**3 for x in a.flat)


def by_content() -> Gradient:
    """A cache whose key is all that the answer depends on."""
    kept: dict[Any, Array] = {}

    def gradient(a: Array, E: Array) -> Array:
        key = (a.shape, a.tobytes(), E.tobytes())
        if key not in kept:
            kept[key] = a - E
        return kept[key].copy()

    return gradient


def least_recent_forgotten() -> Gradient:
    """The last four answers, by content."""
    kept: dict[Any, Array] = {}

    def gradient(a: Array) -> Array:
        key = tuple(a.tolist())
        kept[key] = kept.pop(key) if key in kept else 3 * a * a
        if len(kept) > 4:
            del kept[next(iter(kept))]
        return kept[key].copy()

    return gradient


def buffer_that_is_copied() -> Gradient:
    buffers: dict[Any, Array] = {}

    def gradient(a: Array, E: Array) -> Array:
        out = buffers.setdefault(a.shape, np.empty(a.shape))
        return np.subtract(a, E, out=out).copy()

    return gradient


def strided(a: Array) -> Array:
    """Every other entry of what was computed for twice as many."""
    both = np.empty((*a.shape, 2))
    both[..., 0], both[..., 1] = 3 * a * a, a
    return both[..., 0]


def buffer_grown() -> Gradient:
    """Scratch memory that is kept; the answer is fresh."""
    scratch = [np.empty(0)]

    def gradient(a: Array) -> Array:
        if scratch[0].size < a.size:
            scratch[0] = np.empty(a.size)
        squares = scratch[0][: a.size]
        np.multiply(a, a, out=squares)
        return 3 * squares

    return gradient


OWN = right("own_argument", "memory: its own argument", (WIDE,), half_square, lambda a: a, half_square_formula)
STRIDED = right("strided_answer", "memory: every other entry", (WIDE,), cubes, strided, cubes_formula)
BETWEEN = right("between", "memory: fresh", (WIDE, WIDE), quadratic, lambda a, E: a - E, difference_formula)
MATRIX = right(
    "matrix_fortran",
    "memory: a fresh array in Fortran order",
    (WIDE, WIDE),
    quadratic,
    lambda A, B: np.asfortranarray(A - B),
    difference_formula,
    **MATRICES,
)

SUBJECTS: tuple[Subject, ...] = (
    OWN,
    STRIDED,
    MATRIX,
    right("other_argument", "memory: another argument", (WIDE, WIDE), product, lambda a, w: w, product_formula),
    right("view_of_own", "memory: a view of its argument", (WIDE,), half_square, lambda a: a[:], half_square_formula),
    right(
        "view_reversed",
        "memory: a view with negative strides",
        (WIDE, WIDE),
        against_the_grain,
        lambda a, w: w[::-1],
        against_the_grain_formula,
    ),
    right(
        "matrix_transposed_twice",
        "memory: the transpose of a fresh array",
        (WIDE, WIDE),
        quadratic,
        lambda A, B: (A.T - B.T).copy().T,
        difference_formula,
        **MATRICES,
    ),
    right(
        "answer_by_flat_index",
        "memory: raveled and shaped again, in C order",
        (WIDE, WIDE),
        quadratic,
        lambda A, B: np.array([x - y for x, y in zip(A.ravel(), B.ravel(), strict=True)]).reshape(A.shape),
        difference_formula,
        **MATRICES,
    ),
    right(
        "answer_in_memory_order",
        "memory: raveled and shaped again, in order K for each by itself",
        (WIDE,),
        cubes,
        lambda A: np.multiply(3 * A, A, out=np.empty_like(A, order="K")),
        cubes_formula,
        shapes=((3, 4),),
    ),
    right("answer_list", "memory: a list", (WIDE,), cubes, lambda a: [3 * x * x for x in a.tolist()], cubes_formula),
    right(
        "answer_subclass",
        "memory: a subclass of ndarray",
        (WIDE, WIDE),
        quadratic,
        lambda A, B: (A - B).view(np.recarray),
        difference_formula,
        **MATRICES,
    ),
    right("answer_masked", "memory: a masked array", (WIDE,), cubes, lambda a: np.ma.array(3 * a * a), cubes_formula),
    right(
        "answer_number",
        "memory: a number of NumPy's for no dimensions",
        (WIDE,),
        half_square,
        lambda a: np.float64(a),
        half_square_formula,
        shapes=((),),
    ),
    right(
        "answer_read_only",
        "memory: a fresh array that nobody may write to",
        (WIDE, WIDE),
        quadratic,
        lambda a, E: np.frombuffer((a - E).tobytes()).reshape(a.shape),
        difference_formula,
    ),
    right(
        "memoised_by_content",
        "memory: a cache by content",
        (WIDE, WIDE),
        quadratic,
        by_content(),
        difference_formula,
        make=by_content,
    ),
    right(
        "memoised_four",
        "memory: the last four answers by content",
        (WIDE,),
        cubes,
        least_recent_forgotten(),
        cubes_formula,
        make=least_recent_forgotten,
    ),
    right(
        "buffer_copied",
        "memory: a buffer that is copied",
        (WIDE, WIDE),
        quadratic,
        buffer_that_is_copied(),
        difference_formula,
        make=buffer_that_is_copied,
    ),
    right(
        "scratch_kept", "memory: scratch that is kept", (WIDE,), cubes, buffer_grown(), cubes_formula, make=buffer_grown
    ),
)
