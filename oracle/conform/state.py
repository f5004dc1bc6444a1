"""What a backend remembers between questions: gradients that add up, answers that are kept, another answer to the same question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from oracle.conform.outcome import FIRST_CALL, RIGHT, Outcome, Result
from oracle.vectors.formats import as_floats
from oracle.vectors.judgement import GRADIENTS, Grade
from oracle.vectors.record import Answer, Question, Vector

ADDS_UP = "gradients add up over calls"
KEEPS_LAST = "the answer to the question before"
KEEPS_FIRST = "the answer to the first question of these shapes"
OF_BEFORE = "something of the question before: right when asked twice in a row"
DIFFERS = "another answer to the same question"
#: What is kept explains this part of the wrong answers that it could.
MOST = 0.5
#: Last bits that the sum of so many answers may lose.
LOST_BITS = 6


def states(
    results: Sequence[Result], first: Sequence[Result], twice: Mapping[int, tuple[Result, Result]]
) -> list[Result]:
    """The results, with a name for those that are wrong since something is kept.

    first: what was answered at first, in the order of asking. twice: cases asked two more times in a row.
    """
    differing = {k for k, (one, two) in twice.items() if _differ(one.answer, two.answer)}
    adds = {k for k in differing if added(twice[k][1], twice[k][0].answer)}
    kept = _kept(first, adding=bool(adds))
    kept[ADDS_UP] |= adds
    names = {k: DIFFERS for k in differing}
    if len(differing) == len(twice) > 1:  # so would the others that are wrong
        names = dict.fromkeys((k for k, r in enumerate(results) if r.outcome is Outcome.WRONG), DIFFERS)
    if len(twice) > 1 and all(two.outcome in RIGHT for _, two in twice.values()):
        # every wrong answer that was asked twice in a row is right at the second time: so would the others be
        names |= dict.fromkeys((k for k, r in enumerate(results) if r.outcome is Outcome.WRONG), OF_BEFORE)
    for name, cases in sorted(
        kept.items(), key=lambda item: len(item[1])
    ):  # the one that explains most has the last word
        # one answer of another question may be chance, and a few where questions are alike
        if name == ADDS_UP or len(cases) > max(1, MOST * _could_be_kept(first)):
            names |= dict.fromkeys(cases, name)
    found = list(results)
    for k, r in enumerate(results):
        if k in names and not r.mistakes:
            found[k] = replace(r, mistakes=(names[k],), words=f"{r.words}; state: {names[k]}")
        elif adds and r.mistakes[:1] == (FIRST_CALL,):
            found[k] = replace(r, mistakes=(FIRST_CALL, ADDS_UP))
    return found


def _could_be_kept(results: Sequence[Result]) -> int:
    """How many wrong answers came after another question of the same shapes."""
    seen: set[tuple[object, ...]] = set()
    n = 0
    for r in results:
        key = r.vector.question.sizes, r.vector.question.dtype
        n += key in seen and r.outcome is Outcome.WRONG and _gradients_wrong(r)
        seen.add(key)
    return n


def _kept(results: Sequence[Result], *, adding: bool) -> dict[str, set[int]]:
    """By name, the wrong cases that are explained by what was asked before them."""
    found: dict[str, set[int]] = {ADDS_UP: set(), KEEPS_LAST: set(), KEEPS_FIRST: set()}
    last: dict[tuple[object, ...], Result] = {}
    first: dict[tuple[object, ...], Result] = {}
    for k, r in enumerate(results):
        if r.answer is None:
            continue
        for key in _keys(r.vector.question):
            if r.outcome is Outcome.WRONG and key in last:
                if adding and added(r, last[key].answer):
                    found[ADDS_UP].add(k)
                if _is_truth_of(r, last[key].vector):
                    found[KEEPS_LAST].add(k)
                if _is_truth_of(r, first[key].vector):
                    found[KEEPS_FIRST].add(k)
            last[key] = r
            first.setdefault(key, r)
    return found


def _keys(q: Question) -> Iterator[tuple[object, ...]]:
    """What a backend may keep things under."""
    yield q.sizes, q.dtype
    yield q.sizes, q.dtype, q.samples
    yield q.sizes, q.dtype, q.samples, q.head


def _differ(one: Answer | None, two: Answer | None) -> bool:
    if one is None or two is None:
        return one is not two
    return any(
        v.shape != w.shape or not np.array_equal(v, w, equal_nan=True)
        for v, w in zip((*one.nabla_w, *one.nabla_b), (*two.nabla_w, *two.nabla_b), strict=False)
    )


def added(result: Result, before: Answer | None) -> bool:
    """Whether an answer is the one before and the truth, in ∂W, ∂b or both, the rest being right."""
    answer, vector = result.answer, result.vector
    if answer is None or before is None:
        return False
    moved = False
    for field in ("nabla_w", "nabla_b"):
        for v, w, truth, allowed in _quadruples(answer, before, vector, field):
            if v.shape != truth.shape or w.shape != truth.shape:
                return False
            t, last = as_floats(truth), 2.0 ** (LOST_BITS - vector.question.format.bits)
            room = allowed + last * (np.abs(as_floats(v)) + np.abs(as_floats(w)))
            if np.all(np.abs(as_floats(v) - t) <= allowed):
                continue
            if not np.all(np.abs(as_floats(v) - as_floats(w) - t) <= room):
                return False
            moved = True
    return moved


def _quadruples(one: Answer, other: Answer, vector: Vector, field: str) -> Iterator[tuple[Any, ...]]:
    values = (getattr(a, field) for a in (one, other, vector.truth, vector.allowance))
    return zip(*values, strict=False)


def _gradients_wrong(result: Result) -> bool:
    judged = result.judgement.tensors if result.judgement is not None else ()
    return any(t.grade is Grade.WRONG and t.tensor in GRADIENTS for t in judged)


def _is_truth_of(result: Result, other: Vector) -> bool:
    """Whether the gradients are right for another question, and not for their own."""
    answer = result.answer
    if answer is None or other is result.vector or not _gradients_wrong(result):
        return False
    for field in ("nabla_w", "nabla_b"):
        for v, truth, allowed in zip(
            getattr(answer, field), getattr(other.truth, field), getattr(other.allowance, field), strict=False
        ):
            if v.shape != truth.shape or not np.all(np.abs(as_floats(v) - as_floats(truth)) <= allowed):
                return False
    return True
