"""A run of `manualbp verify` in parts: a few edge cases, or one stack of random networks, judged by whichever process; and the sum.

What a part finds depends on the seed and its number alone, so that the sum is the same whoever judged what.
"""

from __future__ import annotations

import os
import socket
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from manualbp import DomainError
from oracle.judgement.verdict import Verdict
from oracle.verify.campaign.campaign import Tally, clocked, screened_stack, stack_number
from oracle.verify.edge_cases import edge_cases
from oracle.verify.examine import examine
from oracle.verify.outcome import Verification
from oracle.verify.sampled_cases import Sample
from oracle.verify.settling import judge_sample, judge_suspicious

#: So many edge cases are one part.
EDGES = 17
#: One case in so many is judged in arb besides, within these bounds.
SAMPLE_ONE_IN, SAMPLE_LEAST, SAMPLE_MOST = 200, 20, 64


@dataclass(frozen=True)
class Part:
    """Which part: edge cases from `start` on (stack None), or the random networks from `start` on, which are those of `stack`."""

    cases: int
    seed: int
    start: int
    stop: int
    stack: int | None = None


def parts(cases: int, seed: int, *, edges: bool = True) -> Iterator[Part]:
    """All parts of a run, in order."""
    if edges:
        count = len(list(edge_cases()))
        for start in range(0, count, EDGES):
            yield Part(cases, seed, start, min(start + EDGES, count))
    length = len(stack_number(seed, 0, cases)[1])
    for number, start in enumerate(range(0, cases, length)):
        yield Part(cases, seed, start, min(start + length, cases), number)


def judged(part: Part) -> Verification:
    """What a part finds, up to its first failure: `failed` says which case that is, and nothing of it is explained."""
    found = Verification(part.cases, part.seed, Tally(), Sample())
    if part.stack is None:
        _judge_edges(part, found)
    else:
        _judge_stack(part, found)
    spent = sum(seconds for what, seconds in found.tally.seconds.items() if what != "compile")
    found.tally.busy[f"{socket.gethostname()} {os.getpid()}"] = spent
    return found


def _judge_edges(part: Part, found: Verification) -> None:
    for number, case in list(enumerate(edge_cases()))[part.start : part.stop]:
        try:
            examined = examine(case)
        except DomainError as error:  # the record's own σ leaves the domain of its cost
            found.sample.conflicts.append(f"edge case {case.words}: {error}")
            continue
        if examined.verdict is Verdict.UNDECIDED:
            found.unsettled += 1
            continue
        found.edges += 1
        if examined.verdict is not Verdict.RIGHT:
            found.failed = ("edge", number)
            return


def _judge_stack(part: Part, found: Verification) -> None:
    assert part.stack is not None
    cases = part.cases
    wanted = min(cases, max(SAMPLE_LEAST, min(SAMPLE_MOST, cases // SAMPLE_ONE_IN)))
    share = round(wanted * part.stop / cases) - round(wanted * part.start / cases)
    screening = screened_stack(part.stack, part.seed, cases, part.stop - part.start, found.tally)
    number_of = {int(k): part.start + place for place, k in enumerate(screening.chosen)}
    with clocked(found.tally, "settle"):
        judge_suspicious(found, screening, number_of)
    if found.failed is None:
        judge_sample(found, screening, number_of, share, np.random.default_rng([part.seed, cases, part.stack]))


def add(total: Verification, part: Verification) -> None:
    """What a part found joins the rest."""
    for name in ("edges", "settled", "unsettled", "suspicious"):
        setattr(total, name, getattr(total, name) + getattr(part, name))
    _add(total.tally, part.tally)
    _add(total.sample, part.sample)
    total.failed = total.failed or part.failed


def _add(total: Any, part: Any) -> None:
    for field in fields(total):
        mine, more = getattr(total, field.name), getattr(part, field.name)
        if field.name == "worst":
            for equation, (eps, head) in more.items():
                if eps >= mine.get(equation, (0.0, ""))[0]:
                    mine[equation] = (eps, head)
        elif field.name == "embedding":
            setattr(total, field.name, max(mine, more))
        elif isinstance(mine, Counter | set):
            mine.update(more)
        elif isinstance(mine, list):
            mine.extend(more)
        else:
            setattr(total, field.name, mine + more)


def encoded(part: Verification) -> dict[str, Any]:
    """JSON-ready, of a part without a failure."""
    data = {name: getattr(part, name) for name in ("edges", "settled", "unsettled", "suspicious")}
    tally, sample = ({f.name: getattr(record, f.name) for f in fields(record)} for record in (part.tally, part.sample))
    return {**data, "tally": {**tally, "pairs": sorted(part.tally.pairs)}, "sample": sample}


def decoded(part: Part, data: dict[str, Any]) -> Verification:
    """The part of `encoded`. Raises ValueError, KeyError or TypeError for other data."""
    found = Verification(part.cases, part.seed, _record(Tally, data["tally"]), _record(Sample, data["sample"]))
    for name in ("edges", "settled", "unsettled", "suspicious"):
        setattr(found, name, int(data[name]))
    return found


def _record(kind: Any, data: dict[str, Any]) -> Any:
    record = kind()
    for field in fields(record):
        empty, value = getattr(record, field.name), data[field.name]
        if field.name == "worst":
            value = {equation: (float(eps), str(head)) for equation, (eps, head) in value.items()}
        elif isinstance(empty, Counter):
            value = Counter(value)
        elif isinstance(empty, set):
            value = {tuple(pair) for pair in value}
        setattr(record, field.name, value)
    return record
