"""Cases asked by several processes of this machine, each with a backend of its own."""

from __future__ import annotations

import multiprocessing
import queue
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from oracle.backends.session import CannotRun, Session
from oracle.conform.outcome import Result
from oracle.vectors import Vector, vectors
from oracle.vectors.drawn import drawn

#: Seconds between two looks at whether the processes live.
LOOK = 0.5


@dataclass(frozen=True)
class Done:
    """One process is through: its results in the end, and what was wrong with the end of its session."""

    results: tuple[tuple[int, Any], ...]
    farewell: str


def ask_in_jobs(
    open_session: Callable[[], Session], chosen: Sequence[Vector], jobs: int, note: Callable[[Result], None]
) -> tuple[list[Result], str]:
    """Every case, in order, and the farewells. open_session: a function that can be pickled. note: is told of every first answer.

    Raises CannotRun where a process ends without a word.
    """
    context = multiprocessing.get_context("spawn")
    told: Any = context.Queue()
    parts = [[(k, chosen[k].id) for k in range(start, len(chosen), jobs)] for start in range(min(jobs, len(chosen)))]
    running = [context.Process(target=_work, args=(open_session, part, told), daemon=True) for part in parts]
    for process in running:
        process.start()
    found: dict[int, Result] = {}
    farewells: list[str] = []
    try:
        left = len(running)
        while left:
            try:
                message = told.get(timeout=LOOK)
            except queue.Empty:
                if any(not p.is_alive() and p.exitcode for p in running):
                    raise CannotRun("a process of --jobs ended at once; --jobs 1 says at which case") from None
                continue
            if isinstance(message, str):
                raise CannotRun(message)
            if isinstance(message, Done):
                left -= 1
                farewells.append(message.farewell)
                found |= {k: _whole(r, chosen[k]) for k, r in message.results}
            else:
                k, result = message
                note(_whole(result, chosen[k]))
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.join()
    return [found[k] for k in range(len(chosen))], "; ".join(filter(None, dict.fromkeys(farewells)))


def _work(open_session: Callable[[], Session], part: Sequence[tuple[int, str]], told: Any) -> None:
    """What one process does. Vectors are not sent: it has them itself."""
    from oracle.conform.run import ask_all
    from oracle.console.output import output_to_stderr

    by_id = {v.id: v for v in vectors()}
    place = {id: k for k, id in part}
    try:
        with output_to_stderr():
            session = open_session()
            results, farewell = ask_all(
                session, [by_id.get(id) or drawn(id) for _, id in part], lambda r: told.put((place[r.id], _light(r)))
            )
        told.put(Done(tuple((place[r.id], _light(r)) for r in results), farewell))
    except CannotRun as error:
        told.put(str(error))
    except BaseException as error:
        told.put(f"a process of --jobs failed: {type(error).__name__}: {error}")


def _light(result: Result) -> Any:
    """Without the question and its truth, which the other side has; but with the allowance, which may be another."""
    return replace(result, vector=None), result.vector.allowance  # type: ignore[arg-type]


def _whole(light: Any, vector: Vector) -> Result:
    result, allowance = light
    return replace(result, vector=replace(vector, allowance=allowance, stored=vector.allowance))
