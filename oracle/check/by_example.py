"""`check_gradient`, `check_vjp` and `check_jvp` of functions of any arguments: one array in them after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from oracle.candidate.asking import CannotJudge
from oracle.candidate.by_leaves import (
    GradientEntry,
    TupleEntry,
    function_of_leaves,
    on_tensors,
    product_by_leaves,
    tangents_by_leaves,
)
from oracle.candidate.guard import TIMEOUT, Guarded
from oracle.candidate.leaves import CONVENTIONS, Arguments, Leaf
from oracle.candidate.outputs import Outputs
from oracle.check.accuracy import checked_accuracy, stated
from oracle.check.along_coordinates import along_coordinates
from oracle.check.assumption import assume
from oracle.check.example_script import entry_script, gradient_script, product_script, tangent_script
from oracle.check.judged import judged
from oracle.check.labels import LABELS, TARGETS
from oracle.check.like import checked_argnums, domains_beside, example_arguments, example_domains, is_wide, outputs_at
from oracle.check.merging import about_none, combined, in_words
from oracle.check.question import make_problem
from oracle.check.report import Report
from oracle.check.run import EXAMPLES
from oracle.check.vjp_as_gradient import Component, Declined, output_shape, weighted
from oracle.judgement.point import judge_point
from oracle.judgement.verdict import Verdict
from oracle.search.constants import signature_names
from oracle.search.cotangents import COTANGENT, ordinary
from oracle.search.problem import Example, Problem, Product
from oracle.witnesses.truth import prepare

#: So many arrays get the full number of points each; more of them share it, but for the fewest that say something.
FULL, FEWEST = 3, 24
#: So many times as large as the largest given number, or as 1, is still about as far out.
REACH = 4.0


@dataclass(frozen=True)
class Question:
    """What is asked besides the functions, as in `check_gradient`; reach: how far from the example digits decide
    (`search.problem.Example`), by default about as far out as it lies, where no domains are declared."""

    domains: Any = None  # of each array
    examples: int = EXAMPLES
    rng: Any = None
    seed: int = 0
    database: Any = "default"
    timeout: float | None = TIMEOUT
    extremes: bool = False
    reach: float | None = None
    accuracy: float | None = None

    def each(self, count: int) -> int:
        """The points of each of so many arrays."""
        return self.examples if count <= FULL else min(self.examples, max(FEWEST, FULL * self.examples // count))

    def reached(self) -> float | None:
        return REACH if self.reach is None and self.domains is None else self.reach

    def draws(self) -> np.random.Generator:
        return self.rng if self.rng is not None else np.random.default_rng(self.seed)


@dataclass(frozen=True, eq=False)
class Subject:
    """arguments: of fn, taken apart; fn: of the leaves, as one array; by: the numbers of the leaves that are differentiated;
    script: what shows again what a report on a leaf says; known: what is found out once for all of them."""

    arguments: Arguments
    fn: Callable[..., Any]
    by: tuple[int, ...]
    title: str
    asked: Question
    script: Callable[[Report, Leaf], str] = lambda report, leaf: ""
    known: dict[Any, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class EachAlone:
    """Products that cost as much for each leaf: of(k) returns that of leaf k, and None for the others."""

    of: Callable[[int], Callable[..., Any]]


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


def judged_leaf(subject: Subject, problem: Problem, leaf: Leaf, assumed: str) -> Report:
    asked = subject.asked
    found = judged(
        problem,
        asked.each(len(subject.by)),
        asked.draws(),
        asked.database,
        f"{subject.title}, by {leaf.name}",
        extremes=asked.extremes,
        assumed=assumed,
    )
    return replace(found, asked=stated(asked.accuracy))


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
) -> Report:
    """`check_vjp(…, like=…)`, and `check_jvp` where `vjp` is a forward rule, jvp(primals, tangents)."""
    arguments = example_arguments(fn, like, lengths, shapes)
    asked = replace(asked, domains=example_domains(arguments, asked.domains))
    outputs = outputs_at(fn, arguments)
    chosen = range(len(arguments.args)) if argnums is None else checked_argnums(tuple(argnums), arguments, "argnums")
    function = function_of_leaves(fn, arguments, outputs, narrow=not is_wide(fn, arguments))

    def script(report: Report, leaf: Leaf) -> str:
        write = tangent_script if forward else product_script
        return write(report, vjp, arguments, outputs, leaf)

    subject = Subject(arguments, function, tuple(arguments.of(chosen)), title, asked, script)

    def products_by(convention: str) -> Callable[..., Any]:
        if not forward:
            return product_by_leaves(vjp, arguments, outputs, convention)
        names = [leaf.name for leaf in arguments.leaves]
        return in_their_dtypes(along_coordinates(tangents_by_leaves(vjp, arguments, outputs), names), arguments)

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
    from oracle.candidate.leaves import numpy_dtype

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


def leaf_problem(subject: Subject, grad: Callable[..., Any], k: int, besides: int) -> tuple[Problem, str]:
    """The problem of one leaf, and what is assumed of its domains."""
    arguments, asked = subject.arguments, subject.asked
    examples = arguments.examples()
    shapes = tuple(a.shape for a in examples)
    domains, assumed = domains_beside(subject.fn, arguments, asked.domains, k, subject.known)
    problem = make_problem(
        subject.fn, grad, domains, None, None, asked.examples, asked.rng, k, asked.timeout, besides=besides
    )
    dtypes = tuple(leaf.dtype for leaf in arguments.leaves)
    example = Example(examples, dtypes, asked.reached())
    allowed = checked_accuracy(asked.accuracy)
    return replace(problem, shapes=shapes, example=example, accuracy=allowed), assumed


def product_problem(
    primal: Problem, scalar: Callable[..., Any], component: Component, outputs: Outputs, asked: Question
) -> Problem:
    """The gradient of Σ c·fn by one leaf."""
    assert primal.example is not None
    narrowest = min(outputs.dtypes, key=lambda name: ("bfloat16", "float16", "float32", "float64").index(name))
    return Problem(
        Guarded(scalar, "fn", asked.timeout),
        Guarded(component, "vjp", asked.timeout),
        (*primal.domains, COTANGENT),
        component.argnum,
        product=Product(primal, output_shape(primal.fn)),
        accuracy=primal.accuracy,
        example=replace(primal.example, dtypes=(*primal.example.dtypes, narrowest)),
    )


def is_label(leaf: Leaf, arguments: Arguments, primal: Problem) -> bool:
    """Whether a rule may give None for it: nobody differentiates a loss by what it is held against."""
    return primal.domains[primal.argnum].kind in LABELS or arguments.names[leaf.argument].lower() in TARGETS


def holds_complex(arguments: Arguments, outputs: Outputs | None) -> bool:
    """Whether there are complex numbers among the arrays."""
    return any(leaf.part for leaf in arguments.leaves) or (outputs is not None and "complex" in outputs.kinds)


def meant(arguments: Arguments, outputs: Outputs | None, problem_of: Callable[[int, str], Problem]) -> str:
    """The convention of gradients by complex numbers: that of the library whose arrays they are; of arrays of NumPy the one by
    which the gradient is right at the example, if it is by either."""
    libraries = {leaf.library for leaf in arguments.leaves} | ({outputs.library} if outputs is not None else set())
    own = next((c for c in CONVENTIONS if c in libraries), None)
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
