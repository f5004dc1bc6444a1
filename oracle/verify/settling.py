"""What arb is asked of a stack: the networks that float64 leaves open or XLA denies, and a sample of the rest."""

from __future__ import annotations

from typing import Any

import numpy as np

from oracle.judgement.verdict import Verdict
from oracle.verify import underflow
from oracle.verify.campaign.campaign import Screening
from oracle.verify.campaign.screen import case_of
from oracle.verify.examination import Examination
from oracle.verify.examine import examine
from oracle.verify.outcome import Verification
from oracle.verify.sampled_cases import ask_differences, check_embedding, check_enclosure

#: Only networks of at most so many parameters are sampled.
SAMPLE_SIZE = 400


def judge_suspicious(result: Verification, screening: Screening, number_of: dict[int, int]) -> None:
    """In order of size, so that the first wrong one is small."""
    result.suspicious += len(screening.suspicious)
    for k in sorted(screening.suspicious, key=lambda k: _parameters(screening.stack, k)):
        case = case_of(screening.stack, int(k))
        found = examine(case)
        if found.verdict is Verdict.UNDECIDED:
            result.unsettled += 1
        elif found.verdict is Verdict.RIGHT:
            result.settled += 1
            check_embedding(result.sample, screening, k, found, number_of[int(k)])
        elif overflows(found):
            result.tally.overflowed += 1
        elif found.verdict is Verdict.INACCURATE and (screening.subject.extreme[k] or underflow.explains(found)):
            result.tally.extreme[case.net.head.name] += 1
        else:
            result.failed = ("case", number_of[int(k)])
            return


def overflows(found: Examination) -> bool:
    """Whether C itself is larger than any float, so that no float can be right."""
    return bool(found.steps) and bool(np.isinf(found.steps[0].comparison.expected).any())


def judge_sample(
    result: Verification, screening: Screening, number_of: dict[int, int], share: int, rng: np.random.Generator
) -> None:
    """So many of those that passed: in arb, in differences, alone and in the stack."""
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
            result.failed = ("case", number_of[int(k)])
            return
        for step in found.steps:
            if step.comparison.eps >= sample.worst.get(step.equation, (0.0, ""))[0]:
                sample.worst[step.equation] = (step.comparison.eps, case.net.head.name)
        check_embedding(sample, screening, k, found, number_of[int(k)])
        check_enclosure(sample, screening, k, found, number_of[int(k)])
        sample.at_kink += found.at_kink
        if not found.at_kink:
            ask_differences(sample, found, number_of[int(k)], rng)


def _parameters(stack: Any, k: Any) -> int:
    first = stack.w.shape[1] - int(stack.depth[k])
    sizes = stack.sizes[k, first:]
    return int(np.sum(sizes[1:] * (sizes[:-1] + 1)))
