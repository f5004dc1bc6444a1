r"""A network given in numbers: `W^2 := (…)`, `b^2 := (…)`, `a^1 := (…)`, `E := (…)`. What stands below speaks of this one network.

Every side is then a number, and evaluating it is all the proof that an equation needs; nothing of it may be cited elsewhere.
"""

from __future__ import annotations

from dataclasses import replace

from oracle.proofs import nodes as n
from oracle.proofs.errors import ProofError
from oracle.proofs.grammar import constant
from oracle.proofs.scope import Given, Rows, Scope, free_indices, layer_variables
from oracle.proofs.statements import Statement


def gives_numbers(statement: Statement, scope: Scope) -> bool:
    """Whether it is the definition of a matrix of weights, a column of biases, the input or the expected output."""
    left = statement.sides[0]
    if not (scope.layered and statement.kind == "definition" and isinstance(left, n.Symbol)):
        return False
    layer = left.layer
    fixed = layer is not None and layer.base == ""
    return not (left.index or left.sample) and ((left.name in ("W", "b", "a") and fixed) or left.name == "E")


def with_numbers(scope: Scope, statement: Statement) -> Scope:
    """The scope in which these numbers are given too. Raises ProofError for what is no number, or given twice."""
    left, right = statement.sides
    assert isinstance(left, n.Symbol)
    layer = left.layer.offset if left.layer is not None else 0
    key = left.name, layer
    if (left.name == "a") != (layer == 1) or layer < 0:
        raise ProofError("given are a^1, W^2, b^2, W^3, b^3, … and E; all else follows from them", statement.line)
    if key in scope.given:
        raise ProofError(f"{left.name}^{layer} is given twice" if layer else "E is given twice", statement.line)
    return replace(scope, given={**scope.given, key: rows(right, statement.line)})


def rows(node: n.Node, line: int) -> Rows:
    entries = node.entries if isinstance(node, n.Matrix | n.Column) else (node,)
    columns = node.columns if isinstance(node, n.Matrix) else 1
    values = [value for entry in entries if (value := constant(entry)) is not None]
    if len(values) < len(entries):
        raise ProofError(
            r"a network is given in numbers: \begin{pmatrix} 1 & -2 \\ \frac{1}{2} & 0 \end{pmatrix}", line
        )
    return tuple(tuple(values[k : k + columns]) for k in range(0, len(values), columns))


def widths(given: Given) -> tuple[int, ...]:
    """n_1 … n_L. Raises ProofError where something is missing, or does not fit."""
    L = max((layer for name, layer in given if name in ("W", "b")), default=2)
    wanted = [("a", 1), *((name, i) for i in range(2, L + 1) for name in ("W", "b")), ("E", 0)]
    for name, i in wanted:
        if (name, i) not in given:
            raise ProofError(f"{f'{name}^{i}' if i else name} is not given: a network in numbers needs all of them")
    found = [len(given["a", 1])]
    for i in range(2, L + 1):
        W = given["W", i]
        if len(W[0]) != found[-1]:
            raise ProofError(f"W^{i} has {len(W[0])} columns, but layer {i - 1} has {found[-1]} neurons")
        if len(given["b", i]) != len(W):
            raise ProofError(f"b^{i} has {len(given['b', i])} entries, but W^{i} has {len(W)} rows")
        found.append(len(W))
    if len(given["E", 0]) != found[-1]:
        raise ProofError(f"E has {len(given['E', 0])} entries, but layer {L} has {found[-1]} neurons")
    if any(len(row) != 1 for name, i in wanted if name != "W" for row in given[name, i]):
        raise ProofError("a^1, b and E are columns")
    return tuple(found)


def check_stated(statement: Statement, given: Given) -> None:
    """Raises ProofError where a statement about a network in numbers has a reason, a box or a tag, or the network is not whole."""
    widths(given)
    if statement.boxed or statement.tag is not None:
        raise ProofError("holds for the given numbers only, and cannot be cited: leave out the box and the tag")
    if any(statement.reasons):
        raise ProofError("needs no reason: below given numbers every side is a number, and is evaluated")
    if statement.conditions or any(free_indices(side) | layer_variables(side) for side in statement.sides):
        raise ProofError(
            "speaks of one network in numbers: name the layer and the entry by numbers, without a condition"
        )
    letters = [x for x in n.walk(statement.sides[-1]) if isinstance(x, n.Symbol | n.Width) and x != n.Symbol("pi")]
    if letters and "\\ne" not in statement.relations:
        raise ProofError("holds for these numbers, and says nothing of others: end it with the number that comes out")
