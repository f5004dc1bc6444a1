"""What wrong answers without a name share inside of their arrays: a row, a column, one entry; or that every gradient is right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.conform.outcome import Result
from oracle.vectors.formats import as_floats
from oracle.vectors.judgement import ACCURATE_ULPS, GRADIENTS, Grade
from oracle.vectors.record import tensors

Mask = NDArray[np.bool_]
#: A place is told of so many arrays at least that have entries outside of it, and of all.
FEW = 4
#: A blocked loop ends at such a number.
BLOCKS = (4, 8, 16, 32)


def where_wrong(failing: Sequence[Result]) -> str:
    """A clause that begins with a comma or a semicolon, or nothing."""
    judged = [r.judgement.tensors for r in failing if r.judgement is not None]
    wrong = {t.tensor for found in judged for t in found if t.grade is Grade.WRONG}
    right = "" if wrong.intersection(GRADIENTS) or not wrong else "; every gradient is right"
    masks = [mask for r in failing for mask in _masks(r)]
    for words, inside in _places():
        telling = sum(mask.size > 1 and not inside(np.ones_like(mask)) for mask in masks)
        if telling >= FEW and all(map(inside, masks)):
            return f", in {words} alone{right}"
    return right


def _masks(result: Result) -> Iterator[Mask]:
    """Which entries are wrong, of every array that is, as matrices."""
    if result.answer is None:
        return
    given = {(field, layer): v for field, layer, v in tensors(result.answer)}
    few = ACCURATE_ULPS * 2.0 ** (1 - result.vector.question.format.bits)
    for (field, layer, truth), (_, _, allowed) in zip(
        tensors(result.vector.truth), tensors(result.vector.allowance), strict=True
    ):
        value: Any = given.get((field, layer))
        if value is None or value.shape != truth.shape or value.ndim != 2:
            continue
        got, exact = as_floats(value), as_floats(truth)
        with np.errstate(all="ignore"):
            wrong = ~(np.abs(got - exact) <= np.maximum(allowed, few * np.abs(exact)))
        if wrong.any():
            yield wrong


def _places() -> Iterator[tuple[str, Callable[[Mask], bool]]]:
    """In words, and whether all that is wrong lies there."""
    yield "the last row", lambda wrong: not wrong[:-1].any()
    yield "the first row", lambda wrong: not wrong[1:].any()
    yield "the last column", lambda wrong: not wrong[:, :-1].any()
    yield "the first column", lambda wrong: not wrong[:, 1:].any()
    for n in reversed(BLOCKS):
        yield f"rows from the {n + 1}th on", lambda wrong, n=n: not wrong[:n].any()  # type: ignore[misc]
        yield f"columns from the {n + 1}th on", lambda wrong, n=n: not wrong[:, :n].any()  # type: ignore[misc]
    yield "the diagonal", lambda wrong: not wrong[~_diagonal(wrong)].any()
    yield "what lies beside the diagonal", lambda wrong: not wrong[_diagonal(wrong)].any()
    yield "one entry of each array", lambda wrong: int(np.count_nonzero(wrong)) <= 1


def _diagonal(wrong: Mask) -> Mask:
    rows, columns = np.indices(wrong.shape)
    return np.asarray(rows == columns)
