"""The failures that a project announces: a text file, one case id a line, and after a # why."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from oracle.backends.session import CannotRun
from oracle.backends.words import printable
from oracle.conform.run import Outcome, Run


@dataclass(frozen=True)
class Expected:
    """ids: failures that were announced and happened. passing: announced, and right. stale: sentences about entries that announce
    nothing: no case of the vectors has that id, or it was skipped."""

    ids: frozenset[str]
    passing: tuple[str, ...]
    stale: tuple[str, ...]


def read_ids(path: Path) -> list[str]:
    """The ids of a file of expected failures. Raises CannotRun."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CannotRun(f"--expected-failures {path} cannot be read: {error}") from error
    return [id for line in lines if (id := line.partition("#")[0].strip())]


def expected(ids: list[str], run: Run, known: frozenset[str]) -> Expected:
    """The announced failures beside what happened. known: ids of all vectors, asked in this run or not."""
    outcomes = {r.id: r for r in run.results}
    happened = [id for id in ids if id in outcomes]
    stale = [f"no vector has the id {printable(id)}" for id in ids if id not in known]
    skipped = [id for id in happened if outcomes[id].outcome is Outcome.SKIPPED]
    return Expected(
        frozenset(id for id in happened if outcomes[id].failed),
        tuple(id for id in happened if outcomes[id].outcome in (Outcome.ACCURATE, Outcome.STABLE)),
        (*stale, *(f"{id} was skipped, and fails no more" for id in skipped)),
    )


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
