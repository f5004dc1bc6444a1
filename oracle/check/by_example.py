"""`check_gradient` of functions of any arguments: by one array in them after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from oracle.candidate.asking import CannotJudge
from oracle.candidate.by_leaves import (
    GradientEntry,
    function_of_leaves,
    on_tensors,
)
from oracle.check.conventions import meant, with_convention
from oracle.check.example_domains import example_domains
from oracle.check.example_script import gradient_script
from oracle.check.leaf_problems import Question, Subject, judged_leaf, leaf_problem
from oracle.check.like import checked_argnums, example_arguments, is_wide
from oracle.check.merging import about_none, combined
from oracle.check.report import Report
from oracle.judgement.verdict import Verdict


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
