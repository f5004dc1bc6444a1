"""`[tool.manualbp]` of pyproject.toml: options of `manualbp check` that a project has once for all."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from oracle.candidate.asking import CannotJudge
from oracle.check.formats import FORMATS

#: The keys, each with the kind of its value.
KINDS: dict[str, type | tuple[type, ...]] = {
    "domains": str,
    "lengths": str,
    "shapes": str,
    "examples": int,
    "seed": int,
    "timeout": (int, float),
    "extremes": bool,
    "no_memory": bool,
    "format": str,
    "if_any": bool,
}


def settings(start: Path) -> dict[str, Any]:
    """The table of the nearest pyproject.toml in the directory or above it; nothing where there is none. Raises CannotJudge."""
    for directory in (start.resolve(), *start.resolve().parents):
        file = directory / "pyproject.toml"
        if file.is_file():
            return _read(file)
    return {}


def _read(file: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {}).get("manualbp", {})
    except (OSError, ValueError) as error:
        raise CannotJudge(f"{file} cannot be read: {error}") from None
    if not isinstance(table, dict):
        raise CannotJudge(f"{file}: tool.manualbp is no table")
    found = {key.replace("-", "_"): value for key, value in table.items()}
    for key, value in found.items():
        if key not in KINDS:
            raise CannotJudge(f"{file}: tool.manualbp has no setting {key}; there are {', '.join(KINDS)}")
        kinds = KINDS[key]
        if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is not bool):
            kind = kinds.__name__ if isinstance(kinds, type) else "number"
            raise CannotJudge(f"{file}: tool.manualbp.{key} = {value!r}: give a {kind}")
    if found.get("format", FORMATS[0]) not in FORMATS:
        raise CannotJudge(f"{file}: tool.manualbp.format = {found['format']!r}: give one of {', '.join(FORMATS)}")
    return found
