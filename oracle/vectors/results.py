"""Judges results that were produced elsewhere: a file of one JSON object a line, each the answer to one vector.

{"id": "float64/…", "nabla_w": […], "nabla_b": […]}, with `cost`, `activations` and `deltas` where the backend has them, in the
encoding of the vectors; or {"id": "…", "skipped": "why"} for a question that the backend does not take. Whatever is not an answer
to a question that was asked once is a problem, and a problem is never a pass.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from oracle.vectors.encoding import Malformed, decode_answer
from oracle.vectors.judgement import Grade, Judgement, judge
from oracle.vectors.record import Vector


@dataclass(frozen=True)
class Problem:
    """What kept a result from being judged: `missing`, `duplicate`, `unknown` or `malformed`; id "" where the line has none."""

    id: str
    kind: str
    sentence: str


@dataclass(frozen=True)
class Checked:
    """The judgements in the order of the vectors, what was skipped (id, reason), and the problems."""

    judged: tuple[Judgement, ...]
    skipped: tuple[tuple[str, str], ...]
    problems: tuple[Problem, ...]
    least: int

    @property
    def right(self) -> bool:
        """Whether every vector asked was answered rightly or skipped, and enough of them answered."""
        return all(self.judged) and not self.problems and len(self.judged) >= self.least

    def counts(self) -> dict[str, int]:
        by_grade = {grade.value: sum(j.grade is grade for j in self.judged) for grade in Grade}
        return {**by_grade, "skipped": len(self.skipped), "problems": len(self.problems)}

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready: one short record for every judged vector, the whole judgement for those that are wrong."""
        short = [
            {"id": j.id, "grade": j.grade, "equation": j.equation, "layer": j.layer, "ulps": j.ulps}
            for j in self.judged
        ]
        return {
            "verdict": "right" if self.right else "wrong",
            "counts": self.counts(),
            "least": self.least,
            "judged": short,
            "wrong": [j.to_dict() for j in self.judged if not j],
            "skipped": [{"id": id, "reason": reason} for id, reason in self.skipped],
            "problems": [{"id": p.id, "kind": p.kind, "sentence": p.sentence} for p in self.problems],
        }


def check_results(
    asked: Sequence[Vector], lines: Iterable[str], *, flush_to_zero: bool = False, least: int = 1
) -> Checked:
    """Judges the lines of a file of results against the vectors asked; `least` answers make a check, fewer are none."""
    by_id = {vector.id: vector for vector in asked}
    judged: dict[str, Judgement] = {}
    skipped: dict[str, str] = {}
    problems: list[Problem] = []
    seen: set[str] = set()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        data, problem = _identified(line, number, by_id, seen)
        if problem is not None:
            problems.append(problem)
            continue
        id = data["id"]
        seen.add(id)
        if "skipped" in data:
            if isinstance(data["skipped"], str) and data["skipped"].strip():
                skipped[id] = data["skipped"]
            else:
                problems.append(Problem(id, "malformed", f"{id} is skipped without a reason: give one in words"))
            continue
        try:
            answer = decode_answer(data, by_id[id].question.format)
        except Malformed as error:
            problems.append(Problem(id, "malformed", f"{id}: {error}"))
            continue
        judged[id] = judge(by_id[id], answer, flush_to_zero=flush_to_zero)
    missing = [Problem(id, "missing", f"{id} has no answer: give one, or skip it with a reason") for id in by_id]
    problems += [problem for problem in missing if problem.id not in seen]
    order = [id for id in by_id if id in judged]
    return Checked(tuple(judged[id] for id in order), tuple(skipped.items()), tuple(problems), least)


def _identified(
    line: str, number: int, by_id: dict[str, Vector], seen: set[str]
) -> tuple[dict[str, Any], Problem | None]:
    """The object of a line, or what is wrong with the line before it is looked into."""
    try:
        data = json.loads(line, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return {}, Problem("", "malformed", f"line {number} is no JSON: every line is one object")
    id = data.get("id") if isinstance(data, dict) else None
    if not isinstance(id, str):
        return {}, Problem("", "malformed", f'line {number} has no "id": every line is an object with one')
    if id not in by_id:
        return {}, Problem(id, "unknown", f"line {number} answers {id!r}, which was not asked")
    if id in seen:
        return {}, Problem(
            id, "duplicate", f"line {number} answers {id} again; the first answer counts, this is no pass"
        )
    return data, None


def _no_number(word: str) -> None:
    """NaN and Infinity, which Python's reader takes and JSON does not know."""
    raise ValueError(word)
