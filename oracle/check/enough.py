"""Whether what was looked at is enough to say `right`: what keeps a check from it, and what to declare."""

from __future__ import annotations

from collections.abc import Iterator

from oracle.check.run import Run
from oracle.effort.budget import Budget
from oracle.judgement.verdict import Verdict

#: So many points compared are enough, where no more could be had.
ENOUGH = 8
DECLARE = "declare shorter lengths or smaller shapes, or ask for fewer examples"


def doubts(run: Run) -> Iterator[str]:
    """Why a gradient that is right wherever it was compared is not called right; nothing where enough was looked at."""
    compared = sum(f.verdict in (Verdict.RIGHT, Verdict.INACCURATE) for f in run.findings)
    if run.stopped and compared < min(ENOUGH, run.asked):
        yield f"little was tried: {compared} of {run.asked} points could be compared with {spent(run.budget)}; {DECLARE}"


def spent(budget: Budget) -> str:
    """What a budget allows, of the kind that was spent."""
    if budget.calls_spent > budget.calls:
        return f"{budget.calls:,} calls of fn and grad"
    return f"{budget.operations:,} operations on balls"
