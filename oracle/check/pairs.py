"""Pairs, as optimisers and boosters take them: (value, gradient), and (gradient, diagonal of the Hessian)."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from oracle.candidate.asking import CannotJudge
from oracle.candidate.names import called
from oracle.check.hessian import check_hessian
from oracle.check.report import Report
from oracle.check.reproduction import of_gradient
from oracle.check.second_order import Asked
from oracle.check.values import with_its_value
from oracle.judgement.verdict import Verdict

VALUE_AND_GRAD, GRAD_AND_HESS = "value_and_grad", "grad_and_hess"
KINDS = (VALUE_AND_GRAD, GRAD_AND_HESS)


def refuse_options(returns: Any, hess_at_least: Any) -> None:
    """Raises CannotJudge for what is no such pair."""
    if returns is not None and returns not in KINDS:
        raise CannotJudge(
            f"returns = {returns!r}: give 'value_and_grad', 'grad_and_hess', or None for a gradient alone"
        )
    if not isinstance(hess_at_least, bool):
        raise CannotJudge(f"hess_at_least = {hess_at_least!r}: give True or False")
    if hess_at_least and returns != GRAD_AND_HESS:
        raise CannotJudge("hess_at_least=True is about a Hessian's diagonal: give returns='grad_and_hess' as well")


def entry(pair: Callable[..., Any], number: int, returns: str) -> Callable[..., Any]:
    """One of the two that a call returns. Raises CannotJudge, in the call, where it returns no two."""

    @functools.wraps(pair)
    def picked(*arrays: Any) -> Any:
        result = pair(*arrays)
        if not isinstance(result, tuple | list) or len(result) != 2:
            what = f"{len(result)} entries" if isinstance(result, tuple | list) else f"a {type(result).__name__}"
            words = "(value, gradient)" if returns == VALUE_AND_GRAD else "(gradient, Hessian's diagonal)"
            raise CannotJudge(f"grad returned {what}; with returns={returns!r} it must return a pair {words}")
        return result[number]

    return picked


def check_pair(
    fn: Callable[..., Any],
    pair: Callable[..., Any],
    returns: str,
    hess_at_least: bool,
    asked: Asked,
    title: str,
    of_gradient: Callable[[Callable[..., Any]], Report],
) -> Report:
    """The report on the gradient where that is not right, else on what comes with it. of_gradient: judges a gradient alone."""
    number = 1 if returns == VALUE_AND_GRAD else 0
    report = of_gradient(entry(pair, number, returns))
    script = report.reproduction
    own = called(pair)
    if report.counterexample is not None:
        script = _of_entry(report, own, number)
    report = replace(report, reproduction=script)
    if not report:
        return report
    if returns == VALUE_AND_GRAD:
        value = entry(pair, 0, returns)
        names = ", ".join(report.arguments)
        return with_its_value(report, fn, value, "grad", asked, f"(lambda {names}: {own.expression}({names})[0])")
    options = {k: v for k, v in vars(asked).items() if k not in ("domains", "example")}
    second = check_hessian(
        fn,
        entry(pair, 1, returns),
        asked.domains,
        diagonal=True,
        hess_at_least=hess_at_least,
        name=title,
        **options,
    )
    if second.counterexample is not None:
        second = replace(second, reproduction=_of_entry(second, own, 1))
    if second.verdict is Verdict.RIGHT:
        said = f"the Hessian's diagonal is right as well, at {second.tried.right} points"
        return replace(
            second, notes=(said, *dict.fromkeys((*report.notes, *second.notes))), warnings=_both(report, second)
        )
    return replace(second, notes=("its gradient is right", *second.notes), warnings=_both(report, second))


def _both(first: Report, second: Report) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first.warnings, *second.warnings)))


def _of_entry(report: Report, own: Any, number: int) -> str:
    assert report.counterexample is not None
    return of_gradient(own, report.counterexample, report.arguments, report.component, report.complaint, entry=number)
