"""The judgement at one point: what the gradient says there, what is true, and which of the four it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.candidate.asking import BITS, Answer, ask
from oracle.judgement.allowances import largest, measured
from oracle.judgement.at_least import no_more_than
from oracle.judgement.estimates import contradicted, unlike_together
from oracle.judgement.float_format import beside_branch, overflows, vanished
from oracle.judgement.kinks import at_kink
from oracle.judgement.large import compare_large
from oracle.judgement.narrow import Arithmetic
from oracle.judgement.own_balls import ball_distance, on_balls
from oracle.judgement.patched import of_what_is_replaced
from oracle.judgement.rounded_constants import cost_of_constants
from oracle.judgement.verdict import Verdict, distance
from oracle.judgement.wrong_or_inaccurate import tell
from oracle.witnesses import Enclosure
from oracle.witnesses.function import ON_FLOATS, Function
from oracle.witnesses.large import too_large_for_arb
from oracle.witnesses.large_enclosure import LargeEnclosure
from oracle.witnesses.limits_of_gradients import widened
from oracle.witnesses.truth import Truth, truth

Array = NDArray[Any]

#: A result within so many units of rounding of the truth needs no further question.
EVIDENT = 8.0
#: Differences in floats that are more uncertain than this, relative to the gradient, are no evidence that it is right.
MOST_UNCERTAIN = 2.0**-8
UNSETTLED = "differences in floats do not settle on both sides: fn jumps here, or its slope is infinite, or it is rough"
KINK_OF_FLOATS = "fn has a kink here, and differences in floats do not tell whether grad is a subgradient as a whole"
UNCERTAIN = "differences in floats settle to no more than two digits"
VANISHED = "it is exactly 0, and the truth, which the arguments determine well, is not: all digits are lost"
BEYOND = "it is further from the truth than the rounding of fn's own gradient explains"
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


def judge_point(
    function: Function,
    grad: Callable[..., Any],
    args: Sequence[Array],
    scale: float = 0.0,
    arithmetic: Arithmetic | None = None,
    *,
    tells: bool = True,
) -> Finding:
    """Judges grad at args. scale: the size that this gradient ordinarily has, below whose rounding an absolute error may vanish;
    arithmetic: in which dtype it computes, as other points show; tells: whether wrong mathematics is told from lost digits, which
    is most of the work: without, what is further off than rounding explains is `wrong` either way.

    Raises CannotJudge where grad raises or returns no array.
    """
    point = function.settled(tuple(args))
    function = function.at(point)
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
    if isinstance(known.enclosure, LargeEnclosure):
        found = _of_many(function, grad, point, answer, known, scale, arithmetic, tells)
        if found.verdict is not Verdict.UNDECIDED or too_large_for_arb(point):
            return replace(found, got=np.asarray(answer.value), note=answer.note)
        try:
            known = truth(function, point, in_arb=True)
        except (Undecidable, UnsupportedPrimitive) as error:
            return Finding(point, Verdict.UNDECIDED, answer.value, how=f"no truth to hold it against: {error}")
    found = _compare(function, grad, point, answer, known, scale, arithmetic, tells)
    return replace(found, got=None if found.got is None else np.asarray(answer.value), note=answer.note)


def _of_many(
    function: Function,
    grad: Callable[..., Any],
    point: tuple[Array, ...],
    answer: Answer,
    known: Truth,
    scale: float,
    arithmetic: Arithmetic | None,
    tells: bool,
) -> Finding:
    """The finding at a large point; undecided where its truth leaves a component open."""
    enclosure = known.enclosure
    got = no_more_than(np.asarray(answer.value), enclosure) if function.at_least else np.asarray(answer.value)
    unit = EVIDENT * 2.0 ** -BITS[got.dtype.name]
    stated = function.accuracy * float(np.max(np.abs(enclosure.midpoint()), initial=scale))
    found = compare_large(function, point, got, known, lambda size: np.maximum(unit * size, stated))
    if isinstance(found, str):
        return Finding(point, Verdict.UNDECIDED, got, enclosure, how=found)
    error, limit, beyond = found.error, found.limit, found.beyond
    if not beyond.any():
        return Finding(point, Verdict.RIGHT, got, enclosure, None, error, limit)
    component = _worst(error, limit, beyond)
    if not tells:
        return Finding(point, Verdict.WRONG, got, enclosure, component, error, limit, BEYOND)
    verdict, how = tell(function, grad, point, got, known, beyond, limit, scale, arithmetic)
    worst = component if verdict is not Verdict.RIGHT else None
    return Finding(point, verdict, got, enclosure, worst, error, limit, how)


def _worst(error: Array, limit: Array, beyond: Array) -> tuple[int, ...]:
    """The component that is furthest beyond what is allowed, what is not finite first."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        excess = np.where(np.isfinite(error), error / limit, np.inf)
    return tuple(int(k) for k in np.unravel_index(int(np.argmax(np.where(beyond, excess, -1.0))), error.shape))


def _compare(
    function: Function,
    grad: Callable[..., Any],
    point: tuple[Array, ...],
    answer: Answer,
    known: Truth,
    scale: float,
    arithmetic: Arithmetic | None,
    tells: bool,
) -> Finding:
    enclosure = known.enclosure
    got = no_more_than(np.asarray(answer.value), enclosure) if function.at_least else np.asarray(answer.value)
    as_float = got.astype(np.float64)
    error = distance(as_float, enclosure)
    error[overflows(got, enclosure) | ~np.isfinite(known.estimated_error)] = 0.0
    bits = BITS[got.dtype.name]
    size = np.abs(enclosure.midpoint())
    stated = function.accuracy * float(np.max(size, initial=scale, where=np.isfinite(size)))
    evident = np.maximum(EVIDENT * 2.0**-bits * np.where(np.isfinite(size), size, 0.0), stated)
    kink = enclosure.kink
    if not kink.any() and np.all(error <= evident) and np.isfinite(size).all():
        cheap = function.level == ON_FLOATS  # no evaluation in balls, and no part of the truth that is kept
        allowed = measured(function, point, bits, got, known) if cheap else evident
        return Finding(point, Verdict.RIGHT, got, enclosure, None, error, allowed)
    limit = np.maximum(measured(function, point, bits, got, known), stated)
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
            error = distance(as_float, enclosure)
            limit = np.maximum(measured(function, point, bits, got, known), stated)
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
        lost = vanished(function, point, got, enclosure, scale) if function.level != ON_FLOATS else None
        if lost is not None and float(size[lost]) > stated:
            verdict, how = _why_zero(grad, point, got, enclosure, lost)
            return Finding(point, verdict, got, enclosure, lost, error, limit, how)
        return Finding(point, Verdict.RIGHT, got, enclosure, None, error, limit)
    exact = function.level != ON_FLOATS  # elsewhere neighbours differ by the roughness of fn, and would excuse anything
    finite = np.isfinite(as_float[beyond]).all()
    if exact and finite and beside_branch(function, point, got, enclosure, beyond, limit):
        return Finding(point, Verdict.RIGHT, got, enclosure, None, error, limit)
    component = _worst(error, limit, beyond)
    if not exact:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            excess = np.where(np.isfinite(error), error / limit, np.inf)
        confirmed = contradicted(function, point, got, known, beyond, excess)
        if confirmed is None:
            return Finding(point, Verdict.UNDECIDED, got, how=ROUGH)
        component = confirmed
    if exact and finite and (words := of_what_is_replaced(function, point, as_float, beyond, limit)) is not None:
        return Finding(point, Verdict.RIGHT, got, enclosure, None, error, limit, convention=words)
    if exact and finite:
        meant = limit + cost_of_constants(function, point, bits)
        if np.all(error <= meant):
            return Finding(point, Verdict.RIGHT, got, enclosure, None, error, meant)
    if not tells:
        return Finding(point, Verdict.WRONG, got, enclosure, component, error, limit, BEYOND)
    verdict, how = tell(function, grad, point, got, known, beyond, limit, scale, arithmetic)
    worst = component if verdict is not Verdict.RIGHT else None
    return Finding(point, verdict, got, enclosure, worst, error, limit, how)


def _why_uncertain(known: Truth) -> str:
    """Why differences in floats are no evidence here."""
    sides = known.sides
    if sides is not None and not sides.is_settled().all():
        return f"fn raised {sides.raised} nearby" if sides.raised else UNSETTLED
    return UNCERTAIN


def _why_zero(
    grad: Callable[..., Any], point: tuple[Array, ...], got: Array, enclosure: Enclosure, lost: tuple[int, ...]
) -> tuple[Verdict, str]:
    """A zero that the code says, or one that rounding made."""
    where = np.zeros(got.shape, dtype=bool)
    where[lost] = True
    size = np.abs(enclosure.midpoint())
    own = on_balls(grad, point, got, size, where)
    if own is not None and ball_distance(own.balls, enclosure)[lost] > 0.5 * float(size[lost]):
        return Verdict.WRONG, "it is exactly 0, on balls as well, and the truth is not: proved"
    return Verdict.INACCURATE, VANISHED
