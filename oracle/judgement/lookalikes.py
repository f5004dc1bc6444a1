"""Points that a cache with too poor a key takes for one another: nearly equal numbers, the same sum, the same ends.

A stale answer is told from a rounded one by where it is asked: at a point of full precision that nobody asked about before,
the candidate is right; at its lookalike it gives that very answer, bit for bit, and is not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.candidate.asking import CannotJudge
from oracle.judgement.point import Finding, judge_point
from oracle.judgement.verdict import Verdict
from oracle.witnesses.function import Function

Array = NDArray[Any]
Arguments = tuple[Array, ...]

#: How far, relatively, the point lies from one that was asked before, and its lookalikes from it.
ELSEWHERE, NEARLY, CHANGED = 2.0**-12, 2.0**-33, 2.0**-6


def nearly_equal(x: Array) -> Array:
    return x * (1 + NEARLY)


def first_two_exchanged(x: Array) -> Array:
    out = x.copy()
    if x.size >= 2:
        flat = out.reshape(-1)
        flat[:2] = flat[1::-1].copy()
    return out


def middle_changed(x: Array) -> Array:
    """The first and the last entry stay."""
    out = x.copy()
    if x.size >= 3:
        flat = out.reshape(-1)
        flat[1:-1] *= 1 + CHANGED
    return out


LOOKALIKES: dict[str, Callable[[Array], Array]] = {
    "whose numbers are nearly equal": nearly_equal,
    "whose numbers are the same in another order": first_two_exchanged,
    "whose first and last numbers are the same": middle_changed,
}


def stale(function: Function, grad: Callable[..., Any], near: Arguments) -> tuple[Finding, str] | None:
    """The finding at a lookalike of a point near `near` for which grad gives the answer for that point, and which lookalike."""
    rng = np.random.default_rng(0)
    for words, like in LOOKALIKES.items():
        here = tuple(_moved(a, rng) for a in near)
        there = tuple(like(a) if a.dtype.kind == "f" else a.copy() for a in here)
        if not (function.inside(here) and function.inside(there)):
            continue
        first = _judged(function, grad, here)
        if first is None or first.verdict is not Verdict.RIGHT:
            continue
        second = _judged(function, grad, there)
        if second is None or second.got is None or second.verdict in (Verdict.RIGHT, Verdict.UNDECIDED):
            continue
        if second.truth is not None and np.array_equal(np.asarray(first.got), np.asarray(second.got)):
            return second, words
    return None


def _moved(x: Array, rng: np.random.Generator) -> Array:
    return x * (1 + ELSEWHERE * rng.uniform(0.5, 1, x.shape)) if x.dtype.kind == "f" else x.copy()


def _judged(function: Function, grad: Callable[..., Any], args: Sequence[Array]) -> Finding | None:
    try:
        return judge_point(function, grad, args)
    except CannotJudge:
        return None
