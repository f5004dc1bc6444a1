"""A gradient judged at the points of the search, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from oracle.diagnosis import diagnose
from oracle.judgement.point import Finding, judge_point
from oracle.search.domains import as_domain
from oracle.search.points import points
from oracle.search.problem import Problem
from oracle.witnesses.function import Function
from oracle.witnesses.prepare import prepare

POINTS = 24


def judged(
    fn: Callable[..., Any],
    grad: Callable[..., Any],
    domains: Sequence[Any],
    *,
    argnum: int = 0,
    shapes: Any = None,
    lengths: Any = None,
    examples: int = POINTS,
) -> tuple[Function, list[Finding]]:
    problem = Problem(fn, grad, tuple(as_domain(d) for d in domains), argnum, lengths, shapes)
    tried = [point.args for point in points(problem, np.random.default_rng(0), examples)]
    function = prepare(fn, tried[0], argnum, tuple(d.bounds for d in problem.domains))
    with np.errstate(all="ignore"):  # a wrong gradient overflows at extreme points as it likes
        return function, [judge_point(function, grad, args) for args in tried]


@pytest.fixture
def judge() -> Callable[..., tuple[Function, list[Finding]]]:
    return judged


@pytest.fixture
def sentences() -> Callable[..., list[str]]:
    """What diagnose says of a gradient."""

    def say(fn: Any, grad: Any, domains: Sequence[Any], **options: Any) -> list[str]:
        function, findings = judged(fn, grad, domains, **options)
        return diagnose(function, grad, findings, domains=tuple(as_domain(d) for d in domains))

    return say
