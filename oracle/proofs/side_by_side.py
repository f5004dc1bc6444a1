"""The pages checked side by side, each in one of several processes; what is said of a page does not depend on how many."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import get_context
from pathlib import Path

from oracle.proofs.check import PageReport, check_page
from oracle.proofs.citations import Citations
from oracle.proofs.errors import ProofError
from oracle.proofs.pages import read_page
from oracle.proofs.section import displayed

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


def checked(order: Sequence[Path], wanted: Sequence[int], processes: int = 1) -> Iterator[PageReport]:
    """The reports on the pages of these numbers, which rise, in their order."""
    count = min(processes, len(wanted))
    if count < 2 or len(wanted) < FEW:
        yield from map(Reader(order).check, wanted)
        return
    with get_context("spawn").Pool(count, _leave_interrupts_to_the_parent) as pool:
        yield from pool.imap(_check, ((tuple(order), number) for number in wanted))


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


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
