"""A mistake held against a case: does it explain the answer, contradict it, or show nothing here?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.conform.outcome import Result
from oracle.vectors.families import BELOW
from oracle.vectors.formats import as_floats
from oracle.vectors.judgement import ACCURATE_ULPS, MARGIN, Grade
from oracle.vectors.local_mistakes import EQUATIONS, LOCAL_MISTAKES
from oracle.vectors.match import GRADIENTS, OPTIONAL, alike, given_of
from oracle.vectors.mistakes import MISTAKES
from oracle.vectors.more_mistakes import MORE_MISTAKES
from oracle.vectors.narrow import NARROWER
from oracle.vectors.other_activations import OTHER_ACTIVATIONS, REPLACED
from oracle.vectors.record import Answer, Question, Vector, tensors

Array = NDArray[Any]

#: Those that are looked for elsewhere: by what all answers of a dtype have in common.
ELSEWHERE = frozenset({*NARROWER, "flushed subnormals", "NaN"})


class Stand(Enum):
    """EXPLAINS: the answer is the mistaken one. CONTRADICTS: the mistake would show here, and the answer is another. SILENT: it
    would not show, cannot be made, or nothing can be said."""

    EXPLAINS = 2
    CONTRADICTS = 1
    SILENT = 0


@dataclass(frozen=True, eq=False)
class Hypothesis:
    """A mistake that may be what a backend does. place: among the others, the likelier first. mathematics: as of a Result. alone:
    so many wrong entries of ∂W that it explains in one case are more than chance; None where one case never is. equation: the
    only one that it does otherwise, BP2, BP3 or BP4, or both of these, or the forward pass."""

    name: str
    made: Callable[[Question], Answer | None]
    place: int
    mathematics: bool = False
    alone: int | None = None
    equation: str = ""

    @property
    def cuts(self) -> bool:
        """Whether it is that small gradients are 0."""
        return self.name.startswith(BELOW.partition("{")[0])


def fixed() -> Iterator[Hypothesis]:
    """The mistakes without a number of their own."""
    everything = {**MISTAKES, **MORE_MISTAKES, **LOCAL_MISTAKES, **OTHER_ACTIVATIONS}
    for place, (name, made) in enumerate(everything.items()):
        if name not in ELSEWHERE:
            yield Hypothesis(name, made, place, equation=EQUATIONS.get(name, "forward" if name in REPLACED else ""))


def possible(hypothesis: Hypothesis, result: Result) -> bool:
    """Whether what is wrong hangs on the equation of the hypothesis: a glance, before it is carried out."""
    if hypothesis.name in REPLACED and not _has(result, REPLACED[hypothesis.name]):
        return False
    judged = result.judgement.tensors if result.judgement is not None else ()
    wrong = {(t.tensor, t.layer) for t in judged if t.grade is Grade.WRONG}
    last = len(result.vector.truth.nabla_w) + 1
    match hypothesis.equation:
        case "BP2":
            return not any(layer == last for _, layer in wrong)
        case "BP3":
            return all(field == "nabla_w" for field, _ in wrong)
        case "BP4":
            return all(field == "nabla_b" for field, _ in wrong)
        case "BP3 and BP4":
            return all(field in GRADIENTS for field, _ in wrong)
        case "forward":
            known = result.answer is not None and result.answer.activations is not None
            return not known or any(field == "activations" for field, _ in wrong)
        case _:
            return True


def _has(result: Result, activation: str) -> bool:
    q = result.vector.question
    return activation in (*q.hidden, q.head_record().activation)


def stand(hypothesis: Hypothesis, result: Result) -> Stand:
    """How a mistake stands to one answered case."""
    vector, answer = result.vector, result.answer
    assert answer is not None
    given = given_of(vector, answer)
    if given is None or not all(
        v.dtype == vector.question.format.dtype and np.isfinite(as_floats(v)).all() for v in given.values()
    ):
        return Stand.SILENT
    mistaken = hypothesis.made(vector.question)
    if mistaken is None:
        return Stand.SILENT
    shown = wrong_fields(result, mistaken)
    if not shown:
        return Stand.SILENT
    with np.errstate(all="ignore"):
        explained = result.failed and alike(vector, given, mistaken, GRADIENTS)
        if explained and not shown.intersection(GRADIENTS):
            explained = alike(vector, given, mistaken, OPTIONAL)
    return Stand.EXPLAINS if explained else Stand.CONTRADICTS


def explains_whole(hypothesis: Hypothesis, result: Result) -> bool:
    """Whether the cost, the activations and δ that an answer gives are the mistaken ones, too."""
    assert result.answer is not None
    given, mistaken = given_of(result.vector, result.answer), hypothesis.made(result.vector.question)
    with np.errstate(all="ignore"):
        return given is not None and mistaken is not None and alike(result.vector, given, mistaken, OPTIONAL)


def wrong_fields(result: Result, mistaken: Answer) -> set[str]:
    """In which kinds of tensors that the backend gives a mistaken answer would be judged wrong, with a margin."""
    made = {(field, layer): v for field, layer, v in tensors(mistaken) if getattr(result.answer, field) is not None}
    found = set()
    for field, layer, truth, allowed in _rooms(result.vector):
        value = made.get((field, layer))
        if value is None or field in found:
            continue
        if value.shape != truth.shape or not np.all(np.abs(as_floats(value) - truth) <= allowed):
            found.add(field)
    return found


@lru_cache(maxsize=4096)
def _rooms(vector: Vector) -> tuple[tuple[str, int, Array, Array], ...]:
    """(field, layer, truth, how far from it nothing is judged wrong, with a margin)."""
    few = ACCURATE_ULPS * 2.0 ** (1 - vector.question.format.bits)
    pairs = zip(tensors(vector.truth), tensors(vector.allowance), strict=True)
    return tuple(
        (field, layer, t := as_floats(truth), np.maximum(MARGIN * allowed, few * np.abs(t)))
        for (field, layer, truth), (_, _, allowed) in pairs
    )
