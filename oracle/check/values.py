"""A value that comes with a derivative, judged as the derivative of Σ c·fn(x) by c."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from oracle.candidate.asking import CannotJudge
from oracle.candidate.guard import Guarded
from oracle.candidate.names import called
from oracle.candidate.parameters import with_parameters
from oracle.candidate.tensors import on_arrays
from oracle.check.assumption import assume
from oracle.check.judged import judged
from oracle.check.question import make_problem
from oracle.check.report import Report
from oracle.check.reproduction import of_gradient
from oracle.check.second_order import Asked, speaking_of
from oracle.check.vjp_as_gradient import output_shape, weighted
from oracle.judgement.verdict import Verdict
from oracle.search.constants import signature_names
from oracle.search.cotangents import COTANGENT
from oracle.search.problem import Problem, Product

#: Points at which a value is looked at: it is the same everywhere or nowhere.
EXAMPLES = 40


def with_its_value(
    report: Report, fn: Callable[..., Any], value: Callable[..., Any], word: str, asked: Asked, expression: str
) -> Report:
    """The report on a derivative that is right, together with that on value(*arrays), which has to be fn(*arrays).

    word: what returned it; expression: how a script gets at the value. Digits that a value loses are a note: it is a derivative
    that was asked about.
    """
    found = _on_value(fn, value, word, asked, report.name)
    if found.verdict is Verdict.RIGHT:
        note = f"the value beside it is that of fn, at {found.tried.right} points"
        return replace(report, notes=(*report.notes, note))
    if found.verdict is Verdict.INACCURATE:
        note = f"the value beside it is that of fn, and loses digits at {found.tried.inaccurate} of {found.tried.points} points"
        return replace(report, notes=(*report.notes, note))
    if found.verdict is Verdict.UNDECIDED:
        why = f"the value beside it could not be compared: {found.how}"
        return replace(report, verdict=Verdict.UNDECIDED, how=why)
    said = f"The value that {word} returns is not fn's"
    shown = replace(found, domains=found.domains[:-1], assumed=report.assumed, diagnosis=(said, *found.diagnosis))
    if found.counterexample is None or found.arguments is None:
        return shown
    names, args = found.arguments[:-1], found.counterexample[:-1]
    script = of_gradient(replace(called(value), expression=expression), args, names, found.component, found.complaint)
    return replace(shown, counterexample=args, arguments=names, reproduction=script)


def _on_value(fn: Callable[..., Any], value: Callable[..., Any], word: str, asked: Asked, name: str) -> Report:
    fn, value = on_arrays(fn), on_arrays(value)
    primal = make_problem(
        fn, value, asked.domains, asked.lengths, asked.shapes, asked.examples, asked.rng, 0, asked.timeout
    )
    count, assumed = len(primal.domains), ""
    if asked.domains is None:
        primal, assumed = assume(primal, (asked.argnum,))
    names = signature_names(fn, count)
    problem = Problem(
        Guarded(weighted(fn, count), "fn", asked.timeout),
        Guarded(_with_cotangent(value, word, names), word, asked.timeout),
        (*primal.domains, COTANGENT),
        count,
        product=Product(primal, output_shape(primal.fn)),
        accuracy=asked.accuracy or 0.0,
    )
    with speaking_of(word):
        report = judged(problem, min(EXAMPLES, asked.examples), None, None, name, assumed=assumed)
    tried = replace(report.tried, shapes=tuple(dict.fromkeys(shapes[:-1] for shapes in report.tried.shapes)))
    return replace(report, of="value", tried=tried)


def _with_cotangent(value: Callable[..., Any], word: str, names: Sequence[str]) -> Callable[..., Any]:
    """value, with a cotangent besides, which it has nothing to do with."""

    @functools.wraps(value)
    def of_all(*arrays: Any) -> Any:
        found = value(*arrays[:-1])
        shape = np.shape(arrays[-1])
        if found is None:
            raise CannotJudge(f"{word} returned None for the value of fn")
        if np.shape(found) != shape:
            raise CannotJudge(f"{word} returned a value of the shape {np.shape(found)}; that of fn has {shape}")
        if isinstance(found, int) or getattr(getattr(found, "dtype", None), "kind", "") in ("i", "u"):
            return np.asarray(found, dtype=np.float64)
        return found

    return with_parameters(of_all, names, ("c", "cotangent", "the_cotangent"))
