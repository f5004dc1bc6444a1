"""`check_gradient` by several arguments, whose gradients come in a tuple: by one of them after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from oracle.candidate.asking import CannotJudge
from oracle.candidate.by_leaves import TupleEntry
from oracle.candidate.inward import gradient_inside
from oracle.check.accuracy import checked_accuracy, stated
from oracle.check.assumption import assume
from oracle.check.example_script import entry_script
from oracle.check.inside_domains import asked_inside, convention_of, kinds_of, with_form
from oracle.check.judged import judged
from oracle.check.leaf_problems import Question
from oracle.check.merging import combined
from oracle.check.question import make_problem
from oracle.check.report import Report
from oracle.judgement.verdict import Verdict
from oracle.search.constants import signature_names
from oracle.search.problem import Problem


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
    kinds, inner = kinds_of(asked.domains), asked_inside(fn, asked.domains)
    reports = []
    for position, argnum in enumerate(argnums):
        entry = TupleEntry(grad, position, len(argnums))

        def by(convention: str, entry: TupleEntry = entry, argnum: Any = argnum) -> Problem:
            own = gradient_inside(entry, kinds, argnum, convention) if isinstance(argnum, int) else entry
            return make_problem(
                inner, own, asked.domains, lengths, shapes, asked.examples, asked.rng, argnum, asked.timeout
            )

        problem, assumed, convention = by(""), "", ""
        if asked.domains is None:
            problem, assumed = assume(problem, (argnum,))
        else:
            convention = convention_of(problem.domains[argnum].kind, by)
            problem = by(convention) if convention else problem
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
        found = with_form(found, problem, entry, convention)
        reports.append(replace(found, asked=stated(asked.accuracy), reproduction=entry_script(found, grad, position)))
        if found.verdict is Verdict.WRONG:
            break
    return combined(reports)
