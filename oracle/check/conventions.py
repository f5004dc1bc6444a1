"""By which convention gradients by complex numbers are written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from oracle.candidate.asking import CannotJudge
from oracle.candidate.leaves import CONVENTIONS, Arguments
from oracle.candidate.outputs import Outputs
from oracle.check.merging import in_words
from oracle.check.report import Report
from oracle.judgement.point import judge_point
from oracle.judgement.verdict import Verdict
from oracle.search.cotangents import ordinary
from oracle.search.problem import Problem
from oracle.witnesses.prepare import prepare


def holds_complex(arguments: Arguments, outputs: Outputs | None) -> bool:
    """Whether there are complex numbers among the arrays."""
    return any(leaf.part for leaf in arguments.leaves) or (outputs is not None and "complex" in outputs.kinds)


def meant(arguments: Arguments, outputs: Outputs | None, problem_of: Callable[[int, str], Problem]) -> str:
    """The convention of gradients by complex numbers: that of the framework whose arrays they are; of arrays of NumPy the one by
    which the gradient is right at the example, if it is by either."""
    frameworks = {leaf.framework for leaf in arguments.leaves} | ({outputs.framework} if outputs is not None else set())
    own = next((c for c in CONVENTIONS if c in frameworks), None)
    if own is not None or not holds_complex(arguments, outputs):
        return own or "torch"
    telling = [k for k, leaf in enumerate(arguments.leaves) if leaf.part == "imag"] or [0]
    return next((c for c in CONVENTIONS if all(_is_right(problem_of(k, c)) for k in telling)), "torch")


def _is_right(problem: Problem) -> bool:
    assert problem.example is not None
    args = problem.example.args
    if problem.product is not None:
        args = (*args, ordinary(problem.product.shape(args), np.random.default_rng(0)))
    try:
        with np.errstate(all="ignore"):
            function = prepare(problem.fn, args, problem.argnum, [d.bounds for d in problem.domains])
            return judge_point(function, problem.grad, args, tells=False).verdict is Verdict.RIGHT
    except CannotJudge:
        return False


def with_convention(report: Report, arguments: Arguments, outputs: Outputs | None, convention: str) -> Report:
    """The report, with a note on how gradients by complex numbers are written."""
    if not holds_complex(arguments, outputs):
        return report
    return replace(report, notes=(*report.notes, in_words(convention)))
