"""Reports as one line each: FILE:LINE as editors read it, or the annotations of GitHub Actions."""

from __future__ import annotations

from pathlib import Path

from oracle.check.locations import Location
from oracle.check.report import Report

TEXT, LINES, GITHUB = "text", "lines", "github"
FORMATS = (TEXT, LINES, GITHUB)
#: How grave a verdict is.
LEVELS = {"right": "notice", "wrong": "error", "inaccurate": "warning", "undecided": "warning"}


def line(report: Report, path: Path, place: Location | None) -> str:
    """FILE:LINE: error: what is wrong."""
    return f"{path}:{place.first if place else 1}: {LEVELS[str(report.verdict)]}: {_headline(report)}{_rest(report)}"


def annotation(report: Report, path: Path, place: Location | None) -> str:
    """A workflow command that GitHub shows beside the line."""
    where = f"file={_property(str(path))},line={place.first if place else 1},title={_property(_headline(report))}"
    return f"::{LEVELS[str(report.verdict)]} {where}::{_message(str(report))}"


def refusal(name: str, why: str, path: Path, format: str) -> str:
    """What could not be judged, in the form of the others."""
    if format == GITHUB:
        title = _property(f"{name} could not be judged")
        return f"::error file={_property(str(path))},line=1,title={title}::{_message(why)}"
    return f"{path}:1: error: {name} could not be judged: {why}"


def _headline(report: Report) -> str:
    return f"{report.name}: {report.verdict}"


def _rest(report: Report) -> str:
    words = []
    if report.component is not None and report.got is not None:
        index = f"[{', '.join(map(str, report.component))}]" if report.component else ""
        words.append(f"{report.of}{index} got {report.got:.17g}, expected {_number(report.expected)}")
    words += report.diagnosis[:1] or ([report.how] if report.how else [])
    return f": {'; '.join(words)}" if words else ""


def _number(value: float | tuple[float, float] | None) -> str:
    if isinstance(value, tuple):
        return f"between {value[0]:.17g} and {value[1]:.17g}"
    return "a number" if value is None else f"{value:.17g}"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
