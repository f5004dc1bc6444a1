"""`check_vjp` and `check_jvp` of functions of any arguments: one array in them after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from oracle.candidate.asking import CannotJudge
from oracle.candidate.by_leaves import (
    function_of_leaves,
    product_by_leaves,
    tangents_by_leaves,
)
from oracle.candidate.leaves import Arguments, Leaf
from oracle.candidate.outputs import Outputs
from oracle.check.along_coordinates import along_coordinates
from oracle.check.conventions import meant, with_convention
from oracle.check.example_domains import example_domains
from oracle.check.example_script import product_script, tangent_script
from oracle.check.labels import LABELS, TARGETS
from oracle.check.leaf_problems import Question, Subject, judged_leaf, leaf_problem, product_problem
from oracle.check.like import checked_argnums, example_arguments, is_wide, outputs_at
from oracle.check.merging import about_none, combined
from oracle.check.question import checked_seed
from oracle.check.report import Report
from oracle.check.vjp_as_gradient import Component, Declined, weighted
from oracle.judgement.verdict import Verdict
from oracle.search.problem import Problem


@dataclass(frozen=True)
class EachAlone:
    """Products that cost as much for each leaf: of(k) returns that of leaf k, and None for the others."""

    of: Callable[[int], Callable[..., Any]]


def vjp_by_example(
    fn: Callable[..., Any],
    vjp: Callable[..., Any],
    like: Any,
    argnums: Any,
    title: str,
    asked: Question,
    *,
    forward: bool = False,
    lengths: Any = None,
    shapes: Any = None,
    static: Any = (),
) -> Report:
    """`check_vjp(…, like=…)`, and `check_jvp` where `vjp` is a forward rule, jvp(primals, tangents)."""
    if shapes is not None:
        raise CannotJudge("like and shapes are both given: the form of what fn returns is the example's, and fixed")
    arguments = example_arguments(fn, like, lengths, shapes, static)
    if not callable(vjp):
        raise CannotJudge(f"vjp is of type {type(vjp).__name__}: give a function")
    checked_seed(asked.seed)
    asked = replace(asked, domains=example_domains(arguments, asked.domains))
    outputs = outputs_at(fn, arguments)
    chosen = range(len(arguments.args)) if argnums is None else checked_argnums(argnums, arguments, "argnums")
    kinds = tuple(d.kind for d in asked.domains or ())
    function = function_of_leaves(fn, arguments, outputs, narrow=not is_wide(fn, arguments), kinds=kinds)

    def script(report: Report, leaf: Leaf) -> str:
        write = tangent_script if forward else product_script
        return write(report, vjp, arguments, outputs, leaf)

    subject = Subject(arguments, function, tuple(arguments.of(chosen)), title, asked, script)

    def products_by(convention: str) -> Callable[..., Any]:
        if not forward:
            return product_by_leaves(vjp, arguments, outputs, convention, kinds)
        return in_their_dtypes(along_coordinates(tangents_by_leaves(vjp, arguments, outputs, kinds)), arguments)

    def problem_of(k: int, convention: str) -> Problem:
        products = products_by(convention)
        component = Component(products, k, len(arguments.leaves))
        primal, _ = leaf_problem(subject, products, k, 1)
        return product_problem(primal, weighted(function, len(arguments.leaves)), component, outputs, asked)

    convention = "torch" if forward else meant(arguments, outputs, problem_of)
    found = judged_products(subject, products_by(convention), outputs, may_decline=argnums is None)
    return found if forward else with_convention(found, arguments, outputs, convention)


def in_their_dtypes(products: Callable[..., Any], arguments: Arguments) -> Callable[..., Any]:
    """Products, each in the dtype of its leaf: summed up in float64 they hold no more digits."""
    from oracle.candidate.arrays_of_frameworks import numpy_dtype

    def narrowed(*arrays: Any) -> tuple[Any, ...]:
        return tuple(
            p.astype(numpy_dtype(leaf.dtype)) if isinstance(p, np.ndarray) and p.dtype.kind == "f" else p
            for leaf, p in zip(arguments.leaves, products(*arrays), strict=True)
        )

    narrowed.__name__ = getattr(products, "__name__", "vjp")
    narrowed.leaf_names = (*(leaf.name for leaf in arguments.leaves), "cotangent")  # type: ignore[attr-defined]
    return narrowed


def judged_products(
    subject: Subject, of_all: Callable[..., Any] | EachAlone, outputs: Outputs, *, may_decline: bool = False
) -> Report:
    """The report on products(*leaves, cotangent) → one array for each leaf."""
    arguments, asked = subject.arguments, subject.asked
    reports: list[Report] = []
    declined: list[str] = []
    for k in subject.by:
        leaf = arguments.leaves[k]
        products = of_all.of(k) if isinstance(of_all, EachAlone) else of_all
        primal, assumed = leaf_problem(subject, products, k, 1)
        component = Component(products, k, len(arguments.leaves), may_decline and is_label(leaf, arguments, primal))
        problem = product_problem(primal, weighted(subject.fn, len(arguments.leaves)), component, outputs, asked)
        try:
            found = judged_leaf(subject, problem, leaf, assumed)
        except Declined:
            declined.append(f"vjp gives None for {leaf.name}, which is not judged")
            continue
        found = about_none(found, leaf.name, "vjp") if component.gave_none else found
        reports.append(replace(found, reproduction=subject.script(found, leaf)))
        if found.verdict is Verdict.WRONG:
            break
    if not reports:
        raise CannotJudge("vjp gives None for every argument" if declined else "no argument is to be checked")
    found = combined(reports, arguments)
    return replace(found, warnings=(*found.warnings, *declined))


def is_label(leaf: Leaf, arguments: Arguments, primal: Problem) -> bool:
    """Whether a rule may give None for it: nobody differentiates a loss by what it is held against."""
    return primal.domains[primal.argnum].kind in LABELS or arguments.names[leaf.argument].lower() in TARGETS
