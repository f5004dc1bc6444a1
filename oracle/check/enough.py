"""Whether what was looked at is enough to say `right`: what keeps a check from it, and what to declare."""

from __future__ import annotations

from collections.abc import Iterator

from oracle.check.run import Run
from oracle.effort.budget import Budget
from oracle.judgement.verdict import Verdict
from oracle.search.length_branches import lengths_never_met

#: So many points compared are enough, where no more could be had.
ENOUGH = 8
#: Branches that are named.
MOST_NAMED = 3
DECLARE = "declare shorter lengths or smaller shapes, or ask for fewer examples"


def doubts(run: Run) -> Iterator[str]:
    """Why a gradient that is right wherever it was compared is not called right; nothing where enough was looked at."""
    compared = [f for f in run.findings if f.verdict in (Verdict.RIGHT, Verdict.INACCURATE)]
    if run.stopped and len(compared) < min(ENOUGH, run.asked):
        yield f"little was tried: {len(compared)} of {run.asked} points could be compared with {spent(run.budget)}; {DECLARE}"
    elif len(compared) < min(ENOUGH, len(run.findings)):
        open_at = next(f.how for f in run.findings if f not in compared)
        yield f"of {len(run.findings)} points {len(compared)} could be compared: declare where fn is to be looked at ({open_at})"
    elif len(run.findings) > 1:
        tried, seen = ({tuple(a.shape for a in f.args) for f in found} for found in (run.findings, compared))
        if len(seen) == 1 and (len(tried) > 1 or _has_several_lengths(run)):
            shape = " and ".join(map(str, seen.pop()))
            yield f"only at the shape {shape} could it be compared: a factor of the length would not be seen; declare others"
    yield from _lengths(run)
    unseen = never_entered(run)
    if unseen and not _asks_of_the_given(run):
        yield f"{unseen}: declare domains or lengths that do, or domains that exclude it"


def never_entered(run: Run) -> str:
    """The branches that no point entered, or nothing."""
    unseen = [f"{words} in {b.where}" for b in run.coverage.branches() for words in b.unseen] if run.coverage else []
    return (
        f"no point entered {', '.join(unseen[:MOST_NAMED])}{' …' if len(unseen) > MOST_NAMED else ''}" if unseen else ""
    )


def _asks_of_the_given(run: Run) -> bool:
    """Whether it is the arguments that were given that are asked about: where no domain can be declared, a branch far off is a
    note."""
    return run.problem.example is not None and run.problem.example.reach == 0


def _has_several_lengths(run: Run) -> bool:
    problem = run.problem.product.primal if run.problem.product is not None else run.problem
    if problem.shapes is not None or any(d.kind == "drawn" for d in problem.domains):
        return False
    if problem.sizes is not None:
        return any(low < high for _, low, high in problem.sizes.bounds)
    return problem.lengths is None or problem.lengths[0] < problem.lengths[1]


def _lengths(run: Run) -> Iterator[str]:
    """Lengths that the code asks for and nobody excluded."""
    problem = run.problem.product.primal if run.problem.product is not None else run.problem
    if problem.lengths is not None or not problem.of_vectors:
        return
    tried = sorted({a.shape[-1] for f in run.findings for a in f.args if a.ndim})
    for function in (run.problem.grad, run.problem.fn):
        for words in lengths_never_met(function, tried):
            yield f"{words} came out the same at every length tried, up to {tried[-1]}: declare lengths"


def spent(budget: Budget) -> str:
    """What a budget allows, of the kind that was spent."""
    if budget.calls_spent > budget.calls:
        return f"{budget.calls:,} calls of fn and grad"
    return f"{budget.operations:,} operations on balls"
