"""The score of a gradient checker on the corpus: what it caught, where it cried wolf, how long it took."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from oracle.scores.mutants.record import RIGHT, WRONG, Subject

VERDICTS = ("right", "wrong", "inaccurate", "undecided")

CAUGHT = "caught"
MISSED = "missed"
ACCEPTED = "accepted"
FALSE_ALARM = "false alarm"
CALLED_INACCURATE = "called inaccurate"
UNDECIDED = "undecided"
ERROR = "error"


@dataclass(frozen=True)
class Row:
    """One verdict, and what it amounts to; `error` holds the exception of a checker that raised."""

    name: str
    kind: str
    label: str
    verdict: str
    outcome: str
    seconds: float
    error: str = ""


@dataclass(frozen=True)
class Score:
    """The rows, and what they add up to."""

    rows: tuple[Row, ...]

    def named(self, outcome: str, label: str | None = None) -> list[str]:
        """The subjects with this outcome (and label)."""
        return [r.name for r in self.rows if r.outcome == outcome and label in (None, r.label)]

    def count(self, label: str) -> int:
        return sum(r.label == label for r in self.rows)

    @property
    def caught(self) -> int:
        """Wrong ones that were called wrong, or inaccurate where only the digits are wrong."""
        return len(self.named(CAUGHT, WRONG))

    @property
    def false_alarms(self) -> int:
        """Right ones that were called wrong."""
        return len(self.named(FALSE_ALARM, RIGHT))

    @property
    def median_seconds(self) -> float:
        return median(r.seconds for r in self.rows) if self.rows else 0.0

    @property
    def worst_seconds(self) -> float:
        return max((r.seconds for r in self.rows), default=0.0)

    def by_family(self, label: str = WRONG) -> dict[str, tuple[int, int]]:
        """(caught, all) for each family of mistakes, in the order of the corpus."""
        out: dict[str, tuple[int, int]] = {}
        for row in self.rows:
            if row.label == label:
                caught, count = out.get(row.kind.partition(":")[0], (0, 0))
                out[row.kind.partition(":")[0]] = (caught + (row.outcome == CAUGHT), count + 1)
        return out

    def to_dict(self) -> dict[str, Any]:
        return {
            "right": self.count(RIGHT),
            "wrong": self.count(WRONG),
            "caught": self.caught,
            "missed": self.named(MISSED),
            "false_alarms": self.named(FALSE_ALARM, RIGHT),
            "inaccurate_on_right": self.named(CALLED_INACCURATE, RIGHT),
            "undecided": self.named(UNDECIDED),
            "errors": self.named(ERROR),
            "seconds": {"median": self.median_seconds, "worst": self.worst_seconds},
            "families": {family: list(counts) for family, counts in self.by_family().items()},
            "rows": [asdict(row) for row in self.rows],
        }


def score(
    check: Callable[[Subject], Any], subjects: Sequence[Subject], progress: Callable[[Row], None] = lambda row: None
) -> Score:
    """Judges every subject with `check`, whose answer has a `verdict` among right, wrong, inaccurate and undecided.

    An exception of the checker is an error, not a verdict: neither a catch nor a false alarm. Raises ValueError for a
    verdict that is none of the four.
    """
    return Score(tuple(row_by_row(check, subjects, progress)))


def row_by_row(
    check: Callable[[Subject], Any], subjects: Iterable[Subject], progress: Callable[[Row], None]
) -> Iterable[Row]:
    for subject in subjects:
        row = row_of(check, subject)
        progress(row)
        yield row


def row_of(check: Callable[[Subject], Any], subject: Subject) -> Row:
    """One subject judged. Raises ValueError for a verdict that is none."""
    start, error = perf_counter(), ""
    try:
        with np.errstate(all="ignore"):
            verdict = str(getattr(check(subject.renewed()), "verdict", None))
    except Exception as raised:
        verdict, error = ERROR, f"{type(raised).__name__}: {raised}"
    seconds = perf_counter() - start
    if verdict not in (*VERDICTS, ERROR):
        raise ValueError(f"check({subject.name}).verdict is {verdict!r}; it must be one of {', '.join(VERDICTS)}")
    return Row(subject.name, subject.kind, subject.label, verdict, outcome(subject, verdict), seconds, error)


def outcome(subject: Subject, verdict: str) -> str:
    """What a verdict on a subject amounts to."""
    if verdict in (UNDECIDED, ERROR):
        return verdict
    if subject.label == WRONG:
        return CAUGHT if verdict == "wrong" or (verdict == "inaccurate" and subject.digits_only) else MISSED
    if verdict == "wrong":
        return FALSE_ALARM
    if verdict == "inaccurate":
        return CAUGHT if subject.label != RIGHT else CALLED_INACCURATE
    return ACCEPTED
