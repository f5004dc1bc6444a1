"""One pair of a user's file, judged by the check of its kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from oracle.check.labels import TARGETS
from oracle.check.options import Options
from oracle.check.pairs_in_file import Pair
from oracle.check.report import Report
from oracle.judgement.verdict import Verdict


def judge(pair: Pair, options: Options) -> Report:
    """The report on one pair: the command line goes before what the file declares."""
    from oracle.candidate.asking import CannotJudge
    from oracle.candidate.guard import TIMEOUT
    from oracle.candidate.names import Called
    from oracle.check.gradient import check_gradient
    from oracle.check.hessian import check_hessian, check_hvp
    from oracle.check.jvp import check_jvp
    from oracle.check.pairs import GRAD_AND_HESS
    from oracle.check.references import judge_by_reference
    from oracle.check.run import EXAMPLES
    from oracle.check.sizes import Lengths, Shapes, have_names
    from oracle.check.vjp import check_vjp, script

    said = pair.declared
    argnum = options.argnum if options.argnum is not None else said.argnum
    domains = options.domains or said.domains
    like = said.like if options.shapes is None or pair.rule else None
    lengths: Lengths | None = options.lengths if like is None else None
    shapes: Shapes | None = options.shapes if like is None else None
    if shapes is None and (lengths is None or like is not None or have_names(said.shapes)):
        lengths, shapes = lengths if lengths is not None else said.lengths, said.shapes
    common: dict[str, Any] = {
        "lengths": lengths,
        "shapes": shapes,
        "examples": options.examples or EXAMPLES,
        "extremes": options.extremes,
        "database": "default" if options.memory else None,
        "timeout": options.timeout if options.timeout is not None else TIMEOUT,
        "name": pair.name,
        "rng": np.random.default_rng(options.seed),
    }
    if said.accuracy is not None:
        common["accuracy"] = said.accuracy
    if said.reference is not None:
        return judge_by_reference(pair, domains, argnum, common)
    if like is not None:
        if pair.kind in ("hess", "hvp"):
            raise CannotJudge(f"like is declared, and {pair.name} is a second derivative: declare shapes instead")
        common |= {"like": like, "static": said.static or ()}
    if pair.rule and like is not None:
        return check_vjp(pair.fn, pair.grad, domains, argnums=None if argnum is None else [argnum], **common)
    if pair.rule:
        report = check_vjp(pair.fn, pair.grad, domains, argnums=None if argnum is None else [argnum], **common)
        lines = ("from oracle.candidate.custom_rules import rules", f"from {pair.fn.__module__} import {pair.rule}")
        called = Called(pair.name, f"rules({pair.rule})[{pair.asked}].vjp", lines)
        return replace(report, reproduction=script(report, called))
    if pair.kind == "jvp":
        return check_jvp(pair.fn, pair.grad, domains, **common)
    if pair.kind == "hess":
        return check_hessian(
            pair.fn,
            pair.grad,
            domains,
            argnum=argnum or 0,
            diagonal=bool(said.diagonal),
            hess_at_least=bool(said.hess_at_least),
            **common,
        )
    if pair.kind == "hvp":
        return check_hvp(pair.fn, pair.grad, domains, argnum=argnum or 0, **common)
    bound = bool(said.hess_at_least) and said.returns == GRAD_AND_HESS
    common |= {"returns": said.returns, "hess_at_least": bound}

    def by(k: int) -> Report:
        return check_gradient(pair.fn, pair.grad, domains, argnum=k, **common)

    report = by(argnum or 0)
    return report if argnum is not None or like is not None else unless_by_another(report, by)


def unless_by_another(report: Report, by: Callable[[int], Report]) -> Report:
    """The report; `undecided` in place of `wrong` where nothing says by which argument the gradient is, the first is called as what
    a loss is held against, and it is right by another one: boosters call fn(y_true, y_pred). by: the report by an argument of that
    number."""
    if report.verdict is not Verdict.WRONG or report.arguments[0].lower() not in TARGETS:
        return report
    for k in range(1, len(report.arguments)):
        try:
            other = by(k)
        except ValueError:  # by that one it is no question
            continue
        if other.verdict is Verdict.RIGHT:
            first, name = report.arguments[0], report.arguments[k]
            how = f"it is wrong by {first}, and right by {name}: if that is meant, declare argnum={k} (oracle.takes)"
            return replace(report, verdict=Verdict.UNDECIDED, how=how)
    return report
