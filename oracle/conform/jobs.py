"""Cases asked by several processes of this machine, each with a backend of its own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from typing import Any

from oracle.backends.session import CannotRun, Session
from oracle.conform.outcome import Result
from oracle.vectors import Vector, vectors
from oracle.vectors.drawn import drawn

WITHOUT_A_WORD = "a process of --workers ended without a word, and so did the one in its place"


@dataclass(frozen=True)
class Done:
    """One part is through: its results in the end, and what was wrong with the end of its session."""

    results: tuple[tuple[int, Any], ...]
    farewell: str


def ask_in_jobs(
    open_session: Callable[[], Session], chosen: Sequence[Vector], jobs: int, note: Callable[[Result], None]
) -> tuple[list[Result], str]:
    """Every case, in order, and the farewells. open_session: a function that can be pickled. note: is told of every first answer.

    The cases of a process that ends without a word are asked once more, by another. Raises CannotRun where that ends so, too.
    """
    context = multiprocessing.get_context("spawn")
    parts = [[(k, chosen[k].id) for k in range(start, len(chosen), jobs)] for start in range(min(jobs, len(chosen)))]

    def started(part: int) -> tuple[Connection, Any]:
        hears, tells = context.Pipe(duplex=False)
        process = context.Process(target=_work, args=(open_session, parts[part], tells), daemon=True)
        process.start()
        tells.close()  # so that the end of the process is the end of what it tells
        return hears, (part, process)

    running: dict[Any, Any] = dict(map(started, range(len(parts))))
    again: set[int] = set()
    seen: set[int] = set()
    found: dict[int, Result] = {}
    farewells: list[str] = []
    try:
        while running:
            for hears in wait(list(running)):
                message = _heard(hears)
                if isinstance(message, str):
                    raise CannotRun(message)
                if message is None:
                    part, process = running.pop(hears)
                    process.join()
                    if part in again:
                        raise CannotRun(f"{WITHOUT_A_WORD}; --workers 1 says at which case")
                    again.add(part)
                    running |= [started(part)]
                elif isinstance(message, Done):
                    running.pop(hears)[1].join()
                    farewells.append(message.farewell)
                    found |= {k: _whole(r, chosen[k]) for k, r in message.results}
                elif message[0] not in seen:
                    k, result = message
                    seen.add(k)
                    note(_whole(result, chosen[k]))
    finally:
        for _, process in running.values():
            process.terminate()
        for _, process in running.values():
            process.join()
    return [found[k] for k in range(len(chosen))], "; ".join(filter(None, dict.fromkeys(farewells)))


def _heard(hears: Any) -> Any:
    """A message, or None where the process is gone."""
    try:
        return hears.recv()
    except (EOFError, OSError):
        return None


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
                session, [by_id.get(id) or drawn(id) for _, id in part], lambda r: told.send((place[r.id], _light(r)))
            )
        told.send(Done(tuple((place[r.id], _light(r)) for r in results), farewell))
    except CannotRun as error:
        told.send(str(error))
    except BaseException as error:
        told.send(f"a process of --workers failed: {type(error).__name__}: {error}")


def _light(result: Result) -> Any:
    """Without the question and its truth, which the other side has; but with the allowance, which may be another."""
    return replace(result, vector=None), result.vector.allowance  # type: ignore[arg-type]


def _whole(light: Any, vector: Vector) -> Result:
    result, allowance = light
    return replace(result, vector=replace(vector, allowance=allowance, stored=vector.allowance))
