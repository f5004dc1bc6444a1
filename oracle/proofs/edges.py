"""Draws on the edges: where a condition begins, where branches meet, and between those places."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from oracle.proofs import nodes as n
from oracle.proofs.draws import Draws
from oracle.proofs.errors import ProofError, Resample
from oracle.proofs.evaluate import Evaluator
from oracle.proofs.frame import Frame
from oracle.proofs.scope import Scope
from oracle.proofs.statements import Statement
from oracle.proofs.world import World

#: Places tested for each variable.
MOST = 13
Pair = tuple[n.Node, n.Node]
Fixed = tuple[tuple[str, Fraction], ...]


def edge_draws(draws: Draws, frame: Frame, statement: Statement) -> Iterator[tuple[Any, Fixed]]:
    """(number of a draw, the variables fixed in it) for every edge of the statement, and the places between."""
    pairs = draws.once(("edges", statement), lambda: list(dict.fromkeys(edges(statement, draws.scope))))
    names = {x.name for pair in pairs for side in pair for x in n.walk(side) if isinstance(x, n.Symbol)}
    for name in sorted(names):
        if not draws.scope.is_variable(n.Symbol(name)) or name in ("pi", "infty", "L", "m"):
            continue
        number = "edge", name
        world = draws.world("floats", frame, number, statement.conditions)
        found = sorted({root for pair in pairs for root in roots(pair, name, world)})[:MOST]
        if not found:
            continue
        between = [(low + high) / 2 for low, high in itertools.pairwise(found)]
        others = tuple(
            (other, Fraction(value.real)) for other, value in world.variables.items() if other not in (name, "pi")
        )
        for point in (*found, *between, found[0] - 1, found[-1] + 1):
            yield number, (*others, (name, exact(point)))


def edges(statement: Statement, scope: Scope) -> Iterator[Pair]:
    """Two formulas for each place where something changes: they are equal there."""
    for condition in statement.conditions:
        yield from sides_of(condition)
    for side in statement.sides:
        yield from within(side, scope, 0)


def within(root: n.Node, scope: Scope, depth: int) -> Iterator[Pair]:
    for node in n.walk(root):
        if isinstance(node, n.Comparison):
            yield from sides_of(node)
        elif isinstance(node, n.Call) and node.name == "abs":
            yield node.arguments[0], n.Number(Fraction(0))
        elif isinstance(node, n.Call) and node.name in ("max", "min"):
            yield node.arguments[0], node.arguments[1]
        elif isinstance(node, n.Quotient):
            yield node.bottom, n.Number(Fraction(0))
        definition = scope.get(node.name) if isinstance(node, n.Call | n.Symbol) else None
        if definition is not None and depth < 5:
            given = getattr(node, "arguments", ())
            named = dict(zip(definition.arguments, given, strict=False))
            yield from within(n.rewrite(definition.body, lambda x, named=named: put(x, named)), scope, depth + 1)


def put(node: Any, named: dict[str, n.Node]) -> Any:
    bare = isinstance(node, n.Symbol) and not (node.index or node.layer or node.sample)
    return named.get(node.name, node) if bare else node


def sides_of(condition: n.Comparison) -> Iterator[Pair]:
    yield from itertools.pairwise(condition.sides)


def roots(pair: Pair, name: str, world: World) -> list[float]:
    """Where the two formulas are equal, as far as their difference is a polynomial of degree 2 in the variable."""
    try:
        low, zero, one, two = (difference(pair, name, x, world) for x in (-1.0, 0.0, 1.0, 2.0))
    except (ProofError, Resample, ArithmeticError, KeyError, IndexError, TypeError):
        return []
    square, line = (one + low) / 2 - zero, (one - low) / 2
    if abs(4 * square + 2 * line + zero - two) > 1e-9 * (1 + abs(two)):
        return []
    if abs(square) < 1e-12:
        return [-zero / line] if abs(line) > 1e-12 else []
    inside = line * line - 4 * square * zero
    return [(-line + sign * inside**0.5) / (2 * square) for sign in (-1, 1)] if inside >= 0 else []


def difference(pair: Pair, name: str, value: float, world: World) -> float:
    kept = world.variables.get(name)
    world.variables[name] = complex(value)
    world.states, world.costs, world.memory = {}, {}, {}
    letters = {i for side in pair for x in n.walk(side) if isinstance(x, n.Symbol) for i in (*x.index, x.sample or "1")}
    here = Evaluator(world, {}, {i: 0 for i in letters if i.isalpha()}, {}, None, 0)
    try:
        return float((here.scalar(pair[0]) - here.scalar(pair[1])).real)
    finally:
        world.states, world.costs, world.memory = {}, {}, {}
        if kept is not None:
            world.variables[name] = kept


def exact(point: float) -> Fraction:
    """The fraction that is meant by a float, if a simple one lies there."""
    simple = Fraction(point).limit_denominator(1000)
    return simple if abs(float(simple) - point) < 1e-12 * max(1.0, abs(point)) else Fraction(point)
