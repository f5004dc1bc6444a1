"""The failures that a project announces: a text file, an id or a pattern of ids a line, and after a # why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from oracle.backends.session import CannotRun
from oracle.backends.words import printable
from oracle.conform.run import Outcome, Run

WILD = frozenset("*?[")


@dataclass(frozen=True)
class Entry:
    """A line of the file. A pattern announces that some of the cases that are like it fail, an id that its case does."""

    pattern: str
    reason: str

    @property
    def wild(self) -> bool:
        return not WILD.isdisjoint(self.pattern)

    def like(self, id: str) -> bool:
        return fnmatchcase(id, self.pattern) if self.wild else id == self.pattern


@dataclass(frozen=True)
class Expected:
    """ids: failures that were announced and happened, with their reasons. passing: entries that announced what did not happen.
    stale: sentences about entries that announce nothing: no case of the vectors has that id, or it was skipped."""

    ids: Mapping[str, str]
    passing: tuple[str, ...] = ()
    stale: tuple[str, ...] = field(default=())


def read_entries(path: Path) -> list[Entry]:
    """The entries of a file of expected failures. Raises CannotRun, also for a pattern without a reason."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CannotRun(f"--expected-failures {path} cannot be read: {error}") from error
    found = []
    for number, line in enumerate(lines, start=1):
        pattern, _, reason = (part.strip() for part in line.partition("#"))
        if not pattern:
            continue
        entry = Entry(pattern, printable(reason))
        if entry.wild and not reason:
            raise CannotRun(
                f"--expected-failures {path}, line {number}: the pattern {printable(pattern)} has no reason: add # and why"
            )
        found.append(entry)
    return found


def expected(entries: Sequence[Entry], run: Run, known: frozenset[str]) -> Expected:
    """The announced failures beside what happened. known: ids of all vectors, asked in this run or not; what lies outside of the
    run is not mentioned."""
    ids: dict[str, str] = {}
    passing: list[str] = []
    stale: list[str] = []
    for entry in entries:
        mine = [r for r in run.results if entry.like(r.id)]
        failed = [r for r in mine if r.failed]
        ids |= {r.id: entry.reason for r in failed if r.id not in ids}
        if not any(map(entry.like, known)):
            stale.append(f"no vector has {'an id like' if entry.wild else 'the id'} {printable(entry.pattern)}")
        elif mine and not failed:
            if all(r.outcome is Outcome.SKIPPED for r in mine):
                stale.append(f"{printable(entry.pattern)} was skipped, and fails no more")
            else:
                passing.append(entry.pattern)
    return Expected(ids, tuple(passing), tuple(stale))


def writable(option: str, path: Path) -> None:
    """Raises CannotRun where a file of that name could not be written, which is better known before a run than after."""
    beside = path.with_name(f"{path.name}.new")
    try:
        if path.is_dir():
            raise IsADirectoryError("it is a folder")
        beside.touch()
        beside.unlink()
    except (OSError, ValueError) as error:
        raise CannotRun(f"{option} {path} cannot be written: {error}") from error
