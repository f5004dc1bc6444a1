"""The reports on several arrays as one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from oracle.candidate.leaves import Arguments
from oracle.check.report import Report, Tried
from oracle.judgement.verdict import Verdict

WORST_FIRST = (Verdict.WRONG, Verdict.INACCURATE, Verdict.UNDECIDED, Verdict.RIGHT)
NUMBERED = re.compile(r"\b(arguments?) (\d+)\b")


def combined(reports: Sequence[Report], arguments: Arguments | None = None) -> Report:
    """The worst report, with what the others tried and noted."""
    last = min(reports, key=lambda report: WORST_FIRST.index(report.verdict))
    names = [leaf.name for leaf in arguments.leaves] if arguments is not None else []
    notes = dict.fromkeys(note for report in reports for note in report.notes)
    if arguments is not None and arguments.kept:
        notes[f"as they are given stay {', '.join(arguments.kept)}"] = None
    warnings = tuple(dict.fromkeys(w for report in reports for w in report.warnings))
    title = last.name
    if last and len(reports) > 1:
        whole, _, _ = last.name.rpartition(", by ")
        title = f"{whole}, by {', '.join(report.name.rpartition(', by ')[2] for report in reports)}"
    return _named(replace(last, name=title, notes=tuple(notes), warnings=warnings, tried=_together(reports)), names)


def _named(report: Report, names: Sequence[str]) -> Report:
    """Arguments are called by their names, not their numbers among the arrays."""

    def named(text: str) -> str:
        return NUMBERED.sub(lambda found: names[int(found[2])] if int(found[2]) < len(names) else found[0], text)

    return replace(
        report,
        complaint=named(report.complaint),
        how=named(report.how),
        diagnosis=tuple(map(named, report.diagnosis)),
        notes=tuple(map(named, report.notes)),
        warnings=tuple(map(named, report.warnings)),
    )


def _together(reports: Sequence[Report]) -> Tried:
    all_of_them = [report.tried for report in reports]
    counts = {
        name: sum(getattr(tried, name) for tried in all_of_them)
        for name in ("points", "right", "inaccurate", "undecided", "certified", "at_extremes")
    }
    return replace(
        all_of_them[-1],
        **counts,
        shapes=tuple(dict.fromkeys(shape for tried in all_of_them for shape in tried.shapes)),
        patterns=tuple(dict.fromkeys(pattern for tried in all_of_them for pattern in tried.patterns)),
    )


def about_none(report: Report, name: str, what: str, hint: str = "") -> Report:
    """None stands for a derivative of 0. hint: at whoever meant something else."""
    if report.verdict is Verdict.RIGHT:
        return replace(report, notes=(*report.notes, f"{what} gives None for {name}, whose derivative is 0"))
    if report.verdict is Verdict.UNDECIDED:
        return report
    said = f"{what} gives None for {name}, which has a derivative{hint}"
    return replace(
        report,
        verdict=Verdict.WRONG,
        warnings=(*report.warnings, said),
        diagnosis=(said[:1].upper() + said[1:],),
        how="",
    )


def in_words(convention: str) -> str:
    """How gradients by complex numbers are written."""
    sign = {"torch": "+", "jax": "−"}[convention]
    return f"a gradient by a complex number x + iy is ∂f/∂x {sign} i ∂f/∂y, as {convention} has it"
