"""A gradient that is deliberately another than the derivative, judged by what it is meant to be instead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from oracle.candidate.asking import CannotJudge
from oracle.candidate.names import called
from oracle.candidate.parameters import unlike, with_parameters
from oracle.check.assumption import positional
from oracle.check.gradient import check_gradient
from oracle.check.pairs_in_file import Pair
from oracle.check.report import Report
from oracle.check.reproduction import of_gradient
from oracle.check.sizes import checked_shapes, checked_sizes
from oracle.check.vjp import check_vjp
from oracle.search.constants import signature_names
from oracle.search.domains import as_domain

#: Vectors at which it is found out what a reference returns: longer than one entry, which tells a number from an array.
LENGTH = 3


def judge_by_reference(pair: Pair, domains: Any, argnum: Any, options: dict[str, Any]) -> Report:
    """The report on a deliberate gradient: as its reference's derivative, where that returns what fn does, else as its equal."""
    reference, why = pair.declared.reference, pair.declared.deliberate
    assert reference is not None
    options = {**options, "name": f"{pair.name}, by its reference"}
    if pair.rule:
        report = check_vjp(reference, pair.grad, domains, argnums=None if argnum is None else [argnum], **options)
    elif pair.kind != "grad":
        raise CannotJudge(f"a reference is declared, and {pair.name} is no gradient: only gradients have one")
    elif _returns_a_number(reference, _count(pair, domains), domains, options):
        report = check_gradient(reference, pair.grad, domains, argnum=argnum or 0, **options)
    else:
        report = _as_its_equal(pair, reference, domains, argnum or 0, options)
    return replace(
        report, notes=(f"it is deliberately no derivative ({why}), and is judged by its reference", *report.notes)
    )


def _count(pair: Pair, domains: Any) -> int:
    return len(domains) if domains is not None else positional(pair.fn) or 1


def _returns_a_number(reference: Callable[..., Any], count: int, domains: Any, options: dict[str, Any]) -> bool:
    """Whether a reference returns one number, as fn does, or an array, as a gradient does."""
    sizes = checked_sizes(checked_shapes(options.get("shapes")), options.get("lengths"))
    shapes = sizes.shapes(sizes.beside(LENGTH, 0, -1)) if sizes else options.get("shapes") or [(LENGTH,)] * count
    within = [as_domain(d) for d in domains] if domains is not None else [None] * count
    args = [np.full(s, _inside(d)) for s, d in zip(shapes, within, strict=True)]
    try:
        with np.errstate(all="ignore"):
            return np.shape(reference(*args)) == ()
    except Exception as error:
        raise CannotJudge(
            f"reference raised {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        ) from error


def _inside(domain: Any) -> float:
    low, high = domain.bounds if domain is not None else (0.0, 1.0)
    low, high = max(low, -1.0), min(high, 1.0)
    return low + (high - low) * 0.7


def _as_its_equal(
    pair: Pair, reference: Callable[..., Any], domains: Any, argnum: int, options: dict[str, Any]
) -> Report:
    """What grad returns is the derivative of Σ v·reference(*arrays) by v."""
    count = _count(pair, domains)
    names = signature_names(pair.fn, count)
    shapes = options.get("shapes")
    given = {**options, "shapes": None if shapes is None else (shapes[argnum], *shapes)}

    def weighted(v: Any, *arrays: Any) -> Any:
        return (v * reference(*arrays)).sum()

    def equal(v: Any, *arrays: Any) -> Any:
        return pair.grad(*arrays)

    for function in (weighted, equal):
        with_parameters(function, (unlike(names, ("v", "weights", "the_weights")), *names))
    within = ("real", *domains) if domains is not None else None
    report = check_gradient(weighted, equal, within, argnum=0, **given)
    shown = report.counterexample
    own = replace(
        report,
        arguments=report.arguments[1:],
        domains=report.domains[1:],
        counterexample=None if shown is None else shown[1:],
    )
    if shown is None:
        return own
    script = of_gradient(called(pair.grad), shown[1:], own.arguments, own.component, own.complaint)
    return replace(own, reproduction=script)
