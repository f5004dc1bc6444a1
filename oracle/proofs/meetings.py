"""Where something changes: pairs of formulas that are equal where conditions begin, branches meet, or a denominator is 0."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from oracle.proofs import nodes as n
from oracle.proofs.scope import Scope
from oracle.proofs.statements import Statement

ZERO = n.Number(Fraction(0))
DEPTH = 6


@dataclass(frozen=True)
class Meeting:
    """left = right there. divides: whether the left side is divided by, and has to count for 0 there."""

    left: n.Node
    right: n.Node
    divides: bool = False


def meetings(statement: Statement, scope: Scope) -> Iterator[Meeting]:
    for condition in statement.conditions:
        yield from sides_of(condition)
        for side in condition.sides:
            yield from within(side, scope, 0)
    for side in statement.sides:
        yield from within(side, scope, 0)


def choices(statement: Statement, scope: Scope) -> Iterator[Meeting]:
    """Where branches meet, those of the sides before those of the conditions; no zeros of denominators, roots and logarithms."""
    roots = [*statement.sides, *(side for condition in statement.conditions for side in condition.sides)]
    for root in roots:
        yield from within(root, scope, 0, choosing=True)
    for condition in statement.conditions:
        yield from sides_of(condition)


def sides_of(condition: n.Comparison) -> Iterator[Meeting]:
    for left, right in itertools.pairwise(condition.sides):
        yield Meeting(left, right)


def within(root: n.Node, scope: Scope, depth: int, choosing: bool = False) -> Iterator[Meeting]:
    for node in n.walk(root):
        if isinstance(node, n.Comparison):
            yield from sides_of(node)
        elif isinstance(node, n.Call) and node.name in (("abs",) if choosing else ("abs", "ln", "sqrt")):
            yield from vanishing(node.arguments[0])
        elif isinstance(node, n.Call) and node.name in ("max", "min"):
            yield Meeting(node.arguments[0], node.arguments[1])
        elif choosing:
            pass
        elif isinstance(node, n.Power) and (node.exponent.denominator != 1 or node.exponent < 0):
            yield from vanishing(node.body, divides=node.exponent < 0)
        elif isinstance(node, n.Quotient):
            yield from vanishing(node.bottom, divides=True)
        if depth < DEPTH and isinstance(node, n.Call | n.Symbol):
            for body in bodies(node, scope):
                yield from within(body, scope, depth + 1, choosing)


def vanishing(node: n.Node, divides: bool = False) -> Iterator[Meeting]:
    """Where it is 0: where one of its factors is."""
    if isinstance(node, n.Product | n.Hadamard):
        for factor in node.factors:
            yield from vanishing(factor, divides)
    elif (isinstance(node, n.Power) and node.exponent > 0) or isinstance(node, n.Negative):
        yield from vanishing(node.body, divides)
    elif isinstance(node, n.Call) and node.name in ("sqrt", "abs"):
        yield from vanishing(node.arguments[0], divides)
    elif not isinstance(node, n.Number):
        yield Meeting(node, ZERO, divides)


def bodies(node: n.Call | n.Symbol, scope: Scope) -> Iterator[n.Node]:
    """What the symbol or call is made of: its definition's body at these arguments; of a neuron, σ at its z."""
    definition = scope.get(node.name)
    if definition is not None:
        given = getattr(node, "arguments", ())
        named = dict(zip(definition.arguments, given, strict=False))
        yield n.rewrite(definition.body, lambda x: put(x, named))
    elif isinstance(node, n.Symbol) and scope.means(node):
        if node.name == "a" and node.layer is not None and scope.get("sigma") is not None:
            yield n.Call("sigma", (n.Symbol("z", node.layer, node.sample, node.index),))
        if node.name == "delta":
            yield n.Symbol("C")
            yield n.Symbol("a", node.layer, node.sample, node.index)


def put(node: Any, named: dict[str, n.Node]) -> Any:
    bare = isinstance(node, n.Symbol) and not (node.index or node.layer or node.sample)
    return named.get(node.name, node) if bare else node
