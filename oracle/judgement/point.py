"""The judgement at one point: what the gradient says there, what is true, and which of the four it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.allowance import rounding_allowance
from oracle.balls.arrays import lift, lift_arb, midpoints, precision
from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.candidate.asking import BITS, Answer, ask
from oracle.judgement.estimates import contradicted, unlike_together
from oracle.judgement.float_format import at_the_ends_of_the_floats, beside_branch, flushes, overflows, vanished
from oracle.judgement.kinks import at_kink
from oracle.judgement.own_code import explains
from oracle.judgement.rounding import Manner, is_rough, manner
from oracle.judgement.verdict import SLACK, Verdict, allowed, distance
from oracle.witnesses import Enclosure
from oracle.witnesses.limits import widened
from oracle.witnesses.truth import ON_FLOATS, TRACED, Function, Truth, truth

Array = NDArray[Any]

#: A result within so many units of rounding of the truth needs no further question.
EVIDENT = 8.0
#: Precision at which a gradient that runs on balls is compared with the truth.
EXACT_BITS = 400
#: Differences in floats that are more uncertain than this, relative to the gradient, are no evidence that it is right.
MOST_UNCERTAIN = 2.0**-8
UNSETTLED = "differences in floats do not settle on both sides: fn jumps here, or its slope is infinite, or it is rough"
KINK_OF_FLOATS = "fn has a kink here, and differences in floats do not tell whether grad is a subgradient as a whole"
UNCERTAIN = "differences in floats settle to no more than two digits"
VANISHED = "it is exactly 0, and the truth, which the arguments determine well, is not: all digits are lost"
ELSEWHERE = (
    "run on balls, the same code agrees with the truth, but no rounding of it gives this: it is kept from another call"
)
NARROW = (
    "the error jumps between arguments that float32 tells apart, and is of the size of its rounding: digits are lost"
)
UNLIKE_ROUNDING = {
    Manner.SMOOTH: "its error is smooth in the arguments, which rounding is not",
    Manner.ALONE: "its error is at these arguments, and not beside them, which rounding is not",
    Manner.UNKNOWN: "no rounding of its result explains the error",
}
ROUGH = "fn is too rough for differences in floats: at other steps they are consistent with what grad says, or do not settle"


@dataclass(frozen=True, eq=False)
class Finding:
    """One point judged. component: the worst one, None for a complaint about the whole; how: the evidence for the verdict.
    note: what is no mistake, and is said all the same; convention: by which it is right where it is no generalised gradient."""

    args: tuple[Array, ...]
    verdict: Verdict
    got: Array | None = None
    truth: Enclosure | None = None
    component: tuple[int, ...] | None = None
    error: NDArray[np.float64] | None = None
    allowed: NDArray[np.float64] | None = None
    how: str = ""
    complaint: str = ""
    note: str = ""
    convention: str = ""

    @property
    def certified(self) -> bool:
        """Whether the truth here is enclosed by proof."""
        return self.truth is not None and bool(np.all(self.truth.rigorous))


def judge_point(function: Function, grad: Callable[..., Any], args: Sequence[Array], scale: float = 0.0) -> Finding:
    """Judges grad at args. scale: the size that this gradient ordinarily has, below whose rounding an absolute error may vanish.

    Raises CannotJudge where grad raises or returns no array.
    """
    point = tuple(args)
    answer = ask(grad, point, function.argnum, function.inside)
    if answer.value is None:
        return Finding(point, Verdict.WRONG, complaint=answer.complaint, how="what it returned")
    try:
        known = truth(function, point)
    except (Undecidable, UnsupportedPrimitive) as error:
        return Finding(point, Verdict.UNDECIDED, answer.value, how=f"no truth to hold it against: {error}")
    if answer.complaint:
        return Finding(
            point, Verdict.WRONG, answer.value, known.enclosure, complaint=answer.complaint, how="how it behaved"
        )
    return replace(_compare(function, grad, point, answer, known, scale), note=answer.note)


def _compare(
    function: Function, grad: Callable[..., Any], point: tuple[Array, ...], answer: Answer, known: Truth, scale: float
) -> Finding:
    got = np.asarray(answer.value)
    enclosure = known.enclosure
    as_float = got.astype(np.float64)
    error = distance(as_float, enclosure)
    error[overflows(got, enclosure) | ~np.isfinite(known.estimated_error)] = 0.0
    bits = BITS[got.dtype.name]
    size = np.abs(enclosure.midpoint())
    evident = EVIDENT * 2.0**-bits * np.where(np.isfinite(size), size, 0.0)
    kink = enclosure.kink
    if not kink.any() and np.all(error <= evident) and np.isfinite(size).all():
        return Finding(point, Verdict.RIGHT, got, enclosure, None, error, evident)
    limit = measured(function, point, bits, got, known)
    beyond = ~(error <= limit)
    if kink.any() and function.level != ON_FLOATS and np.isfinite(as_float).all():
        stand = at_kink(known, got, limit)
        if stand.verdict is Verdict.RIGHT:
            return Finding(
                point, Verdict.RIGHT, got, enclosure, None, np.zeros(got.shape), limit, convention=stand.note
            )
        if stand.verdict is Verdict.UNDECIDED:
            return Finding(point, Verdict.UNDECIDED, got, how=stand.how)
        if known.limits is not None:  # more of them are known now
            enclosure = widened(enclosure, known.limits)
            known = replace(known, enclosure=enclosure)
            error, limit = distance(as_float, enclosure), measured(function, point, bits, got, known)
            beyond = ~(error <= limit)
        if not beyond.any():
            where = tuple(int(k) for k in np.argwhere(enclosure.kink)[0])
            return Finding(point, Verdict.WRONG, got, enclosure, where, error, limit, stand.how)
    if not beyond.any():
        if function.level == ON_FLOATS:
            known_to = max(MOST_UNCERTAIN * float(np.nanmax(largest(enclosure), initial=0.0)), 2.0**-30 * scale)
            if np.any(limit > known_to):
                return Finding(point, Verdict.UNDECIDED, got, how=_why_uncertain(known))
            if unlike_together(function, point, got, known, limit):
                return Finding(point, Verdict.UNDECIDED, got, how=KINK_OF_FLOATS)
        lost = vanished(function, point, got, enclosure) if function.level != ON_FLOATS else None
        if lost is not None:
            verdict, how = _why_zero(grad, point, enclosure, lost)
            return Finding(point, verdict, got, enclosure, lost, error, limit, how)
        return Finding(point, Verdict.RIGHT, got, enclosure, None, error, limit)
    exact = function.level != ON_FLOATS  # elsewhere neighbours differ by the roughness of fn, and would excuse anything
    finite = np.isfinite(as_float[beyond]).all()
    if exact and finite and beside_branch(function, point, got, enclosure, beyond, limit):
        return Finding(point, Verdict.RIGHT, got, enclosure, None, error, limit)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        excess = np.where(np.isfinite(error), error / limit, np.inf)
    component = tuple(int(k) for k in np.unravel_index(int(np.argmax(np.where(beyond, excess, -1.0))), got.shape))
    if not exact:
        confirmed = contradicted(function, point, got, known, beyond, excess)
        if confirmed is None:
            return Finding(point, Verdict.UNDECIDED, got, how=ROUGH)
        component = confirmed
    verdict, how = _tell(function, grad, point, got, known, beyond, limit, scale)
    return Finding(point, verdict, got, enclosure, component, error, limit, how)


def _why_uncertain(known: Truth) -> str:
    """Why differences in floats are no evidence here."""
    sides = known.sides
    if sides is not None and not sides.is_settled().all():
        return f"fn raised {sides.raised} nearby" if sides.raised else UNSETTLED
    return UNCERTAIN


def measured(function: Function, point: tuple[Array, ...], bits: int, got: Array, known: Truth) -> NDArray[np.float64]:
    """How far a right gradient of so many bits may be from the truth here."""
    tiny = float(np.finfo(got.dtype).tiny) if got.dtype.kind == "f" else 2.0**-126
    if function.level != TRACED:
        ends = largest(known.enclosure)
        size = np.fmax(ends, np.nanmax(ends, initial=0.0))
        return known.estimated_error * 8 + SLACK * 2.0**-bits * size + tiny
    try:
        record = function.traced(point)
        _, allowance = rounding_allowance(record.gradient, point, bits)
    except (Undecidable, UnsupportedPrimitive):
        allowance = 2.0**-bits * np.abs(known.enclosure.midpoint())
    limit = allowed(np.asarray(allowance), np.dtype(np.float64)) + tiny
    return np.where(known.enclosure.kink, at_kinks(known.enclosure, bits) + tiny, limit)


def largest(enclosure: Enclosure) -> NDArray[np.float64]:
    """The size of the larger end of each component."""
    return np.asarray(np.fmax(np.abs(midpoints(enclosure.lower)), np.abs(midpoints(enclosure.upper))))


def at_kinks(enclosure: Enclosure, bits: int) -> NDArray[np.float64]:
    """The rounding of the ends of the interval: widened arguments would allow the jump itself, which the interval holds already."""
    ends = largest(enclosure)
    return SLACK * 2.0**-bits * np.where(np.isfinite(ends), ends, 0.0)


def _why_zero(
    grad: Callable[..., Any], point: tuple[Array, ...], enclosure: Enclosure, lost: tuple[int, ...]
) -> tuple[Verdict, str]:
    """A zero that the code says, or one that rounding made."""
    exact = on_balls(grad, point, enclosure.shape)
    if exact is not None and ball_distance(exact, enclosure)[lost] > 0.5 * abs(float(enclosure.midpoint()[lost])):
        return Verdict.WRONG, "it is exactly 0, on balls as well, and the truth is not: proved"
    return Verdict.INACCURATE, VANISHED


def _tell(
    function: Function,
    grad: Callable[..., Any],
    point: tuple[Array, ...],
    got: Array,
    known: Truth,
    beyond: NDArray[np.bool_],
    limit: NDArray[np.float64],
    scale: float,
) -> tuple[Verdict, str]:
    """Wrong mathematics or lost digits, and by which evidence."""
    exact = on_balls(grad, point, got.shape)
    if exact is not None:
        off = ball_distance(exact, known.enclosure)
        constants = measured(
            function, point, 53, np.zeros(got.shape), known
        )  # its constants are floats, however exact the balls
        if np.all(off[beyond] <= np.maximum(constants, 0)[beyond]):
            if not explains(grad, point, got, known.enclosure, beyond):
                return Verdict.WRONG, ELSEWHERE
            return (
                Verdict.INACCURATE,
                "run on balls, the same code agrees with the truth: the mathematics is right, the floats lose digits",
            )
        if is_narrow(
            function, grad, point, got, known, beyond
        ):  # NumPy rounds a ball that is a float to a narrower one
            return Verdict.INACCURATE, NARROW
        against = "more than any rounding: proved" if np.all(known.enclosure.rigorous) else "more than any rounding"
        return Verdict.WRONG, f"run on balls, the same code disagrees with the truth by {against}"
    values = got.astype(np.float64)
    if function.level == ON_FLOATS and not np.isfinite(values[beyond]).all():
        return Verdict.INACCURATE, "it is not finite where the function has a derivative"
    if not np.isfinite(values[beyond]).any():
        return (
            Verdict.INACCURATE,
            "it is not finite where the truth is; it does not run on balls, so no more can be said",
        )
    error = distance(values, known.enclosure)
    rounding_of_scale = 8 * 2.0 ** -BITS[got.dtype.name] * scale
    if np.all(error[beyond] <= rounding_of_scale):
        return Verdict.INACCURATE, "the error is below the rounding of the gradient's ordinary size: digits are lost"
    if flushes(function, point, got, beyond, limit):
        return Verdict.INACCURATE, "it is right for these arguments with their subnormal numbers flushed to 0"
    if at_the_ends_of_the_floats(point, got, known.enclosure, beyond):
        return Verdict.INACCURATE, "squares of these numbers leave the floats: an intermediate over- or underflows"
    behaviour = manner(function, grad, point, error, beyond, got.dtype)
    if behaviour is Manner.JUMPS:
        return Verdict.INACCURATE, "the error jumps between neighbouring arguments as rounding does: digits are lost"
    if is_narrow(function, grad, point, got, known, beyond):
        return Verdict.INACCURATE, NARROW
    if known.enclosure.kink[beyond].any():
        return Verdict.WRONG, "it does not run on balls; at a kink it is no one-sided derivative, nor between the two"
    return Verdict.WRONG, f"it does not run on balls; {UNLIKE_ROUNDING[behaviour]}"


def is_narrow(
    function: Function,
    grad: Callable[..., Any],
    point: tuple[Array, ...],
    got: Array,
    known: Truth,
    beyond: NDArray[np.bool_],
) -> bool:
    """Whether float32 somewhere on the way to a wider result explains it: the error is within what its rounding may cost, and jumps
    as that does. Components that are not finite, or 0 beside numbers at the ends of its range, have left it and say nothing."""
    if BITS[got.dtype.name] <= BITS["float32"]:
        return False
    values = got.astype(np.float64)
    error = distance(values, known.enclosure)
    gone = ~np.isfinite(values)
    if at_the_ends_of_the_floats(point, values.astype(np.float32), known.enclosure, beyond):
        gone |= values == 0
        if np.all(gone[beyond]):
            return np.array_equal(values, values.astype(np.float32), equal_nan=True)
    beyond = beyond & ~gone & ~known.enclosure.kink  # beside a kink the derivative is another
    within = error <= measured(function, point, BITS["float32"], got, known)
    return bool(beyond.any() and np.all(within[beyond])) and is_rough(function, grad, point, beyond, "float32")


def on_balls(grad: Callable[..., Any], point: Sequence[Array], shape: tuple[int, ...]) -> Array | None:
    """grad evaluated on arrays of balls, or None where it does not run on them."""
    try:
        with precision(EXACT_BITS), np.errstate(all="ignore"):
            result = np.asarray(grad(*(lift(a) if a.dtype.kind == "f" else a for a in point)))
            if result.dtype != object or result.shape != shape:
                return None
            balls = lift_arb(result)
    except Exception:
        return None
    return balls if all(ball.is_finite() for ball in balls.flat) else None


def ball_distance(balls: Array, enclosure: Enclosure) -> NDArray[np.float64]:
    """How far apart the balls are from the right answers at least; 0 where they overlap."""

    def apart(ball: Any, low: Any, high: Any) -> float:
        if ball < low:
            return float((low - ball).abs_lower())
        return float((ball - high).abs_lower()) if ball > high else 0.0

    with precision(EXACT_BITS):
        return np.asarray(np.frompyfunc(apart, 3, 1)(balls, enclosure.lower, enclosure.upper), dtype=np.float64)
