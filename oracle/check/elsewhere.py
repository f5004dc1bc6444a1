"""A gradient that is wrong on what was assumed, and right where its arguments often live: who is to say which is meant?

Other arguments may be labels, shares or weights where real numbers were assumed; one may be a matrix where all were assumed to
be vectors of one length; and fn may be of so many numbers, x₀/x₁·x₂, whatever else stands behind them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np

from oracle.candidate.asking import CannotJudge
from oracle.check.assumption import narrower
from oracle.check.budgets import for_diagnosis
from oracle.check.enough import ENOUGH
from oracle.check.report import Report
from oracle.check.run import Run
from oracle.check.searching import search
from oracle.judgement.verdict import Verdict
from oracle.search.constants import signature_names
from oracle.search.points import ordinary_points
from oracle.search.problem import Problem

#: Points at which it is tried there.
POINTS = 90
#: The matrix that one argument may be; vectors beside it have the length of either side.
MATRIX = (3, 4)
#: A vector is longer than fn reads by so many entries.
BEHIND = 2
#: So many arguments are tried as matrices and vectors of either length.
MOST_ARGUMENTS = 5


def unless_right_elsewhere(report: Report, problem: Problem) -> Report:
    """The report; `undecided` in place of `wrong` where the gradient is right with labels, shares or positive weights, with a
    matrix, or at the one length that fn is of."""
    if report.verdict is not Verdict.WRONG or problem.product is not None:
        return report
    for other, words in _elsewhere(report, problem):
        if _is_right(other, report.name):
            how = f"it is wrong as shown, and right with {words}"
            return replace(report, verdict=Verdict.UNDECIDED, how=how)
    return report


def _elsewhere(report: Report, problem: Problem) -> Iterator[tuple[Problem, str]]:
    if not report.complaint:
        for narrow, words in narrower(problem):
            yield narrow, f"{words}: declare where its arguments live"
    elif (length := _only_length(report, problem)) is not None:
        yield (
            replace(problem, lengths=(length, length)),
            f"{length} entries, and fn reads no more of them: declare lengths=({length}, {length})",
        )
    for other in _with_a_matrix(problem):
        assert other.shapes is not None
        names = signature_names(problem.fn, len(other.shapes))
        shaped = ", ".join(f"{name} of shape {shape}" for name, shape in zip(names, other.shapes, strict=True))
        yield other, f"{shaped}: declare their shapes, what was tried are vectors of one length"


def _only_length(report: Report, problem: Problem) -> int | None:
    """How many entries the answer has that is no gradient of a longer vector, where fn reads no others."""
    if not problem.of_vectors or problem.lengths is not None or report.counterexample is None:
        return None
    try:
        shape = np.shape(problem.grad(*(a.copy() for a in report.counterexample)))
        if len(shape) != 1 or not shape[0]:
            return None
        longer = replace(problem, lengths=(shape[0] + BEHIND, shape[0] + BEHIND))
        args = next(iter(ordinary_points(longer, 1)))
        moved = [np.append(a[: shape[0]], -2.5 * a[shape[0] :] - 0.75) for a in args]
        values = [float(np.asarray(problem.fn(*(a.copy() for a in given)))) for given in (args, moved)]
    except Exception:  # of any kind: these are no lengths of its arguments
        return None
    return shape[0] if values[0] == values[1] else None


def _with_a_matrix(problem: Problem) -> Iterator[Problem]:
    """The problem with one argument a matrix, as far as fn has a number there and the gradient its shape."""
    count = len(problem.domains)
    if not problem.of_vectors or problem.lengths is not None or not 1 < count <= MOST_ARGUMENTS:
        return
    vectors = [(length,) for length in MATRIX]
    for at in range(count):
        for rest in product(vectors, repeat=count - 1):
            shapes = (*rest[:at], MATRIX, *rest[at:])
            other = replace(problem, shapes=shapes)
            if _fits(other):
                yield other


def _fits(problem: Problem) -> bool:
    args = next(iter(ordinary_points(problem, 1)))
    try:
        value = np.asarray(problem.fn(*(a.copy() for a in args)), dtype=np.float64)
        found = np.asarray(problem.grad(*(a.copy() for a in args)))
    except Exception:  # of any kind: these are no shapes of its arguments
        return False
    return value.shape == () and found.shape == args[problem.argnum].shape


def _is_right(problem: Problem, name: str) -> bool:
    run = Run(problem, np.random.default_rng(0), None, name, budget=for_diagnosis())
    try:
        search(run, POINTS, until_wrong=True)
    except CannotJudge:
        return False
    verdicts = [finding.verdict for finding in run.findings]
    return Verdict.WRONG not in verdicts and verdicts.count(Verdict.RIGHT) >= ENOUGH
