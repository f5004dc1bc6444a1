"""Why an answer is wrong: the standard mistakes that explain it, and whether digits alone were lost."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray

from oracle.vectors.formats import FORMATS, Format, as_floats, round_array
from oracle.vectors.judgement import Grade, Judgement, judge
from oracle.vectors.mistakes import MISTAKES
from oracle.vectors.record import Answer, Vector, tensors

NARROWER = {"float32 inside float64": FORMATS["float32"], "bfloat16 inside float32": FORMATS["bfloat16"]}
#: Mistakes of arithmetic, not of mathematics.
ARITHMETIC = frozenset({*NARROWER, "flushed subnormals"})


def explanations(vector: Vector, answer: Answer, found: Judgement) -> tuple[str, ...]:
    """Those of the matching mistakes that also show first where this answer does: the same equation of the same layer.

    Arithmetic too narrow has no such place; it leaves numbers that the narrow format holds. Of numbers that are not finite nothing
    else can be said.
    """
    values = [as_floats(value) for _, _, value in tensors(answer)]
    if any(np.isnan(v).any() for v in values):
        return ("NaN",)
    if any(np.isinf(v).any() for v in values):
        return ("overflow",)
    here = found.equation, found.layer
    return tuple(
        name
        for name in found.mistakes
        if (_is_held(vector, answer, NARROWER[name]) if name in NARROWER else _place(vector, answer, name) == here)
    )


def _is_held(vector: Vector, answer: Answer, narrow: Format) -> bool:
    """Whether the format holds every number of some tensor of the answer, though not of its truth."""
    truths = {(field, layer): as_floats(value) for field, layer, value in tensors(vector.truth)}

    def held(v: NDArray[np.float64]) -> bool:
        return bool(np.array_equal(as_floats(round_array(v, narrow)), v))

    return any(held(as_floats(v)) and not held(truths[field, layer]) for field, layer, v in tensors(answer))


def _place(vector: Vector, answer: Answer, name: str) -> tuple[str, int | None] | None:
    """The first wrong equation and layer of a mistake, in what the answer gives."""
    made = MISTAKES[name](vector.question)
    if made is None:
        return None
    absent = {f.name: None for f in fields(answer) if getattr(answer, f.name) is None}
    judged = judge(vector, replace(made, **absent))  # type: ignore[arg-type]
    return judged.equation, judged.layer


def only_digits(vector: Vector, answer: Answer, found: Judgement) -> bool:
    """Whether every entry of every wrong tensor is as near to the truth as rounding lets the largest entries of that tensor be."""
    given = {(field, layer): value for field, layer, value in tensors(answer)}
    truths = {(field, layer): value for field, layer, value in tensors(vector.truth)}
    allowances = {(field, layer): value for field, layer, value in tensors(vector.allowance)}
    for t in found.tensors:
        if t.grade is not Grade.WRONG:
            continue
        if t.at is None:  # of another shape or dtype
            return False
        key = t.tensor, t.layer
        with np.errstate(invalid="ignore", over="ignore"):
            error = np.abs(as_floats(given[key]) - as_floats(truths[key]))
        if not np.all(error <= np.max(allowances[key])):
            return False
    return True
