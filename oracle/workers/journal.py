"""A run that can be taken up where it was cut off: the result of each item is a line of a file as soon as its turn has come.

The first line says what run it is of, as JSON; a file of another run is refused. A line that was cut off is done again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FORMAT = "manualbp run 1"
Note = Callable[[int, Any], None]


def taken_up(path: Path | None, about: Mapping[str, Any]) -> dict[int, Any]:
    """The results that a file holds, by number of the item. Raises ValueError for a file of something else."""
    if path is None or not path.exists():
        return {}
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"--resume {path} cannot be read: {error}") from error
    records = [record for line in lines if (record := _object(line)) is not None]
    if not any(line.strip() for line in lines):
        return {}
    if not records or records[0].get("format") != FORMAT:
        raise ValueError(f"--resume {path} was written by another command: give another file")
    other = [name for name, value in about.items() if records[0].get(name) != value]
    if other:
        was = ", ".join(f"{name} = {records[0].get(name)}" for name in other)
        raise ValueError(f"--resume {path} is of another run ({was}): remove the file, or give another")
    return {r["item"]: r["result"] for r in records[1:] if isinstance(r.get("item"), int) and "result" in r}


@contextmanager
def noted(path: Path | None, about: Mapping[str, Any], before: Mapping[int, Any]) -> Iterator[Note]:
    """note(number, result) writes a line at once; results are JSON. The lines of `before` stay."""
    if path is None:
        yield lambda number, result: None
        return
    with path.open("w", encoding="utf-8") as file:
        file.write(_line({"format": FORMAT, **about}))
        for number, result in before.items():
            file.write(_line({"item": number, "result": result}))
        file.flush()

        def note(number: int, result: Any) -> None:
            file.write(_line({"item": number, "result": result}))
            file.flush()

        yield note


def _line(data: Mapping[str, Any]) -> str:
    return json.dumps(data, separators=(",", ":")) + "\n"


def _object(line: str) -> dict[str, Any] | None:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None
