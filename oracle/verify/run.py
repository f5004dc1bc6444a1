"""`manualbp verify`: hand-derived backpropagation against every witness, on thousands of random architectures.

First every record is judged by itself, at the ends of its domain, in balls. Then every random case is held against the enclosure
of its truth in midpoint–radius arrays, a stack at a time, and against `jax.grad` under XLA. What float64 leaves open, what differs
from XLA, and a sample of the rest is judged in arb; the sample also against differences, in balls and in floats, along a random
direction, and alone against itself in the stack.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

from manualbp import DomainError
from oracle.judgement.verdict import Verdict
from oracle.verify.blame import blame
from oracle.verify.campaign.campaign import Tally, stack_number
from oracle.verify.campaign.screen import case_of
from oracle.verify.case import Case, on_arrays
from oracle.verify.edge_cases import edge_cases
from oracle.verify.examination import Examination
from oracle.verify.examine import examine
from oracle.verify.outcome import Failure, Verification
from oracle.verify.parts import add, decoded, encoded, judged, parts
from oracle.verify.sampled_cases import Sample
from oracle.verify.shrink import shrink
from oracle.workers.each import Lost, in_order
from oracle.workers.executors import HERE, Where
from oracle.workers.journal import noted, taken_up


def verify(
    cases: int,
    seed: int,
    *,
    loop: int = 0,
    edges: bool = True,
    advance: Callable[[int], None] = lambda n: None,
    where: Where = HERE,
    part: tuple[int, int] = (1, 1),
    resume: Path | None = None,
) -> Verification:
    """Runs the edge cases, unless `edges` is false, and the campaign. Stops at the first wrong edge case, or the first stack with a
    wrong case. `loop`: also time `jax.jit(jax.grad)`, network by network; part: the k-th of n parts alone; resume: a file that
    notes what is done, and says what was done before. Nothing but the seconds depends on `where`.

    Raises ValueError for cases < 1, seed < 0, or a file of another run.
    """
    if cases < 1:
        raise ValueError(f"cases = {cases}: give at least 1")
    if seed < 0:
        raise ValueError(f"seed = {seed}: give 0 or more")
    started = time.perf_counter()
    result = Verification(cases, seed, Tally(), Sample())
    about = {"command": "verify", "cases": cases, "seed": seed, "shard": f"{part[0]}/{part[1]}"}
    before = taken_up(resume, about)
    todo = list(islice(parts(cases, seed, edges=edges), part[0] - 1, None, part[1]))
    fresh = iter(in_order(judged, [each for number, each in enumerate(todo) if number not in before], where))
    with noted(resume, about, before) as note:
        for number, each in enumerate(todo):
            found = decoded(each, before[number]) if number in before else next(fresh)
            if isinstance(found, Lost):
                result.lost.append(f"{_words(each)}: {found.why}")
            else:
                add(result, found)
            if result.failed is not None:
                break
            if number not in before and not isinstance(found, Lost):
                note(number, encoded(found))
            advance(each.stop - each.start if each.stack is not None else 0)
    getattr(fresh, "close", lambda: None)()
    if result.failed is not None:
        result.failure = explain_case(cases, seed, *result.failed)
    elif loop:
        result.loop_per_second = time_loop([random_case(cases, seed, number) for number in range(min(loop, cases))])
    result.seconds = time.perf_counter() - started
    return result


def _words(part: Any) -> str:
    return f"{'edge cases' if part.stack is None else 'cases'} {part.start} to {part.stop - 1}"


def explain_case(cases: int, seed: int, kind: str, number: int) -> Failure:
    """An edge case or a random one that failed, shrunk."""
    if kind == "edge":
        return explain(examine(list(edge_cases())[number]), None)
    return explain(examine(random_case(cases, seed, number)), number)


def explain(found: Examination, number: int | None) -> Failure:
    """Shrinks a failing case while the same culprit stays to blame."""
    culprit = blame(found)

    def still(case: Case) -> bool:
        try:
            again = examine(case)
            return again.verdict is found.verdict and blame(again).what == culprit.what
        except DomainError:
            return False

    smallest = examine(shrink(found.case, still))
    return Failure(number, found, smallest, blame(smallest))


def random_case(cases: int, seed: int, number: int) -> Case:
    """A network of a campaign, by its number."""
    length = len(stack_number(seed, 0, cases)[1])
    stack, order = stack_number(seed, number // length, cases)
    return case_of(stack, int(order[number % length]))


def replay(cases: int, seed: int, number: int) -> Failure | Examination:
    """Case `number` of the campaign again. Raises ValueError where the campaign has no such case."""
    if not 0 <= number < cases:
        raise ValueError(f"case {number}: a campaign of {cases} cases has 0 to {cases - 1}")
    found = examine(random_case(cases, seed, number))
    return found if found.verdict in (Verdict.RIGHT, Verdict.UNDECIDED) else explain(found, number)


def time_loop(cases: list[Case]) -> float:
    """Architectures a second of the plain loop: `jax.jit(jax.grad(…))` for each network, compiled and run."""
    import jax

    from oracle.witnesses.tracing import double_precision

    start = time.perf_counter()
    with double_precision():
        for case in cases:
            fn, args = on_arrays(case)
            jax.block_until_ready(jax.jit(jax.grad(fn, tuple(range(len(args)))))(*args))
    return len(cases) / (time.perf_counter() - start)
