"""Wrong mathematics or lost digits: of an answer that is further from the truth than the rounding of fn's own gradient explains."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.candidate.asking import BITS
from oracle.judgement.allowances import measured
from oracle.judgement.coupled import cost_of_all_entries
from oracle.judgement.float_format import at_the_ends_of_the_floats, flushes
from oracle.judgement.large_numbers import of_large_numbers
from oracle.judgement.narrow import Arithmetic, narrow_on_the_way
from oracle.judgement.own_balls import ball_distance, on_balls
from oracle.judgement.own_code import explains
from oracle.judgement.rounding import Manner, manner
from oracle.judgement.verdict import Verdict, distance
from oracle.witnesses.function import ON_FLOATS, Function
from oracle.witnesses.large import too_large_for_arb
from oracle.witnesses.truth import Truth

Array = NDArray[Any]

#: An opaque gradient may round in ways that no evaluation of ours shows: a step whose numbers are m times the result costs m units.
#: Up to so many units of its largest component it is called neither wrong nor right. That is chosen, not derived: float64 may pass
#: through numbers a thousand times as large and keeps twelve digits, float32 through numbers fifty times as large and keeps five;
#: of eight or eleven bits none can be spared, and 8 units are a few steps.
OPAQUE_UNITS = {"float64": 2.0**12, "float32": 2.0**8, "float16": 8.0, "bfloat16": 8.0}
#: Where the arguments determine the gradient badly: up to so many times what half a unit in each of them costs. A program
#: that is right for arguments off by a few units (a matrix exponential by its approximant) has such an error, and a smooth one.
#: A limit holds SLACK half units of each argument; 16 of them are arguments off by 32 units, as two or three dozen roundings on the
#: way leave it. Chosen, not derived, and never called right. In few bits that would be anything.
BACKWARD_UNITS = {"float64": 16.0, "float32": 16.0, "float16": 1.0, "bfloat16": 1.0}
#: Rounding to a narrower dtype shows in more than this part of thousands of components.
IN_MANY = 2.0**-6
#: Digits are lost from one decimal digit on: a detour by logarithms, right on balls, may cost some bits more than fn's gradient,
#: and so may the steps of an opaque gradient whose error is excused.
A_DIGIT = 10.0
ELSEWHERE = (
    "run on balls, the same code agrees with the truth, but no rounding of it gives this: it is kept from another call"
)
AGREES = "run on balls, the same code agrees with the truth: the mathematics is right, the floats lose digits"
APPROXIMATED = (
    "it calls functions that JAX itself approximates, and the error is no larger than theirs may be: digits are lost"
)
OF_LARGE_NUMBERS = "of arguments as large as these no digits are left that its logarithms or angles would need"
UNLIKE_ROUNDING = {
    Manner.SMOOTH: "its error is smooth in the arguments, which rounding is not",
    Manner.ALONE: "its error is at these arguments, and not beside them, which rounding is not",
    Manner.UNKNOWN: "no rounding of its result explains the error",
}


def tell(
    function: Function,
    grad: Callable[..., Any],
    point: tuple[Array, ...],
    got: Array,
    known: Truth,
    beyond: NDArray[np.bool_],
    limit: NDArray[np.float64],
    scale: float,
    arithmetic: Arithmetic | None = None,
) -> tuple[Verdict, str]:
    """The verdict, and by which evidence: wrong, inaccurate, or right where not one decimal digit is lost."""

    def narrow() -> str | None:
        if too_large_for_arb(point) and np.mean(beyond) < IN_MANY:
            return None
        return narrow_on_the_way(function, grad, point, got, known, beyond, arithmetic)

    values = got.astype(np.float64)
    error = distance(values, known.enclosure)
    own = on_balls(grad, point, got, error, beyond) if not too_large_for_arb(point) else None
    if own is not None:
        off = ball_distance(own.balls, known.enclosure)
        constants = measured(
            function, point, own.bits, np.zeros(got.shape), known
        )  # its constants are floats, however exact the balls
        if np.all(off[beyond] <= np.maximum(constants, 0)[beyond]):
            if own.program is None and not explains(grad, point, got, known.enclosure, beyond):
                return Verdict.WRONG, ELSEWHERE
            lost = ~(error <= A_DIGIT * limit)
            return (Verdict.INACCURATE, AGREES) if np.any(lost & beyond) else (Verdict.RIGHT, "")
        small = _below_rounding(error[beyond], limit[beyond], known, got, scale) is not None
        if small and own.program is not None and own.program.approximates():
            return Verdict.INACCURATE, APPROXIMATED
        if (dtype := narrow()) is not None:  # NumPy rounds a ball that is a float to a narrower one
            return Verdict.INACCURATE, narrowed(dtype)
        is_proved = function.proved and bool(np.all(known.enclosure.rigorous))
        against = "more than any rounding: proved" if is_proved else "more than any rounding"
        return Verdict.WRONG, f"run on balls, the same code disagrees with the truth by {against}"
    if function.level == ON_FLOATS and not np.isfinite(values[beyond]).all():
        return Verdict.INACCURATE, "it is not finite where the function has a derivative"
    if not np.isfinite(values[beyond]).any():
        return (
            Verdict.INACCURATE,
            "it is not finite where the truth is; it does not run on balls, so no more can be said",
        )
    excused = _below_rounding(error[beyond], limit[beyond], known, got, scale)
    if excused is not None:
        if np.all((error <= A_DIGIT * limit)[beyond]):
            return Verdict.RIGHT, ""
        if np.all((error <= cost_of_all_entries(function, point, BITS[got.dtype.name], beyond))[beyond]):
            return Verdict.RIGHT, ""
        return Verdict.INACCURATE, excused
    if flushes(function, point, got, beyond, limit):
        return Verdict.INACCURATE, "it is right for these arguments with their subnormal numbers flushed to 0"
    if at_the_ends_of_the_floats(point, got, known.enclosure, beyond):
        return Verdict.INACCURATE, "squares of these numbers leave the floats: an intermediate over- or underflows"
    if (dtype := narrow()) is not None:
        return Verdict.INACCURATE, narrowed(dtype)
    behaviour = manner(function, grad, point, error, beyond, got.dtype)
    if behaviour is Manner.JUMPS:
        return Verdict.INACCURATE, "the error jumps between neighbouring arguments as rounding does: digits are lost"
    if of_large_numbers(function, grad, point, got, error, beyond, known.enclosure):
        return Verdict.INACCURATE, OF_LARGE_NUMBERS
    if known.enclosure.kink[beyond].any():
        return Verdict.WRONG, "it does not run on balls; at a kink it is no one-sided derivative, nor between the two"
    return Verdict.WRONG, f"it does not run on balls; {UNLIKE_ROUNDING[behaviour]}"


def narrowed(dtype: str) -> str:
    """What is said of a gradient that computes in a narrower dtype."""
    return f"the error jumps between arguments that {dtype} tells apart, and is of the size of its rounding: digits are lost"


def _below_rounding(
    error: NDArray[np.float64], limit: NDArray[np.float64], known: Truth, got: Array, scale: float
) -> str | None:
    """What excuses errors of an opaque gradient by their size alone: the gradient's ordinary size, or its largest component."""
    unit = 2.0 ** -BITS[got.dtype.name]
    if np.all(error <= 8 * unit * scale):
        return "the error is below the rounding of the gradient's ordinary size: digits are lost"
    sizes = np.abs(known.enclosure.midpoint())
    largest = float(np.max(sizes[np.isfinite(sizes)], initial=0.0))
    units = OPAQUE_UNITS[got.dtype.name]
    if np.all(error <= units * unit * largest):
        return (
            f"it does not run on balls, and the error is below {units:g} roundings of its largest component, "
            "which steps of a right program may cost: digits are lost"
        )
    times = BACKWARD_UNITS[got.dtype.name]
    if known.enclosure.rigorous.all() and np.all(error <= times * limit):
        return (
            f"it does not run on balls, and the error is that of arguments off by some {times:g} units: digits are lost"
        )
    return None
