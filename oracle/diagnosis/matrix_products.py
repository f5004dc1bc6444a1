"""Products of matrices: one that is taken for symmetric, and the wrong one of a few that fit in shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.diagnosis.evidence import Evidence, Floats
from oracle.diagnosis.fitting import enough, multiple_of
from oracle.diagnosis.number_names import name_of

Array = NDArray[Any]


def not_symmetrised(evidence: Evidence, parameters: Mapping[str, float]) -> str | None:
    """got = c·A @ x where the truth is c′·(A + Aᵀ) @ x."""
    points = evidence.whole()
    if not points.spans:
        return None
    x = points.names[points.argnum]
    for j, A in enumerate(points.names):
        if j == points.argnum or not _is_square(points, j):
            continue
        for words, transposed in ((f"{A} @ {x}", False), (f"{A}ᵀ @ {x}", True)):
            one = _by_points(points, j, transposed)
            other = _by_points(points, j, not transposed)
            if one is None or other is None:
                continue
            c, of_both = multiple_of(points, one), _multiple_of_truth(points, one + other)
            if c is not None and of_both and enough(points, points.wrong & points.told_apart(points.slack)):
                named = name_of(c, parameters)
                size = "" if named is None or named.value == 1 else f"{named.words}·"
                return (
                    f"It is {size}{words}: {A} is taken for symmetric, and the derivative holds "
                    f"({A} + {A}ᵀ) @ {x}, which is not symmetrised here"
                )
    return None


def another_product(evidence: Evidence, parameters: Mapping[str, float]) -> str | None:
    """got = c · a product of two arguments that has the shape of the derivative."""
    points = evidence.whole()
    if evidence.function.of_product or not points.spans or not enough(points, points.wrong):
        return None
    for words, basis in _products(points):
        interval = multiple_of(points, basis)
        c = name_of(interval, parameters) if interval else None
        if c is not None and enough(points, points.told_apart(points.slack_of_a_multiple)):
            size = "" if c.value == 1 else f"{c.words}·"
            return f"It is {size}{words}, which is not the derivative"
    return None


def _is_square(evidence: Evidence, j: int) -> bool:
    shapes = [case.args[j].shape for case in evidence.cases]
    return all(len(shape) == 2 and shape[0] == shape[1] for shape in shapes) and max(s[0] for s in shapes) > 1


def _by_points(evidence: Evidence, j: int, transposed: bool) -> Floats | None:
    out = np.full_like(evidence.true, np.nan)
    for low, high in evidence.spans:
        args = evidence.cases[int(evidence.point[low])].args
        A, x = args[j].astype(np.float64), args[evidence.argnum].astype(np.float64)
        if x.ndim not in (1, 2) or A.shape[1] != x.shape[0]:
            return None
        with np.errstate(all="ignore"):
            out[low:high] = ((A.T if transposed else A) @ x).ravel()
    if evidence.function.of_cotangent:
        return None if evidence.weight is None else out * evidence.weight
    return out


def _multiple_of_truth(evidence: Evidence, basis: Floats) -> bool:
    """Whether the truth is one multiple of a basis in all rows."""
    with np.errstate(all="ignore"):
        ratio = evidence.true / basis
    size = np.abs(basis)
    telling = np.isfinite(ratio) & (size > 1e-6 * np.max(size, initial=0.0))
    return bool(telling.any()) and float(np.ptp(ratio[telling])) <= 1e-6 * float(np.max(np.abs(ratio[telling])))


def _products(evidence: Evidence) -> Iterator[tuple[str, Floats]]:
    count = len(evidence.names)
    for i in range(count):
        for k in range(count):
            for left in (False, True):
                for right in (False, True):
                    found = _product(evidence, i, k, left, right)
                    if found is not None:
                        first = evidence.names[i] + ("ᵀ" if left else "")
                        second = evidence.names[k] + ("ᵀ" if right else "")
                        yield f"{first} @ {second}", found


def _product(evidence: Evidence, i: int, k: int, left: bool, right: bool) -> Floats | None:
    out = np.full_like(evidence.true, np.nan)
    for low, high in evidence.spans:
        n = int(evidence.point[low])
        args = evidence.cases[n].args
        a, b = args[i].astype(np.float64), args[k].astype(np.float64)
        if (
            not {a.ndim, b.ndim} <= {1, 2}
            or (a.ndim, b.ndim) == (1, 1)
            or (left and a.ndim < 2)
            or (right and b.ndim < 2)
        ):
            return None
        a, b = a.T if left else a, b.T if right else b
        if a.shape[-1] != b.shape[0]:
            return None
        with np.errstate(all="ignore"):
            found = a @ b
        if found.shape != evidence.shapes[n]:
            return None
        out[low:high] = found.ravel()
    return out
