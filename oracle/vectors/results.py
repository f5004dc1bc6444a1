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
from oracle.vectors.judgement import FIELDS, Grade, Judgement, judge
from oracle.vectors.record import Vector

#: What JSON calls white space; a line or a reason of nothing else is empty.
BLANKS = " \t\r\n"


@dataclass(frozen=True)
class Problem:
    """What kept a result from being judged: `missing`, `duplicate`, `unknown` or `malformed`; id "" where the line has none."""

    id: str
    kind: str
    sentence: str


@dataclass(frozen=True)
class Checked:
    """judged: in the order of the vectors, `asked` in number. skipped: (id, reason). least: how many answers make a check."""

    asked: int
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
            "asked": self.asked,
            "least": self.least,
            "judged": short,
            "wrong": [j.to_dict() for j in self.judged if not j],
            "skipped": [{"id": id, "reason": reason} for id, reason in self.skipped],
            "problems": [{"id": p.id, "kind": p.kind, "sentence": p.sentence} for p in self.problems],
        }


def check_results(
    asked: Sequence[Vector], lines: Iterable[str], *, flush_to_zero: bool = False, least: int | None = None
) -> Checked:
    """Judges the lines of a file of results against the vectors asked; `least` answers make a check, fewer are none: half of those
    asked, unless it is given."""
    by_id = {vector.id: vector for vector in asked}
    judged: dict[str, Judgement] = {}
    skipped: dict[str, str] = {}
    problems: list[Problem] = []
    seen: set[str] = set()
    for number, line in enumerate(lines, start=1):
        if not line.strip(BLANKS):
            continue
        data, problem = _identified(line, number, by_id, seen)
        if problem is not None:
            problems.append(problem)
            continue
        id = data["id"]
        seen.add(id)
        if "skipped" in data:
            if any(data.get(field) is not None for field in FIELDS):
                problems.append(
                    Problem(id, "malformed", f"{id} is skipped and answered: either leaves no room for the other")
                )
            elif isinstance(data["skipped"], str) and data["skipped"].strip(BLANKS):
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
    enough = -(-len(by_id) // 2) if least is None else least
    return Checked(len(by_id), tuple(judged[id] for id in order), tuple(skipped.items()), tuple(problems), enough)


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
