"""Why an answer is wrong: the standard mistakes that explain it, and how many digits it kept."""

from __future__ import annotations

from dataclasses import fields, replace
from enum import IntEnum

import numpy as np

from oracle.vectors.formats import as_floats
from oracle.vectors.judgement import FIELDS, Grade, Judgement, judge
from oracle.vectors.mistakes import MISTAKES
from oracle.vectors.narrow import NARROWER
from oracle.vectors.record import Answer, Vector, tensors

#: Mistakes of arithmetic, not of mathematics.
FLUSHED = "flushed subnormals"
ARITHMETIC = frozenset({*NARROWER, FLUSHED})


def explanations(vector: Vector, answer: Answer, found: Judgement) -> tuple[str, ...]:
    """What one case by itself says: those of the matching mistakes that also show first where this answer does, the same equation
    of the same layer. Of numbers that are not finite nothing else can be said.
    """
    if words := not_finite(answer):
        return (words,)
    here = found.equation, found.layer
    return tuple(name for name in found.mistakes if name in NARROWER or _place(vector, answer, name) == here)


def not_finite(answer: Answer) -> str:
    """NaN or overflow, where an answer holds such a thing."""
    values = [as_floats(value) for _, _, value in tensors(answer)]
    if any(np.isnan(v).any() for v in values):
        return "NaN"
    return "overflow" if any(np.isinf(v).any() for v in values) else ""


def _place(vector: Vector, answer: Answer, name: str) -> tuple[str, int | None] | None:
    """The first wrong equation and layer of a mistake, in what the answer gives."""
    made = MISTAKES[name](vector.question)
    if made is None:
        return None
    absent = {f.name: None for f in fields(answer) if getattr(answer, f.name) is None}
    judged = judge(vector, replace(made, **absent))  # type: ignore[arg-type]
    return judged.equation, judged.layer


class Kept(IntEnum):
    """What a wrong answer kept of the truth, in its worst tensor: it cannot even be compared, being of another shape or dtype; it
    shares no digits that count; half the digits of the largest entry; all the digits that rounding leaves to the largest entry."""

    INCOMPARABLE = 0
    NOTHING = 1
    HALF = 2
    NEARLY_ALL = 3


def kept(vector: Vector, answer: Answer, found: Judgement) -> Kept:
    """The least of all wrong tensors. Where ∇ₐC overflows though δ does not, an entry that is no number kept half: it says at least
    that it is none."""
    wrong = [t for t in found.tensors if t.grade is Grade.WRONG]
    if any(t.at is None for t in wrong):
        return Kept.INCOMPARABLE
    given = {field: getattr(answer, field) for field in FIELDS}
    truths = {(field, layer): as_floats(value) for field, layer, value in tensors(vector.truth)}
    allowances = {(field, layer): value for field, layer, value in tensors(vector.allowance)}
    half = 2.0 ** -(vector.question.format.bits // 2)
    least = Kept.NEARLY_ALL
    for t in wrong:
        value = as_floats(given[t.tensor] if t.tensor == "cost" else given[t.tensor][t.layer - 2])
        truth, most = truths[t.tensor, t.layer], float(np.max(allowances[t.tensor, t.layer]))
        finite = np.isfinite(value)
        with np.errstate(invalid="ignore", over="ignore"):
            error = np.where(finite, np.abs(value - truth), np.inf)
        enough = error <= max(most, half * float(np.max(np.abs(truth))))
        if "overflow" in vector.flags:
            enough |= ~finite
        if not np.all(enough):
            return Kept.NOTHING
        if not np.all(error <= most):
            least = Kept.HALF
    return least
