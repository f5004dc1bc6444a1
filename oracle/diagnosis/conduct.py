"""What is wrong with the answer before any number is compared: what grad does to its arguments, and where it is not finite."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from oracle.candidate.asking import BITS, CannotJudge, ask
from oracle.diagnosis.evidence import KINK_UNITS, Evidence, Floats, Mask
from oracle.diagnosis.fresh_domains import Inside
from oracle.diagnosis.places import counted_place
from oracle.diagnosis.quantities import Args
from oracle.diagnosis.thresholds import threshold_place
from oracle.judgement.point import Finding
from oracle.judgement.verdict import Verdict


def complaints(findings: Sequence[Finding]) -> list[str]:
    """One sentence for each kind of complaint, with the numbers of the first."""
    kinds: dict[str, str] = {}
    for finding in findings:
        if finding.complaint:
            kinds.setdefault(finding.complaint.partition(":")[0].partition("(")[0], finding.complaint)
    return [text[0].upper() + text[1:] for text in kinds.values()]


def accumulates(grad: Callable[..., Any], argnum: int, findings: Sequence[Finding]) -> str | None:
    """What changes from call to call by the same numbers: a buffer that every call adds to."""
    told = next((f for f in findings if f.complaint.startswith("it answers otherwise the second time")), None)
    if told is None:
        return None
    answers = []
    for _ in range(4):
        try:
            answers.append(np.array(grad(*(a.copy() for a in told.args)), dtype=np.float64))
        except Exception:
            return None
    steps = np.diff(answers, axis=0)
    room = 1e-9 * np.max(np.abs(answers))
    if np.any(np.abs(steps - steps[0]) > room) or not np.any(np.abs(steps[0]) > 4 * room):
        return None
    return "Each call adds to what it returned before: a buffer that is kept between calls, and not zeroed"


def no_joint_subgradient(findings: Sequence[Finding]) -> str | None:
    """Kinks where every component is a one-sided derivative or between, and all together are no subgradient."""
    wrong = [f for f in findings if f.verdict is not Verdict.RIGHT and not f.complaint]
    here = [_is_no_joint_subgradient(f) for f in wrong]
    if not any(here):
        return None
    which = "At a kink" if all(here) else "At some of the kinks"
    return f"{which} every component lies between the one-sided derivatives, but together they are no subgradient"


def _is_no_joint_subgradient(f: Finding) -> bool:
    if f.verdict is not Verdict.WRONG or f.error is None or f.got is None or f.truth is None:
        return False
    room = KINK_UNITS * 2.0 ** -BITS[f.got.dtype.name] * np.abs(f.got.astype(np.float64))
    return bool(np.all(f.error <= room) and np.any(f.truth.kink))


def not_finite(evidence: Evidence, parameters: Mapping[str, float], inside: Inside) -> list[str]:
    """NaN or infinity where the truth is finite, and what these rows have in common; NaN by itself where both have nothing."""
    wrong = ~np.isfinite(evidence.got) & np.isfinite(evidence.true)
    if not wrong.any():
        return []
    if wrong.all():
        return [f"It is {_kind(evidence.got[wrong])} everywhere"]
    nan = wrong & np.isnan(evidence.got)
    parts = [wrong] if not nan.any() or np.array_equal(nan, wrong) else [wrong, nan, wrong & ~nan]
    unknown = ~np.isfinite(evidence.true)
    said = [_where_not_finite(evidence, part, unknown | (wrong & ~part), parameters, inside) for part in parts]
    if said[0] is not None:
        return [said[0]]
    return [s or _such_as(evidence, part) for s, part in zip(said[1:] or said, parts[1:] or parts, strict=True)]


def _where_not_finite(
    evidence: Evidence, wrong: Mask, neutral: Mask, parameters: Mapping[str, float], inside: Inside
) -> str | None:
    plain = replace(
        evidence, wrong=wrong, kink=np.zeros_like(wrong)
    )  # where the arguments meet says more than that fn has a kink
    place = (
        counted_place(plain, wrong, neutral)
        or counted_place(replace(evidence, wrong=wrong), wrong, neutral)
        or threshold_place(evidence, wrong, neutral, parameters, inside, _is_not_finite)
    )
    if place is None:
        return None
    right = "every subgradient" if evidence.kink[wrong].all() else "the derivative"
    return f"It is {_kind(evidence.got[wrong])} {place.words}, though {right} is finite there"


def _such_as(evidence: Evidence, wrong: Mask) -> str:
    row = int(np.argmax(wrong))
    at = ", ".join(f"{n} = {v[row]:g}" for n, v in zip(evidence.names, evidence.values, strict=True) if v is not None)
    among = "" if evidence.size[row] == 1 else f" at entry {evidence.index[row]} of {evidence.size[row]:g}"
    return f"It is {_kind(evidence.got[wrong])} at some points where the derivative is finite, such as {at}{among}"


def _kind(values: Floats) -> str:
    nan, infinite = bool(np.isnan(values).any()), bool(np.isinf(values).any())
    return "NaN or infinite" if nan and infinite else "NaN" if nan else "infinite"


def _is_not_finite(evidence: Evidence, args: Args, k: int) -> bool | None:
    try:
        value = ask(evidence.grad, args, evidence.argnum).value
    except CannotJudge:
        return None
    return None if value is None else not bool(np.isfinite(float(value.flat[k])))
