"""What a report says besides the verdict: the convention at a kink, digits lost, points left open, what was tried."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import numpy as np

from oracle.balls.arrays import midpoints
from oracle.check.enough import never_entered, spent
from oracle.check.report import Tried
from oracle.check.run import Run
from oracle.judgement.likely import unlikely
from oracle.judgement.verdict import Verdict
from oracle.witnesses import Enclosure
from oracle.witnesses.function import TRACED


def notes(run: Run) -> Iterator[str]:
    """The notes, in the order in which they are shown."""
    yield from run.notes
    yield from _set_aside(run)
    yield from dict.fromkeys(f.convention for f in run.findings if f.convention)
    for f in run.findings:
        if (
            f.verdict is Verdict.RIGHT
            and f.truth is not None
            and f.got is not None
            and f.truth.kink.any()
            and not f.convention
        ):
            at = tuple(int(k) for k in np.argwhere(f.truth.kink)[0])
            low, high = float(f.truth.lower[at].mid()), float(f.truth.upper[at].mid())
            which = _convention(float(f.got[at]), low, high)
            yield (
                f"where fn has a kink, grad takes {which} of the one-sided derivatives {low:g} and {high:g}: a subgradient"
            )
            break
    digits = [d for f in run.findings if f.truth is not None for d in _digits_of_an_approximation(f.truth)]
    if digits:
        yield (
            f"fn is itself an approximation: its slope as coded and that of JAX's own rule agree to {min(digits)} digits; both "
            "are right, and what is between"
        )
    yield from _approximated(run)
    far = unlikely(run.function, run.findings) if run.function is not None and run.wrong() is None else None
    if far is not None:
        yield far
    lost = [f for f in run.findings if f.verdict is Verdict.INACCURATE]
    if run.wrong() is None and any(run.decides(f.args) for f in lost):
        yield f"digits are lost at {len(lost)} of {len(run.findings)} points"
    unknown = [f for f in run.findings if f.verdict is Verdict.UNDECIDED]
    if unknown and len(unknown) < len(run.findings):  # else it is the evidence itself
        why = textwrap.shorten(unknown[0].how, 200, placeholder=" …", break_long_words=True)
        yield f"undecided at {len(unknown)} of {len(run.findings)} points; at the first, {why}"
    if run.problem.example is not None and run.problem.example.reach == 0 and never_entered(run):
        yield never_entered(run)
    if run.stopped:
        yield f"the search ended after {len(run.findings)} points of {run.asked}: it may take {spent(run.budget)}"


def tried(run: Run, at_extremes: int) -> Tried:
    """What the check looked at; at_extremes: points with lost digits that are a note alone."""

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
        sum(f.certified for f in run.findings) if run.function is not None and run.function.proved else 0,
        shapes,
        tuple(dict.fromkeys(run.whys)),
        len(branches),
        never,
        at_extremes,
    )


def _set_aside(run: Run) -> Iterator[str]:
    """Whose derivative rules the truth does without."""
    if run.function is None or run.function.level != TRACED:
        return
    for record in run.function.traces.values():
        if record.set_aside:
            names = ", ".join(record.set_aside)
            rules = f"the rule of {names} is" if len(record.set_aside) == 1 else f"the rules of {names} are"
            yield f"the truth is the derivative of fn as it is coded: {rules} set aside"
            return


def _approximated(run: Run) -> Iterator[str]:
    """What torch approximates of fn."""
    names = getattr(run.function.lift, "approximated", ()) if run.function is not None else ()
    if names:
        yield (
            f"fn is itself an approximation: torch's {' and '.join(names)} is good to single precision; the truth is the "
            "derivative of what it approximates"
        )


def _digits_of_an_approximation(truth: Enclosure) -> Iterator[int]:
    """The digits to which the two derivatives of an approximation agree, where float64 tells them apart."""
    if not truth.between:
        return
    low, high = midpoints(truth.lower), midpoints(truth.upper)
    largest = np.max(np.abs(high), initial=0.0)
    apart = np.abs(high - low)[~truth.kink & np.isfinite(low) & np.isfinite(high)]
    if apart.size and np.max(apart) > 4 * np.finfo(np.float64).eps * largest:
        yield int(-np.log10(np.max(apart) / largest))


def _convention(got: float, low: float, high: float) -> str:
    """Which of the right answers at a kink is met."""
    near = 1e-6 * (high - low)
    for value, words in ((low, "the lower"), (high, "the upper"), ((low + high) / 2, "the mean")):
        if abs(got - value) <= near:
            return words
    return f"{got:g}, between the ends"
