"""Gradients on domains whose points cannot move in every direction: asked along those that stay inside, by a named convention.

A function of symmetric matrices has one derivative along symmetric directions, and several ways to write it as a matrix: with every
entry by itself (the plain one, which need not be symmetric), symmetrised, or with what belongs to a pair of entries at each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.candidate.arrays_of_frameworks import as_numpy
from oracle.candidate.asking import CannotJudge
from oracle.candidate.inward import CANONICAL, MAPS, PAIRS, fn_inside
from oracle.candidate.tensors import on_arrays
from oracle.check.report import Report
from oracle.judgement.point import judge_point
from oracle.judgement.verdict import Verdict
from oracle.search.domains import Domain, as_domain
from oracle.search.points import ordinary_points
from oracle.search.problem import Arguments, Problem
from oracle.witnesses.prepare import prepare

Array = NDArray[Any]

SYMMETRIC = ("symmetric", "positive_definite")
#: The other conventions by which a gradient on matrices of a kind may be written.
OTHERS = {"symmetric": PAIRS, "positive_definite": PAIRS, "orthogonal": CANONICAL}
#: Points at which it is found out by which it is.
POINTS = 3
#: What leaves its domain at a step of ordinary size, though at none that is small enough.
OPEN = ("sorted", "positive_definite", "invertible", "lower_triangular", "cholesky_factor")

WORDS = {
    PAIRS: "in the convention that counts each pair of entries once: one off the diagonal moves with its mirror image",
    CANONICAL: "in the Riemannian convention of the canonical metric",
    "symmetrised": "in the symmetrised convention",
    "triangle": "in the convention of one triangle, at which what belongs to a pair of entries stands",
    "plain": "in the plain convention, every entry by itself: it is right along symmetric directions, and need not be symmetric",
    "tangent": "in the Riemannian convention: along the tangents of orthogonal matrices",
    "euclidean": "in the Euclidean convention: along the tangents of orthogonal matrices it is right, and need not be tangent",
}


def kinds_of(domains: Any) -> tuple[str, ...]:
    """The kind of each domain, as far as they are domains: what is none is refused elsewhere."""
    if domains is None or isinstance(domains, str) or not isinstance(domains, Sequence):
        return ()
    try:
        return tuple(as_domain(d).kind for d in domains)
    except (ValueError, TypeError):
        return ()


def asked_inside(fn: Callable[..., Any], domains: Any) -> Callable[..., Any]:
    """fn along the directions that stay inside, and nowhere else; fn itself where all are inside."""
    kinds = kinds_of(domains)
    is_left = leaving([as_domain(d) for d in domains]) if set(kinds) & set(OPEN) else None
    asked: Callable[..., Any] = fn_inside(fn, kinds, is_left) if callable(fn) else fn
    return asked


def leaving(domains: Sequence[Domain]) -> Callable[[Sequence[Array]], bool]:
    """Whether arrays are outside of a domain that steps may leave."""
    return lambda arrays: any(
        domain.kind in OPEN and not domain.holds(a) for domain, a in zip(domains, arrays, strict=False)
    )


def convention_of(kind: str, problem_by: Callable[[str], Problem]) -> str:
    """By which of the conventions of a kind the gradient is right, where it is by one; by default that of inner products."""
    other = OTHERS.get(kind)
    if other is None:
        return ""
    own = problem_by("")
    points = list(islice((args for args in _points(own) if _tells(args[own.argnum])), POINTS))
    if not points or _is_right(own, points):
        return ""
    return other if _is_right(problem_by(other), points) else ""


def _points(problem: Problem) -> Sequence[Arguments]:
    if problem.example is not None:
        return [problem.example.args]
    return list(ordinary_points(problem, 3 * POINTS))


def _tells(x: Array) -> bool:
    """Whether the conventions differ there."""
    return x.shape[-1] > 1


def _is_right(problem: Problem, points: Sequence[Arguments]) -> bool:
    try:
        with np.errstate(all="ignore"):
            function = prepare(problem.fn, points[0], problem.argnum, [d.bounds for d in problem.domains])
            found = [judge_point(function, problem.grad, args, tells=False).verdict for args in points]
    except CannotJudge:
        return False
    return Verdict.WRONG not in found and Verdict.RIGHT in found


def with_form(report: Report, problem: Problem, raw: Callable[..., Any], convention: str) -> Report:
    """The report, in the words for how the gradient is written; raw: the user's own, as it stands."""
    kind = problem.domains[problem.argnum].kind
    if kind not in MAPS or report.complaint:
        return report
    words = {**dict.fromkeys(SYMMETRIC, "symmetrised"), "orthogonal": "tangential"}.get(kind)
    report = replace(report, of=f"{words} gradient" if words and report.of == "gradient" else report.of)
    if report.verdict in (Verdict.WRONG, Verdict.UNDECIDED):
        return report
    return replace(report, convention=WORDS.get(convention or _form(kind, problem, raw), ""))


def _form(kind: str, problem: Problem, raw: Callable[..., Any]) -> str:
    """How what the user's gradient returns looks at a few points."""
    asked, seen = on_arrays(raw), set()
    for args in islice((a for a in _points(problem) if _tells(a[problem.argnum])), POINTS):
        try:
            with np.errstate(all="ignore"):
                g = as_numpy(asked(*(a.copy() for a in args)))
        except Exception:  # at these points it says nothing
            continue
        x = args[problem.argnum]
        if g.shape == x.shape and g.dtype.kind == "f" and np.isfinite(g).all():
            seen.add(_form_of(kind, x, g))
    return next((form for form in ("plain", "triangle", "symmetrised", "euclidean", "tangent") if form in seen), "")


def _form_of(kind: str, x: Array, g: Array) -> str:
    small = 2.0**-20 * np.max(np.abs(g), initial=0.0)
    if kind == "orthogonal":
        inner = x.swapaxes(-1, -2) @ g
        return "tangent" if np.all(np.abs(inner + inner.swapaxes(-1, -2)) <= small) else "euclidean"
    if kind not in SYMMETRIC:
        return ""
    if np.all(np.abs(g - g.swapaxes(-1, -2)) <= small):
        return "symmetrised"
    return "triangle" if not np.triu(g, 1).any() or not np.tril(g, -1).any() else "plain"
