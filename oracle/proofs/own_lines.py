"""A line quoted below an abbreviation of an author's page, s := Σ a_j E_j, computes that abbreviation."""

from __future__ import annotations

import ast
import json
from functools import partial

from oracle.proofs.defined_above import check_any, check_computes, expected_values
from oracle.proofs.examples import output
from oracle.proofs.own_code import driver, quoted_places, source_of
from oracle.proofs.own_quotes import statements_at
from oracle.proofs.scope import Definition, Scope

#: What is recorded is printed behind this word, point by point.
MARK = "seen"


def check_own_line(name: str, content: str, definition: Definition, scope: Scope) -> None:
    """Raises ProofError where the file runs, and no quoted line computes what the page defines right above it."""
    points, expected = expected_values(definition, scope)
    source = source_of(scope.own) if scope.own is not None else ""

    def computes(place: range) -> None:
        result = output(driver(scope, recording(source, place, scope.name), points))
        seen = [line.split(" ", 1)[1] for line in result["out"].splitlines() if line.startswith(f"{MARK} ")]
        recorded: list[list[list[float]]] = [json.loads(line) for line in seen]
        if result.get("error") or not any(recorded):
            return  # what does not run, or keeps no value, is spoken of elsewhere
        # the functions of value and slope run one after the other
        by_point = [[*value, *slope] for value, slope in zip(recorded[::2], recorded[1::2], strict=True)]
        check_computes(definition, expected, by_point)

    check_any(partial(computes, place) for place in (quoted_places(name, content, scope) if points else ()))


def recording(source: str, place: range, name: str) -> str:
    """The source, with what the statements at this place assign or return kept, and printed for each call from outside."""
    tree = ast.parse(source)
    quoted = {id(node) for statement in statements_at(tree, place) for node in ast.walk(statement)}
    made = ast.fix_missing_locations(Recorder(quoted).visit(tree))
    return f"{ast.unparse(made)}\n{KEEP}".replace("{mark}", MARK).replace("{name}", name)


class Recorder(ast.NodeTransformer):
    """Wraps the values of assignments and returns. quoted: identities of the nodes that are."""

    def __init__(self, quoted: set[int]) -> None:
        self.quoted = quoted

    def kept(self, value: ast.expr) -> ast.expr:
        return ast.Call(ast.Name("keep__", ast.Load()), [value], [])

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        if id(node) in self.quoted:
            node.value = self.kept(node.value)
        return node

    def visit_Return(self, node: ast.Return) -> ast.AST:
        if id(node) in self.quoted and node.value is not None:
            node.value = self.kept(node.value)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if id(node) in self.quoted and node.value is not None:
            node.value = self.kept(node.value)
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST | list[ast.AST]:
        if id(node) not in self.quoted or not isinstance(node.target, ast.Name):
            return node
        return [node, ast.Expr(self.kept(ast.Name(node.target.id, ast.Load())))]


#: Only what is called from outside prints: one function may call the other.
KEEP = """
import functools as functools__, json as json__, numpy as numpy__
kept__, inside__ = [], []

def keep__(value):
    for part in value if isinstance(value, tuple) else (value,):
        try:
            kept__.append([float(x) for x in numpy__.ravel(numpy__.asarray(part, dtype=float))])
        except (TypeError, ValueError):
            pass
    return value

def around__(f):
    @functools__.wraps(f)
    def called(*given, **named):
        outermost = not inside__
        if outermost:
            kept__.clear()
        inside__.append(f)
        try:
            result = f(*given, **named)
        finally:
            inside__.pop()
        if outermost:
            print("{mark} " + json__.dumps(kept__))
        return result

    return called

{name} = around__({name})
{name}_grad = around__({name}_grad)
"""
