"""What all the points of a check amount to: the verdict, the shrunk counterexample, the evidence, and what was tried."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from oracle.candidate.asking import CannotJudge
from oracle.candidate.names import called
from oracle.check.budgets import for_diagnosis, for_power, for_shrinking
from oracle.check.enough import DECLARE, doubts, spent
from oracle.check.extremes import extremes_noted, lost_at_extremes
from oracle.check.notes import notes, tried
from oracle.check.report import Report
from oracle.check.reproduction import of_gradient
from oracle.check.run import Run
from oracle.check.warnings import warnings_of
from oracle.effort.budget import Budget, Exhausted, spending
from oracle.judgement.point import Finding
from oracle.judgement.verdict import Verdict
from oracle.search.problem import Arguments, Problem
from oracle.witnesses.function import ON_FLOATS, TRACED, Function

#: Components in all that a diagnosis fits: more would only take time.
FOR_DIAGNOSIS = 40_000
#: Of more components it is said where they are wrong, and not why.
MOST_DIAGNOSED = 100_000
NO_TIME = "What kind of mistake it is takes more calls of fn and grad than a diagnosis makes"


def conclude(run: Run, started: float) -> Report:
    """What all findings amount to."""
    from oracle.check.by_length import right_up_to
    from oracle.check.by_size import right_up_to_sizes
    from oracle.check.power import power
    from oracle.diagnosis import diagnose, lost_digits
    from oracle.diagnosis.diagnose import NOTHING_FITS

    function = run.function
    if not run.findings and run.stopped:
        raise CannotJudge(f"not one point could be judged with {spent(run.budget)}: {DECLARE}")
    if run.raised and len(run.raised) == len(run.findings):
        raise run.raised[0]
    if function is None or not run.findings:
        raise CannotJudge("no point of the domains could be tried: they may hold no number of grad's precision")
    if all(f.verdict is Verdict.UNDECIDED for f in run.findings):
        _refuse_undefined(run, function)
    noted = lost_at_extremes(run)
    lost = (f for f in run.findings if f.verdict is Verdict.INACCURATE and not any(f is n for n in noted))
    worst = run.wrong() or next(lost, None)
    right = sum(f.verdict is Verdict.RIGHT for f in run.findings)
    verdict = worst.verdict if worst is not None else Verdict.RIGHT if right else Verdict.UNDECIDED
    missing = tuple(doubts(run)) if verdict is Verdict.RIGHT else ()
    if missing:
        verdict = Verdict.UNDECIDED
    never_finite = verdict is Verdict.INACCURATE and not right and not any(map(_is_finite, run.findings))
    if never_finite:  # nothing shows that the mathematics is right
        verdict = Verdict.WRONG
    audit = _within(
        for_power(), lambda: power(function, run.problem.grad, run.findings, domains=run.problem.domains), None
    )
    arguments = _argument_names(run.problem)
    base = Report(
        run.name,
        verdict,
        _certified(run),
        tried(run, len(noted)),
        audit,
        why_not=_why_not(run, function),
        how="; ".join(missing) if missing else "" if right or not run.findings else run.findings[0].how,
        warnings=warnings_of(run),
        notes=(*(extremes_noted(noted, run, arguments) if worst is None else ()), *notes(run)),
        arguments=arguments,
        domains=tuple(d.name for d in run.problem.domains),
    )
    if worst is None:
        return replace(base, seconds=time.perf_counter() - started)
    judged = _judging(run)
    shrunk = worst if worst is run.in_guise else _shrink(run, worst, judged)
    # what is said of the kind of mistake holds at the arguments that are shown, too
    known = run.findings if shrunk is worst else [*run.findings, shrunk]
    by_size = _within(for_shrinking(), lambda: right_up_to_sizes(run, shrunk, judged), None)
    known = [*known, *by_size.beyond] if by_size is not None else known
    given: Any = (function, run.problem.grad, _telling(known, worst))
    sentences: Sequence[str] = ()
    if never_finite:
        sentences = (f"It is not finite at any of the {len(run.findings)} points tried",)
    elif not run.problem.explained:
        sentences = ()
    elif _is_too_large(worst):
        sentences = (_wrong_places(worst),)
    elif verdict is Verdict.WRONG:
        sentences = _within(for_diagnosis(), lambda: diagnose(*given, domains=run.problem.domains), (NO_TIME,))
    else:
        sentences = _within(for_diagnosis(), lambda: lost_digits(*given, domains=run.problem.domains), ())
    if tuple(sentences) in ((NOTHING_FITS,), (NO_TIME,)):
        by_length = _within(for_shrinking(), lambda: right_up_to(run, shrunk, judged), None)
        sentences = sentences if by_length is None else (by_length,)
    if by_size is not None:
        nothing = tuple(sentences) in ((NOTHING_FITS,), (NO_TIME,))
        sentences = (by_size.words,) if nothing else (*sentences, by_size.words)
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


def _telling(findings: Sequence[Finding], worst: Finding | None) -> Sequence[Finding]:
    """What a diagnosis looks at: all of them, or of large ones the worst and as many more as have FOR_DIAGNOSIS components."""
    left = FOR_DIAGNOSIS - (worst.error.size if worst is not None and worst.error is not None else 0)
    told = []
    for found in findings:
        size = found.error.size if found.error is not None else 0
        if found is worst or size <= left:
            told.append(found)
            left -= size if found is not worst else 0
    return told


def _is_too_large(worst: Finding) -> bool:
    return worst.error is not None and worst.error.size > MOST_DIAGNOSED and not worst.complaint


def _wrong_places(worst: Finding) -> str:
    """How many components are wrong, and between which places they lie."""
    assert worst.error is not None
    assert worst.allowed is not None
    beyond = np.argwhere(~(worst.error <= worst.allowed))
    spans = ", ".join(
        f"{low}" if low == high else f"{low}:{high + 1}"
        for low, high in zip(*np.sort([beyond.min(0), beyond.max(0)], axis=0), strict=True)
    )
    return f"Of {worst.error.size:,} components {len(beyond):,} differ from the truth, all of them within [{spans}]"


def _judging(run: Run) -> Callable[[Arguments], Finding | None]:
    """Judges arguments in the numbers of the check; None where they are none of them."""

    def judged(args: Arguments) -> Finding | None:
        rounded = run.representable(args)
        if rounded is None:
            return None
        try:
            return run.judged(rounded)
        except ValueError:
            return None

    return judged


def _shrink(run: Run, worst: Finding, judged: Callable[[Arguments], Finding | None]) -> Finding:
    from oracle.search.memory import remember
    from oracle.search.shrink import shrink

    found = {_key(worst.args): worst}

    def fails(args: Arguments) -> bool:
        here = judged(args)
        if here is None or here.verdict is not worst.verdict or bool(here.complaint) != bool(worst.complaint):
            return False
        if worst.verdict is Verdict.INACCURATE and run.decides(worst.args) and not run.decides(here.args):
            return False
        if worst.certified and not here.certified:  # what is proved stays proved
            return False
        found[_key(args)] = here
        return True

    with spending(for_shrinking()):
        smallest = shrink(worst.args, fails, run.problem)
    remember(run.problem, smallest, run.database)
    return found[_key(smallest)]


def _key(args: Arguments) -> tuple[bytes, ...]:
    return tuple(a.tobytes() for a in args)


def _within(budget: Budget, ask: Callable[[], Any], otherwise: Any) -> Any:
    """The answer, or what stands for it where it takes more than the budget."""
    try:
        with spending(budget):
            return ask()
    except Exhausted:
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
    return run.function is not None and run.function.proved and any(f.certified for f in run.findings)


def _why_not(run: Run, function: Function) -> str:
    if function.proved:
        return "" if _certified(run) else "no point tried has a proved truth"
    if function.level == TRACED:
        return f"{function.why}; judged by differences in balls and by a translation of its NumPy code, whose values are the code's"
    by = "extrapolated differences in floats" if function.level == ON_FLOATS else "differences in balls"
    return f"{function.why}; judged by {by}"


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
