"""The report of a check: what a person reads, and the same as JSON-ready data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.check.power import Power
from oracle.judgement.verdict import Verdict

Array = NDArray[Any]


@dataclass(frozen=True)
class Tried:
    """What the check looked at: judged points, their lengths or shapes, the patterns they follow, branches entered and not;
    at_extremes: how many of the inaccurate ones are a note, as their arguments are extreme."""

    points: int
    right: int
    inaccurate: int
    undecided: int
    certified: int
    shapes: tuple[tuple[tuple[int, ...], ...], ...]
    patterns: tuple[str, ...]
    branches: int = 0
    never_entered: tuple[str, ...] = ()
    at_extremes: int = 0


@dataclass(frozen=True, eq=False)
class Report:
    """The verdict on a gradient. True in a condition only for `right`.

    certified: whether the expected value is enclosed by proof; why_not: why not. counterexample: the shrunk arguments;
    component: the index in the gradient (None for a complaint about the whole, or where nothing is wrong); expected, got: the
    numbers there; how: the evidence that told wrong mathematics from lost digits; diagnosis: what kind of mistake; power:
    which standard mistakes would have been seen; warnings: what must not pass silently, whatever the verdict; notes: conventions
    met at kinks, digits lost; complaint: what it does besides returning numbers, or returns instead of them; reproduction: a
    script; assumed: the domains where none was declared, and why; of: what the component is one of; asked: what is part of the
    question besides fn and its domains; convention: by which it is right, where there are several ways to write a derivative.
    """

    name: str
    verdict: Verdict
    certified: bool
    tried: Tried
    power: Power | None
    why_not: str = ""
    counterexample: tuple[Array, ...] | None = None
    component: tuple[int, ...] | None = None
    expected: float | tuple[float, float] | None = None
    got: float | None = None
    how: str = ""
    warnings: tuple[str, ...] = ()
    diagnosis: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    complaint: str = ""
    reproduction: str = ""
    arguments: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    assumed: str = ""
    of: str = "gradient"
    asked: tuple[str, ...] = ()
    convention: str = ""
    seconds: float = field(default=0.0, compare=False)

    def __bool__(self) -> bool:
        return self.verdict is Verdict.RIGHT

    def __str__(self) -> str:
        return "\n".join(_lines(self))

    def _repr_html_(self) -> str:
        from oracle.check.report_html import as_html

        return as_html(str(self.verdict), str(self), (*self.warnings, *self.diagnosis))

    def to_dict(self) -> dict[str, Any]:
        """The whole report as data that json.dumps takes; NaN and infinities as strings."""
        tried = self.tried
        return {
            "name": self.name,
            "verdict": str(self.verdict),
            "certified": self.certified,
            "why_not_certified": self.why_not or None,
            "counterexample": None
            if self.counterexample is None
            else {n: _data(a) for n, a in zip(self.arguments, self.counterexample, strict=True)},
            "of": self.of,
            "component": None if self.component is None else list(self.component),
            "expected": _data(self.expected),
            "got": _data(self.got),
            "how": self.how or None,
            "diagnosis": list(self.diagnosis),
            "warnings": list(self.warnings),
            "notes": list(self.notes),
            "domains": dict(zip(self.arguments, self.domains, strict=False)),
            "assumed": self.assumed or None,
            "asked": list(self.asked),
            "convention": self.convention or None,
            "tried": {
                "points": tried.points,
                "right": tried.right,
                "inaccurate": tried.inaccurate,
                "inaccurate_at_extremes": tried.at_extremes,
                "undecided": tried.undecided,
                "certified": tried.certified,
                "shapes": [[list(shape) for shape in shapes] for shapes in tried.shapes],
                "patterns": list(tried.patterns),
                "branches": tried.branches,
                "never_entered": list(tried.never_entered),
            },
            "power": None
            if self.power is None
            else {"seen": list(self.power.seen), "unseen": list(self.power.unseen), "text": self.power.text},
            "reproduction": self.reproduction or None,
            "seconds": round(self.seconds, 4),
        }


def _data(value: Any) -> Any:
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, np.ndarray):
        return _data(value.tolist())
    if isinstance(value, list | tuple):
        return [_data(v) for v in value]
    return float(value) if math.isfinite(value) else str(float(value))


def _lines(report: Report) -> list[str]:
    by = f", {report.convention}" if report.convention else ""
    lines = [f"{report.name}: {report.verdict}{by}", *(f"warning: {warning}" for warning in report.warnings)]
    lines[1:1] = [f"asked: {words}" for words in report.asked]
    if report.assumed:
        lines.insert(1, f"assumed: {report.assumed}")
    if report.counterexample is not None:
        lines.append("")
        width = max(len(name) for name in report.arguments)
        shown = zip(report.arguments, report.counterexample, strict=True)
        lines += [f"  {name.ljust(width)} = {_array(a, ' ' * (width + 5))}" for name, a in shown]
        lines.append("")
        if report.component is not None and report.got is not None:
            where = f"{report.of}{_index(report.component)}"
            lines += [
                f"  {where}  got       {report.got:.17g}",
                f"  {' ' * len(where)}  expected  {_expected(report)}",
            ]
            lines += _off(report)
            lines.append("")
    if report.how:
        lines.append(f"evidence: {report.how}.")
    lines += [f"diagnosis: {sentence}" for sentence in report.diagnosis]
    lines += [f"note: {note}" for note in report.notes]
    tried = report.tried
    if report.domains and not report.assumed:
        inside = ", ".join(f"{n} in {d}" for n, d in zip(report.arguments, report.domains, strict=True))
        lines.append(f"domains: {inside}")
    lines.append(
        f"tried: {_many(tried.points, 'point')} of {_lengths(tried.shapes)}; {tried.right} right"
        + "".join(
            f", {n} {what}" for what, n in ((_inaccurate(tried), tried.inaccurate), ("undecided", tried.undecided)) if n
        )
    )
    if tried.branches:
        never = f"; never: {', '.join(tried.never_entered)}" if tried.never_entered else ""
        lines.append(
            f"branches: {tried.branches} conditions, both sides of {tried.branches - len(tried.never_entered)} seen{never}"
        )
    if report.power is not None:
        compared = tried.right + tried.inaccurate > 0 or report.component is not None
        lines.append(f"power: {report.power.text if compared else 'none, as there was nothing to compare'}")
    lines.append(_certified(report))
    if report.reproduction:
        lines += ["", "reproduce:", *("    " + line for line in report.reproduction.splitlines())]
    return lines


def _inaccurate(tried: Tried) -> str:
    if not tried.at_extremes:
        return "inaccurate"
    all_of_them = tried.at_extremes == tried.inaccurate
    return f"inaccurate ({'' if all_of_them else f'{tried.at_extremes} '}at extreme arguments)"


def _certified(report: Report) -> str:
    if not report.certified:
        return f"certified: no ({report.why_not})"
    known, points = report.tried.certified, report.tried.points
    return "certified: yes" + ("" if known == points else f", at {known} of {_many(points, 'point')}")


def _expected(report: Report) -> str:
    if isinstance(report.expected, tuple):
        low, high = report.expected
        return f"between {low:.17g} and {high:.17g} (a kink)"
    if report.expected is not None and math.isinf(report.expected):
        return f"{report.expected} (the truth is beyond the largest float64)"
    return f"{report.expected:.17g}{'' if report.certified else ' (estimated)'}"


def _off(report: Report) -> list[str]:
    if report.got is None or isinstance(report.expected, tuple) or not report.expected or not math.isfinite(report.got):
        return []
    relative = abs(report.got - report.expected) / abs(report.expected)
    if relative == 0:
        return []
    digits = int(max(0.0, 0.05 - math.log10(relative)))
    words = "no digit is right" if digits == 0 else f"{digits} digit{'s are' if digits > 1 else ' is'} right"
    return [f"  relative error {relative:.2g}: {words}"]


def _array(a: Array, indent: str) -> str:
    return np.array2string(
        a, threshold=24, separator=", ", formatter={"float_kind": lambda value: repr(float(value))}, prefix=indent
    )


def _many(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"


def _index(component: Sequence[int] | None) -> str:
    return f"[{', '.join(map(str, component))}]" if component else ""


def _lengths(shapes: Sequence[tuple[tuple[int, ...], ...]]) -> str:
    lengths = sorted({s[0][0] for s in shapes if all(len(x) == 1 for x in s)})
    if len(lengths) != len(shapes):
        each = ", ".join(" and ".join(map(str, s)) for s in shapes[:4]) + (" …" if len(shapes) > 4 else "")
        return f"{_many(len(shapes), 'shape')} ({each})"
    runs: list[list[int]] = []
    for n in lengths:
        if runs and n == runs[-1][1] + 1:
            runs[-1][1] = n
        else:
            runs.append([n, n])
    words = [f"{a} to {b}" if b > a + 1 else ", ".join(map(str, range(a, b + 1))) for a, b in runs]
    return f"length{'s' if len(lengths) > 1 else ''} {', '.join(words)}"
