"""What else is asked of the sampled cases of `manualbp verify`: differences, and the padding of the stack."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

import manualbp
from oracle.balls.midpoint_radius.rounding import TINY
from oracle.judgement.verdict import SLACK
from oracle.verify.campaign.campaign import Screening
from oracle.verify.campaign.draw import WEIGHTS, Stack
from oracle.verify.campaign.screen import ARRAYS
from oracle.verify.campaign.subject import StackGradients
from oracle.verify.case import on_arrays
from oracle.verify.examination import Examination
from oracle.witnesses import differences, directional_derivative, trace

#: A difference in floats counts as agreeing within so many of its own error estimates.
ESTIMATE_SLACK = 8.0


@dataclass
class Sample:
    """What the balls and the differences said of the sampled cases."""

    cases: int = 0
    worst: dict[str, tuple[float, str]] = field(default_factory=dict)
    ball_differences: int = 0
    float_differences: int = 0
    float_differences_undecided: int = 0
    embedding: float = 0.0
    enclosures: int = 0
    at_kink: int = 0
    conflicts: list[str] = field(default_factory=list)


def check_embedding(sample: Sample, screening: Screening, k: Any, found: Examination, number: int) -> None:
    off = embedding_error(screening.stack, screening.subject, found, int(k))
    sample.embedding = max(sample.embedding, off)
    if off > 1:
        sample.conflicts.append(
            f"case {number}: alone and in the stack it differs by {off:.3g} times what rounding explains"
        )


def embedding_error(stack: Stack, subject: StackGradients, found: Examination, k: int) -> float:
    """Largest difference between network k alone, as it was examined, and in the stack, in units of what rounding explains of the
    two: the padding is to change nothing but the order of sums. NaN counts as infinite."""
    first, worst = WEIGHTS - int(stack.depth[k]), 0.0
    for step in found.steps:
        if step.equation == "BP3":
            rows, columns = step.comparison.got.shape
            off = np.abs(subject.nabla_w[k, first + step.layer - 2, :rows, :columns] - step.comparison.got)
            share = float(np.max(off / (2 * step.comparison.allowed)))
            worst = max(worst, np.inf if np.isnan(share) else share)
    return worst


def check_enclosure(sample: Sample, screening: Screening, k: Any, found: Examination, number: int) -> None:
    """The enclosure of the case in its stack must hold what arb says."""
    stack, held = screening.stack, True
    for step in found.steps:
        truth = step.truth.midpoint()
        layer, sizes = step.layer - 2 + WEIGHTS - int(stack.depth[k]), truth.shape
        enclosure = screening.enclosures.of[ARRAYS[step.equation]]
        at = (k,) if step.equation == "C" else (k, layer, *(slice(n) for n in sizes))
        off = np.abs(truth - enclosure.midpoint[at])
        held &= bool(np.all(off <= enclosure.radius[at] + 2.0**-50 * np.abs(truth) + TINY))
    sample.enclosures += held
    if not held:
        sample.conflicts.append(f"case {number}: its enclosure in midpoint-radius arrays does not hold what arb says")


def ask_differences(sample: Sample, found: Examination, number: int, rng: np.random.Generator) -> None:
    """Both kinds of differences along a random direction d, against g·d of the hand-derived gradient."""
    case = found.case
    fn, args = on_arrays(case)
    L = len(case.net.weights)
    g = manualbp.gradients(case.net, case.x, case.expected)
    directions = tuple(rng.choice([-1.0, 1.0], v.shape) for v in args[: 2 * L])
    along = sum(float(np.sum(d * n)) for d, n in zip(directions, (*g.nabla_w, *g.nabla_b), strict=True))
    size = sum(float(np.sum(np.abs(n))) for n in (*g.nabla_w, *g.nabla_b))
    explained = sum(float(np.sum(s.comparison.allowed)) for s in found.steps if s.equation in ("BP3", "BP4"))
    rounding = SLACK * 2.0**-46 * size + explained

    def on_line(t: NDArray[Any]) -> Any:
        moved = [v + t * d for v, d in zip(args[: 2 * L], directions, strict=True)]
        return fn(*moved, *args[2 * L :])

    record = trace(fn, args, tuple(range(2 * L)))
    try:
        forth = directional_derivative(record, args, directions)
        back = directional_derivative(record, args, tuple(-d for d in directions))
    except ArithmeticError as reason:
        sample.conflicts.append(f"case {number}: differences in balls are undecided ({reason})")
        return
    high, low = float(forth.midpoint()), -float(back.midpoint())
    if min(low, high) - rounding <= along <= max(low, high) + rounding:
        sample.ball_differences += 1
    else:
        sample.conflicts.append(f"case {number}: g·d = {along:.17g}, differences in balls say {low:.17g} … {high:.17g}")
    with np.errstate(over="ignore", invalid="ignore"):
        (estimate,) = differences(on_line, (np.zeros(()),))
    value, error = float(estimate.value), float(estimate.error)
    if abs(value - along) <= ESTIMATE_SLACK * error + rounding:
        sample.float_differences += 1
    else:
        sample.float_differences_undecided += 1
