"""`manualbp proofs [FILE…]`: checks pages and prints what was found."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from oracle.proofs.check import PageReport, Problem
from oracle.proofs.claims import differences, lost_pages, missing
from oracle.proofs.errors import CannotCheck as CannotCheck
from oracle.proofs.reading_order import with_earlier_pages
from oracle.proofs.report import as_data, as_text
from oracle.proofs.side_by_side import checked, cores
from oracle.proofs.structure import lacking, readme_missing
from oracle.workers.executors import HERE, Where

RIGHT, WRONG = 0, 1


def run_proofs_command(files: Sequence[str], as_json: bool, where: Where | None = None) -> int:
    """Prints the report on these files, or on all pages found; returns the exit code. where: by default all cores."""
    started = time.perf_counter()
    paths = [readable(Path(name)) for name in files] or all_pages()
    reports = check_pages(paths, quiet=as_json, where=where or Where(cores()))
    problems = [problem for report in reports for problem in report.problems]
    problems += unproved(reports, everything=not files)
    seconds = time.perf_counter() - started
    code = WRONG if problems else RIGHT
    if as_json:
        print(json.dumps(as_data(reports, problems, seconds, code), indent=2, ensure_ascii=False))
    else:
        print(as_text(reports, problems, seconds))
    return code


def check_pages(paths: Sequence[Path], quiet: bool = True, where: Where = HERE) -> list[PageReport]:
    """The reports, in the order given. Tags of earlier pages can be cited: those of the folder that are not given are read too."""
    order = with_earlier_pages(paths, book)
    given = {path.resolve() for path in paths}
    wanted = [k for k, path in enumerate(order) if path.resolve() in given]
    found = {}
    with progress(len(paths), quiet) as advance:
        for number, report in zip(wanted, checked(order, wanted, where), strict=True):
            found[order[number].resolve()] = report
            advance(order[number].name)
    return [found[path.resolve()] for path in paths]


def book() -> list[Path]:
    try:
        return all_pages()
    except CannotCheck:
        return []


def unproved(reports: Sequence[PageReport], everything: bool) -> list[Problem]:
    """What must be proved and is not: of the pages given, or of the whole package."""
    boxes = [(Path(report.file).stem, scope, box) for report in reports for scope, box in report.boxes]
    files = {Path(report.file).stem: report.file for report in reports}
    failed = {Path(report.file).stem for report in reports if report.problems}  # what fails there is said there
    found = [
        Problem(files[page], 1, sentence)
        for page, sentence in differences(list(files), boxes)
        if page not in failed or "is gone" not in sentence
    ]
    found += [
        Problem(report.file, 1, sentence) for report in reports if not report.problems for sentence in lacking(report)
    ]
    if everything:
        if readme_missing(reports[0]):
            found.append(
                Problem(str(Path(reports[0].file).with_name("README.md")), 1, "is gone: it leads through the pages")
            )
        found += [Problem(f"{page}.md", 1, "this page is gone") for page in lost_pages(list(files))]
        found += [Problem(str(path), 1, "is no page: its name begins with no number") for path in strays(reports)]
        found += [Problem("proofs", 1, sentence) for sentence in missing(boxes)] if not failed else []
    return found


def strays(reports: Sequence[PageReport]) -> list[Path]:
    """Markdown beside the pages that is not among them, the README and the guide for authors apart."""
    folder = Path(reports[0].file).parent
    return sorted(
        path
        for path in folder.glob("*.md")
        if path.name not in ("README.md", "AUTHORS.md") and not path.name[:1].isdigit()
    )


def readable(path: Path) -> Path:
    if path.is_dir():
        raise CannotCheck(f"{path} is a folder: name the files in it.")
    if not path.is_file():
        raise CannotCheck(f"{path} does not exist.")
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise CannotCheck(f"{path} is no text: give a Markdown file.") from None
    if not text.strip():
        raise CannotCheck(f"{path} is empty.")
    if "```math" not in text:
        raise CannotCheck(f"{path} displays no ```math block.")
    return path


def all_pages() -> list[Path]:
    """The numbered pages of ./proofs, or of the checkout that this package lies in."""
    for folder in (Path("proofs"), Path(__file__).resolve().parents[2] / "proofs"):
        pages = sorted(folder.glob("[0-9]*.md"))
        if pages:
            return [readable(page) for page in pages]
    raise CannotCheck(
        "there is no folder proofs here, nor beside the package: name the files to check, or run this where the pages are, in a "
        "clone or in the source distribution (pip download --no-deps --no-binary manualbp manualbp)."
    )


@contextmanager
def progress(count: int, quiet: bool) -> Iterator[Any]:
    """A bar on stderr, where that is a terminal."""
    if quiet or count < 2 or not sys.stderr.isatty():
        yield lambda name: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("proofs", total=count)
        yield lambda name: bar.update(task, description=name, advance=1)
