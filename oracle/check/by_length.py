"""Up to which length a gradient is right, where its mistake begins at one: a kernel's tile ends there."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from oracle.check.run import Run
from oracle.effort.budget import Exhausted
from oracle.judgement.point import Finding
from oracle.judgement.verdict import Verdict
from oracle.search.problem import Arguments
from oracle.search.smaller import kept

#: A mistake of shorter vectors has another reason than their length, or one that is told otherwise.
SHORT = 9
#: So many right points at shorter lengths, and at this many of them, are evidence.
RIGHT_POINTS, RIGHT_LENGTHS = 6, 4


def right_up_to(run: Run, smallest: Finding, judged: Callable[[Arguments], Finding | None]) -> str | None:
    """The longest length at which it is right and the first at which it is wrong, where these two follow one another; smallest: the
    shrunk counterexample. None where the length does not decide."""
    if not run.problem.of_vectors or run.problem.product is not None or smallest.complaint:
        return None
    length = smallest.args[run.problem.argnum].size
    before = [(f, n) for f in run.findings if f.verdict is Verdict.RIGHT and (n := _length(f, run)) < length]
    lengths = {n for _, n in before}
    wrong = [_length(f, run) for f in run.findings if f.verdict is Verdict.WRONG]
    if length <= SHORT or not wrong or min(wrong) < length:
        return None
    if len(before) < RIGHT_POINTS or len(lengths) < RIGHT_LENGTHS:
        return None
    try:
        found = [judged(_cut(run, f.args, length - 1)) for f in run.findings if f.verdict is Verdict.WRONG][:3]
    except Exhausted:
        return None
    if not found or any(f is None or f.verdict is not Verdict.RIGHT for f in found):
        return None
    right_beyond = [n for f in run.findings if f.verdict is Verdict.RIGHT and (n := _length(f, run)) >= length]
    words = "at some points, not at all" if right_beyond else "at every longer one that was tried"
    if right_beyond or max(wrong) > length:
        return f"It is right up to length {length - 1}, and wrong from {length} on, {words}"
    return f"It is right up to length {length - 1}, and wrong at {length}"


def _length(found: Finding, run: Run) -> int:
    return int(found.args[run.problem.argnum].size)


def _cut(run: Run, args: Arguments, length: int) -> Arguments:
    return kept(run.problem, args, np.arange(length))
