"""`check_gradient(…, like=…, returns="grad_and_hess")`: the gradient, then the diagonal of the Hessian, by each array."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from oracle.candidate.by_leaves import GradientEntry, function_of_leaves, on_tensors
from oracle.check.by_example import gradient_by_example
from oracle.check.example_domains import domains_beside, example_domains
from oracle.check.hessian import of_diagonal
from oracle.check.leaf_problems import Question
from oracle.check.like import checked_argnums, example_arguments, is_wide
from oracle.check.merging import combined
from oracle.check.pairs import GRAD_AND_HESS, entry
from oracle.check.report import Report
from oracle.check.second_order import Asked
from oracle.judgement.verdict import Verdict
from oracle.search.problem import Example


def grad_and_hess_by_example(
    fn: Callable[..., Any],
    pair: Callable[..., Any],
    like: Any,
    argnum: Any,
    title: str,
    asked: Question,
    at_least: bool,
    lengths: Any = None,
    shapes: Any = None,
    static: Any = (),
) -> Report:
    """Each entry of the pair has the form of the argument, or of the arguments that `argnum` names, in a tuple."""
    gradient = entry(pair, 0, GRAD_AND_HESS)
    report = gradient_by_example(fn, gradient, like, argnum, title, asked, lengths, shapes, static)
    report = replace(report, reproduction="")  # a script would show the pair
    if not report:
        return report
    arguments = example_arguments(fn, like, static=static)
    said, argnums = example_domains(arguments, asked.domains), checked_argnums(argnum, arguments)
    known: dict[Any, Any] = {}
    function = function_of_leaves(fn, arguments, None, narrow=not is_wide(fn, arguments))
    examples = arguments.examples()
    dtypes = tuple(leaf.dtype for leaf in arguments.leaves)
    chosen = arguments.of(argnums)
    reports: list[Report] = []
    for k in chosen:
        leaf = arguments.leaves[k]
        at = () if isinstance(argnum, int) else (argnums.index(leaf.argument),)
        hess = GradientEntry(entry(pair, 1, GRAD_AND_HESS), arguments, leaf, (*at, *leaf.path), "torch")
        domains, assumed = domains_beside(function, arguments, said, k, known)
        question = Asked(
            domains,
            shapes=tuple(a.shape for a in examples),
            examples=asked.each(len(chosen)),
            rng=asked.draws(),
            argnum=k,
            extremes=asked.extremes,
            database=asked.database,
            timeout=asked.timeout,
            accuracy=asked.accuracy,
            example=Example(examples, dtypes, asked.reached()),
        )
        found = of_diagonal(function, on_tensors(hess, arguments), question, f"{title}, by {leaf.name}", at_least)
        reports.append(replace(found, assumed=assumed, reproduction=""))
        if found.verdict is Verdict.WRONG:
            break
    second = combined(reports, arguments)
    if second.verdict is Verdict.RIGHT:
        said_of_it = f"the Hessian's diagonal is right as well, at {second.tried.right} points"
        return replace(report, notes=(*report.notes, said_of_it, *second.notes))
    return replace(second, notes=("its gradient is right", *second.notes))
