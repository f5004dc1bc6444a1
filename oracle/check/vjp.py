"""`check_vjp`: vector–Jacobian products of functions with array output, as gradients of Σ c·fn(x) for any cotangent c."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from oracle.candidate.asking import CannotJudge
from oracle.candidate.guard import TIMEOUT, Guarded
from oracle.candidate.inward import products_inside
from oracle.candidate.jax_arrays import handed
from oracle.candidate.names import Called, called
from oracle.candidate.tensors import on_arrays
from oracle.check.accuracy import checked_accuracy, stated
from oracle.check.assumption import assume
from oracle.check.inside_domains import asked_inside, kinds_of, with_form
from oracle.check.judged import judged
from oracle.check.labels import LABELS, TARGETS
from oracle.check.leaf_problems import Question
from oracle.check.like import refuse_static
from oracle.check.listeners import heard
from oracle.check.merging import about_none
from oracle.check.products_by_example import vjp_by_example
from oracle.check.question import checked_seed, generator_of, make_problem
from oracle.check.report import Report
from oracle.check.reproduction import of_gradient
from oracle.check.run import EXAMPLES
from oracle.check.sizes import Lengths, Shapes
from oracle.check.vjp_as_gradient import Component, Declined, output_shape, weighted
from oracle.search.constants import signature_names
from oracle.search.cotangents import COTANGENT
from oracle.search.domains import Domain
from oracle.search.problem import Problem, Product

WHERE_NONE_IS_MEANT = " (argnums leaves out what needs none)"


@heard
def check_vjp(
    fn: Callable[..., Any],
    vjp: Callable[..., Any],
    domains: Sequence[Any] | None = None,
    *,
    seed: int = 0,
    argnums: Sequence[int] | None = None,
    name: str | None = None,
    lengths: Lengths | None = None,
    shapes: Shapes | None = None,
    examples: int = EXAMPLES,
    rng: np.random.Generator | int | None = None,
    database: Any = "default",
    timeout: float | None = TIMEOUT,
    extremes: bool = False,
    accuracy: float | None = None,
    like: Any = None,
    static: Any = (),
    arrays: str | None = None,
) -> Report:
    """Is vjp(*arrays, cotangent) the tuple of vector–Jacobian products of fn, one for each argument?

    Each argument (or those of `argnums`) is checked as the gradient of Σ c·fn(*arrays), at another cotangent c for each point: of
    several scales, with zeros, repeated entries, one-hot. The first report that is not `right` is returned, else the last.
    None for an argument says that its derivative is 0, and is wrong where it is not; for labels (of the domains one_hot and sign,
    or of a name such as y, E, target, mask) it declines, which the first lines say, unless `argnums` names them. What a strategy
    draws as integers is not differentiated. A vjp that changes its cotangent is wrong. seed: draws the points where no rng is
    given. The other options are those of `check_gradient`, the default of domains too. With `like` (example arguments) fn may
    return several arrays, in a tuple, list or dict; the cotangent then has that form, and each entry of what vjp returns that of
    its argument. static: arguments of the example, by name or number, that stay as they are though they hold numbers.
    Raises CannotJudge where vjp does not return a tuple with one entry for each argument.
    """
    checked_seed(seed)
    allowed = checked_accuracy(accuracy)
    title = name or called(vjp).title
    if like is not None and arrays is not None:
        raise CannotJudge("like and arrays are both given: the example says already whose arrays they are")
    vjp = handed(vjp, arrays)
    if like is not None:
        question = Question(domains, examples, rng, seed, database, timeout, extremes, accuracy=accuracy)
        return vjp_by_example(fn, vjp, like, argnums, title, question, lengths=lengths, shapes=shapes, static=static)
    refuse_static(static)
    kinds = kinds_of(domains)
    raw = vjp
    fn, vjp = on_arrays(asked_inside(fn, domains)), on_arrays(products_inside(vjp, kinds) if callable(vjp) else vjp)
    primal = make_problem(fn, vjp, domains, lengths, shapes, examples, rng, 0, timeout, besides=1)
    count, assumed = len(primal.domains), ""
    if domains is None:
        primal, assumed = assume(primal, range(count))
    report: Report | None = None
    notes: list[str] = []
    declined: list[str] = []
    names = signature_names(fn, count)
    for argnum in _differentiated(primal.domains, argnums, notes):
        may_decline = argnums is None and (primal.domains[argnum].kind in LABELS or names[argnum].lower() in TARGETS)
        component = Component(vjp, argnum, count, may_decline)
        problem = replace(_of_argument(primal, weighted(fn, count), component, timeout), accuracy=allowed)
        generator = generator_of(rng, seed)
        try:
            words = f"{title}, argument {argnum}"
            found = judged(problem, examples, generator, database, words, extremes=extremes, assumed=assumed)
        except Declined:
            declined.append(f"vjp gives None for argument {argnum}, {names[argnum]}, which is not judged")
            continue
        found = with_form(found, problem, _entry(raw, argnum), "")
        report = about_none(found, f"argument {argnum}", "vjp", WHERE_NONE_IS_MEANT) if component.gave_none else found
        if not report:
            break
    if report is None:
        raise CannotJudge("vjp gives None for every argument" if declined else "no argument is to be checked")
    shown = script(report, called(vjp, "vjp"))
    warnings = (*report.warnings, *declined)
    found = replace(report, warnings=warnings, notes=(*report.notes, *notes), reproduction=shown)
    return replace(found, asked=stated(accuracy))


def _entry(vjp: Callable[..., Any], argnum: int) -> Callable[..., Any]:
    """One entry of what vjp returns."""

    @functools.wraps(vjp)
    def entry(*arrays: Any) -> Any:
        return vjp(*arrays)[argnum]

    return entry


def _of_argument(primal: Problem, scalar: Callable[..., Any], component: Component, timeout: float | None) -> Problem:
    """The gradient of Σ c·fn by one argument, the cotangent c being the last of the others."""
    return Problem(
        Guarded(scalar, "fn", timeout),
        Guarded(component, "vjp", timeout),
        (*primal.domains, COTANGENT),
        component.argnum,
        product=Product(replace(primal, argnum=component.argnum), output_shape(primal.fn)),
    )


def _differentiated(domains: Sequence[Domain], argnums: Sequence[int] | None, notes: list[str]) -> list[int]:
    """The arguments that are asked for; without a word on it, all that are no integers."""
    if argnums is not None:
        return _checked(argnums, len(domains))
    by = [k for k, domain in enumerate(domains) if not _draws_integers(domain, k)]
    notes += [
        f"argument {k} holds integers, by which nothing is differentiated" for k in set(range(len(domains))) - {*by}
    ]
    return by


def _checked(argnums: Any, count: int) -> list[int]:
    if isinstance(argnums, int) and not isinstance(argnums, bool):
        argnums = (argnums,)
    good = isinstance(argnums, Sequence) and all(type(k) is int and 0 <= k < count for k in argnums)
    if not good:
        raise CannotJudge(
            f"argnums = {argnums!r}: there are {count} arguments, numbered from 0; give some of the numbers"
        )
    return list(argnums)


def _draws_integers(domain: Domain, number: int) -> bool:
    if domain.kind != "drawn":
        return False
    from oracle.search.strategy_points import draws

    return all(values[0].dtype.kind in "iub" for values in draws([domain.strategy], 1, 0, [number]))


def script(report: Report, vjp: Called) -> str:
    """What shows again what the report says, at its arguments and cotangent; nothing where there is no counterexample."""
    if report.counterexample is None:
        return ""
    argnum = int(report.name.rpartition(" ")[2])
    names, given = report.arguments, report.counterexample
    return of_gradient(vjp, given, names, report.component, report.complaint, entry=argnum)
