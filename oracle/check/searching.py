"""The search of a check: which points are tried, in which order, until when, and what is asked of all of them together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.candidate.asking import BITS
from oracle.check.budgets import for_conduct
from oracle.check.labels import LABELS
from oracle.check.order import in_order
from oracle.check.run import Run
from oracle.effort.budget import Exhausted, spending
from oracle.judgement.amplified import amplified
from oracle.judgement.bias import bias
from oracle.judgement.conduct import examine
from oracle.judgement.point import Finding
from oracle.judgement.verdict import Verdict
from oracle.search.branches import Coverage
from oracle.search.memory import recall
from oracle.search.points import points
from oracle.search.switch_points import switch_points
from oracle.witnesses.function import TRACED, Function

Array = NDArray[Any]

#: So many components compared, at as many points, end a search: of a gradient of thousands each point shows as much as many do.
MOST_COMPONENTS, ENOUGH_POINTS = 160_000, 8
#: Points judged after the first wrong one, for the diagnosis to fit.
EVIDENCE = 30


def search(run: Run, examples: int, *, until_wrong: bool = False) -> None:
    """Judges the points: those that failed before, those of the plan, those at the switches of branches. until_wrong: no more of
    them than shows that it is wrong, where else some more are evidence of what is."""
    run.asked = examples
    try:
        with spending(run.budget):
            run.searching = True
            _try_points(run, examples, until_wrong)
    except Exhausted:
        run.stopped = True
    run.searching = False
    if run.wrong() is None:
        _look_at_all_of_them(run)
    if run.wrong() is None and run.function is not None:
        _examine_conduct(run, run.function)


def _try_points(run: Run, examples: int, until_wrong: bool) -> None:
    planned = points(run.problem, run.rng, examples)
    for args in recall(run.problem, run.database):
        run.try_at(args, "failed before")
    left: int | None = None
    for point in in_order(planned, run.budget):
        run.try_at(point.args, point.why)
        if until_wrong and run.wrong() is not None:
            return
        if left is None and run.wrong() is not None:
            left = EVIDENCE if _components(run) < MOST_COMPONENTS // EVIDENCE else MOST_COMPONENTS // _components(run)
        if left is not None:
            left -= 1
            if left <= 0:
                return
        if run.function is not None and run.function.changing:
            return
        if left is None and _has_enough(run):
            break
    if left is None and run.function is not None and run.function.level == TRACED:
        run.coverage = Coverage(run.problem)
        for finding in run.findings:
            if run.function.at(finding.args) is run.function:
                run.coverage.see(finding.args, run.function.traced(finding.args).value)
        for point in switch_points(run.coverage):
            run.try_at(point.args, point.why)


def _components(run: Run) -> int:
    """Of the gradient, at the last point."""
    assert run.function is not None
    return max(1, run.findings[-1].args[run.function.argnum].size) if run.findings else 1


def _has_enough(run: Run) -> bool:
    """Whether so many components were compared, at several points, that more points would only take time."""
    compared = [f for f in run.findings if f.truth is not None and f.verdict is not Verdict.UNDECIDED]
    return (
        len(compared) >= ENOUGH_POINTS and sum(f.error.size for f in compared if f.error is not None) >= MOST_COMPONENTS
    )


def _look_at_all_of_them(run: Run) -> None:
    """What no point shows by itself: an error of one sign throughout, of a gradient in few bits."""
    dtype = (run.arithmetic.dtype if run.arithmetic is not None else None) or run.bits
    if dtype == "float64":
        return
    voting = [
        (k, f)
        for k, f in enumerate(run.findings)
        if f.got is not None and f.truth is not None and f.allowed is not None
        if not f.truth.kink.any() and run.decides(f.args)
    ]
    if run.function is None:
        return
    function, bits = run.function, BITS[dtype]
    answers = [_answer(f) for _, f in voting]
    found = bias(answers, dtype, lambda n: amplified(function, voting[n][1].args, bits))
    if found is not None:
        k, worst = voting[found.largest]
        where = np.unravel_index(found.component, worst.args[function.argnum].shape)
        run.findings[k] = replace(worst, verdict=Verdict.WRONG, component=tuple(int(i) for i in where), how=str(found))


def _examine_conduct(run: Run, function: Function) -> None:
    """What is right so far is asked in other guises: it may fail there by its conduct alone."""
    labels = [n for n, d in enumerate(run.problem.domains) if d.kind in LABELS and n != run.problem.argnum]
    try:
        with spending(for_conduct()):
            conduct = examine(function, run.problem.grad, run.findings, labels)
    except Exhausted:
        return
    run.notes += conduct.notes
    run.warnings += conduct.warnings
    run.in_guise = conduct.wrong
    if conduct.wrong is not None:
        run.findings.append(conduct.wrong)
        run.whys.append("right points asked in another guise")


def _answer(found: Finding) -> tuple[Array, Array, Array]:
    """What was got, what was expected, and what rounding may cost."""
    assert found.got is not None
    assert found.truth is not None
    assert found.allowed is not None
    return found.got.astype(np.float64), found.truth.midpoint(), found.allowed
