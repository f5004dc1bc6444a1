"""The pages checked side by side, each in one of several processes; what is said of a page does not depend on how many."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from oracle.proofs.check import PageReport, check_page
from oracle.proofs.citations import Citations
from oracle.proofs.errors import CannotCheck, ProofError
from oracle.proofs.pages import read_page
from oracle.proofs.section import displayed
from oracle.workers.each import Lost, in_order
from oracle.workers.executors import HERE, Where

#: Fewer pages than these are checked before another process has started.
FEW = 4


@dataclass
class Reader:
    """Reads pages in their order, each once, for the tags that a later page may cite."""

    order: Sequence[Path]
    citations: Citations = field(default_factory=Citations)
    read: int = 0

    def check(self, number: int) -> PageReport:
        """The report on a page, which comes after those that were asked for before."""
        while self.read < number:
            read_tags(self.order[self.read], self.citations)
            self.read += 1
        return check_page(self.order[number], self.citations.copy())


def checked(order: Sequence[Path], wanted: Sequence[int], where: Where = HERE) -> Iterator[PageReport]:
    """The reports on the pages of these numbers, which rise, in their order. Raises CannotCheck where a page ends its process."""
    count = min(where.workers, len(wanted))
    if where.scheduler is None and (count < 2 or len(wanted) < FEW):
        yield from map(Reader(order).check, wanted)
        return
    tasks = [(tuple(order), number) for number in wanted]
    for number, found in zip(wanted, in_order(_check, tasks, Where(count, where.scheduler)), strict=True):
        if isinstance(found, Lost):
            raise CannotCheck(f"{order[number]}: {found.why}.")
        yield found


def _check(task: tuple[tuple[Path, ...], int]) -> PageReport:
    order, number = task
    return _reader(order).check(number)


@cache  # a process is handed its pages in their order
def _reader(order: tuple[Path, ...]) -> Reader:
    return Reader(order)


def read_tags(path: Path, citations: Citations) -> None:
    """The tagged boxes of a page, without its proofs: its own check says what is wrong with them."""
    try:
        for section in read_page(path):
            for each in displayed(section, lambda error, line: None):
                citations.add(each.statement, each.statement.line, each.scope)
            citations.finish()
    except (ProofError, RecursionError):
        return


def cores() -> int:
    """The cores that this process may use."""
    affinity: Callable[[int], set[int]] | None = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1
