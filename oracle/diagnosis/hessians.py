"""What kind of mistake a whole Hessian is, beside the right one at the same points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

#: Two matrices are the same to so much of the largest entry: what is named is a mistake of mathematics, no rounding.
SAME = 1e-9
#: Factors that have words.
FACTORS = {2.0: "twice", 0.5: "half of", -1.0: "the negative of", 4.0: "four times", 0.25: "a quarter of"}
#: Other factors are named to so many digits.
DIGITS = 6


def kind_of(pairs: Sequence[tuple[Matrix, Matrix]]) -> str | None:
    """One sentence on pairs (got, true) of square matrices, true ones symmetric, that holds of all pairs that differ; else None."""
    differing = [
        (got, true)
        for got, true in pairs
        if got.shape == true.shape and np.isfinite(got).all() and np.isfinite(true).all() and not _same(got, true)
    ]
    if not differing:
        return None
    kinds = [[words for words, other in _mistakes(got, true) if _same(got, other)] for got, true in differing]
    return next((words for words in kinds[0] if all(words in others for others in kinds[1:])), None)


def _same(a: Matrix, b: Matrix) -> bool:
    return bool(np.max(np.abs(a - b), initial=0.0) <= SAME * max(np.max(np.abs(b), initial=0.0), 1e-300))


def _mistakes(got: Matrix, true: Matrix) -> Iterator[tuple[str, Matrix]]:
    for factor, words in FACTORS.items():
        yield f"It is {words} the Hessian", factor * true
    largest = np.unravel_index(int(np.argmax(np.abs(true))), true.shape)
    if true[largest]:
        factor = float(got[largest] / true[largest])
        yield f"It is {factor:.{DIGITS}g} times the Hessian", factor * true
    if len(true) < 2:
        return
    diagonal = np.diag(np.diag(true))
    off = true - diagonal
    yield "It is the diagonal of the Hessian alone: the entries beside it are 0", diagonal
    yield "Its diagonal is 0: the second derivatives by one entry twice are missing", off
    yield "The upper triangle is there, the lower one is 0: a Hessian is symmetric", np.triu(true)
    yield "The lower triangle is there, the upper one is 0: a Hessian is symmetric", np.tril(true)
    yield "The entries beside the diagonal have the other sign", diagonal - off
    yield "The diagonal has the other sign", off - diagonal
    for factor, words in FACTORS.items():
        if factor > 0:
            yield f"The entries beside the diagonal are {words} what they should be", diagonal + factor * off
            yield f"The diagonal is {words} what it should be", factor * diagonal + off
    yield from _inverse(true)
    yield "Its entries stand in the reverse order", true[::-1, ::-1]
    if not _same(got, got.T):
        symmetric = (got + got.T) / 2
        yield "It is not symmetric, and its symmetric part is the Hessian", got - symmetric + true
        yield (
            "It is not symmetric, and the Hessian is what it makes with its transpose added",
            got - 2 * symmetric + true,
        )
        yield "It is not symmetric, as a Hessian is", got


def _inverse(true: Matrix) -> Iterator[tuple[str, Matrix]]:
    try:
        yield "It is the inverse of the Hessian", np.asarray(np.linalg.inv(true), dtype=np.float64)
    except np.linalg.LinAlgError:
        return
