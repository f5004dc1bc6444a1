"""The right numbers in the wrong places: rolled, reversed, sorted, summed, transposed, swapped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.diagnosis.evidence import Evidence, Floats
from oracle.diagnosis.fitting import enough, multiple_of
from oracle.diagnosis.number_names import name_of

Array = NDArray[Any]
Rearrangement = Callable[[Array, Array], Array]


def _swap(first: int, second: int) -> Rearrangement:
    """Two entries swapped, counted from the front, or from the end where negative."""

    def swap(t: Array, x: Array) -> Array:
        out = t.copy()
        if -t.size <= min(first, second) and max(first, second) < t.size:
            out.flat[first], out.flat[second] = t.flat[second], t.flat[first]
        return out

    return swap


def _along(axis: int, operation: Callable[..., Any]) -> Rearrangement:
    return lambda t, x: operation(t, axis=axis) if t.ndim >= abs(axis + 0.5) + 0.5 else t


VECTORS: Mapping[str, Rearrangement] = {
    "the truth reversed": lambda t, x: t.ravel()[::-1].reshape(t.shape),
    "the truth rolled by one": lambda t, x: np.roll(t.ravel(), 1).reshape(t.shape),
    "the truth rolled by minus one": lambda t, x: np.roll(t.ravel(), -1).reshape(t.shape),
    "the truth rolled by two": lambda t, x: np.roll(t.ravel(), 2).reshape(t.shape),
    "the truth rolled by minus two": lambda t, x: np.roll(t.ravel(), -2).reshape(t.shape),
    "the truth rolled by half its length": lambda t, x: np.roll(t.ravel(), t.size // 2).reshape(t.shape),
    "the truth with its first and last component swapped": _swap(0, -1),
    "the truth with its first two components swapped": _swap(0, 1),
    "the truth with its last two components swapped": _swap(-2, -1),
    "the truth with its components 0 and 2 swapped": _swap(0, 2),
    "the truth with its components 1 and 2 swapped": _swap(1, 2),
    "the truth with its components swapped in pairs": lambda t, x: _in_pairs(t),
    "the truth's even components before its odd ones": lambda t, x: np.concatenate(
        [t.ravel()[::2], t.ravel()[1::2]]
    ).reshape(t.shape),
    "the truth sorted in ascending order": lambda t, x: np.sort(t.ravel()).reshape(t.shape),
    "the truth sorted in descending order": lambda t, x: np.sort(t.ravel())[::-1].reshape(t.shape),
    "the truth in the order that sorts the argument": lambda t, x: t.ravel()[_order(x)].reshape(t.shape),
    "the truth in the inverse of the order that sorts the argument": lambda t, x: t.ravel()[
        np.argsort(_order(x), kind="stable")
    ].reshape(t.shape),
    "the cumulative sum of the truth": lambda t, x: np.cumsum(t.ravel()).reshape(t.shape),
    "the cumulative sum of the truth from the end": lambda t, x: np.cumsum(t.ravel()[::-1])[::-1].reshape(t.shape),
    "the differences of the truth": lambda t, x: np.diff(t.ravel(), prepend=0.0).reshape(t.shape),
    "the sum of the truth in every component": lambda t, x: np.full(t.shape, np.sum(t)),
    "the mean of the truth in every component": lambda t, x: np.full(t.shape, np.mean(t)),
    "the first component of the truth in every component": lambda t, x: np.full(t.shape, t.flat[0]),
    "the last component of the truth in every component": lambda t, x: np.full(t.shape, t.flat[-1]),
    "the largest component of the truth in every component": lambda t, x: np.full(t.shape, np.max(t)),
    "the truth less its mean": lambda t, x: t - np.mean(t),
    "the truth over its norm": lambda t, x: t / np.sqrt(np.sum(t * t)),
    "the truth over its largest size": lambda t, x: t / np.max(np.abs(t)),
}

POINTWISE: Mapping[str, Rearrangement] = {
    "the absolute value of the truth": lambda t, x: np.abs(t),
    "the truth where it is positive, and 0 elsewhere": lambda t, x: np.maximum(t, 0),
    "the truth where it is negative, and 0 elsewhere": lambda t, x: np.minimum(t, 0),
    "the sign of the truth": lambda t, x: np.sign(t),
}

MATRICES: Mapping[str, Rearrangement] = {
    "the truth transposed": lambda t, x: np.swapaxes(t, -1, -2) if t.shape[-1] == t.shape[-2] else t.T.reshape(t.shape),
    "the truth with its rows reversed": _along(0, np.flip),
    "the truth with its columns reversed": _along(-1, np.flip),
    "the truth with its rows rolled by one": lambda t, x: np.roll(t, 1, axis=0),
    "the truth with its rows rolled by minus one": lambda t, x: np.roll(t, -1, axis=0),
    "the truth with its columns rolled by one": lambda t, x: np.roll(t, 1, axis=-1),
    "the truth with its columns rolled by minus one": lambda t, x: np.roll(t, -1, axis=-1),
    "the mean of the truth over the rows, in every row": lambda t, x: _spread(np.mean, t, 0),
    "the mean of the truth over the columns, in every column": lambda t, x: _spread(np.mean, t, -1),
    "the truth summed over the rows, in every row": lambda t, x: _spread(np.sum, t, 0),
    "the truth summed over the columns, in every column": lambda t, x: _spread(np.sum, t, -1),
    "the cumulative sum of the truth down the rows": lambda t, x: np.cumsum(t, axis=0),
    "the cumulative sum of the truth along the columns": lambda t, x: np.cumsum(t, axis=-1),
    "the symmetric part of the truth": lambda t, x: (t + t.T) / 2 if t.shape == t.T.shape else t,
    "the truth plus its transpose": lambda t, x: t + t.T if t.shape == t.T.shape else t,
    "the truth plus its transpose, the diagonal counted once": lambda t, x: (
        t + t.T - np.diag(np.diag(t)) if t.shape == t.T.shape else t
    ),
    "the truth plus its transpose, on and below the diagonal, which is counted once": lambda t, x: (
        np.tril(t + t.T - np.diag(np.diag(t))) if t.shape == t.T.shape else t
    ),
    "the antisymmetric part of the truth": lambda t, x: (t - t.T) / 2 if t.shape == t.T.shape else t,
    "the truth on and below the diagonal, in the place of what is above as well": lambda t, x: (
        np.tril(t) + np.tril(t, -1).T if t.shape == t.T.shape else t
    ),
    "the truth on the diagonal, and 0 elsewhere": lambda t, x: t * np.eye(*t.shape[-2:]),
    "the truth on and below the diagonal, and 0 above": lambda t, x: np.tril(t),
    "the truth on and above the diagonal, and 0 below": lambda t, x: np.triu(t),
}


def rearranged(evidence: Evidence, parameters: Mapping[str, float]) -> str | None:
    """got = c · P(truth), with P a rearrangement or a reduction of the components."""
    points = evidence.whole()
    matrices = bool(points.spans) and all(len(shape) == 2 for shape in _shapes(points))
    table = {**(MATRICES if matrices else {}), **VECTORS}
    pair = _pair(points)
    if pair is not None:
        table[f"the truth with its components {pair[0]} and {pair[1]} swapped"] = _swap(*pair)
    return _first_that_fits(points, table, parameters)


def folded(evidence: Evidence, parameters: Mapping[str, float]) -> str | None:
    """got = c · f(truth) component by component: without its sign, or one sign of it."""
    return _first_that_fits(evidence.whole(), POINTWISE, parameters)


def _first_that_fits(
    evidence: Evidence, table: Mapping[str, Rearrangement], parameters: Mapping[str, float]
) -> str | None:
    if not enough(evidence, evidence.wrong):
        return None
    for words, operation in table.items():
        basis = _predicted(evidence, operation)
        moved = np.abs(basis - evidence.true) > evidence.slack
        interval = multiple_of(evidence, basis) if enough(evidence, moved) else None
        c = name_of(interval, parameters) if interval else None
        if c is not None:
            return f"It is {words}" if c.value == 1 else f"It is {c.words} times {words}"
    return None


def _predicted(evidence: Evidence, operation: Rearrangement) -> Floats:
    out = np.empty_like(evidence.true)
    with np.errstate(all="ignore"):
        for (low, high), shape in zip(evidence.spans, _shapes(evidence), strict=True):
            t, x = evidence.true[low:high].reshape(shape), evidence.x[low:high].reshape(shape)
            out[low:high] = np.ravel(operation(t, x))
    return out


def _shapes(evidence: Evidence) -> list[tuple[int, ...]]:
    return [evidence.shapes[int(evidence.point[low])] for low, _ in evidence.spans]


def _pair(evidence: Evidence) -> tuple[int, int] | None:
    """The two components that are wrong wherever one is, if there are just two."""
    wrong = np.unique(evidence.index[evidence.wrong])
    return (int(wrong[0]), int(wrong[1])) if len(wrong) == 2 else None


def _order(x: Array) -> Array:
    return np.argsort(x.ravel(), kind="stable")


def _in_pairs(t: Array) -> Array:
    out = t.ravel().copy()
    even = t.size // 2 * 2
    out[:even] = out[:even].reshape(-1, 2)[:, ::-1].ravel()
    return out.reshape(t.shape)


def _spread(reduce: Callable[..., Any], t: Array, axis: int) -> Array:
    return np.broadcast_to(reduce(t, axis=axis, keepdims=True), t.shape)
