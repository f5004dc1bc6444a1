"""`manualbp verify`: hand-derived backpropagation against every witness, on thousands of random architectures.

First every record is judged by itself, at the ends of its domain, in balls. Then every random case is held against the enclosure
of its truth in midpoint–radius arrays, a stack at a time, and against `jax.grad` under XLA. What float64 leaves open, what differs
from XLA, and a sample of the rest is judged in arb; the sample also against differences, in balls and in floats, along a random
direction, and alone against itself in the stack.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from manualbp import DomainError
from oracle.judgement.verdict import Verdict
from oracle.verify.blame import blame
from oracle.verify.campaign.campaign import Screening, Tally, clocked, run_campaign, stack_number
from oracle.verify.campaign.screen import case_of
from oracle.verify.case import Case, on_arrays
from oracle.verify.edge_cases import edge_cases
from oracle.verify.examine import Examination, examine
from oracle.verify.outcome import Failure, Verification
from oracle.verify.sampled_cases import Sample, ask_differences, check_embedding, check_enclosure
from oracle.verify.shrink import shrink

#: One case in so many is judged in balls, within these bounds, and only networks of at most so many parameters.
SAMPLE_ONE_IN, SAMPLE_LEAST, SAMPLE_MOST, SAMPLE_SIZE = 200, 20, 64, 400


def verify(
    cases: int, seed: int, *, loop: int = 0, edges: bool = True, advance: Callable[[int], None] = lambda n: None
) -> Verification:
    """Runs the edge cases, unless `edges` is false, and the campaign. Stops at the first wrong edge case, or the first stack with a
    wrong case. `loop`: also time `jax.jit(jax.grad)`, network by network.

    Raises ValueError for cases < 1 or seed < 0.
    """
    if cases < 1:
        raise ValueError(f"cases = {cases}: give at least 1")
    if seed < 0:
        raise ValueError(f"seed = {seed}: give 0 or more")
    started = time.perf_counter()
    result = Verification(cases, seed, Tally(), Sample())
    if edges:
        _judge_edges(result)
    if result.failure is None:
        _run(result, loop, advance)
    result.seconds = time.perf_counter() - started
    return result


def _judge_edges(result: Verification) -> None:
    for case in edge_cases():
        try:
            found = examine(case)
        except DomainError as error:  # the record's own σ leaves the domain of its cost
            result.sample.conflicts.append(f"edge case {case.words}: {error}")
            continue
        if found.verdict is Verdict.UNDECIDED:
            result.unsettled += 1
            continue
        result.edges += 1
        if found.verdict is not Verdict.RIGHT:
            result.failure = explain(found, None)
            return


def _run(result: Verification, loop: int, advance: Callable[[int], None]) -> None:
    cases, seed = result.cases, result.seed
    wanted = min(cases, max(SAMPLE_LEAST, min(SAMPLE_MOST, cases // SAMPLE_ONE_IN)))
    rng = np.random.default_rng([seed, cases])
    before = 0
    loop_cases: list[Case] = []
    for screening in run_campaign(cases, seed, result.tally, advance):
        number_of = {int(k): before + place for place, k in enumerate(screening.chosen)}
        result.suspicious += len(screening.suspicious)
        with clocked(result.tally, "settle"):
            _judge_suspicious(result, screening, number_of)
        if result.failure is not None:
            break
        share = round(wanted * (before + len(screening.chosen)) / cases) - result.sample.cases
        _judge_sample(result, screening, number_of, share, rng)
        if result.failure is not None:
            break
        if len(loop_cases) < loop:
            loop_cases += [case_of(screening.stack, int(k)) for k in screening.chosen[: loop - len(loop_cases)]]
        before += len(screening.chosen)
    if loop and result.failure is None:
        result.loop_per_second = time_loop(loop_cases)


def _judge_suspicious(result: Verification, screening: Screening, number_of: dict[int, int]) -> None:
    """In order of size, so that the first wrong one is small."""
    for k in sorted(screening.suspicious, key=lambda k: _parameters(screening.stack, k)):
        case = case_of(screening.stack, int(k))
        found = examine(case)
        if found.verdict is Verdict.UNDECIDED:
            result.unsettled += 1
        elif found.verdict is Verdict.RIGHT:
            result.settled += 1
            check_embedding(result.sample, screening, k, number_of[int(k)])
        elif overflows(found):
            result.tally.overflowed += 1
        elif found.verdict is Verdict.INACCURATE and screening.subject.extreme[k]:
            result.tally.extreme[case.net.head.name] += 1
        else:
            result.failure = explain(found, number_of[int(k)])
            return


def overflows(found: Examination) -> bool:
    """Whether C itself is larger than any float, so that no float can be right."""
    return bool(found.steps) and bool(np.isinf(found.steps[0].comparison.expected).any())


def _judge_sample(
    result: Verification, screening: Screening, number_of: dict[int, int], share: int, rng: np.random.Generator
) -> None:
    stack, sample = screening.stack, result.sample
    passed = np.setdiff1d(screening.chosen, screening.suspicious)
    passed = passed[~screening.subject.refused[passed] & np.isfinite(screening.subject.cost[passed])]
    small = passed[[_parameters(stack, k) <= SAMPLE_SIZE for k in passed]]
    for k in rng.permutation(small)[:share]:
        case = case_of(stack, int(k))
        found = examine(case)
        if found.verdict is Verdict.UNDECIDED:
            result.unsettled += 1
            continue
        sample.cases += 1
        if found.verdict is not Verdict.RIGHT:
            result.failure = explain(found, number_of[int(k)])
            return
        for step in found.steps:
            if step.comparison.eps >= sample.worst.get(step.equation, (0.0, ""))[0]:
                sample.worst[step.equation] = (step.comparison.eps, case.net.head.name)
        check_embedding(sample, screening, k, number_of[int(k)])
        check_enclosure(sample, screening, k, found, number_of[int(k)])
        sample.at_kink += found.at_kink
        if not found.at_kink:
            ask_differences(sample, case, number_of[int(k)], rng)


def _parameters(stack: Any, k: Any) -> int:
    first = stack.w.shape[1] - int(stack.depth[k])
    sizes = stack.sizes[k, first:]
    return int(np.sum(sizes[1:] * (sizes[:-1] + 1)))


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


def replay(cases: int, seed: int, number: int) -> Failure | Examination:
    """Case `number` of the campaign again. Raises ValueError where the campaign has no such case."""
    if not 0 <= number < cases:
        raise ValueError(f"case {number}: a campaign of {cases} cases has 0 to {cases - 1}")
    which = 0
    while True:
        stack, order = stack_number(seed, which, cases)
        if number < len(order):
            found = examine(case_of(stack, int(order[number])))
            return found if found.verdict in (Verdict.RIGHT, Verdict.UNDECIDED) else explain(found, number)
        number, which = number - len(order), which + 1


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
