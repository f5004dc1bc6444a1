"""`check_hessian` and `check_hvp`: second derivatives, judged as the gradient of a slope of fn."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.candidate.asking import CannotJudge
from oracle.candidate.guard import TIMEOUT
from oracle.candidate.names import called
from oracle.candidate.parameters import with_parameters
from oracle.check.accuracy import stated
from oracle.check.assumption import number_of_arguments
from oracle.check.contraction import contracted
from oracle.check.hessian_entry import at_an_entry
from oracle.check.listeners import heard
from oracle.check.report import Report
from oracle.check.reproduction import of_gradient
from oracle.check.run import EXAMPLES
from oracle.check.second_order import Asked, report_on, second, without_the_last
from oracle.check.sizes import Lengths, Shapes, have_names
from oracle.check.slopes import unless_no_slope
from oracle.search.constants import signature_names
from oracle.witnesses.slope_along import AGAIN

Array = NDArray[Any]

#: A diagonal takes as many slopes as it has entries, each of all entries.
LENGTHS_OF_DIAGONALS = (1, 33)
#: Axes that shapes name, whose product is a side of a Hessian.
LENGTHS_OF_NAMES = (1, 65)
UPPER_BOUND = "It is nowhere below the second derivative: if it is meant as an upper bound, say so (hess_at_least=True)"


@heard
def check_hessian(
    fn: Callable[..., Any],
    hess: Callable[..., Any],
    domains: Sequence[Any] | None = None,
    *,
    diagonal: bool = False,
    hess_at_least: bool = False,
    lengths: Lengths | None = None,
    shapes: Shapes | None = None,
    examples: int = EXAMPLES,
    rng: np.random.Generator | int | None = None,
    argnum: int = 0,
    extremes: bool = False,
    database: Any = "default",
    timeout: float | None = TIMEOUT,
    accuracy: float | None = None,
    name: str | None = None,
) -> Report:
    """Is hess(*arrays) the Hessian ∂²fn/∂x∂x of fn(*arrays) by x, argument `argnum`?

    hess returns an array of the shape of x twice over: (n, n) for a vector, H[i, j] = ∂²fn/∂x_i∂x_j; a SciPy sparse matrix is
    taken as well. diagonal: it returns the diagonal ∂²fn/∂x_i² alone, in the shape of x; hess_at_least: and is right where it
    is larger, as the floored Hessians of boosters are. fn: traceable by JAX, or code of NumPy or torch that can be enclosed; no
    function that runs on floats alone. The other options are those of `check_gradient`; a diagonal without lengths or shapes
    has 1 to 33 entries; axes that shapes name have 1 to 33, of a whole Hessian to 65. Where fn has no first derivative there is
    no second one, and such points are left open. The truth: the gradient in balls of v·∇fn for directions v of many kinds; what
    is wrong is then shown at one entry (i, j).
    Raises CannotJudge.
    """
    _refuse_options(hess, diagonal, hess_at_least)
    named = have_names(shapes)
    if lengths is None and (named or (diagonal and shapes is None)):
        lengths = LENGTHS_OF_DIAGONALS if diagonal else LENGTHS_OF_NAMES
    asked = Asked(domains, lengths, shapes, examples, rng, argnum, extremes, database, timeout, accuracy)
    title = name or called(hess).title
    found = of_diagonal(fn, hess, asked, title, hess_at_least) if diagonal else _of_whole(fn, hess, asked, title)
    return replace(found, asked=stated(accuracy))


@heard
def check_hvp(
    fn: Callable[..., Any],
    hvp: Callable[..., Any],
    domains: Sequence[Any] | None = None,
    *,
    lengths: Lengths | None = None,
    shapes: Shapes | None = None,
    examples: int = EXAMPLES,
    rng: np.random.Generator | int | None = None,
    argnum: int = 0,
    extremes: bool = False,
    database: Any = "default",
    timeout: float | None = TIMEOUT,
    accuracy: float | None = None,
    name: str | None = None,
) -> Report:
    """Is hvp(*arrays, direction) the product of the Hessian of fn by argument `argnum` with the direction?

    The direction comes last, and has the shape of that argument, as the product has: (H v)_i = Σ_j ∂²fn/∂x_i∂x_j v_j. Directions
    are of several scales, with zeros, one-hot, zero. The options are those of `check_gradient`; fn is one that
    `check_hessian` takes.
    Raises CannotJudge.
    """
    if not callable(hvp):
        raise CannotJudge(f"hvp is of type {type(hvp).__name__}: give a function of the arrays and a direction")
    asked = Asked(domains, lengths, shapes, examples, rng, argnum, extremes, database, timeout, accuracy)
    question = second(fn, hvp, "hvp", asked)
    report = replace(report_on(question, asked, name or called(hvp).title, "hvp"), of="H·v", asked=stated(accuracy))
    return unless_no_slope(question, report)


def _refuse_options(hess: Any, diagonal: Any, at_least: Any) -> None:
    if not callable(hess):
        raise CannotJudge(f"hess is of type {type(hess).__name__}: give a function")
    for word, value in (("diagonal", diagonal), ("hess_at_least", at_least)):
        if not isinstance(value, bool):
            raise CannotJudge(f"{word} = {value!r}: give True or False")
    if at_least and not diagonal:
        raise CannotJudge("hess_at_least=True is about a Hessian's diagonal: give diagonal=True as well")


def _of_whole(fn: Callable[..., Any], hess: Callable[..., Any], asked: Asked, title: str) -> Report:
    question = second(fn, contracted(hess, asked.argnum, _names(hess, fn)), "hess", asked, explained=False)
    report = replace(report_on(question, asked, title, "hess"), of="H·v")
    report = unless_no_slope(question, report)
    own = called(hess, "hess")
    shown = at_an_entry(question, report)
    if shown.counterexample is None:
        return shown
    if shown is report:  # no single entry fails by itself
        lines = (*own.lines, "from oracle.check.contraction import contracted")
        product = replace(own, expression=f"contracted({own.expression}, {asked.argnum})", lines=lines)
        return replace(report, reproduction=_script(product, report))
    return replace(shown, reproduction=_script(own, shown))


def of_diagonal(fn: Callable[..., Any], hess: Callable[..., Any], asked: Asked, title: str, at_least: bool) -> Report:
    """What `check_hessian(diagonal=True)` says."""
    question = second(fn, _once(hess, fn, asked.argnum), "hess", asked, rows=True, at_least=at_least)
    report = report_on(question, asked, title, "hess")
    report = replace(without_the_last(unless_no_slope(question, report)), of="hess")
    if at_least:
        report = replace(report, notes=("what is larger than the second derivative is right, as asked", *report.notes))
    if report.counterexample is None:
        return report
    if not at_least and not report.complaint and _is_above(report):
        report = replace(report, diagnosis=(*report.diagnosis, UPPER_BOUND))
    return replace(report, reproduction=_script(called(hess, "hess"), report))


def _is_above(report: Report) -> bool:
    return isinstance(report.expected, float) and report.got is not None and report.got > report.expected


def _once(hess: Callable[..., Any], fn: Callable[..., Any], argnum: int) -> Callable[..., Any]:
    """hess without the last argument, the differentiated one again."""

    @functools.wraps(hess)
    def of_the_others(*arrays: Any) -> Any:
        result = hess(*arrays[:-1])
        shape = np.shape(arrays[argnum])
        if shape and np.shape(result) == (*shape, *shape):
            raise CannotJudge(f"hess returned the shape {np.shape(result)}, a whole Hessian: leave diagonal=True out")
        return result

    return with_parameters(of_the_others, _names(hess, fn), AGAIN)


def _names(hess: Callable[..., Any], fn: Callable[..., Any]) -> tuple[str, ...]:
    """What hess calls its arguments; nothing where neither it nor fn says how many there are."""
    try:
        return signature_names(hess, number_of_arguments(hess, fn))
    except CannotJudge:
        return ()


def _script(own: Any, report: Report) -> str:
    assert report.counterexample is not None
    return of_gradient(own, report.counterexample, report.arguments, report.component, report.complaint)
