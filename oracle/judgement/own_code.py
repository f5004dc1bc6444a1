"""Whether a float answer can come from the candidate's own code by rounding, or is an earlier answer that was kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.arrays import lift, lift_arb, precision
from oracle.candidate.asking import BITS
from oracle.judgement.float_format import at_the_ends_of_the_floats
from oracle.witnesses import Enclosure

Array = NDArray[Any]

#: The code is run with so many bits fewer than its dtype has: a library's exp may be off by some units in the last place.
SPARE_BITS = 4


def explains(
    grad: Callable[..., Any], point: Sequence[Array], got: Array, enclosure: Enclosure, beyond: NDArray[np.bool_]
) -> bool:
    """Whether what rounding does to the code at hand, measured by balls of as many bits, can give this answer.

    True wherever that is not known: the code does not run on such balls, it meets an infinity, or numbers leave the range of
    the floats, as balls do not.
    """
    if not np.isfinite(got.astype(np.float64)[beyond]).all() or at_the_ends_of_the_floats(
        point, got, enclosure, beyond
    ):
        return True
    bits = BITS[got.dtype.name] - SPARE_BITS
    if bits < 8 or _leaves_the_floats(grad, point):
        return True
    try:
        with precision(bits), np.errstate(all="ignore"):
            result = np.asarray(grad(*(lift(a) if a.dtype.kind == "f" else a for a in point)))
            if result.dtype != object or result.shape != got.shape:
                return True
            balls = lift_arb(result)
    except Exception:
        return True
    with precision(2 * 53):
        return all(ball.overlaps(_around(value, bits)) for ball, value in zip(balls[beyond], got[beyond], strict=True))


def _around(value: Any, bits: int) -> Any:
    """The answer, give or take the rounding of its dtype."""
    from flint import arb

    return arb(float(value), abs(float(value)) * 2.0**-bits)


def _leaves_the_floats(grad: Callable[..., Any], point: Sequence[Array]) -> bool:
    """Whether NumPy sees an overflow, an underflow, a division by zero or a NaN made on the way."""
    seen: list[str] = []
    with np.errstate(all="call", call=lambda kind, flag: seen.append(kind)):
        grad(*(a.copy() for a in point))
    return bool(seen)
