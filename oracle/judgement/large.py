"""The judgement at a large point, whose truth is midpoints and radii: right, wrong, or open, and then arb is asked if it can be.

The radius of the truth counts in favour of neither side: what is right is within the allowance even at the far end, what is wrong
is beyond it at the near one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.candidate.asking import BITS
from oracle.judgement.allowances import measured
from oracle.judgement.verdict import distance
from oracle.witnesses.function import Function
from oracle.witnesses.large import reach_of_branches
from oracle.witnesses.large_enclosure import LargeEnclosure
from oracle.witnesses.truth import Truth

Array = NDArray[Any]
Floats = NDArray[np.float64]

#: An allowance beyond this part of the largest component is no evidence that anything is right.
MOST_ALLOWED = {53: 2.0**-20, 24: 2.0**-7, 11: 2.0**-3, 8: 2.0**-2}


@dataclass(frozen=True, eq=False)
class Comparison:
    """error, limit: of each component; beyond: where no rounding, and no branch beside the point, explains the error."""

    error: Floats
    limit: Floats
    beyond: NDArray[np.bool_]


def compare_large(
    function: Function, point: tuple[Array, ...], got: Array, known: Truth, evident: Callable[[Floats], Floats]
) -> Comparison | str:
    """Every component against the truth, or what stays open, in words. evident: what is right for sure, from the sizes."""
    enclosure = known.enclosure
    assert isinstance(enclosure, LargeEnclosure)
    as_float, truth = got.astype(np.float64), enclosure.floats
    error, size = distance(as_float, enclosure), np.abs(truth.midpoint)
    smallest = float(np.finfo(got.dtype).tiny) if got.dtype.kind == "f" else 2.0**-126
    if np.any((as_float == 0) & (size + truth.radius >= smallest)):  # every digit may be lost, however small the number
        return "grad is exactly 0 where the truth may not be"
    if np.all(error + truth.radius <= evident(size)):
        return Comparison(error, evident(size), np.zeros(got.shape, dtype=bool))
    bits = BITS[got.dtype.name]
    limit = measured(function, point, bits, got, known)
    if not np.max(limit, initial=0.0) <= MOST_ALLOWED[bits] * np.max(size, initial=0.0):
        return f"rounding in {bits} bits may cost more than tells right from wrong"
    limit = np.maximum(limit, evident(size))
    beyond = ~(error - truth.radius <= limit)
    unsure = ~beyond & ~(error + truth.radius <= limit)
    if beyond.any() and np.isfinite(as_float[beyond]).all():
        reach = reach_of_branches(function.traced(point), point, bits)
        if reach is None:
            return "a branch lies beside the point"
        beyond &= error > limit + reach
    if unsure.any() and not beyond.any():
        return "float64 does not tell right from wrong in some component"
    return Comparison(error, limit, beyond)
