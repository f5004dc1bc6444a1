"""`manualbp proofs [FILE…]`: checks pages and prints what was found."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from oracle.proofs.check import PageReport, check_page
from oracle.proofs.known import Citation

RIGHT, WRONG, COULD_NOT_RUN = 0, 1, 2


class CannotCheck(Exception):
    """One sentence on why nothing could be checked."""


def run_proofs_command(files: Sequence[str], as_json: bool) -> int:
    """Prints the report on these files, or on all pages found; returns the exit code."""
    started = time.perf_counter()
    paths = [Path(name) for name in files] or all_pages()
    for path in paths:
        if not path.is_file():
            raise CannotCheck(f"{path} is no file.")
    citations: dict[str, list[Citation]] = {}
    reports = [check_page(path, citations) for path in paths]
    seconds = time.perf_counter() - started
    problems = [problem for report in reports for problem in report.problems]
    code = WRONG if problems else RIGHT
    if as_json:
        data = {"exit_code": code, "files": [asdict(report) for report in reports], "seconds": round(seconds, 3)}
        print(json.dumps(data, indent=2, ensure_ascii=False))
        return code
    for problem in problems:
        print(problem)
    print(summary(reports, seconds))
    return code


def summary(reports: Sequence[PageReport], seconds: float) -> str:
    equations = [e for report in reports for e in report.equations]
    exact = sum(e.grade == "exact" for e in equations)
    floats = sum(e.grade == "floats only" for e in equations)
    tested = sum(e.tested for e in equations)
    problems = sum(len(report.problems) for report in reports)
    return (
        f"{len(reports)} files, {len(equations)} statements, {tested} equalities tested: {exact} exact, {floats} floats only; "
        f"{sum(e.kind == 'falsehood' for e in equations)} falsehoods false; {problems} problems; {seconds:.1f} s"
    )


def all_pages() -> list[Path]:
    """The numbered pages of ./proofs, or of the checkout that this package lies in."""
    for folder in (Path("proofs"), Path(__file__).resolve().parents[2] / "proofs"):
        pages = sorted(folder.glob("[0-9]*.md"))
        if pages:
            return pages
    raise CannotCheck("there is no folder proofs here, nor beside the package: name the files to check.")


if __name__ == "__main__":
    sys.exit(run_proofs_command(sys.argv[1:], as_json=False))
