"""More points where the findings are few: ordinary ones of the domains, or the findings' own arguments in new combinations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.candidate.asking import CannotJudge
from oracle.diagnosis.evidence import is_usable
from oracle.judgement.point import Finding, judge_point
from oracle.judgement.verdict import Verdict
from oracle.search.domains import Domain
from oracle.witnesses.function import Function
from oracle.witnesses.large import too_large_for_arb

Array = NDArray[Any]

#: Fewer wrong, or fewer usable, findings than these are too few; so many are made at most.
FEW_WRONG, FEW, MORE = 4, 16, 12


def with_more_points(
    function: Function, grad: Callable[..., Any], findings: Sequence[Finding], domains: Sequence[Domain] | None
) -> list[Finding]:
    """The findings, and a few fresh ones at the shapes of the wrong ones where they are few."""
    found = list(findings)
    usable = [f for f in found if is_usable(f)]
    wrong = [f for f in usable if f.verdict is not Verdict.RIGHT]
    if len(usable) >= FEW and len(wrong) >= FEW_WRONG:
        return found
    if any(too_large_for_arb(f.args) for f in wrong):  # one of them shows as much as many small ones
        return found
    return [*found, *_judged(function, grad, wrong or found, domains, 0)]


def that_may_refute(
    function: Function, grad: Callable[..., Any], findings: Sequence[Finding], domains: Sequence[Domain] | None
) -> list[Finding]:
    """The findings, and fresh ones: a region that fits what was found by chance fits these no more."""
    found = list(findings)
    usable = [f for f in found if is_usable(f)]
    if not usable or any(too_large_for_arb(f.args) for f in usable):
        return found
    return [*_judged(function, grad, usable, domains, 1), *found]


def _judged(
    function: Function,
    grad: Callable[..., Any],
    findings: Sequence[Finding],
    domains: Sequence[Domain] | None,
    seed: int,
) -> list[Finding]:
    points = _ordinary(findings, domains, seed) if domains is not None else _recombined(findings)
    found = []
    for _, args in zip(range(MORE), points, strict=False):
        try:
            found.append(judge_point(function, grad, args))
        except CannotJudge:
            continue
    return found


def _ordinary(findings: Sequence[Finding], domains: Sequence[Domain], seed: int) -> Iterator[tuple[Array, ...]]:
    from oracle.search.patterns import fill

    rng = np.random.default_rng(seed)
    shapes = list(dict.fromkeys(tuple(a.shape for a in f.args) for f in findings))[:MORE]
    for _ in range(MORE):
        for shape in shapes:
            args = [fill("ordinary numbers", d, s, rng) for d, s in zip(domains, shape, strict=True)]
            if all(a is not None for a in args):
                yield tuple(a for a in args if a is not None)


def _recombined(findings: Sequence[Finding]) -> Iterator[tuple[Array, ...]]:
    """An argument of one finding beside those of another of the same shapes: still inside the domains."""
    for i, first in enumerate(findings):
        for second in findings[i + 1 :]:
            if [a.shape for a in first.args] == [a.shape for a in second.args] and len(first.args) > 1:
                yield (first.args[0], *second.args[1:])
                yield (second.args[0], *first.args[1:])
