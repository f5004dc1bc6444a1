"""What every page has beside its equations: a line of code, falsehoods, an exercise with its answer; and the README before them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from oracle.proofs.check import PageReport

#: Pages that may lack a quotation, since nothing in the package implements them. There is none.
WITHOUT_CODE: frozenset[str] = frozenset()
FALSEHOODS = 2
EXERCISE = re.compile(r"^#+ Exercises?\b.*?^<details><summary>Answers?</summary>", re.MULTILINE | re.DOTALL)


def lacking(report: PageReport) -> Iterator[str]:
    """A sentence for each part that a numbered page lacks; other files are free in their form."""
    path = Path(report.file)
    if not path.name[:1].isdigit():
        return
    if not report.quotes and path.stem not in WITHOUT_CODE:
        yield "quotes no line of manualbp"
    falsehoods = sum(equation.kind == "falsehood" for equation in report.equations)
    if falsehoods < FALSEHOODS:
        yield f"shows {falsehoods} tempting falsehoods (\\ne), and needs {FALSEHOODS}"
    if not EXERCISE.search(path.read_text(encoding="utf-8")):
        yield "has no exercise with its answer (## Exercise, <details><summary>Answer</summary>)"


def readme_missing(report: PageReport) -> bool:
    """Whether the folder of the pages has no README that leads through them."""
    return not (Path(report.file).parent / "README.md").is_file()
