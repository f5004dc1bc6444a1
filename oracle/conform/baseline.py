"""The ratchet: the worst errors that a backend has shown, in a JSON file, none of which may grow by more than a factor or vanish.

The file holds the backend's name, the factor, and the worst distance in ulp of every kind of tensor in every case.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from oracle.backends.session import CannotRun
from oracle.backends.words import printable, quoted
from oracle.conform.run import Run

#: A worst error may grow by this factor, if the file says nothing else; one that was 0 counts as 1.
FACTOR = 2.0
#: Stands for a tensor with entries that are not finite, or of another shape.
WITHOUT = "none"
Worst = dict[str, int | str]


@dataclass(frozen=True)
class Baseline:
    """What the file keeps. worst: case id to kind of tensor to ulp."""

    backend: str
    version: str
    factor: float
    worst: Mapping[str, Worst]


@dataclass(frozen=True)
class Ratchet:
    """A run beside the file, in sentences. grown: worst errors that grew by more than the factor. lost: what was answered once and
    is no more. compared: how many cases are on both sides; new: how many in this run alone."""

    grown: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    compared: int = 0
    new: int = 0


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


def read_baseline(path: Path) -> Baseline:
    """Raises CannotRun for a file that is no baseline, or an empty one: nothing could grow in it."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        factor, cases = data["factor"], data["worst_ulps"]
        if type(factor) not in (int, float) or not factor >= 1 or not isfinite(factor):
            raise ValueError(f"factor = {factor!r}; give a finite number of at least 1")
        if not isinstance(cases, dict) or not cases:
            raise ValueError("worst_ulps is empty")
        for id, worst in cases.items():
            if not isinstance(worst, dict) or not worst:
                raise ValueError(f"{id} holds no worst error")
            for tensor, ulps in worst.items():
                if ulps != WITHOUT and (type(ulps) is not int or ulps < 0):
                    raise ValueError(f"{id}: {tensor} = {ulps!r}; a distance in ulp is a number from 0 on")
        if not isinstance(data["backend"], str):
            raise ValueError("backend must be a name")
        return Baseline(data["backend"], str(data.get("version", "")), float(factor), cases)
    except OSError as error:
        raise CannotRun(f"--baseline {path} cannot be read: {error}") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else printable(str(error))
        raise CannotRun(f"--baseline {path} is no baseline: {what}") from error


def same_backend(path: Path, before: Baseline, name: str) -> None:
    """Raises CannotRun where the file is another backend's."""
    if before.backend != name:
        raise CannotRun(
            f"--baseline {path} is of the backend {quoted(before.backend)}, and this is {quoted(name)}: "
            "give each a file of its own"
        )


def compare(before: Baseline, run: Run, meant: Collection[str]) -> Ratchet:
    """meant: the ids that this run would ask a backend that can do everything; what the file holds of them must be answered."""
    now, failing = worst_errors(run), {r.id for r in run.results if r.failed}
    grown, lost = [], []
    for id, worst in before.worst.items():
        if id not in now:
            if id in meant and id not in failing:  # a failure speaks for itself
                lost.append(f"{printable(id)}: answered in the baseline, and not any more")
            continue
        for tensor, old in worst.items():
            new = now[id].get(tensor)
            if new is None:
                lost.append(f"{id}: the baseline knows its {printable(tensor)}, which is not given any more")
            elif grew(old, new, before.factor):
                words = f"the worst error of {tensor} was {old} ulp, and is {new}"
                grown.append(f"{id}: {words}, more than {before.factor:g} times as much")
    both = len(now.keys() & before.worst.keys())
    return Ratchet(tuple(grown), tuple(lost), both, len(now) - both)


def grew(old: int | str, new: int | str, factor: float) -> bool:
    """Whether a worst error is more than the factor times what it was."""
    if isinstance(old, str):
        return False
    return isinstance(new, str) or new > factor * max(old, 1)


def write_baseline(path: Path, run: Run, before: Baseline | None, meant: Collection[str]) -> None:
    """The worst errors of the run; of cases that it was not meant to ask those of before stay. Raises CannotRun."""
    kept = {} if before is None else {id: worst for id, worst in before.worst.items() if id not in meant}
    data: dict[str, Any] = {
        "backend": run.name,
        "version": run.version,
        "factor": FACTOR if before is None else before.factor,
        "worst_ulps": {**kept, **worst_errors(run)},
    }
    beside = path.with_name(f"{path.name}.new")
    try:
        beside.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        raise CannotRun(f"--baseline {path} cannot be written: {error}") from error
