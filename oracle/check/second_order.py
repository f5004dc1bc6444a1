"""A question about second derivatives as one about a gradient: that of a slope of fn, by the same argument once more."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.candidate.asking import OPTIONS, CannotJudge
from oracle.candidate.guard import TIMEOUT, Guarded
from oracle.candidate.inward import direction_inside
from oracle.candidate.tensors import on_arrays
from oracle.check.accuracy import checked_accuracy
from oracle.check.assumption import assume
from oracle.check.inside_domains import SYMMETRIC, asked_inside, kinds_of
from oracle.check.judged import judged
from oracle.check.question import make_problem
from oracle.check.report import Report
from oracle.check.run import EXAMPLES
from oracle.check.sizes import Lengths, Shapes
from oracle.search.constants import signature_names
from oracle.search.domains import Domain
from oracle.search.points import points
from oracle.search.problem import Example, Problem, Product
from oracle.witnesses.prepare import refuse_no_number
from oracle.witnesses.slope_along import SlopeAlong

Array = NDArray[Any]

#: A direction may be any numbers.
DIRECTION = Domain("direction")


@dataclass(frozen=True)
class Asked:
    """The options of a check of second derivatives, as `check_gradient` has them; example: where the first point is given."""

    domains: Sequence[Any] | None = None
    lengths: Lengths | None = None
    shapes: Shapes | None = None
    examples: int = EXAMPLES
    rng: np.random.Generator | int | None = None
    argnum: int = 0
    extremes: bool = False
    database: Any = "default"
    timeout: float | None = TIMEOUT
    accuracy: float | None = None
    example: Example | None = None


@dataclass(frozen=True, eq=False)
class Second:
    """The problem of a slope of fn, and that of fn itself; assumed: the sentence on domains that nobody declared."""

    problem: Problem
    primal: Problem
    names: tuple[str, ...]
    assumed: str = ""


def second(
    fn: Callable[..., Any],
    candidate: Callable[..., Any],
    word: str,
    asked: Asked,
    *,
    rows: bool = False,
    at_least: bool = False,
    explained: bool = True,
) -> Second:
    """candidate: takes the arrays, and one more besides: a direction, or with `rows` the differentiated argument again.

    Raises CannotJudge, where fn gives no number for one.
    """
    accuracy = checked_accuracy(asked.accuracy)
    if not callable(fn):
        raise CannotJudge(f"fn is of type {type(fn).__name__}: give a function")
    _refuse_curved(asked, rows)
    kinds = kinds_of(asked.domains)
    fn = on_arrays(asked_inside(fn, asked.domains))
    if not rows and callable(candidate) and isinstance(asked.argnum, int) and 0 <= asked.argnum < len(kinds):
        candidate = direction_inside(candidate, kinds, asked.argnum)
    options = (asked.domains, asked.lengths, asked.shapes, asked.examples, asked.rng, asked.argnum, asked.timeout)
    primal, assumed = make_problem(fn, candidate, *options, besides=1), ""
    names = signature_names(fn, len(primal.domains))
    example = asked.example
    if example is not None:
        primal = replace(primal, example=example)
        example = replace(example, dtypes=(*example.dtypes, example.dtypes[asked.argnum] if rows else "float64"))
    _refuse_no_function(primal)
    if asked.domains is None:
        primal, assumed = assume(primal, (asked.argnum,))
    problem = Problem(
        Guarded(SlopeAlong(fn, asked.argnum, names, rows), "fn", asked.timeout),
        Guarded(on_arrays(candidate), word, asked.timeout),
        (*primal.domains, primal.domains[asked.argnum] if rows else DIRECTION),
        asked.argnum,
        product=Product(primal, lambda args: args[asked.argnum].shape, again=rows),
        accuracy=accuracy,
        at_least=at_least,
        explained=explained,
        example=example,
    )
    return Second(problem, primal, names, assumed)


def report_on(question: Second, asked: Asked, name: str, word: str) -> Report:
    """The report on the gradient of the slope, in the words of what is asked about. Raises CannotJudge."""
    with speaking_of(word):
        report = judged(
            question.problem,
            asked.examples,
            asked.rng,
            asked.database,
            name,
            extremes=asked.extremes,
            assumed=question.assumed,
        )
    shapes = tuple(dict.fromkeys(shapes[:-1] for shapes in report.tried.shapes))
    said = tuple(sentence.replace(" of fn", " of ∇fn") for sentence in report.diagnosis)  # what was asked is its slope
    return replace(report, tried=replace(report.tried, shapes=shapes), diagnosis=said)


def without_the_last(report: Report) -> Report:
    """The report without the direction, or what stands for it, which whoever asks about a Hessian does not know."""
    shown = report.counterexample
    return replace(
        report,
        arguments=report.arguments[:-1],
        domains=report.domains[:-1],
        counterexample=None if shown is None else shown[:-1],
    )


@contextlib.contextmanager
def speaking_of(word: str) -> Iterator[None]:
    """A sentence that names grad, said of what stands in its place, to which grad's options are no help."""
    try:
        yield
    except CannotJudge as error:
        if not str(error).startswith("grad "):
            raise
        said = str(error).removesuffix(f", or say what they are by {OPTIONS}").replace("grad(", f"{word}(")
        raise type(error)(word + said.removeprefix("grad")) from error


def _refuse_curved(asked: Asked, rows: bool) -> None:
    """Raises CannotJudge where second derivatives along the directions that stay inside are no product of matrices."""
    kinds = kinds_of(asked.domains)
    if not isinstance(asked.argnum, int) or not 0 <= asked.argnum < len(kinds):
        return
    kind = kinds[asked.argnum]
    if kind == "orthogonal":
        raise CannotJudge(
            f"argument {asked.argnum} is in orthogonal, which is curved: its second derivatives are not those of fn alone"
        )
    if kind in SYMMETRIC and rows:
        raise CannotJudge(
            f"argument {asked.argnum} is in {kind}, where no entry moves without its mirror image: give the whole Hessian, "
            "without diagonal=True"
        )


def _refuse_no_function(primal: Problem) -> None:
    """Raises CannotJudge where fn gives no number at the first point; where it raises there, the search says so."""
    point = next(iter(points(primal, np.random.default_rng(0), 1)), None)
    if point is None:
        return
    try:
        with np.errstate(all="ignore"):
            value = primal.fn(*(a.copy() for a in point.args))
    except Exception:
        return
    refuse_no_number(value)
