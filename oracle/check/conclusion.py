"""What all the points of a check amount to: the verdict, the shrunk counterexample, the evidence, and what was tried."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from oracle.candidate.asking import CannotJudge
from oracle.candidate.guard import OutOfTime, within
from oracle.candidate.names import called
from oracle.check.extremes import extremes_noted, lost_at_extremes
from oracle.check.report import Report, Tried
from oracle.check.reproduction import of_gradient
from oracle.check.run import Run
from oracle.judgement.point import Finding, judge_point
from oracle.judgement.verdict import Verdict
from oracle.search.problem import Arguments, Problem
from oracle.witnesses.truth import ON_FLOATS, TRACED, Function

#: Seconds that shrinking may take; and the diagnosis, and the power audit, where fn or grad is slow.
SHRINK_SECONDS = 2.0
PART_SECONDS = 10.0
NO_TIME = "What kind of mistake it is takes more calls than there is time for"
#: A search that was stopped before so many points were tried says how few there are.
FEW = 30


def conclude(run: Run, started: float) -> Report:
    """What all findings amount to."""
    from oracle.check.power import power
    from oracle.diagnosis import diagnose, lost_digits

    function = run.function
    if not run.findings and run.stopped:
        raise CannotJudge(f"not one point could be judged in {run.seconds:g} seconds: fn or grad is too slow")
    if function is None or not run.findings:
        raise CannotJudge("no point of the domains could be tried: they may hold no number of grad's precision")
    if all(f.verdict is Verdict.UNDECIDED for f in run.findings):
        _refuse_undefined(run, function)
    noted = lost_at_extremes(run)
    lost = (f for f in run.findings if f.verdict is Verdict.INACCURATE and not any(f is n for n in noted))
    worst = run.wrong() or next(lost, None)
    right = sum(f.verdict is Verdict.RIGHT for f in run.findings)
    verdict = worst.verdict if worst is not None else Verdict.RIGHT if right else Verdict.UNDECIDED
    never_finite = verdict is Verdict.INACCURATE and not right and not any(map(_is_finite, run.findings))
    if never_finite:  # nothing shows that the mathematics is right
        verdict = Verdict.WRONG
    given: Any = (function, run.problem.grad, run.findings)
    audit = _in_time(run, lambda: power(*given, domains=run.problem.domains), None)
    arguments = _argument_names(run.problem)
    base = Report(
        run.name,
        verdict,
        _certified(run),
        _tried(run, len(noted)),
        audit,
        why_not=_why_not(run, function),
        how="" if right else run.findings[0].how,
        notes=(*extremes_noted(noted, run, arguments), *_notes(run)) if worst is None else _notes(run),
        arguments=arguments,
        domains=tuple(d.name for d in run.problem.domains),
    )
    if worst is None:
        return replace(base, seconds=time.perf_counter() - started)
    shrunk = _shrink(run, function, worst)
    sentences: Sequence[str] = ()
    if never_finite:
        sentences = (f"It is not finite at any of the {len(run.findings)} points tried",)
    elif verdict is Verdict.WRONG:
        sentences = _in_time(run, lambda: diagnose(*given, domains=run.problem.domains), (NO_TIME,))
    else:
        sentences = _in_time(run, lambda: lost_digits(*given, domains=run.problem.domains), ())
    complaint = shrunk.complaint[:1].upper() + shrunk.complaint[1:]
    if complaint:  # the same words at the arguments that are shown
        sentences = (complaint, *(s for s in sentences if s[:12] != complaint[:12]))
    expected, got = _numbers(shrunk)
    return replace(
        base,
        counterexample=shrunk.args,
        component=shrunk.component,
        expected=expected,
        got=got,
        how="" if never_finite or complaint else shrunk.how,
        diagnosis=tuple(sentences),
        certified=base.certified and (bool(complaint) or shrunk.certified),
        why_not=base.why_not or ("" if complaint or shrunk.certified else "the truth at this point is not proved"),
        complaint=shrunk.complaint,
        reproduction=of_gradient(called(run.problem.grad), shrunk.args, arguments, shrunk.component, shrunk.complaint),
        seconds=time.perf_counter() - started,
    )


def _shrink(run: Run, function: Function, worst: Finding) -> Finding:
    from oracle.search.memory import remember
    from oracle.search.shrink import shrink

    def judged(args: Arguments) -> Finding | None:
        rounded = run.representable(args)
        if rounded is None:
            return None
        try:
            return judge_point(function, run.problem.grad, rounded, run.scale())
        except (ValueError, OutOfTime):
            return None

    found = {_key(worst.args): worst}

    def fails(args: Arguments) -> bool:
        here = judged(args)
        if here is None or here.verdict is not worst.verdict or bool(here.complaint) != bool(worst.complaint):
            return False
        if worst.verdict is Verdict.INACCURATE and run.decides(worst.args) and not run.decides(here.args):
            return False
        found[_key(args)] = here
        return True

    with within(SHRINK_SECONDS, run.problem.fn, run.problem.grad):
        smallest = shrink(worst.args, fails, run.problem, SHRINK_SECONDS)
    remember(run.problem, smallest, run.database)
    return found[_key(smallest)]


def _key(args: Arguments) -> tuple[bytes, ...]:
    return tuple(a.tobytes() for a in args)


def _in_time(run: Run, ask: Callable[[], Any], otherwise: Any) -> Any:
    """The answer, or what stands for it where fn or grad is too slow for so much."""
    try:
        with within(PART_SECONDS, run.problem.fn, run.problem.grad):
            return ask()
    except OutOfTime:
        return otherwise


def _refuse_undefined(run: Run, function: Function) -> None:
    for finding in run.findings:
        with np.errstate(all="ignore"):
            try:
                value = float(np.asarray(run.problem.fn(*finding.args)))
            except Exception:
                return
        if np.isfinite(value):
            return
    raise CannotJudge(f"fn is not finite at any of the {len(run.findings)} points tried: are the domains right?")


def _certified(run: Run) -> bool:
    return run.function is not None and run.function.level == TRACED and any(f.certified for f in run.findings)


def _why_not(run: Run, function: Function) -> str:
    if function.level == TRACED:
        return "" if _certified(run) else "no point tried has a proved truth"
    by = "extrapolated differences in floats" if function.level == ON_FLOATS else "differences in balls"
    return f"{function.why}; judged by {by}"


def _notes(run: Run) -> tuple[str, ...]:
    notes = []
    for f in run.findings:
        if f.verdict is Verdict.RIGHT and f.truth is not None and f.got is not None and f.truth.kink.any():
            at = tuple(int(k) for k in np.argwhere(f.truth.kink)[0])
            low, high = float(f.truth.lower[at].mid()), float(f.truth.upper[at].mid())
            which = _convention(float(f.got[at]), low, high)
            notes.append(
                f"where fn has a kink, grad takes {which} of the one-sided derivatives {low:g} and {high:g}: a subgradient"
            )
            break
    lost = [f for f in run.findings if f.verdict is Verdict.INACCURATE]
    if any(run.decides(f.args) for f in lost):
        notes.append(f"digits are lost at {len(lost)} of {len(run.findings)} points")
    unknown = [f for f in run.findings if f.verdict is Verdict.UNDECIDED]
    if unknown and len(unknown) < len(run.findings):  # else it is the evidence itself
        why = textwrap.shorten(unknown[0].how, 200, placeholder=" …", break_long_words=True)
        notes.append(f"undecided at {len(unknown)} of {len(run.findings)} points; at the first, {why}")
    if run.stopped:
        notes.append(f"the search was stopped after {run.seconds:g} seconds")
        if len(run.findings) < min(FEW, run.asked):
            points = f"{len(run.findings)} point{'' if len(run.findings) == 1 else 's'}"
            notes.append(f"that is after {points} of {run.asked}, as fn or grad is slow: little was tried")
    return tuple(notes)


def _tried(run: Run, at_extremes: int) -> Tried:
    def count(verdict: Verdict) -> int:
        return sum(f.verdict is verdict for f in run.findings)

    shapes = tuple(dict.fromkeys(tuple(a.shape for a in f.args) for f in run.findings))
    branches = run.coverage.branches() if run.coverage is not None else ()
    never = tuple(words for branch in branches for words in branch.never)
    return Tried(
        len(run.findings),
        count(Verdict.RIGHT),
        count(Verdict.INACCURATE),
        count(Verdict.UNDECIDED),
        sum(f.certified for f in run.findings),
        shapes,
        tuple(dict.fromkeys(run.whys)),
        len(branches),
        never,
        at_extremes,
    )


def _convention(got: float, low: float, high: float) -> str:
    """Which of the right answers at a kink is met."""
    near = 1e-6 * (high - low)
    for value, words in ((low, "the lower"), (high, "the upper"), ((low + high) / 2, "the mean")):
        if abs(got - value) <= near:
            return words
    return f"{got:g}, between the ends"


def _is_finite(found: Finding) -> bool:
    return found.got is not None and bool(np.isfinite(found.got.astype(np.float64)).all())


def _numbers(found: Finding) -> tuple[float | tuple[float, float] | None, float | None]:
    """Expected and got at the component."""
    if found.component is None or found.truth is None or found.got is None:
        return None, None
    at = found.component
    got = float(found.got[at])
    if found.truth.kink[at]:
        return (float(found.truth.lower[at].mid()), float(found.truth.upper[at].mid())), got
    return float(found.truth.midpoint()[at]), got


def _argument_names(problem: Problem) -> tuple[str, ...]:
    from oracle.search.constants import signature_names

    return signature_names(problem.fn, len(problem.domains))
