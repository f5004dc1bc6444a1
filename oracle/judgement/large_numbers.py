"""What large arguments cost an opaque gradient that takes their logarithms or angles: of 5e15 no digit is left behind the point.

exp(x + (ln c − x)) is c, to fifteen digits at x = 1, to one at 1e15, and no number at all beyond. Such an error grows with the size
of the arguments, a unit of rounding for each. A mistake beyond a threshold does not: it is there or it is not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.candidate.asking import BITS, ask
from oracle.judgement.verdict import SLACK, distance
from oracle.witnesses import Enclosure
from oracle.witnesses.function import Function
from oracle.witnesses.truth import truth

Array = NDArray[Any]

#: Beyond this size numbers are no longer such as people compute with.
LARGE = 1e4
#: Of 53 bits these leave ten behind the point, or seven, or four: an error is seen, and is no large one.
SEEN_BITS = (43, 46, 49)


def of_large_numbers(
    function: Function,
    grad: Callable[..., Any],
    point: Sequence[Array],
    got: Array,
    error: NDArray[np.float64],
    beyond: NDArray[np.bool_],
    enclosure: Enclosure,
) -> bool:
    """Whether the errors `beyond` are no more than the rounding of the largest argument, of the largest component; and, where that
    would be any error at all, whether the same arguments cut down to where it is not show one, and none that is more."""
    bits = BITS[got.dtype.name]
    largest = _largest(point)
    if largest <= LARGE or not _within(error[beyond], enclosure, largest, bits):
        return False
    ends = [2.0 ** (n - 53 + bits) for n in SEEN_BITS]
    if largest <= ends[0]:
        return True
    shown = False
    for end in ends:
        less = _cut_down(point, end)
        try:
            value = ask(grad, less, function.argnum, function.inside).value if function.inside(less) else None
            there = truth(function, less).enclosure
        except (Undecidable, UnsupportedPrimitive, ValueError, TypeError):
            return False
        if value is None or value.shape != got.shape:
            return False
        errors = distance(value.astype(np.float64), there)
        if not _within(errors, there, _largest(less), bits):
            return False
        shown |= bool(np.any(errors > SLACK * 2.0**-bits * np.abs(there.midpoint())))
    return shown


def _cut_down(point: Sequence[Array], end: float) -> tuple[Array, ...]:
    """A point like it, with what is larger than `end` a little below it; of numbers without a fraction nothing would be rounded."""
    rng = np.random.default_rng(0)

    def cut(x: Array) -> Array:
        part = rng.uniform(0.5, 1.0, x.shape)
        return np.where(np.abs(x) > end, np.sign(x) * end * part, x + (part - 0.75) * np.maximum(1.0, np.abs(x)))

    return tuple(cut(x) if x.dtype.kind == "f" else x for x in point)


def _largest(point: Sequence[Array]) -> float:
    return max(
        (float(np.max(np.abs(x[np.isfinite(x)]), initial=0.0)) for x in point if x.dtype.kind == "f"), default=0.0
    )


def _within(errors: NDArray[np.float64], enclosure: Enclosure, largest: float, bits: int) -> bool:
    sizes = np.abs(enclosure.midpoint())
    component = float(np.max(sizes[np.isfinite(sizes)], initial=0.0))
    return bool(np.all(errors <= SLACK * 2.0**-bits * largest * component))
