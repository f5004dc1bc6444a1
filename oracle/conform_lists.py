"""What a project keeps about a backend: the failures it announces, and the worst errors it has seen.

The failures: a text file, one case id a line, and after a # why. The ratchet: a JSON file with the worst distance in ulp of every
kind of tensor in every case, and the factor by which one may grow.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oracle.backends.session import CannotRun
from oracle.conform import Outcome, Run

#: A worst error may grow by this factor, if the file says nothing else; one that was 0 counts as 1.
FACTOR = 2.0
#: Stands for a tensor with entries that are not finite, or of another shape.
WITHOUT = "none"
Worst = dict[str, int | str]


@dataclass(frozen=True)
class Expected:
    """ids: failures that were announced and happened. passing: announced, and right. stale: no case of the vectors has that id."""

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
    """The announced failures beside what happened. known: ids of all vectors, asked in this run or not. What was skipped or not
    asked neither failed nor passed."""
    outcomes = {r.id: r for r in run.results}
    happened = [id for id in ids if id in outcomes]
    return Expected(
        frozenset(id for id in happened if outcomes[id].failed),
        tuple(id for id in happened if outcomes[id].outcome in (Outcome.ACCURATE, Outcome.STABLE)),
        tuple(id for id in ids if id not in known),
    )


@dataclass(frozen=True)
class Growth:
    """A worst error that grew by more than the factor."""

    id: str
    tensor: str
    before: int | str
    now: int | str

    @property
    def sentence(self) -> str:
        return f"{self.id}: the worst error of {self.tensor} was {self.before} ulp, and is {self.now}"


def worst_errors(run: Run) -> dict[str, Worst]:
    """The worst distance in ulp by case and kind of tensor."""
    found: dict[str, Worst] = {}
    for r in run.results:
        if r.judgement is None:
            continue
        worst = found.setdefault(r.id, {})
        for t in r.judgement.tensors:
            before = worst.get(t.tensor, 0)
            worst[t.tensor] = WITHOUT if t.ulps is None or isinstance(before, str) else max(before, t.ulps)
    return found


def read_baseline(path: Path) -> tuple[float, dict[str, Worst]]:
    """(factor, worst errors). Raises CannotRun."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        factor, cases = float(data["factor"]), data["worst_ulps"]
        if not factor >= 1:
            raise CannotRun(f"--baseline {path}: factor = {factor:g}; give a number of at least 1")
        for worst in cases.values():
            for tensor, ulps in worst.items():
                if ulps != WITHOUT and type(ulps) is not int:
                    raise TypeError(f"{tensor} = {ulps!r}")
        return factor, cases
    except OSError as error:
        raise CannotRun(f"--baseline {path} cannot be read: {error}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CannotRun(f"--baseline {path} is no baseline: {type(error).__name__} {error}") from error


def write_baseline(path: Path, run: Run, factor: float = FACTOR) -> None:
    """Raises CannotRun."""
    data: dict[str, Any] = {
        "backend": run.name,
        "version": run.version,
        "factor": factor,
        "worst_ulps": worst_errors(run),
    }
    beside = path.with_name(f"{path.name}.new")
    try:
        beside.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        raise CannotRun(f"--baseline {path} cannot be written: {error}") from error


def growths(before: Mapping[str, Worst], now: Mapping[str, Worst], factor: float) -> tuple[Growth, ...]:
    """What grew by more than the factor; cases and tensors that are on one side only are left out."""
    found = []
    for id, worst in now.items():
        for tensor, ulps in worst.items():
            old = before.get(id, {}).get(tensor)
            if old is not None and _grew(old, ulps, factor):
                found.append(Growth(id, tensor, old, ulps))
    return tuple(found)


def _grew(old: int | str, new: int | str, factor: float) -> bool:
    if isinstance(old, str):
        return False
    return isinstance(new, str) or new > factor * max(old, 1)
