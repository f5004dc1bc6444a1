"""Where work is done: processes of this machine, or an existing Dask cluster; both are a `concurrent.futures.Executor`."""

from __future__ import annotations

import multiprocessing
import re
import signal
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

#: tcp://HOST:8786, or another protocol of Dask's, or none.
ADDRESS = re.compile(r"([a-z]+://)?[^\s/]+:\d+", re.ASCII)


@dataclass(frozen=True)
class Where:
    """workers: how many processes of this machine, 1: this one; scheduler: the address of a Dask scheduler, whose workers all
    help. Raises ValueError for an address that is none."""

    workers: int = 1
    scheduler: str | None = None

    def __post_init__(self) -> None:
        if self.scheduler is not None and not ADDRESS.fullmatch(self.scheduler):
            raise ValueError(f"--scheduler {self.scheduler}: give an address with its port, such as tcp://HOST:8786")

    @property
    def here(self) -> bool:
        """Whether all is done in this process."""
        return self.workers == 1 and self.scheduler is None


HERE = Where()


@dataclass(frozen=True, eq=False)
class Pool:
    """An executor; how many items it works on at a time; what ends its processes, for which it waits else; and whether it outlives
    one that dies, having moved its item elsewhere."""

    executor: Executor
    width: int
    end: Any
    outlives: bool = False


@contextmanager
def processes(count: int) -> Iterator[Pool]:
    """So many new processes, which die with the block, at once."""
    before = set(multiprocessing.active_children())
    executor = ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), _leave_interrupts_to_the_parent)

    def end() -> None:
        for process in set(multiprocessing.active_children()) - before:
            process.kill()

    try:
        yield Pool(executor, count, end)
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
        end()


@contextmanager
def cluster(address: str) -> Iterator[Pool]:
    """The workers of a Dask cluster. Raises OSError where there is none."""
    from distributed import Client

    with Client(address, timeout="10s", set_as_default=False) as client:
        yield Pool(
            client.get_executor(pure=False, retries=0), max(1, len(client.ncores())), lambda: None, outlives=True
        )


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
