"""In which order pages are read: the book in that of its numbers, then an author's own, each after those whose tags it cites."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

#: A reason that is the tag of a box, such as (BP2) or (10.1); and a box's tag.
CITED = re.compile(r"\\text\{\(\(?([A-Z0-9][A-Z0-9.]*)\)?\)\}")
TAGGED = re.compile(r"\\tag\{([A-Z0-9][A-Z0-9.]*)\}")


def with_earlier_pages(paths: Sequence[Path], book: Callable[[], Sequence[Path]]) -> list[Path]:
    """The files, with the numbered pages beside them that come before; a page without a number may cite the book."""
    last = max((path.name for path in paths if is_numbered(path)), default="")
    folders = {path.parent for path in paths}
    numbered = {p for folder in folders for p in folder.glob("[0-9]*.md")}
    own = [path for path in paths if not is_numbered(path)]
    beside = {p for p in numbered if p.name < last}
    if any(tags(path, CITED) for path in own):
        beside = numbered or set(book())
    seen = {path.resolve(): path for path in (*beside, *(path for path in paths if is_numbered(path)))}
    return [*sorted(seen.values(), key=lambda path: path.name), *by_citations(own)]


def is_numbered(path: Path) -> bool:
    return path.name[:1].isdigit()


def tags(path: Path, kind: re.Pattern[str]) -> set[str]:
    return set(kind.findall(path.read_text(encoding="utf-8")))


def by_citations(pages: Sequence[Path]) -> list[Path]:
    """Each page once, after those that box what it cites and does not box itself; as given where they cite each other."""
    ahead = list({page.resolve(): page for page in pages}.values())
    boxed = {page: tags(page, TAGGED) for page in ahead}
    needed = {page: tags(page, CITED) - boxed[page] for page in ahead}
    ordered: list[Path] = []
    while ahead:
        free = (page for page in ahead if not any(needed[page] & boxed[other] for other in ahead if other != page))
        page = next(free, ahead[0])
        ahead.remove(page)
        ordered.append(page)
    return ordered
