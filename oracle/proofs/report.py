"""What a run found, as text and as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from oracle.proofs.check import PageReport, Problem


def totals(reports: Sequence[PageReport]) -> dict[str, int]:
    equations = [e for report in reports for e in report.equations]
    graded = [e for e in equations if e.grade in ("exact", "floats only")]
    return {
        "files": len(reports),
        "statements": len(equations),
        "equalities": sum(e.steps for e in graded),
        "tests": sum(e.tested for e in equations),
        "exact": sum(e.grade == "exact" for e in equations),
        "floats_only": sum(e.grade == "floats only" for e in equations),
        "reasons": sum(e.reasons for e in equations),
        "falsehoods": sum(e.kind == "falsehood" for e in equations),
        "definitions": sum(e.kind == "definition" for e in equations),
        "boxes": sum(len(report.boxes) for report in reports),
        "records": sum(report.records for report in reports),
        "quotes": sum(report.quotes for report in reports),
        "examples": sum(report.examples for report in reports),
    }


def as_data(reports: Sequence[PageReport], problems: Sequence[Problem], seconds: float, code: int) -> dict[str, Any]:
    files = [
        {
            "file": report.file,
            "equations": [asdict(equation) for equation in report.equations],
            "records": report.records,
            "quotes": report.quotes,
            "examples": report.examples,
        }
        for report in reports
    ]
    return {
        "exit_code": code,
        "verdict": "wrong" if problems else "right",
        "totals": totals(reports),
        "problems": [asdict(problem) for problem in problems],
        "files": files,
        "seconds": round(seconds, 3),
    }


def as_text(reports: Sequence[PageReport], problems: Sequence[Problem], seconds: float) -> str:
    t = totals(reports)
    lines = [str(problem) for problem in problems]
    lines += [""] if problems else []
    pages = f"{t['files']} {'page' if t['files'] == 1 else 'pages'}"
    lines += [
        f"{pages}, {t['statements']} displayed statements, {t['boxes']} of them boxed",
        f"  {t['equalities']} equalities hold, in {t['tests']} tests on random networks",
        f"  {t['exact']} statements hold exactly, over a prime field; {t['floats_only']} at random points, in floats and balls",
        f"  {t['reasons']} reasons follow; {t['falsehoods']} falsehoods are false",
        f"  {t['records']} definitions are those of the code; {t['quotes']} quotations of its code run; "
        f"{t['examples']} examples print what they say",
        f"{'wrong: ' + str(len(problems)) + (' problem' if len(problems) == 1 else ' problems') if problems else 'right'}, "
        f"{seconds:.1f} s",
    ]
    return "\n".join(lines)
