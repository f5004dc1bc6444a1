"""The lines of code that a page quotes: they stand verbatim in the package, and they run when the page's record is used."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import manualbp
from oracle.proofs.errors import ProofError

ROOT = Path(manualbp.__file__).resolve().parent.parent


@cache
def lines_of(name: str) -> tuple[str, ...]:
    path = (ROOT / name).resolve()
    if not (path.is_file() and path.is_relative_to(ROOT / "manualbp")):
        raise ProofError(f"{name} is no file of the package")
    return tuple(path.read_text(encoding="utf-8").splitlines())


def find(name: str, quoted: str) -> list[Sequence[int]]:
    """Where the quoted lines stand in the file, indentation apart. Raises ProofError where they do not."""
    wanted = stripped(quoted.splitlines())
    if not wanted:
        raise ProofError("quotes nothing")
    lines = lines_of(name)
    found: list[Sequence[int]] = [
        range(k + 1, k + 1 + len(wanted))
        for k in range(len(lines) - len(wanted) + 1)
        if stripped(lines[k : k + len(wanted)]) == wanted
    ]
    found = found or in_order(name, wanted)
    if not found:
        raise ProofError(f"the quoted code does not stand in {name}")
    return found


def in_order(name: str, wanted: list[str]) -> list[Sequence[int]]:
    """The same lines with others between them, inside of one function."""
    found: list[Sequence[int]] = []
    for node in ast.walk(ast.parse("\n".join(lines_of(name)))):
        if isinstance(node, ast.FunctionDef):
            numbers = iter(range(node.lineno, (node.end_lineno or node.lineno) + 1))
            text = lines_of(name)
            places = [next((k for k in numbers if text[k - 1].strip() == line.strip()), 0) for line in wanted]
            if all(places):
                found.append(places)
    return found


def functions_with(name: str, line: str) -> list[str]:
    """The innermost functions of the file in which that line stands."""
    text = lines_of(name)
    functions = [node for node in ast.walk(ast.parse("\n".join(text))) if isinstance(node, ast.FunctionDef)]
    found = []
    for k, candidate in enumerate(text, start=1):
        if candidate.strip() == line:
            around = [f for f in functions if f.lineno <= k <= (f.end_lineno or f.lineno)]
            found += [min(around, key=lambda f: (f.end_lineno or f.lineno) - f.lineno).name] if around else []
    return found


def stripped(lines: Any) -> list[str]:
    """The lines without their common indentation."""
    lines = [line.rstrip() for line in lines]
    indents = [len(line) - len(line.lstrip()) for line in lines if line]
    common = min(indents, default=0)
    return [line[common:] for line in lines]


@contextmanager
def watched(executed: dict[str, set[int]]) -> Iterator[None]:
    """Notes which lines of the package run inside the block, by file."""

    def trace(frame: Any, event: str, _: Any) -> Callable[..., Any] | None:
        try:
            name = str(Path(frame.f_code.co_filename).relative_to(ROOT))
        except ValueError:
            return None
        lines = executed.setdefault(name, set())

        def line(frame: Any, event: str, _: Any) -> Callable[..., Any]:
            lines.add(frame.f_lineno)
            return line

        return line(frame, event, None)

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)


@cache
def statements_of(name: str) -> tuple[tuple[int, int, bool], ...]:
    """(first line, last line, at module level) of every statement of the file."""
    tree = ast.parse("\n".join(lines_of(name)))
    outer = {id(node) for node in tree.body}
    inner = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    return tuple((node.lineno, node.end_lineno or node.lineno, id(node) in outer) for node in inner)


def runs(name: str, place: Sequence[int], executed: dict[str, set[int]]) -> bool:
    """Whether the statements that the quoted lines belong to were executed, inside of a function."""
    seen = executed.get(name, set())
    smallest = {}
    for line in place:
        around = [s for s in statements_of(name) if s[0] <= line <= s[1]]
        if around:
            smallest[line] = min(around, key=lambda s: s[1] - s[0])
    return bool(smallest) and all(
        not top and any(first <= line <= last for line in seen) for first, last, top in smallest.values()
    )
