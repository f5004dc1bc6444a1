"""`check_gradient`: the search for a point where a gradient is wrong, and the report on what was found."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from oracle.candidate.asking import CannotJudge
from oracle.candidate.guard import TIMEOUT, Stopped
from oracle.candidate.names import called
from oracle.check.assumption import assume
from oracle.check.conclusion import conclude
from oracle.check.elsewhere import unless_right_elsewhere
from oracle.check.listeners import heard
from oracle.check.question import make_problem
from oracle.check.report import Report
from oracle.check.run import EXAMPLES, Run
from oracle.search.problem import Problem


@heard
def check_gradient(
    fn: Callable[..., Any],
    grad: Callable[..., Any],
    domains: Sequence[Any] | None = None,
    *,
    lengths: tuple[int, int] | None = None,
    shapes: Sequence[tuple[int, ...]] | None = None,
    examples: int = EXAMPLES,
    rng: np.random.Generator | None = None,
    argnum: int = 0,
    extremes: bool = False,
    database: Any = "default",
    timeout: float | None = TIMEOUT,
    name: str | None = None,
) -> Report:
    """Is grad(*arrays) the gradient of fn(*arrays) with respect to argument `argnum`?

    fn: traceable by JAX, or array code, or any function of floats; grad: any callable on NumPy arrays. domains: one for each
    argument: "real", "positive", "nonnegative", "unit", "closed_unit", "simplex", "closed_simplex", "one_hot", "sign", a pair
    (low, high), a `Domain`, or a Hypothesis strategy of arrays, whose integers stay integers save where they are differentiated.
    By default what fn allows: real numbers, or narrower domains where it is not finite on them; the report says which.
    Arguments are vectors of one common length, within `lengths`, or have the given `shapes`. rng: draws the points (the same ones
    by default); extremes: whether digits lost beyond ordinary magnitudes (about 1e-9 to 1e4) make the verdict `inaccurate`, or a
    note alone; database: where failing examples are kept ("default": as Hypothesis is set up; None: nowhere); timeout: seconds
    for one call of fn or grad, None for no limit (there is none off the main thread, nor where another timer runs).
    Raises CannotJudge, a ValueError, where the question cannot be put: fn returns no number, grad raises or returns nothing, bad
    options.
    """
    problem, assumed = make_problem(fn, grad, domains, lengths, shapes, examples, rng, argnum, timeout), ""
    if domains is None:
        problem, assumed = assume(problem, (argnum,))
    return judged(problem, examples, rng, database, name or called(grad).title, extremes=extremes, assumed=assumed)


def judged(
    problem: Problem,
    examples: int,
    rng: np.random.Generator | None,
    database: Any,
    name: str,
    *,
    extremes: bool = False,
    assumed: str = "",
) -> Report:
    """The report on a problem, whose domains may be assumed alone. Raises CannotJudge."""
    started = time.perf_counter()
    if not isinstance(extremes, bool):
        raise CannotJudge(f"extremes = {extremes!r}: give True or False")
    draws = rng if rng is not None else np.random.default_rng(0)
    run = Run(problem, draws, database, name, extremes=extremes)
    try:
        with np.errstate(
            all="ignore"
        ):  # the points are ours to choose, and mistakes and their fits may overflow: no news
            run.search(examples)
            report = replace(conclude(run, started), assumed=assumed)
            return unless_right_elsewhere(report, problem) if assumed else report
    except Stopped as stopped:
        raise CannotJudge(str(stopped)) from None


def assert_gradient(
    fn: Callable[..., Any], grad: Callable[..., Any], domains: Sequence[Any] | None = None, **options: Any
) -> None:
    """`check_gradient`, raising an AssertionError that reads as the report unless the verdict is `right`."""
    __tracebackhide__ = True
    report = check_gradient(fn, grad, domains, **options)
    if not report:
        raise AssertionError(str(report))
