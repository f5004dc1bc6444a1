"""What a quoted line itself computes: its value and its layer, read in its own frame while the package runs."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from oracle.proofs.quotes import ROOT, lines_of


@dataclass(frozen=True)
class Computed:
    """layer: the index of the name assigned to, such as i of delta[i]; None where there is none."""

    layer: int | None
    value: Any


@dataclass
class Watch:
    """The last statement of a quotation, in that function of that file; found: what it computed, each time it ran."""

    name: str
    function: str
    statement: ast.stmt
    found: list[Computed] = field(default_factory=list)

    @property
    def target(self) -> ast.expr | None:
        if isinstance(self.statement, ast.Assign):
            return self.statement.targets[0]
        return self.statement.target if isinstance(self.statement, ast.AugAssign) else None

    def note(self, frame: Any, returned: Any) -> None:
        if isinstance(self.statement, ast.Return):
            self.found.append(Computed(None, copied(returned)))
        elif self.target is not None and not isinstance(self.target, ast.Tuple):
            self.found.append(Computed(layer_of(self.target, frame), copied(evaluated(self.target, frame))))


def watch_of(name: str, place: Sequence[int]) -> Watch | None:
    """For the smallest statement around the last quoted line; None where it stands outside of every function."""
    tree = ast.parse("\n".join(lines_of(name)))
    around = [
        (node, function)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.stmt) and node.lineno <= place[-1] <= (node.end_lineno or node.lineno)
    ]
    if not around:
        return None
    statement, function = min(around, key=lambda pair: (length(pair[0]), length(pair[1])))
    return Watch(name, function.name, statement)


def length(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno


def copied(value: Any) -> Any:
    return np.array(value) if isinstance(value, np.ndarray) else value


def evaluated(expression: ast.expr, frame: Any) -> Any:
    text = ast.unparse(expression)
    return eval(compile(text, "quoted", "eval"), frame.f_globals, frame.f_locals)


def layer_of(target: ast.expr, frame: Any) -> int | None:
    """i of delta[i], and of delta[i][j, r]."""
    while isinstance(target, ast.Subscript):
        if isinstance(target.value, ast.Name):
            number = evaluated(target.slice, frame)
            return int(number) if isinstance(number, int | np.integer) else None
        target = target.value
    return None


@contextmanager
def capturing(watch: Watch) -> Iterator[None]:
    """Notes what the statement computes whenever it runs inside the block."""
    path = str((ROOT / watch.name).resolve())
    first, last = watch.statement.lineno, watch.statement.end_lineno or watch.statement.lineno

    def trace(frame: Any, event: str, _: Any) -> Callable[..., Any] | None:
        if frame.f_code.co_filename != path or frame.f_code.co_name != watch.function:
            return None
        inside = False

        def line(frame: Any, event: str, argument: Any) -> Callable[..., Any]:
            nonlocal inside
            if event == "exception":
                inside = False
            if inside and event in ("line", "return") and not (event == "line" and first < frame.f_lineno <= last):
                watch.note(frame, argument)
                inside = False
            if event == "line":
                inside = first <= frame.f_lineno <= last
            return line

        return line

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)
