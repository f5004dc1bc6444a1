"""The pairs of users' files judged side by side, each by whichever process; what is said of a pair does not depend on how many.

Every process runs the file for itself. A pair whose code kills its process is one that could not be judged; the others are.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from oracle.candidate.asking import CannotJudge
from oracle.check.judge_pair import judge
from oracle.check.locations import Location, first_in
from oracle.check.options import Options
from oracle.check.outcome import Outcome, asked, is_let_be
from oracle.check.pairs_in_file import NothingToJudge, pairs_in
from oracle.check.report import Report
from oracle.check.stubs import Asked, described, stub
from oracle.check.user_file import opened
from oracle.console.output import output_to_stderr
from oracle.workers.each import Lost, in_order
from oracle.workers.executors import Where


@dataclass(frozen=True)
class Listed:
    """A file, its pairs, and what is not judged of it."""

    target: str
    path: Path
    names: tuple[str, ...]
    asked: tuple[Asked, ...]
    deliberate: dict[str, str]
    refused: dict[str, str]


@dataclass(frozen=True)
class Task:
    """One pair of a file, by its number."""

    target: str
    options: Options
    number: int


def checked(targets: Sequence[str], options: Options, where: Where) -> list[Outcome]:
    """The outcomes of the files. Raises CannotJudge where one cannot be run, or holds nothing."""
    started = time.perf_counter()
    listed = [_listed(target, options) for target in targets]
    todo = [(file, n) for file in listed for n, name in enumerate(file.names) if name not in file.deliberate]
    results = in_order(judged, [Task(file.target, options, n) for file, n in todo], where)
    reports: dict[int, list[tuple[Report, Location | None]]] = {id(file): [] for file in listed}
    told: dict[int, list[tuple[Asked, Report | None]]] = {id(file): [] for file in listed}
    for (file, number), found in zip(todo, results, strict=True):
        if isinstance(found, Lost):
            file.refused[file.names[number]] = found.why
        elif isinstance(found, str):
            file.refused[file.names[number]] = found
        else:
            reports[id(file)].append(found)
        told[id(file)].append((file.asked[number], found[0] if isinstance(found, tuple) else None))
    seconds = round(time.perf_counter() - started, 3)
    return [
        Outcome(f.target, f.path, tuple(reports[id(f)]), f.deliberate, f.refused, seconds, stub(told[id(f)], options))
        for f in listed
    ]


def _listed(target: str, options: Options) -> Listed:
    with output_to_stderr(), opened(target) as (module, path, wanted):
        try:
            pairs, refused = pairs_in(module, wanted, path)
        except NothingToJudge:
            if not options.if_any and options.changed is None:
                raise
            return Listed(target, path, (), (), {}, {})
        some = asked(pairs, path, options)
        deliberate = {pair.name: pair.declared.deliberate or "" for pair in some if is_let_be(pair)}
        each = tuple(described(pair, path) for pair in some)
        return Listed(target, path, tuple(pair.name for pair in some), each, deliberate, refused)


def judged(task: Task) -> tuple[Report, Location | None] | str:
    """The report on a pair and its place, or why it cannot be judged."""
    with output_to_stderr(), opened(task.target) as (module, path, wanted):
        pairs, _ = pairs_in(module, wanted, path)
        pair = asked(pairs, path, task.options)[task.number]
        try:
            return judge(pair, task.options), first_in(path, pair.grad, pair.fn)
        except CannotJudge as error:
            return str(error)
