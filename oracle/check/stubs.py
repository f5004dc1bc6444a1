"""A declaration to paste into a file in which nothing says where arguments live: what was assumed, as `@oracle.takes(…)`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from oracle.check.assumption import positional
from oracle.check.declarations import Declared
from oracle.check.locations import first_in
from oracle.check.options import Options
from oracle.check.pairs_in_file import Pair
from oracle.check.report import Report
from oracle.search.constants import signature_names
from oracle.search.domains import DOMAINS

HEAD = "Nothing here says where arguments live. What was assumed, to paste above the def (below other decorators) and correct:"


class Asked(NamedTuple):
    """Where a pair's function stands ("" where it has no source), what its arguments are called, whether it declares anything."""

    at: str
    names: tuple[str, ...]
    declares: bool


def described(pair: Pair, path: Path) -> Asked:
    place = first_in(path, pair.fn)
    names = signature_names(pair.fn, positional(pair.fn) or 0)
    called = getattr(pair.fn, "__name__", pair.name)
    at = "" if place is None else f"{path.name}:{place.first}, {called}({', '.join(names)})"
    return Asked(at, names, _says_something(pair.declared))


def stub(judged: Sequence[tuple[Asked, Report | None]], options: Options) -> str:
    """The declarations of what was judged, each once; nothing where one of the functions, or the command line, declares anything.
    None stands for a report where there is none."""
    if any(asked.declares for asked, _ in judged) or (options.domains, options.shapes) != (None, None):
        return ""
    lines: dict[str, str] = {}
    for asked, report in judged:
        if not asked.at or (report is not None and not report.assumed):
            continue
        takes = _example(asked.names) if report is None else _domains(report, len(asked.names))
        lines.setdefault(asked.at, f"  # {asked.at}\n  @oracle.takes({takes})")
    return "\n".join((HEAD, "  import oracle", *lines.values())) if lines else ""


def _says_something(declared: Declared) -> bool:
    return any(value is not None for value in (declared.domains, declared.lengths, declared.like, declared.deliberate))


def _domains(report: Report, count: int) -> str:
    return ", ".join(repr(name) if name in DOMAINS else name for name in report.domains[:count])


def _example(names: Sequence[str]) -> str:
    arrays = ", ".join("np.ones(3)" for _ in names)
    return f"like=({arrays}{',' * (len(names) == 1)})"
