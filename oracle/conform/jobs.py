"""Cases asked by several processes of this machine, or by a cluster, in parts that each have a session of their own.

How many cases a part has depends on how many there are alone, so that what comes out does not depend on who asks them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from oracle.backends.session import CannotRun, Session
from oracle.conform.outcome import Outcome, Result
from oracle.vectors import Vector, vectors
from oracle.vectors.drawn import drawn
from oracle.workers.each import Lost, in_order
from oracle.workers.executors import Where

#: Cases of a part: an eighth of all, within these bounds.
OF_ALL, LEAST, MOST = 8, 10, 200
#: After so many cases that end their processes no more are asked.
MOST_DEATHS = 3
DIED = "its process ended without a word, more than once, and it was asked nothing else"

Open = Callable[[], Session]


@dataclass(frozen=True)
class Done:
    """One part is through: its results, and what was wrong with the end of its session."""

    results: tuple[Any, ...]
    farewell: str


def ask_in_parts(
    open_session: Open, chosen: Sequence[Vector], where: Where, note: Callable[[Result], None]
) -> tuple[list[Result], str]:
    """Every case, in order, and the farewells. open_session: a function that can be pickled. note: is told of every result.

    A part whose processes die is asked case by case, and the cases that end theirs are broken. Raises CannotRun after several of
    them, and what a session raises.
    """
    ask = partial(_asked, open_session)
    found: list[Result | None] = []
    farewells: list[str] = []

    def told(vector: Vector, light: Any) -> Result:
        result = _whole(light, vector)
        note(result)
        return result

    for part, done in zip(_parts(chosen), in_order(ask, map(_ids, _parts(chosen)), where), strict=True):
        if isinstance(done, Lost):
            found += [None] * len(part)
            continue
        farewells.append(done.farewell)
        found += [told(vector, light) for vector, light in zip(part, done.results, strict=True)]
    deaths: list[str] = []
    left = [k for k, result in enumerate(found) if result is None]
    for k, done in zip(left, in_order(ask, ((chosen[k].id,) for k in left), where), strict=True):
        if isinstance(done, Lost):
            deaths.append(chosen[k].id)
            if len(deaths) >= MOST_DEATHS:
                raise CannotRun(
                    f"a process ended without a word at each of {', '.join(deaths)}, with nothing else to do"
                )
            note(result := Result(chosen[k], Outcome.BROKEN, DIED))
            found[k] = result
        else:
            farewells.append(done.farewell)
            found[k] = told(chosen[k], done.results[0])
    return [result for result in found if result is not None], "; ".join(filter(None, dict.fromkeys(farewells)))


def _parts(chosen: Sequence[Vector]) -> Iterator[Sequence[Vector]]:
    size = max(LEAST, min(MOST, -(-len(chosen) // OF_ALL)))
    return (chosen[start : start + size] for start in range(0, len(chosen), size))


def _ids(part: Sequence[Vector]) -> tuple[str, ...]:
    return tuple(vector.id for vector in part)


def _asked(open_session: Open, ids: Sequence[str]) -> Done:
    """What one process does. Vectors are not sent: it has them itself. Raises CannotRun."""
    from oracle.conform.run import ask_all
    from oracle.console.output import output_to_stderr

    try:
        by_id = {v.id: v for v in vectors()}
        with output_to_stderr():
            results, farewell = ask_all(open_session(), [by_id.get(id) or drawn(id) for id in ids], lambda result: None)
        return Done(tuple(map(_light, results)), farewell)
    except CannotRun:
        raise
    except BaseException as error:
        raise CannotRun(f"a process of --workers failed: {type(error).__name__}: {error}") from None


def _light(result: Result) -> Any:
    """Without the question and its truth, which the other side has; but with the allowance, which may be another."""
    return replace(result, vector=None), result.vector.allowance  # type: ignore[arg-type]


def _whole(light: Any, vector: Vector) -> Result:
    result, allowance = light
    return replace(result, vector=replace(vector, allowance=allowance, stored=vector.allowance))
