"""Where in a file a function stands."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple


class Location(NamedTuple):
    """Lines from 1, the last one included."""

    file: Path
    first: int
    last: int


def location(function: Any) -> Location | None:
    """Of a function, a class or what wraps one; None where it has no source."""
    found: Any = function
    while True:
        inner = next(
            (
                getattr(found, name)
                for name in ("__wrapped__", "fun", "func", "function", "rule")
                if callable(getattr(found, name, None))
            ),
            None,
        )
        if inner is None or inner is found:
            break
        found = inner
    if not (inspect.isfunction(found) or inspect.ismethod(found) or inspect.isclass(found)):
        found = getattr(found, "forward", None) or type(found)
    try:
        file = inspect.getsourcefile(found)
        lines, first = inspect.getsourcelines(found)
    except (OSError, TypeError):
        return None
    return None if file is None else Location(Path(file), max(first, 1), max(first, 1) + len(lines) - 1)


def first_in(path: Path, *functions: Callable[..., Any] | None) -> Location | None:
    """The location of the first that stands in the file."""
    for function in functions:
        found = location(function) if function is not None else None
        if found is not None and found.file.resolve() == path.resolve():
            return found
    return None
