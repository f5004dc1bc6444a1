"""A gradient that is right except somewhere: where that is, and what it is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from oracle.candidate.asking import CannotJudge, ask
from oracle.diagnosis.evidence import TINY, Evidence, Floats, Mask
from oracle.diagnosis.fitting import enough
from oracle.diagnosis.fresh_domains import Inside
from oracle.diagnosis.places import Place, counted_place
from oracle.diagnosis.thresholds import threshold_place

Pattern = Callable[[Evidence, Mapping[str, float]], str | None]
#: Units of rounding within which two numbers are the same.
SAME = 1000.0


def right_except(
    evidence: Evidence, parameters: Mapping[str, float], inside: Inside, patterns: Sequence[Pattern]
) -> str | None:
    """ "It is right except …", and what it is there where one of the patterns fits the rest."""
    wrong = evidence.wrong & np.isfinite(evidence.got)
    neutral = evidence.neutral | evidence.invisible | ~np.isfinite(evidence.got) | np.isnan(evidence.true)
    if not np.any(~wrong & ~neutral):
        return None
    counted = counted_place(evidence, wrong, neutral, _right_zeros(evidence, wrong))
    place = counted or threshold_place(evidence, wrong, neutral, parameters, inside)
    if place is None:
        place = _whole_points(evidence, parameters, wrong, neutral, inside)
    if place is None:
        return None
    part = evidence.only(place.rows & evidence.comparable)
    there = _constant_there(part)
    if there is None and counted is None and _holds_still(part, inside):
        name = evidence.names[evidence.argnum]
        there = f"It does not change with {name}, as if {name} were clipped"
    if there is None and enough(part, part.wrong) and _varies(part):
        there = next((s for s in (pattern(part, parameters) for pattern in patterns) if s is not None), None)
    if there is None and _says_little(evidence, place):
        return None
    return _sentence(place.words, there)


def _right_zeros(evidence: Evidence, wrong: Mask) -> Mask:
    """Right zeros outside the mistake's place: one that makes something of other zeros would have moved them."""
    at_zeros = wrong & (np.abs(evidence.true) <= evidence.allowed + TINY)
    if not at_zeros.any():
        return np.zeros_like(wrong)
    usual = np.median(np.abs(evidence.got - evidence.true)[at_zeros])
    return ~wrong & (evidence.got == 0) & (evidence.allowed < 0.5 * usual)


def _varies(part: Evidence) -> bool:
    """Whether the argument or the truth takes more than one size: at a single one any factor is constant."""
    return any(bool(np.ptp(v) > SAME * np.max(part.unit) * np.max(v)) for v in (np.abs(part.x), np.abs(part.true)))


def _sentence(words: str, there: str | None) -> str:
    for all_but, only in (("in all but ", "in "), ("everywhere but ", "")):
        if words.startswith(all_but):
            where, then = f"It is right only {only}{words.removeprefix(all_but)}", "elsewhere"
            break
    else:
        where, then = f"It is right except {words}", "there"
    return where + (f"; {then} {there[0].lower()}{there[1:]}" if there else "")


def _whole_points(
    evidence: Evidence, parameters: Mapping[str, float], wrong: Mask, neutral: Mask, inside: Inside
) -> Place | None:
    """As before, with every component of a point counted as wrong where one is."""
    anywhere = evidence.each(lambda v: float(v.any()), wrong.astype(np.float64)) > 0
    silent = evidence.each(lambda v: float(v.all()), neutral.astype(np.float64)) > 0
    if np.array_equal(anywhere, wrong):
        return None
    some = neutral | (anywhere & ~wrong) | silent
    return counted_place(evidence, anywhere, some) or threshold_place(evidence, wrong, some, parameters, inside)


def _constant_there(evidence: Evidence) -> str | None:
    if not enough(evidence, evidence.wrong) or np.any(evidence.got != evidence.got[0]):
        return None
    return f"It is {evidence.got[0] + 0.0:g}"


def _says_little(evidence: Evidence, place: Place) -> bool:
    """Whether it is right at lengths 1 and 2 alone, or at a single size or argument, where many mistakes hide."""
    right = ~place.rows & ~evidence.wrong & (evidence.true != 0)
    only = place.words.startswith(("in all but ", "everywhere but "))
    few = min(len(np.unique(np.abs(v[right]))) for v in (evidence.true, evidence.x)) < 2
    return bool(np.all(evidence.size[~place.rows] <= 2) or (only and few))


def _holds_still(evidence: Evidence, inside: Inside) -> bool:
    """Whether a component stays as it is when its own entry moves among the wrong ones."""
    rows, x, tried = np.flatnonzero(evidence.wrong), evidence.x, 0
    for row in rows[:: max(1, len(rows) // 4)]:
        args, k = evidence.cases[int(evidence.point[row])].args, int(evidence.index[row])
        others: Floats = x[evidence.wrong & (x != x[row])]
        for value in others[:2]:
            moved = args[evidence.argnum].copy()
            moved.flat[k] = value
            there = [moved if j == evidence.argnum else a for j, a in enumerate(args)]
            if not inside(there):
                continue
            try:
                answer = ask(evidence.grad, there, evidence.argnum).value
            except CannotJudge:
                return False
            if answer is None or float(answer.flat[k]) != evidence.got[row]:
                return False
            tried += 1
    return tried >= 3
