"""What became of one file of `manualbp check`, and which of its pairs are asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from oracle.check.changed import changed_lines
from oracle.check.locations import Location, first_in
from oracle.check.options import Options
from oracle.check.pairs_in_file import Pair
from oracle.check.report import Report

CODES = {"right": 0, "wrong": 1, "inaccurate": 3, "undecided": 4}
COULD_NOT_RUN = 2
#: Exit codes from the worst to the best.
WORST_FIRST = (1, 2, 3, 4, 0)


@dataclass(frozen=True)
class Outcome:
    """What became of one file: the reports with the places of what they are on, what is deliberate, what could not be judged;
    stub: declarations to paste, where nothing is declared."""

    target: str
    path: Path
    reports: tuple[tuple[Report, Location | None], ...] = ()
    deliberate: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    stub: str = ""

    @property
    def nothing(self) -> bool:
        """Whether nothing at all could be judged."""
        return bool(self.refused) and not self.reports and not self.deliberate

    @property
    def code(self) -> int:
        codes = {CODES[str(r.verdict)] for r, _ in self.reports} | ({COULD_NOT_RUN} if self.refused else set())
        return next((code for code in WORST_FIRST if code in codes), 0)

    def data(self) -> dict[str, Any]:
        """The outcome as JSON-ready data."""
        return {
            "file": str(self.path),
            "exit_code": self.code,
            "verdict": next((verdict for verdict, code in CODES.items() if code == self.code), None),
            "error": None,
            "reports": [{**r.to_dict(), "line": place.first if place else None} for r, place in self.reports],
            "deliberate": self.deliberate,
            "could_not_judge": self.refused,
            "seconds": self.seconds,
        }


def asked(pairs: Sequence[Pair], path: Path, options: Options) -> list[Pair]:
    """The pairs of which something has changed, where that is asked for."""
    if options.changed is None:
        return list(pairs)
    lines = changed_lines(path, options.changed)
    if lines is None:
        return list(pairs)

    def touched(pair: Pair) -> bool:
        places = [first_in(path, function) for function in (pair.fn, pair.grad)]
        known = [place for place in places if place is not None]
        return not known or any(r.start <= place.last and place.first < r.stop for r in lines for place in known)

    return [pair for pair in pairs if touched(pair)]


def is_let_be(pair: Pair) -> bool:
    """Whether a gradient is deliberately no derivative, and nothing says what it is meant to be instead."""
    return bool(pair.declared.deliberate) and pair.declared.reference is None
