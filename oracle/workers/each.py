"""Every item's result, in the order of the items, whoever works on them, and whoever dies meanwhile.

A process that dies takes down all that its pool was at, and nobody can tell which item killed it: each of them is asked again, in
a process of its own. The one that kills two of these is lost, by itself, and is said to be. So is one that gives no sign of life
twice. No more than a few results are held at a time, however many items there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from dataclasses import dataclass
from typing import Any, TypeVar

from oracle.workers.executors import Pool, Where, cluster, processes

Item = TypeVar("Item")
Result = TypeVar("Result")

#: Seconds after which a pool that has finished nothing is taken to hang.
SILENCE = 1800.0
#: So many items are on their way for each process, and so many are ahead of the one whose turn it is.
ON_THE_WAY, AHEAD = 2, 8


@dataclass(frozen=True)
class Lost:
    """An item that killed its process twice, with nothing else to do (of a cluster: several workers, one after the other), or
    hung."""

    why: str


DIED = Lost("its process died more than once, with nothing else to do")
HUNG = Lost("nothing came from the cluster for too long")
TRIES = 2


def in_order(
    task: Callable[[Item], Result], items: Iterable[Item], where: Where, silence: float = SILENCE
) -> Iterator[Result | Lost]:
    """task(item) of each, in their order. task, items and results can be pickled, unless all is done here.

    Whatever a task raises is raised. Raises OSError where no scheduler answers, ModuleNotFoundError where Dask is missing.
    """
    if where.here:
        yield from map(task, items)
    elif where.scheduler is not None:
        with cluster(where.scheduler) as pool:
            yield from _Run(task, items, silence, lambda item: HUNG).of(pool)
    else:
        yield from _in_processes(task, items, where.workers, silence)


def _in_processes(task: Any, items: Iterable[Any], count: int, silence: float) -> Iterator[Any]:
    run = _Run(task, items, silence, lambda item: _by_itself(task, item, silence))
    while not run.finished:
        with processes(count) as pool:
            yield from run.of(pool)


class _Run:
    """Items on their way through pools, one after the other: where one broke, the next goes on."""

    def __init__(self, task: Any, items: Iterable[Any], silence: float, once_more: Callable[[Any], Any]) -> None:
        self.task, self.silence, self.once_more = task, silence, once_more
        self.items = enumerate(items)
        self.ready: dict[int, Any] = {}
        self.turn = self.begun = 0
        self.finished = False

    def of(self, pool: Pool) -> Iterator[Any]:
        """Results in their order, until all are there or the pool is broken."""
        waiting: dict[Future[Any], tuple[int, Any]] = {}
        while True:
            broken = self._submit(pool, waiting)
            if not waiting and not broken:
                self.finished = True
                return
            broken += self._collect(pool, waiting)
            if broken and not pool.outlives:
                broken += waiting.values()
            for number, item in sorted(broken, key=lambda each: each[0]):
                self.ready[number] = self.once_more(item)
            while self.turn in self.ready:
                yield self.ready.pop(self.turn)
                self.turn += 1
            if broken and not pool.outlives:
                return

    def _submit(self, pool: Pool, waiting: dict[Future[Any], tuple[int, Any]]) -> list[tuple[int, Any]]:
        """More items on their way; those that the pool did not take."""
        while len(waiting) < ON_THE_WAY * pool.width and self.begun < self.turn + AHEAD * pool.width:
            following = next(self.items, None)
            if following is None:
                break
            self.begun += 1
            try:
                waiting[pool.executor.submit(self.task, following[1])] = following
            except BrokenExecutor:
                return [following]
        return []

    def _collect(self, pool: Pool, waiting: dict[Future[Any], tuple[int, Any]]) -> list[tuple[int, Any]]:
        """What is done is ready; the items whose processes died, or are ended here since nothing comes from them."""
        done, _ = wait(waiting, timeout=self.silence, return_when=FIRST_COMPLETED)
        if not done:
            pool.end()
            return [waiting.pop(future) for future in list(waiting)]
        broken = []
        for future in done:
            number, item = waiting.pop(future)
            try:
                self.ready[number] = future.result()
            except Exception as error:
                if not _is_a_death(error):
                    raise
                if pool.outlives:
                    self.ready[number] = DIED
                else:
                    broken.append((number, item))
        return broken


def _by_itself(task: Any, item: Any, silence: float) -> Any:
    """The result by a process of its own, or `Lost`."""
    for _ in range(TRIES):
        with processes(1) as pool:
            found = _result(pool.executor.submit(task, item), silence)
        if found is not DIED:
            break
    return found


def _result(future: Future[Any], silence: float) -> Any:
    try:
        return future.result(timeout=silence)
    except TimeoutError:
        return Lost(f"nothing came from it in {silence:g} s, twice")
    except Exception as error:
        if not _is_a_death(error):
            raise
        return DIED


def _is_a_death(error: Exception) -> bool:
    """Of a process, be it of a pool or of a cluster, whose exceptions have a class of Dask's."""
    if isinstance(error, BrokenExecutor | CancelledError):
        return True
    return type(error).__name__ in ("KilledWorker", "FutureCancelledError") and type(error).__module__.startswith(
        "distributed"
    )
