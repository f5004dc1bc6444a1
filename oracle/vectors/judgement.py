"""The judge: an answer against a vector, tensor by tensor, in one of three grades.

accurate    every entry is within ACCURATE_ULPS places of the correctly rounded value
stable      every other entry is as near as the arithmetic of the dtype lets a right program come: the vector's allowance
wrong       some entry is neither; or is not finite; or the tensor has another shape or dtype

Both grades are right answers. Neither alone would do: a budget in ulp calls a right sum that cancels wrong, and a bound alone does
not tell a gradient that vanished from one that kept its digits. Distances in ulp count the format's numbers in between, so that
−0 is 0 and the step from the least subnormal to 0 is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from math import log10
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.vectors.formats import Format, as_floats, places
from oracle.vectors.record import Answer, Vector, tensors

Array = NDArray[Any]
#: k: the last two bits of an accurate result may be off.
ACCURATE_ULPS = 4
#: A program meets underflow in a few places, each of which may cost this many of the smallest number that it knows.
UNDERFLOWS = 16
#: A mistake shows where it would with an allowance this many times as wide: what is told of it must not hang on a last digit.
MARGIN = 2.0
#: Greater distances are reported as this one, which every reader of JSON holds exactly.
MOST_ULPS = 2**53
GRADIENTS = ("nabla_w", "nabla_b")
FIELDS = ("activations", "cost", "deltas", *GRADIENTS)


class Grade(StrEnum):
    """accurate and stable are right; wrong is wrong."""

    ACCURATE = "accurate"
    STABLE = "stable"
    WRONG = "wrong"


@dataclass(frozen=True)
class TensorJudgement:
    """One tensor of an answer.

    tensor: activations, cost, deltas, nabla_w or nabla_b, of `layer`. ulps: the worst distance (at most 2⁵³); None where an entry
    is not finite or the tensor cannot be compared. digits_lost: log₁₀ of that. at: the worst entry, with what was got there,
    what the truth is, how far apart they are and how far they may be.
    """

    tensor: str
    layer: int
    grade: Grade
    ulps: int | None
    digits_lost: float | None
    at: tuple[int, ...] | None
    got: float | None
    expected: float | None
    error: float | None
    allowed: float | None
    sentence: str

    @property
    def symbol(self) -> str:
        return {
            "activations": f"a^{self.layer}",
            "cost": "C",
            "deltas": f"δ^{self.layer}",
            "nabla_w": f"∂C/∂W^{self.layer}",
            "nabla_b": f"∂C/∂b^{self.layer}",
        }[self.tensor]


@dataclass(frozen=True)
class Judgement:
    """The whole answer: the worst grade of its tensors, which are in the order of the passes.

    equation: the first that is wrong (forward, cost, BP1, BP2, BP3 or BP4) and its layer; "" where none is. mistakes: the standard
    mistakes that lead to this answer, by name. sentence: what was found.
    """

    id: str
    grade: Grade
    tensors: tuple[TensorJudgement, ...]
    equation: str
    layer: int | None
    mistakes: tuple[str, ...]
    sentence: str

    def __bool__(self) -> bool:
        """Whether the answer is right, in either grade."""
        return self.grade is not Grade.WRONG

    @property
    def mistake(self) -> str | None:
        """The likeliest of the matching mistakes."""
        return self.mistakes[0] if self.mistakes else None

    @property
    def ulps(self) -> int | None:
        """The worst of all tensors; None where one cannot be compared."""
        found = [t.ulps for t in self.tensors]
        return None if not found or None in found else max(u for u in found if u is not None)

    @property
    def digits_lost(self) -> float | None:
        """The worst of all tensors; None where one cannot be compared."""
        return None if self.ulps is None else round(log10(max(self.ulps, 1)), 1)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        parts = [{**asdict(t), "at": None if t.at is None else list(t.at)} for t in self.tensors]
        for part in parts:
            part |= {k: None for k in ("got", "error") if isinstance(part[k], float) and not np.isfinite(part[k])}
        own = {"id": self.id, "grade": self.grade, "equation": self.equation, "layer": self.layer}
        return {**own, "mistakes": list(self.mistakes), "ulps": self.ulps, "sentence": self.sentence, "tensors": parts}


def judge(vector: Vector, answer: Answer, *, flush_to_zero: bool = False, named: bool = True) -> Judgement:
    """Judges an answer to the question of a vector.

    flush_to_zero: the backend knows no subnormal numbers, and says so: then every entry may be off by UNDERFLOWS times the smallest
    normal number. named: whether the standard mistakes that lead there are looked for. What is optional and not given is not
    judged; gradients that are missing are wrong.
    """
    found = grade_tensors(vector, answer, flush_to_zero=flush_to_zero)
    wrong = [t for t in found if t.grade is Grade.WRONG]
    if not wrong:
        grade = Grade.STABLE if any(t.grade is Grade.STABLE for t in found) else Grade.ACCURATE
        worst = max(found, key=lambda t: t.ulps or 0)
        return Judgement(vector.id, grade, found, "", None, (), f"{grade}: at worst {worst.sentence}")
    from oracle.vectors.match import matching

    equation, layer = _first_wrong(found)
    mistakes = matching(vector, answer) if named else ()
    like = f"; it is what one gets by: {mistakes[0]}" if mistakes else ""
    where = f"{equation} of layer {layer}" if equation != "cost" else "the cost"
    first = next(t for t in wrong if (t.tensor, t.layer) in _places(equation, layer))
    sentence = f"wrong, first in {where}: {first.sentence}{like}"
    return Judgement(vector.id, Grade.WRONG, found, equation, layer, mistakes, sentence)


def grade_tensors(vector: Vector, answer: Answer, *, flush_to_zero: bool = False) -> tuple[TensorJudgement, ...]:
    """Every tensor of the truth that the answer gives, and those that it owes."""
    L = len(vector.truth.nabla_w) + 1
    extra = UNDERFLOWS * vector.question.format.tiny if flush_to_zero else 0.0
    given = {field: getattr(answer, field) for field in FIELDS}
    allowances = {(field, layer): v for field, layer, v in tensors(vector.allowance)}
    found = []
    for field, layer, truth in tensors(vector.truth):
        value = given[field]
        if value is None:
            if field in GRADIENTS:
                found.append(_unlike(field, layer, f"{field} is missing: every answer gives it"))
            continue
        if field != "cost":
            if not isinstance(value, Sequence) or len(value) != L - 1:
                what = f"{len(value)} arrays" if isinstance(value, Sequence) else f"a {type(value).__name__}"
                found.append(_unlike(field, layer, f"{field} is {what}: give one array for each of the layers 2 … {L}"))
                continue
            value = value[layer - 2]
        allowed = allowances[field, layer] + extra
        found.append(grade_tensor(field, layer, value, truth, allowed, vector.question.format))
    return tuple(found)


def grade_tensor(
    field: str, layer: int, value: object, truth: Array, allowed: NDArray[np.float64], fmt: Format
) -> TensorJudgement:
    """One tensor against the correctly rounded truth and its allowance, which are of one shape."""
    name = field if field == "cost" else f"{field} of layer {layer}"
    if not isinstance(value, np.ndarray | np.generic):
        return _unlike(field, layer, f"{name} is a {type(value).__name__}: give an array of {fmt.name}")
    got = np.asarray(value)
    if got.dtype != fmt.dtype:
        return _unlike(field, layer, f"{name} has dtype {got.dtype}, the question {fmt.name}")
    if got.shape != truth.shape:
        return _unlike(field, layer, f"{name} has shape {got.shape}, and must have {truth.shape}")
    g, t = as_floats(got), as_floats(truth)
    finite = np.isfinite(g)
    here, there = places(got, fmt), places(truth, fmt)
    with np.errstate(invalid="ignore", over="ignore"):
        error = np.where(finite, np.abs(g - t), np.inf)
        # the distance of two places may leave int64, never uint64, whose arithmetic wraps
        ulps = np.maximum(here, there).astype(np.uint64) - np.minimum(here, there).astype(np.uint64)
    near = finite & (ulps <= ACCURATE_ULPS)
    wrong = ~near & ~(finite & (error <= allowed))
    grade = Grade.WRONG if wrong.any() else Grade.ACCURATE if near.all() else Grade.STABLE
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        excess = np.where(wrong, np.where(finite, error / allowed, np.inf), -1.0)
    worst = int(np.argmax(excess)) if wrong.any() else int(np.argmax(ulps))
    at = tuple(int(k) for k in np.unravel_index(worst, got.shape))
    most = min(int(np.max(ulps)), MOST_ULPS) if finite.all() else None
    digits = None if most is None else round(log10(max(most, 1)), 1)
    facts = float(g[at]), float(t[at]), float(error[at]), float(allowed[at])
    sentence = _numbers(name, at, got, truth, int(ulps[at]), facts, bool(finite[at]))
    return TensorJudgement(field, layer, grade, most, digits, at, *facts, sentence)


def _unlike(field: str, layer: int, sentence: str) -> TensorJudgement:
    return TensorJudgement(field, layer, Grade.WRONG, None, None, None, None, None, None, None, sentence)


def _numbers(
    name: str, at: tuple[int, ...], got: Array, truth: Array, ulps: int, facts: tuple[float, ...], finite: bool
) -> str:
    entry = f"{name}[{', '.join(map(str, at))}]" if at else name
    both = f"{entry} is {got[at]!s}, correctly rounded {truth[at]!s}"
    if not finite:
        return f"{both}: not finite"
    steps = str(ulps) if ulps < 10_000 else f"{ulps:.1e}"
    return f"{both}: {steps} ulp, {facts[2]:.1e} apart where {facts[3]:.1e} is allowed"


def _places(equation: str, layer: int | None) -> set[tuple[str, int | None]]:
    """Where an equation shows."""
    fields = {
        "forward": ("activations",),
        "cost": ("cost",),
        "BP1": ("deltas", *GRADIENTS),
        "BP2": ("deltas", *GRADIENTS),
        "BP3": ("nabla_w",),
        "BP4": ("nabla_b",),
    }
    return {(field, layer) for field in fields[equation]}


def _first_wrong(found: Sequence[TensorJudgement]) -> tuple[str, int]:
    """The first wrong equation and its layer. Where no δ is given, a layer's ∂W and ∂b that are both wrong accuse its δ."""
    wrong = {(t.tensor, t.layer) for t in found if t.grade is Grade.WRONG}
    L = max(t.layer for t in found)
    layers = range(L, 1, -1)
    delta = {i: "BP1" if i == L else "BP2" for i in layers}
    for i in reversed(layers):
        if ("activations", i) in wrong:
            return "forward", i
    if ("cost", L) in wrong:
        return "cost", L
    for i in layers:
        if ("deltas", i) in wrong:
            return delta[i], i
    judged = {t.layer for t in found if t.tensor == "deltas"}
    for i in layers:
        both = {("nabla_w", i), ("nabla_b", i)} <= wrong
        if both and i not in judged:
            return delta[i], i
        if ("nabla_w", i) in wrong:
            return "BP3", i
        if ("nabla_b", i) in wrong:
            return "BP4", i
    raise ValueError("nothing is wrong here")
