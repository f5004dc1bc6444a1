"""A question about second derivatives as one about a gradient: that of a slope of fn, by the same argument once more."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.candidate.asking import CannotJudge, Misconduct
from oracle.candidate.guard import TIMEOUT, Guarded
from oracle.candidate.tensors import on_arrays
from oracle.check.accuracy import checked_accuracy
from oracle.check.assumption import assume
from oracle.check.judged import judged
from oracle.check.question import make_problem
from oracle.check.report import Report
from oracle.check.run import EXAMPLES
from oracle.search.constants import signature_names
from oracle.search.domains import Domain
from oracle.search.points import points
from oracle.search.problem import Problem, Product
from oracle.witnesses.slope_along import SlopeAlong
from oracle.witnesses.truth import refuse_no_number

Array = NDArray[Any]

#: A direction may be any numbers.
DIRECTION = Domain("direction")


@dataclass(frozen=True)
class Asked:
    """The options of a check of second derivatives, as `check_gradient` has them."""

    domains: Sequence[Any] | None = None
    lengths: tuple[int, int] | None = None
    shapes: Sequence[tuple[int, ...]] | None = None
    examples: int = EXAMPLES
    rng: np.random.Generator | None = None
    argnum: int = 0
    extremes: bool = False
    database: Any = "default"
    timeout: float | None = TIMEOUT
    accuracy: float | None = None


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
    fn = on_arrays(fn)
    options = (asked.domains, asked.lengths, asked.shapes, asked.examples, asked.rng, asked.argnum, asked.timeout)
    primal, assumed = make_problem(fn, candidate, *options, besides=1), ""
    names = signature_names(fn, len(primal.domains))
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
    return replace(report, tried=replace(report.tried, shapes=shapes))


def without_the_last(report: Report) -> Report:
    """The report without the direction, or what stands for it, which whoever asks about a Hessian does not know."""
    shown = report.counterexample
    return replace(
        report,
        arguments=report.arguments[:-1],
        domains=report.domains[:-1],
        counterexample=None if shown is None else shown[:-1],
    )


class speaking_of:
    """A sentence that names grad, said of what stands in its place."""

    def __init__(self, word: str) -> None:
        self.word = word

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, CannotJudge) and str(error).startswith("grad "):
            raise type(error)(self.word + str(error).removeprefix("grad")) from error


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


def contracted(hess: Callable[..., Any], argnum: int, names: Sequence[str]) -> Callable[..., Any]:
    """hess(*arrays) times a direction: what is judged of a whole Hessian at a time. In floats the sums are exact."""

    @functools.wraps(hess)
    def product(*arrays: Any) -> Any:
        *args, direction = arrays
        matrix = dense(hess(*args))
        shape = np.shape(args[argnum])
        refuse_no_hessian(matrix, shape)
        if isinstance(matrix, np.ndarray) and matrix.dtype != object:
            return _exactly(matrix, np.asarray(direction), shape)
        axes = tuple(range(len(shape), 2 * len(shape)))
        return (matrix * direction).sum(axes) if axes else matrix * direction

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    last = next(word for word in ("v", "direction", "the_direction") if word not in names)
    product.__signature__ = inspect.Signature([inspect.Parameter(word, kind) for word in (*names, last)])  # type: ignore[attr-defined]
    return product


def dense(matrix: Any) -> Any:
    """A sparse matrix, or rows in lists, as an array; anything else as it is."""
    if isinstance(matrix, list):
        return np.array(matrix)
    return matrix.toarray() if hasattr(matrix, "toarray") else matrix


def refuse_no_hessian(matrix: Any, shape: tuple[int, ...]) -> None:
    """Raises where this is no Hessian by an argument of that shape."""
    if hasattr(matrix, "matvec"):
        raise CannotJudge("hess returned a linear operator: check_hvp judges its products")
    if matrix is None or isinstance(matrix, tuple | dict | str):
        what = "None" if matrix is None else f"a {type(matrix).__name__}"
        raise CannotJudge(f"hess returned {what}; it must return one array, the Hessian by one argument (argnum)")
    found = np.shape(matrix)
    if found == (*shape, *shape):
        return
    if found == shape:
        raise CannotJudge(f"hess returned the shape {found} of the argument itself: diagonal=True judges a diagonal")
    raise Misconduct(
        f"it returns the shape {found}; the Hessian by an argument of shape {shape} has {(*shape, *shape)}"
    )


def _exactly(matrix: Array, direction: Array, shape: tuple[int, ...]) -> Array:
    """The contraction with the direction, each sum rounded once, in the dtype of the matrix."""
    if matrix.dtype.kind not in "fiub" and matrix.dtype.name != "bfloat16":
        return matrix.reshape((*shape, -1))[..., 0]  # a dtype that is refused by itself
    size = int(np.prod(shape))
    wide = np.asarray(matrix, dtype=np.float64).reshape(size, size)
    weights = [Fraction(float(w)) for w in direction.flat]
    sums = [_sum(row, weights, direction) for row in wide]
    dtype = matrix.dtype if matrix.dtype.kind != "b" and matrix.dtype.kind not in "iu" else np.dtype(np.float64)
    with np.errstate(all="ignore"):
        return np.array(sums, dtype=np.float64).astype(dtype).reshape(shape)


def _sum(row: Array, weights: Sequence[Fraction], direction: Array) -> float:
    if not np.isfinite(row).all():
        with np.errstate(all="ignore"):
            return float(np.sum(np.where(direction.ravel() == 0, 0.0, row * direction.ravel())))
    total = sum((Fraction(float(h)) * w for h, w in zip(row, weights, strict=True) if h and w), Fraction(0))
    try:
        return float(total)
    except OverflowError:
        return float("inf") if total > 0 else float("-inf")
