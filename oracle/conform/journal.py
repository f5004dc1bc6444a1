"""A run that can be taken up where it was cut off: every result is a line of a file as soon as it is there.

The first line says which backend and vectors it is of, the last one that the run was finished. A line that was cut off is asked
again. Answers of a backend that has changed since are dropped, and so are those to other vectors.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oracle.backends.session import CannotRun
from oracle.backends.words import quoted
from oracle.conform.asking import judged_result
from oracle.conform.outcome import Outcome, Result
from oracle.vectors import Vector
from oracle.vectors.arithmetic import Arithmetic
from oracle.vectors.encoding import Malformed, decode_answer, encode_answer
from oracle.vectors.files import MANIFEST, data_folder

FORMAT = "manualbp conform journal 1"
DONE = {"done": True}
#: What another run would answer otherwise.
AGAIN = (Outcome.BROKEN, Outcome.UNASKED)
Note = Callable[[Result], None]


#: What may be another than it was: its answers are of no use then.
CHANGES = {"version": "its version", "code": "its code", "vectors": "the vectors"}


@dataclass(frozen=True)
class TakenUp:
    """What a journal holds for this run. dropped: a sentence about answers that were left out, or nothing."""

    results: tuple[Result, ...] = ()
    dropped: str = ""


def header(name: str, version: str, code: str) -> dict[str, str]:
    digest = hashlib.sha256((data_folder() / MANIFEST).read_bytes()).hexdigest()
    return {"format": FORMAT, "backend": name, "version": version, "code": code, "vectors": digest}


def taken_up(path: Path, about: Mapping[str, str], asked: Sequence[Vector], arithmetic: Arithmetic) -> TakenUp:
    """The results of a run that was cut off; none of one that was finished, or not begun. Raises CannotRun for another file, and
    for another backend's."""
    if not path.exists():
        return TakenUp()
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CannotRun(f"--resume {path} cannot be read: {error}") from error
    records = [record for line in lines if (record := _object(line)) is not None]
    if not any(line.strip() for line in lines):
        return TakenUp()
    if not records or records[0].get("format") != FORMAT:
        raise CannotRun(f"--resume {path} is no journal of manualbp conform: give another file")
    if records[0].get("backend") != about["backend"]:
        what = f"{quoted(str(records[0].get('backend')))}, and this is {quoted(about['backend'])}"
        raise CannotRun(f"--resume {path} is of another backend, {what}: remove the file, or give another")
    if records[-1] == DONE:
        return TakenUp()
    changed = [words for key, words in CHANGES.items() if records[0].get(key) != about[key]]
    if changed:
        n = sum("answer" in record for record in records[1:])
        words = f"{n} answer{'' if n == 1 else 's'} dropped and asked anew: {' and '.join(changed)} changed since"
        return TakenUp(dropped=f"--resume {path}: {words}" if n else "")
    by_id = {v.id: v for v in asked}
    found = {}
    for record in records[1:]:
        result = _result(record, by_id, arithmetic)
        if result is not None and result.outcome not in AGAIN:
            found[result.id] = result
    return TakenUp(tuple(found.values()))


@contextmanager
def noted(path: Path | None, about: Mapping[str, str], before: Sequence[Result]) -> Iterator[Note]:
    """Writes every result as it comes; the last line, where nothing cut the block off. Raises CannotRun."""
    if path is None:
        yield lambda result: None
        return
    try:
        with path.open("w", encoding="utf-8") as file:
            file.write(_line(dict(about)))
            for result in before:
                file.write(_line(_record(result)))
            file.flush()

            def note(result: Result) -> None:
                file.write(_line(_record(result)))
                file.flush()

            yield note
            file.write(_line(DONE))
    except OSError as error:
        raise CannotRun(f"--resume {path} cannot be written: {error}") from error


def _line(data: Mapping[str, Any]) -> str:
    return json.dumps(data, separators=(",", ":")) + "\n"


def _object(line: str) -> dict[str, Any] | None:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _record(result: Result) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": result.id,
        "outcome": result.outcome,
        "words": result.words,
        "seconds": result.seconds,
    }
    if result.answer is not None:
        try:
            data["answer"] = encode_answer(result.answer, result.vector.question.format)
        except TypeError:  # of another dtype: asked again
            data["outcome"] = Outcome.UNASKED
    return data


def _result(record: Mapping[str, Any], by_id: Mapping[str, Vector], arithmetic: Arithmetic) -> Result | None:
    """What a line holds; None where it is of no case of this run, or damaged."""
    vector = by_id.get(record.get("id", ""))
    try:
        outcome, seconds = Outcome(record["outcome"]), float(record["seconds"])
        if vector is None:
            return None
        if "answer" not in record:
            return Result(vector, outcome, str(record["words"]), seconds=seconds)
        answer = decode_answer(record["answer"], vector.question.format)
        return judged_result(vector, answer, seconds, arithmetic)
    except (KeyError, TypeError, ValueError, Malformed):
        return None
