"""What is wrong with a Hessian, shown at one entry (i, j) rather than in a product with a direction."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.candidate.asking import CannotJudge
from oracle.candidate.guard import Stopped
from oracle.check.budgets import for_shrinking
from oracle.check.report import Report
from oracle.check.second_order import Second, without_the_last
from oracle.diagnosis.hessians import kind_of
from oracle.effort.budget import Exhausted, spending
from oracle.judgement.point import Finding, judge_point
from oracle.search.points import ordinary_points
from oracle.witnesses.function import Function
from oracle.witnesses.prepare import prepare

Array = NDArray[Any]

#: Entries of the differentiated argument up to which its columns are asked for.
MOST_COLUMNS = 40
#: Points whose Hessians are looked at for a pattern, besides the counterexample, and the entries of the argument there at most.
POINTS, SMALL = 3, 9
NONE_FITS = "No known pattern of mistakes fits all the points"


def at_an_entry(question: Second, report: Report) -> Report:
    """The report at the entry that is off by most, the pattern of the whole as diagnosis; itself where no column fails alone."""
    without = without_the_last(report)
    if report.counterexample is None:
        return without
    if report.complaint:
        return replace(without, of="Hessian")
    *args, direction = report.counterexample
    if report.component is None or direction.size > MOST_COLUMNS:
        return report
    function = _function(question, report.counterexample)
    with np.errstate(all="ignore"):
        try:
            with spending(for_shrinking()):
                columns = _columns(question, function, tuple(args), direction.shape)
        except (Exhausted, CannotJudge, Stopped, Undecidable, UnsupportedPrimitive):
            return report
    failing = [f for f in columns if f.verdict is report.verdict and f.component is not None and f.got is not None]
    if not failing:
        return report
    worst = max(failing, key=_excess)
    assert worst.component is not None
    assert worst.got is not None
    assert worst.truth is not None
    column = tuple(int(k) for k in np.argwhere(worst.args[-1])[0]) if direction.shape else ()
    pattern = _pattern(question, columns)
    return replace(
        without,
        of="Hessian",
        component=(*worst.component, *column),
        expected=float(worst.truth.midpoint()[worst.component]),
        got=float(worst.got[worst.component]),
        how=worst.how,
        diagnosis=(pattern or NONE_FITS,),
    )


def _function(question: Second, args: tuple[Array, ...]) -> Function:
    problem = question.problem
    function = prepare(problem.fn, args, problem.argnum, [d.bounds for d in problem.domains])
    function.of_product, function.accuracy = True, problem.accuracy
    return function


def _columns(question: Second, function: Function, args: tuple[Array, ...], shape: tuple[int, ...]) -> list[Finding]:
    """The Hessian times each unit direction."""
    found = []
    for k in range(int(np.prod(shape))):
        unit = np.zeros(shape)
        unit.flat[k] = 1.0
        found.append(judge_point(function, question.problem.grad, (*args, unit)))
    return found


def _excess(finding: Finding) -> float:
    """By how much of the largest entry of its column the worst entry is off."""
    assert finding.component is not None
    assert finding.got is not None
    assert finding.truth is not None
    off = abs(float(finding.got[finding.component]) - float(finding.truth.midpoint()[finding.component]))
    return off if np.isfinite(off) else np.inf


def _pattern(question: Second, columns: list[Finding]) -> str | None:
    """What the whole matrix is, beside what it should be, at this point and at ordinary ones."""
    pairs = [*_matrices(columns)]
    given = (
        args for args in ordinary_points(question.primal, 8 * POINTS) if args[question.problem.argnum].size <= SMALL
    )
    for args in islice(given, POINTS):
        try:
            with spending(for_shrinking()):
                shape = args[question.problem.argnum].shape
                function = _function(question, (*args, np.ones(shape)))
                pairs += _matrices(_columns(question, function, args, shape))
        except (Exhausted, CannotJudge, Stopped, Undecidable, UnsupportedPrimitive):
            continue
    return kind_of(pairs)


def _matrices(columns: list[Finding]) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """What was got and what is true, as matrices; nothing where a column has no truth."""
    if any(f.got is None or f.truth is None or f.truth.kink.any() for f in columns):
        return []
    got = np.column_stack([np.asarray(f.got, dtype=np.float64).ravel() for f in columns])
    return [(got, np.column_stack([f.truth.midpoint().ravel() for f in columns if f.truth is not None]))]
