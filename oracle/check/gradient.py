"""`check_gradient`: the search for a point where a gradient is wrong, and the report on what was found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from oracle.candidate.asking import CannotJudge
from oracle.candidate.guard import TIMEOUT
from oracle.candidate.inward import gradient_inside
from oracle.candidate.jax_arrays import handed
from oracle.candidate.names import called
from oracle.check.accuracy import checked_accuracy, stated
from oracle.check.assumption import assume
from oracle.check.by_arguments import gradients_by_arguments
from oracle.check.by_example import gradient_by_example, pair_by_example
from oracle.check.inside_domains import asked_inside, convention_of, kinds_of, with_form
from oracle.check.judged import judged
from oracle.check.leaf_problems import Question
from oracle.check.like import refuse_static
from oracle.check.listeners import heard
from oracle.check.pairs import GRAD_AND_HESS, VALUE_AND_GRAD, check_pair, refuse_options
from oracle.check.question import make_problem
from oracle.check.report import Report
from oracle.check.run import EXAMPLES
from oracle.check.second_by_example import grad_and_hess_by_example
from oracle.check.second_order import Asked
from oracle.check.sizes import Lengths, Shapes
from oracle.search.problem import Problem


@heard
def check_gradient(
    fn: Callable[..., Any],
    grad: Callable[..., Any],
    domains: Sequence[Any] | None = None,
    *,
    lengths: Lengths | None = None,
    shapes: Shapes | None = None,
    examples: int = EXAMPLES,
    rng: np.random.Generator | int | None = None,
    argnum: Any = 0,
    extremes: bool = False,
    database: Any = "default",
    timeout: float | None = TIMEOUT,
    name: str | None = None,
    returns: str | None = None,
    hess_at_least: bool = False,
    accuracy: float | None = None,
    like: Any = None,
    static: Any = (),
    arrays: str | None = None,
) -> Report:
    """Is grad(*arrays) the gradient of fn(*arrays) with respect to argument `argnum`?

    fn: traceable by JAX, or array code, or any function of floats; grad: any callable on NumPy arrays. domains: one for each
    argument: "real", "positive", "nonnegative", "unit", "closed_unit", "simplex", "closed_simplex", "one_hot", "sign", a pair
    (low, high), a `Domain`, or a Hypothesis strategy of arrays, whose integers stay integers save where they are
    differentiated; "sorted" vectors; matrices: "symmetric", "positive_definite", "invertible", "orthogonal",
    "lower_triangular", "cholesky_factor" (`oracle.matrices` bounds their condition), with a vector's length on both sides; a
    range such as range(10) for whole numbers (labels, lengths); a function that makes of any array one that is inside. A
    gradient by a matrix is judged along the directions that stay inside, and the first line of the report names the convention
    by which it is right. By default what fn allows: real numbers, or narrower domains where it is not finite on them; the
    report says which. Arguments are vectors of one common length, within `lengths`, or have the given `shapes`. In these a name
    stands for any size, the same wherever it stands, and 2*n+1 for what comes of it: shapes=(("n", "d"), ("d",)) is tried at
    sizes as kernels have them along each axis, lengths={"n": (1, 64)} bounds them (from 1 to 4096 else), and what is wrong is
    shown at the smallest. rng: draws the points (the same ones by default), or the seed of what does; extremes: whether digits
    lost beyond ordinary magnitudes (about 1e-9 to 1e4) make the verdict `inaccurate`, or a note alone; database: where failing
    examples are kept ("default": as Hypothesis is set up; None: nowhere); timeout: seconds of a processor for one call of
    fn or grad, None for no limit (there is none off the main thread, nor where another timer runs). returns: what grad
    returns instead of the gradient alone: "value_and_grad", a pair whose value has to be fn's, or "grad_and_hess", a pair
    with the diagonal of the Hessian as `check_hessian(diagonal=True)` judges it, which may be larger where hess_at_least
    says so. accuracy: where grad is an approximation by what it is, how much of its largest component, at the point or at
    ordinary ones, it may be off by, such as 1e-9: it is part of the question, and stands in the first lines of the
    report. like: example arguments, a tuple with one for each: arrays, or dicts, lists, tuples of arrays, which fix
    structure, shapes and dtypes and are the first point; integers, strings, functions stay as they are. grad then returns
    what has the form of the argument, and domains may have it, too; so may shapes with names, for which there are other
    sizes than the example's. static: arguments of the example, by name or number, that stay as they are though they hold
    numbers. argnum: a tuple where grad returns the gradients by these arguments in that order. arrays: "jax", "torch" or
    "numpy", where it does not go without saying which grad takes. Raises CannotJudge, a ValueError, where the question
    cannot be put: fn returns no number, grad raises or returns nothing, bad options.
    """
    refuse_options(returns, hess_at_least)
    allowed = checked_accuracy(accuracy)
    title = name or called(grad).title
    if like is not None and arrays is not None:
        raise CannotJudge("like and arrays are both given: the example says already whose arrays they are")
    grad = handed(grad, arrays)
    if like is not None or isinstance(argnum, tuple | list):
        question = Question(domains, examples, rng, 0, database, timeout, extremes, accuracy=accuracy)
        if like is not None and returns == VALUE_AND_GRAD:
            return pair_by_example(fn, grad, like, argnum, title, question, lengths, shapes, static)
        if like is not None and returns == GRAD_AND_HESS:
            rest = (lengths, shapes, static)
            return grad_and_hess_by_example(fn, grad, like, argnum, title, question, hess_at_least, *rest)
        if returns is not None:
            raise CannotJudge(
                f"returns = {returns!r} and argnum = {argnum!r} are both given: check what belongs to one array of fn(*arrays) at "
                "a time, or give example arguments (like)"
            )
        if like is not None:
            return gradient_by_example(fn, grad, like, argnum, title, question, lengths, shapes, static)
        refuse_static(static)
        return gradients_by_arguments(fn, grad, argnum, title, question, lengths, shapes)

    refuse_static(static)

    kinds, inner = kinds_of(domains), asked_inside(fn, domains)

    def of_gradient(gradient: Callable[..., Any]) -> Report:
        def by(convention: str) -> Problem:
            own = gradient_inside(gradient, kinds, argnum, convention) if callable(gradient) else gradient
            return make_problem(inner, own, domains, lengths, shapes, examples, rng, argnum, timeout)

        problem, assumed, convention = by(""), "", ""
        if domains is None:
            problem, assumed = assume(problem, (argnum,))
        else:
            convention = convention_of(problem.domains[argnum].kind, by)
        problem = replace(by(convention) if convention else problem, accuracy=allowed)
        report = judged(problem, examples, rng, database, title, extremes=extremes, assumed=assumed)
        return with_form(replace(report, asked=stated(accuracy)), problem, gradient, convention)

    if returns is None or not callable(grad):
        return of_gradient(grad)
    asked = Asked(domains, lengths, shapes, examples, rng, argnum, extremes, database, timeout, accuracy)
    return check_pair(fn, grad, returns, hess_at_least, asked, title, of_gradient)


def assert_gradient(
    fn: Callable[..., Any], grad: Callable[..., Any], domains: Sequence[Any] | None = None, **options: Any
) -> None:
    """`check_gradient`, raising an AssertionError that reads as the report unless the verdict is `right`."""
    __tracebackhide__ = True
    report = check_gradient(fn, grad, domains, **options)
    if not report:
        raise AssertionError(str(report))
