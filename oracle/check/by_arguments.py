"""`check_gradient` by several arguments, whose gradients come in a tuple: by one of them after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from oracle.candidate.asking import CannotJudge
from oracle.candidate.by_leaves import TupleEntry
from oracle.check.accuracy import checked_accuracy, stated
from oracle.check.assumption import assume
from oracle.check.example_script import entry_script
from oracle.check.judged import judged
from oracle.check.leaf_problems import Question
from oracle.check.merging import combined
from oracle.check.question import make_problem
from oracle.check.report import Report
from oracle.judgement.verdict import Verdict
from oracle.search.constants import signature_names


def gradients_by_arguments(
    fn: Callable[..., Any],
    grad: Callable[..., Any],
    argnums: Any,
    title: str,
    asked: Question,
    lengths: Any = None,
    shapes: Any = None,
) -> Report:
    """`check_gradient(…, argnum=(0, 2))`: grad returns the gradients by these arguments, in that order."""
    if not argnums or len(dict.fromkeys(map(repr, argnums))) < len(argnums):
        raise CannotJudge(f"argnum = {argnums!r}: name at least one argument, and each of them once")
    if not callable(grad):
        raise CannotJudge(f"grad is of type {type(grad).__name__}: give a function")
    reports = []
    for position, argnum in enumerate(argnums):
        entry = TupleEntry(grad, position, len(argnums))
        problem = make_problem(
            fn, entry, asked.domains, lengths, shapes, asked.examples, asked.rng, argnum, asked.timeout
        )
        assumed = ""
        if asked.domains is None:
            problem, assumed = assume(problem, (argnum,))
        problem = replace(problem, accuracy=checked_accuracy(asked.accuracy))
        names = signature_names(problem.fn, len(problem.domains))
        found = judged(
            problem,
            asked.each(len(argnums)),
            asked.draws(),
            asked.database,
            f"{title}, by {names[argnum]}",
            extremes=asked.extremes,
            assumed=assumed,
        )
        reports.append(replace(found, asked=stated(asked.accuracy), reproduction=entry_script(found, grad, position)))
        if found.verdict is Verdict.WRONG:
            break
    return combined(reports)
