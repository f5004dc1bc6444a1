"""Lengths that the code of a gradient compares with, beyond those that were tried: a block of 1024 is met at 1024 entries."""

from __future__ import annotations

import ast
import inspect
import operator
import textwrap
from collections.abc import Callable, Iterator, Sequence
from typing import Any

_OPERATORS: dict[type[ast.cmpop], Callable[[int, int], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_SWAPPED: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Lt: ast.Gt, ast.LtE: ast.GtE, ast.Gt: ast.Lt, ast.GtE: ast.LtE}


def lengths_never_met(function: Callable[..., Any], tried: Sequence[int]) -> Iterator[str]:
    """The comparisons of a length with a number, in the source of a function, that came out the same at every length tried and
    would come out otherwise at another."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(function))))
    except (OSError, TypeError, SyntaxError, ValueError):
        return
    named = {target.id for node in ast.walk(tree) for target in _targets(node) if _is_length(node.value, set())}  # type: ignore[attr-defined]
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            asked = _as_length_against_number(node, named)
            if asked is None:
                continue
            compare, number = asked
            met = {compare(n, number) for n in tried}
            others = {compare(n, number) for n in (1, number - 1, number, number + 1) if n >= 1}
            if others - met and met:
                yield ast.unparse(node)


def _targets(node: ast.AST) -> list[ast.Name]:
    if isinstance(node, ast.Assign):
        return [t for t in node.targets if isinstance(t, ast.Name)]
    return [node.target] if isinstance(node, ast.NamedExpr) else []


def _as_length_against_number(node: ast.Compare, named: set[str]) -> tuple[Callable[[int, int], bool], int] | None:
    left, (op,), (right,) = node.left, node.ops, node.comparators
    kind: type[ast.cmpop] = type(op)
    if _is_number(left) and _is_length(right, named):
        left, right, kind = right, left, _SWAPPED.get(kind, kind)
    if kind in _OPERATORS and _is_length(left, named) and isinstance(right, ast.Constant) and _is_number(right):
        return _OPERATORS[kind], int(right.value)  # type: ignore[arg-type]
    return None


def _is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int) and not isinstance(node.value, bool)


def _is_length(node: ast.AST, named: set[str]) -> bool:
    """len(x), x.size, x.shape[k], or a name that was given one."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "len"
    if isinstance(node, ast.Subscript):
        return isinstance(node.value, ast.Attribute) and node.value.attr == "shape"
    if isinstance(node, ast.Attribute):
        return node.attr == "size"
    return isinstance(node, ast.Name) and node.id in named
