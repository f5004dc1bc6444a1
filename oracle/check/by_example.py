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
from oracle.candidate.inward import gradient_inside
from oracle.candidate.parameters import unlike, with_parameters
from oracle.check.conventions import meant, with_convention
from oracle.check.example_domains import example_domains
from oracle.check.example_script import gradient_script
from oracle.check.example_sizes import example_sizes
from oracle.check.inside_domains import convention_of, with_form
from oracle.check.leaf_problems import Question, Subject, judged_leaf, leaf_problem
from oracle.check.like import checked_argnums, example_arguments, is_wide
from oracle.check.merging import about_none, combined
from oracle.check.pairs import VALUE_AND_GRAD, entry
from oracle.check.report import Report
from oracle.judgement.verdict import Verdict
from oracle.search.problem import Problem


def gradient_by_example(
    fn: Callable[..., Any],
    grad: Callable[..., Any],
    like: Any,
    argnum: Any,
    title: str,
    asked: Question,
    lengths: Any = None,
    shapes: Any = None,
    static: Any = (),
) -> Report:
    """`check_gradient(…, like=…)`."""
    arguments = example_arguments(fn, like, lengths, shapes, static)
    if not callable(grad):
        raise CannotJudge(f"grad is of type {type(grad).__name__}: give a function")
    sizes = example_sizes(arguments, shapes, lengths)
    asked = replace(asked, domains=example_domains(arguments, asked.domains), sizes=sizes)
    argnums = checked_argnums(argnum, arguments)
    kinds = tuple(d.kind for d in asked.domains or ())
    function = function_of_leaves(fn, arguments, None, narrow=not is_wide(fn, arguments), kinds=kinds)
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

        def by(written: str, entry: GradientEntry = entry, k: int = k) -> Problem:
            own = gradient_inside(entry, kinds, k, written)
            return leaf_problem(subject, on_tensors(own, arguments), k, 0)[0]

        _, assumed = leaf_problem(subject, entry, k, 0)
        written = convention_of(kinds[k], by) if kinds else ""
        problem = by(written)
        found = judged_leaf(subject, problem, leaf, assumed)
        found = with_form(found, problem, on_tensors(entry, arguments), written)
        found = about_none(found, leaf.name, "grad") if entry.gave_none else found
        at = "" if isinstance(argnum, int) else f"[{argnums.index(leaf.argument)}]"
        reports.append(replace(found, reproduction=gradient_script(found, grad, arguments, leaf, at)))
        if found.verdict is Verdict.WRONG:
            break
    return with_convention(combined(reports, arguments), arguments, None, convention)


def pair_by_example(
    fn: Callable[..., Any],
    pair: Callable[..., Any],
    like: Any,
    argnum: Any,
    title: str,
    asked: Question,
    lengths: Any = None,
    shapes: Any = None,
    static: Any = (),
) -> Report:
    """`check_gradient(…, like=…, returns="value_and_grad")`: the gradient, and where that is right the value, as the derivative
    of c·fn by c."""
    arguments = example_arguments(fn, like, lengths, shapes, static)
    gradient = entry(pair, 1, VALUE_AND_GRAD)
    report = gradient_by_example(fn, gradient, like, argnum, title, asked, lengths, shapes, static)
    report = replace(report, reproduction="")  # a script would show the pair
    if not report:
        return report
    value, names = entry(pair, 0, VALUE_AND_GRAD), arguments.names
    held = tuple(k + 1 for k in range(len(names)) if not arguments.of((k,)) or _is_still(static, names, k))

    def times(c: Any, *args: Any) -> Any:
        return c * fn(*args)

    def of_times(c: Any, *args: Any) -> Any:
        return value(*args)

    for function in (times, of_times):
        with_parameters(function, (unlike(names, ("c", "times_c")), *names))
    one_more = None if shapes is None else ((), *shapes)
    found = gradient_by_example(
        times, of_times, (1.0, *arguments.args), 0, title, replace(asked, domains=None), lengths, one_more, held
    )
    if found.verdict is Verdict.RIGHT:
        note = f"the value beside it is that of fn, at {found.tried.right} points"
        return replace(report, notes=(*report.notes, note))
    said = "The value that grad returns is not fn's"
    diagnosis = (said, *found.diagnosis) if found.verdict is Verdict.WRONG else found.diagnosis
    shown = found.counterexample
    return replace(
        found,
        diagnosis=diagnosis,
        of="value",
        reproduction="",
        name=report.name,
        arguments=found.arguments[1:],
        domains=found.domains[1:],
        counterexample=None if shown is None else shown[1:],
    )


def _is_still(static: Any, names: tuple[str, ...], k: int) -> bool:
    given = static if isinstance(static, tuple | list) else (static,)
    return k in given or names[k] in given
