"""A report in a notebook: the verdict in colour, then what a person reads."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oracle.check.report import Report

#: Readable on white and on black.
COLOURS = {"right": "#2e8b57", "wrong": "#d03a3a", "inaccurate": "#c77700", "undecided": "#808080"}


def as_html(report: Report) -> str:
    """The first line in the verdict's colour, the diagnosis, and the whole report to unfold."""
    verdict = str(report.verdict)
    first, _, rest = str(report).partition("\n")
    said = "".join(f"<li>{escape(sentence)}</li>" for sentence in (*report.warnings, *report.diagnosis))
    return (
        f'<div><strong style="color:{COLOURS[verdict]}">{escape(first)}</strong>'
        + (f"<ul>{said}</ul>" if said else "")
        + f"<details{'' if report else ' open'}><summary>what was tried</summary><pre>{escape(rest)}</pre></details></div>"
    )
