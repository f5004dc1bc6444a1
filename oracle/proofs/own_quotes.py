"""A quotation from the Python file beside an author's page: what it quotes runs, and what the function computes hangs on it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from oracle.proofs.compare_own import ordinary_points
from oracle.proofs.domains import domains_of
from oracle.proofs.errors import ProofError
from oracle.proofs.examples import outputs
from oracle.proofs.own_code import driver, functions, quoted_places, source_of
from oracle.proofs.scope import Scope

WHICH = {"C": "value", "sigma": "value", "nabla_a": "slope", "sigma_prime": "slope", "delta": "slope"}


def check_own_quote(name: str, content: str, parts: Sequence[str], scope: Scope) -> None:
    """The quoted lines stand in the function that computes the part of which the page last spoke, and they matter there."""
    places = quoted_places(name, content, scope)
    wanted = [functions(scope)[WHICH[part]] for part in parts]
    for node in wanted:
        places = [place for place in places if node.lineno <= place[0] and place[-1] <= (node.end_lineno or 0)]
        if not places:
            raise ProofError(f"the quoted code does not stand in the function {node.name}, which computes this")
    complaints = [complaint(name, place, scope) for place in places]
    if all(complaints):
        raise ProofError(str(complaints[0]))


def complaint(name: str, place: range, scope: Scope) -> str | None:
    """Why the lines at this place compute nothing; None where they do."""
    assert scope.own is not None
    source = source_of(scope.own)
    quoted = list(statements_at(ast.parse(source), place))
    if not quoted:
        return f"the quoted lines of {name} are no statement of a function: quote what computes this"
    points = ordinary_points(scope, domains_of(scope))
    variants = [source, *(replaced(source, node, "raise RuntimeError") for node in quoted)]
    variants.append(replaced(source, quoted[-1], "pass"))
    before, *raising, without = outputs([driver(scope, variant, points) for variant in variants])
    for node, after in zip(quoted, raising, strict=True):
        if same(before, after):
            return f"the quoted code of {name} does not run: line {node.lineno} is never reached"
    if same(before, without):
        return (
            f"the quoted code of {name} has no effect: the functions compute the same without line {quoted[-1].lineno}"
        )
    return None


def same(one: dict[str, object], other: dict[str, object]) -> bool:
    return (one.get("out"), one.get("error")) == (other.get("out"), other.get("error"))


def statements_at(tree: ast.Module, place: range) -> Iterator[ast.stmt]:
    """The statements that lie within these lines, or else the smallest one around a line; inside of functions, no docstrings."""
    inside = [node for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) for node in ast.walk(f) if node is not f]
    statements = [node for node in inside if isinstance(node, ast.stmt) and not is_text(node)]
    seen: set[int] = set()
    for line in place:
        around = [node for node in statements if node.lineno <= line <= (node.end_lineno or node.lineno)]
        whole = [node for node in around if place[0] <= node.lineno and (node.end_lineno or node.lineno) <= place[-1]]
        chosen = max(whole, key=length, default=None) or min(around, key=length, default=None)
        comment = chosen is not None and not (
            whole or chosen.lineno == line or length(chosen) == 0 or is_inside(chosen)
        )
        if chosen is not None and not comment and id(chosen) not in seen:
            seen.add(id(chosen))
            yield chosen


def is_inside(node: ast.stmt) -> bool:
    """Whether each of its lines is a part of it: no compound statement, whose lines may be comments."""
    return not hasattr(node, "body")


def is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def length(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno


def replaced(source: str, node: ast.stmt, by: str) -> str:
    """The source with that statement replaced; lines keep their numbers."""
    lines = source.splitlines()
    last = node.end_lineno or node.lineno
    head, tail = (
        lines[node.lineno - 1][: node.col_offset],
        lines[last - 1].encode()[node.end_col_offset or 0 :].decode(),
    )
    lines[node.lineno - 1 : last] = [head + by + tail, *[""] * (last - node.lineno)]
    return "\n".join(lines) + "\n"
