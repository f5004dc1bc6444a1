"""The derivative of a formula by one-sided differences in as many digits as it takes (mpmath): what a label rests on.

A formula is `value(m, *arrays)`: `m` is the mpmath context, the arrays hold its numbers. It is typed apart from the
function and the gradient of its subject, and is the only thing that decides their label.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

Formula = Callable[..., Any]
Index = tuple[int, ...]
Slopes = tuple[Any, Any]

DIGITS = (150, 500, 1100, 2400)
STEP = 60  # a step is this many decimal digits below the number it is added to,
STEP_FROM_ZERO = 400  # and this many below 1 where that number is 0: finer than the least float


@dataclass(frozen=True)
class Truth:
    """truth(args, k) = the least and the greatest of the one-sided derivatives by component k of args[argnum]."""

    value: Formula
    argnum: int = 0

    def __call__(self, args: Sequence[Any], k: Index) -> Slopes:
        """Equal (to 25 digits) where the formula is differentiable; the subgradients lie between where it has a kink."""
        direction = np.zeros(np.shape(args[self.argnum]), dtype=int)
        direction[k] = 1
        return self.along(args, direction)

    def along(self, args: Sequence[Any], direction: Any) -> Slopes:
        """The same for the one-sided derivatives along a direction: f′(x; d) and −f′(x; −d), sorted."""
        for digits in DIGITS:
            slopes, resolution = one_sided(self.value, args, self.argnum, direction, context(digits))
            size = max(abs(s) for s in slopes)
            if resolution <= size * 1e-25 or resolution < context(digits).mpf(10) ** -330:
                break
        return min(slopes), max(slopes)


@cache
def context(digits: int) -> Any:
    """An mpmath context of its own: the global precision stays as it is."""
    import mpmath

    m = mpmath.mp.clone()
    m.dps = digits
    return m


def exact(m: Any, array: Any) -> Any:
    """The numbers of an array, exactly, as m's."""
    if isinstance(array, np.ndarray) and array.dtype == object:
        numbers = [m.mpf(x) for x in array.flat]
    else:
        numbers = [m.mpf(float(x)) for x in np.asarray(array).flat]
    out = np.empty(np.shape(array), dtype=object)
    for position, number in enumerate(numbers):
        out.flat[position] = number
    return out


def one_sided(formula: Formula, args: Sequence[Any], argnum: int, direction: Any, m: Any) -> tuple[list[Any], Any]:
    """The slopes on both sides (one where the other leaves the reals), and what rounding may have cost them."""
    arrays = [exact(m, a) for a in args]
    moved = [abs(x) for x, d in zip(arrays[argnum].flat, np.asarray(direction).flat, strict=True) if d]
    step = m.mpf(10) ** -STEP_FROM_ZERO if min(moved) == 0 or len(moved) > 1 else min(moved) * m.mpf(10) ** -STEP
    here = formula(m, *arrays)
    slopes = []
    for sign in (-1, 1):
        there = list(arrays)
        there[argnum] = np.asarray(arrays[argnum] + sign * step * direction, dtype=object)
        try:
            value = formula(m, *there)
        except (ValueError, ZeroDivisionError):
            continue
        if isinstance(value, m.mpf) and m.isfinite(value):
            slopes.append(sign * (value - here) / step)
    largest = max([abs(here), m.mpf(1), *(abs(x) for a in arrays for x in a.flat)])
    return slopes, largest * m.mpf(10) ** (3 - m.dps) / step
