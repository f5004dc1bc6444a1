"""A gradient that is wrong on the assumed domains, and right where its other arguments often live: who is to say which is meant?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from oracle.candidate.asking import CannotJudge
from oracle.check.assumption import narrower
from oracle.check.budgets import for_diagnosis
from oracle.check.enough import ENOUGH
from oracle.check.report import Report
from oracle.check.run import Run
from oracle.check.searching import search
from oracle.judgement.verdict import Verdict
from oracle.search.problem import Problem

#: Points at which it is tried there.
POINTS = 40


def unless_right_elsewhere(report: Report, problem: Problem) -> Report:
    """The report; `undecided` in place of `wrong` where the gradient is right with labels, shares or positive weights."""
    if report.verdict is not Verdict.WRONG or report.complaint or problem.product is not None:
        return report
    for narrow, words in narrower(problem):
        run = Run(narrow, np.random.default_rng(0), None, report.name, budget=for_diagnosis())
        try:
            search(run, POINTS, until_wrong=True)
        except CannotJudge:
            continue
        verdicts = [finding.verdict for finding in run.findings]
        if Verdict.WRONG not in verdicts and verdicts.count(Verdict.RIGHT) >= ENOUGH:
            how = f"it is wrong as shown, and right with {words}: declare where its arguments live"
            return replace(report, verdict=Verdict.UNDECIDED, how=how)
    return report
