"""What a backend remembers between questions: gradients that add up, answers that are kept, another answer to the same question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from oracle.conform.kept_parts import kept_parts
from oracle.conform.outcome import FIRST_CALL, RIGHT, Outcome, Result
from oracle.vectors.formats import as_floats
from oracle.vectors.judgement import GRADIENTS, Grade
from oracle.vectors.record import Answer, Question, Vector

ADDS_UP = "gradients add up over calls"
CARRIED = "gradients add up over calls, those before times {:.2g}"
KEEPS_LAST = "the answer to the question before"
KEEPS_FIRST = "the answer to the first question of these shapes"
OF_BEFORE = "something of the question before: right when asked twice in a row"
LATER = "wrong at first, right when asked again"
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
    differing = {k for k, (one, two) in twice.items() if _differ(one.answer, two)}
    sums = {k: name for k in differing if (name := summed(twice[k][1], twice[k][0].answer))}
    adds = max(sums.values(), key=list(sums.values()).count) if sums else ""
    kept = _kept(first, adds)
    if adds:
        kept[adds] |= {k for k, name in sums.items() if name == adds}
    if differing:  # where answers waver at all, the first one counts as well
        differing |= {k for k, (one, _) in twice.items() if _differ(first[k].answer, one)}
    names = {k: DIFFERS for k in differing}
    if len(differing) == len(twice) > 1:  # so would the others that are wrong
        names = dict.fromkeys((k for k, r in enumerate(results) if r.outcome is Outcome.WRONG), DIFFERS)
    if len(twice) > 1 and all(two.outcome in RIGHT for _, two in twice.values()):
        # every wrong answer that was asked twice in a row is right at the second time: so would the others be
        name = LATER if all(one.outcome in RIGHT for one, _ in twice.values()) else OF_BEFORE
        names |= dict.fromkeys((k for k, r in enumerate(results) if r.outcome is Outcome.WRONG), name)
    if not adds:
        names |= kept_parts(first)
    for name, cases in sorted(
        kept.items(), key=lambda item: len(item[1])
    ):  # the one that explains most has the last word
        # one answer of another question may be chance, and a few where questions are alike
        if name == adds or len(cases) > max(1, MOST * _could_be_kept(first)):
            names |= dict.fromkeys(cases, name)
    found = list(results)
    for k, r in enumerate(results):
        if k in names and not r.mistakes:
            found[k] = replace(r, mistakes=(names[k],), words=f"{r.words}; state: {names[k]}")
        elif adds and r.mistakes[:1] == (FIRST_CALL,):
            found[k] = replace(r, mistakes=(FIRST_CALL, adds))
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


def _kept(results: Sequence[Result], adds: str) -> dict[str, set[int]]:
    """By name, the wrong cases that are explained by what was asked before them. adds: how gradients add up, if they do."""
    found: dict[str, set[int]] = {name: set() for name in (adds, KEEPS_LAST, KEEPS_FIRST) if name}
    last: dict[tuple[object, ...], Result] = {}
    first: dict[tuple[object, ...], Result] = {}
    for k, r in enumerate(results):
        if r.answer is None:
            continue
        for key in _keys(r.vector.question):
            if r.outcome is Outcome.WRONG and key in last:
                if adds and summed(r, last[key].answer) == adds:
                    found[adds].add(k)
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


def _differ(before: Answer | None, result: Result) -> bool:
    """Whether two answers to one question are further apart than rounding, in whatever order of sums, explains."""
    after = result.answer
    if before is None or after is None:
        return before is not after
    last = 2.0 ** (LOST_BITS - result.vector.question.format.bits)
    for field in GRADIENTS:
        for v, w, _, allowed in _quadruples(before, after, result.vector, field):
            one, two = as_floats(v), as_floats(w)
            if one.shape != two.shape:
                return True
            if np.array_equal(one, two, equal_nan=True):
                continue
            with np.errstate(all="ignore"):
                room = last * (np.abs(one) + np.abs(two)) + (allowed if allowed.shape == one.shape else 0.0)
                if not np.all((one == two) | (np.abs(one - two) <= room)):
                    return True
    return False


def summed(result: Result, before: Answer | None) -> str:
    """The name of it where an answer is the truth and a number times the answer before, in ∂W, ∂b or both, the rest being right:
    1, or another that several entries agree on; else nothing."""
    answer, vector = result.answer, result.vector
    if answer is None or before is None:
        return ""
    both: list[tuple[Any, Any, Any, Any]] = []
    for field in ("nabla_w", "nabla_b"):
        for v, w, truth, allowed in _quadruples(answer, before, vector, field):
            if v.shape != truth.shape or w.shape != truth.shape:
                return ""
            if not np.all(np.abs(as_floats(v) - as_floats(truth)) <= allowed):
                both.append((as_floats(v), as_floats(w), as_floats(truth), allowed))
    if not both:
        return ""
    v, w, t, room = (np.concatenate([part.ravel() for part in parts]) for parts in zip(*both, strict=True))
    room = room + 2.0 ** (LOST_BITS - vector.question.format.bits) * (np.abs(v) + np.abs(w))
    if np.all(np.abs(v - w - t) <= room):
        return ADDS_UP
    most = int(np.argmax(np.abs(w)))
    with np.errstate(all="ignore"):
        factor = float(f"{(v[most] - t[most]) / w[most]:.3g}")
        carried = v.size > 2 and 0 < factor < 2 and bool(np.all(np.abs(v - factor * w - t) <= room))
        if np.all(np.abs(v - v[most] / t[most] * t) <= room):  # a multiple of the truth is a sum with anything like it
            return ""
    return CARRIED.format(factor) if carried else ""


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
