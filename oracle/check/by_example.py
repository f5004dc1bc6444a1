"""`check_gradient` of functions of any arguments: by one array in them after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from oracle.candidate.asking import CannotJudge
from oracle.candidate.by_leaves import (
    GradientEntry,
    TupleEntry,
    function_of_leaves,
    on_tensors,
)
from oracle.check.accuracy import checked_accuracy, stated
from oracle.check.assumption import assume
from oracle.check.conventions import meant, with_convention
from oracle.check.example_script import entry_script, gradient_script
from oracle.check.judged import judged
from oracle.check.leaf_problems import Question, Subject, judged_leaf, leaf_problem
from oracle.check.like import checked_argnums, example_arguments, example_domains, is_wide
from oracle.check.merging import about_none, combined
from oracle.check.question import make_problem
from oracle.check.report import Report
from oracle.judgement.verdict import Verdict
from oracle.search.constants import signature_names


def gradient_by_example(
    fn: Callable[..., Any],
    grad: Callable[..., Any],
    like: Any,
    argnum: Any,
    title: str,
    asked: Question,
    lengths: Any = None,
    shapes: Any = None,
) -> Report:
    """`check_gradient(…, like=…)`."""
    arguments = example_arguments(fn, like, lengths, shapes)
    if not callable(grad):
        raise CannotJudge(f"grad is of type {type(grad).__name__}: give a function")
    asked = replace(asked, domains=example_domains(arguments, asked.domains))
    argnums = checked_argnums(argnum, arguments)
    function = function_of_leaves(fn, arguments, None, narrow=not is_wide(fn, arguments))
    subject = Subject(arguments, function, tuple(arguments.of(argnums)), title, asked)

    def entry_of(k: int, convention: str) -> GradientEntry:
        leaf = arguments.leaves[k]
        at = () if isinstance(argnum, int) else (argnums.index(leaf.argument),)
        return GradientEntry(grad, arguments, leaf, (*at, *leaf.path), convention)

    convention = meant(
        arguments, None, lambda k, c: leaf_problem(subject, on_tensors(entry_of(k, c), arguments), k, 0)[0]
    )
    reports: list[Report] = []
    for k in subject.by:
        leaf, entry = arguments.leaves[k], entry_of(k, convention)
        problem, assumed = leaf_problem(subject, on_tensors(entry, arguments), k, 0)
        found = judged_leaf(subject, problem, leaf, assumed)
        found = about_none(found, leaf.name, "grad") if entry.gave_none else found
        at = "" if isinstance(argnum, int) else f"[{argnums.index(leaf.argument)}]"
        reports.append(replace(found, reproduction=gradient_script(found, grad, arguments, leaf, at)))
        if found.verdict is Verdict.WRONG:
            break
    return with_convention(combined(reports, arguments), arguments, None, convention)


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
    if not reports:
        raise CannotJudge(f"argnum = {argnums!r}: name at least one argument")
    return combined(reports)
