"""Draws changed so that a condition holds often enough to be tested: E_j = 0, x = y, Σ E_k = 1, x > 5, a_j = E_j."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from oracle.proofs import nodes as n
from oracle.proofs.errors import ProofError, Resample

#: How many entries of a column are made to meet what a condition says of one, and how often ≤ and ≥ are met at the equality.
SHARE = 0.6
AT_THE_END = 0.25
COUNTS = ("L", "m", "i")
MIRRORED = {">": "<", "\\ge": "\\le"}
Bounds = dict[n.Symbol, list[Fraction | None]]


def impose(conditions: Iterable[n.Comparison], world: Any) -> None:
    pairs = [
        pair
        for condition in conditions
        for pair in zip(condition.sides, condition.operators, condition.sides[1:], strict=False)
    ]
    for symbol, (low, high) in bounds(pairs, world).items():
        for column, j in held_in(symbol, world):
            keep_between(column, j, low, high, world)
    for left, sign, right in pairs:
        if sign in ("=", "\\le", "\\ge"):
            impose_equality(left, right, world, always=sign == "=")


def bounds(pairs: Iterable[tuple[n.Node, str, n.Node]], world: Any) -> Bounds:
    """The numbers between which a letter, or the entries of a column, shall lie."""
    found: Bounds = {}
    for left, sign, right in (each for pair in pairs for each in without_bars(*pair)):
        for symbol, other, below in ((left, right, "<\\le"), (right, left, ">\\ge")):
            number = numeric(other)
            if sign in ("=", "\\ne") or number is None or not isinstance(symbol, n.Symbol) or symbol.name in COUNTS:
                continue
            slot = found.setdefault(symbol, [None, None])
            if sign in below:
                slot[1] = number if slot[1] is None else min(slot[1], number)
            else:
                slot[0] = number if slot[0] is None else max(slot[0], number)
    return found


def without_bars(left: n.Node, sign: str, right: n.Node) -> Iterator[tuple[n.Node, str, n.Node]]:
    """|x − 30| < 1 as 29 < x < 31; anything else as it is."""
    if sign in MIRRORED:
        left, sign, right = right, MIRRORED[sign], left
    size = numeric(right)
    if sign not in MIRRORED.values() or size is None or not isinstance(left, n.Call) or left.name != "abs":
        yield left, sign, right
        return
    for symbol, middle in centred(left.arguments[0]):
        yield symbol, sign, n.Number(middle + size)
        yield n.Number(middle - size), sign, symbol


def centred(body: n.Node) -> Iterator[tuple[n.Symbol, Fraction]]:
    """The letter of x − c or c − x, and c."""
    terms = body.terms if isinstance(body, n.Sum) else (body,)
    bare = [term.body if isinstance(term, n.Negative) else term for term in terms]
    letters = [(term, own) for term, own in zip(terms, bare, strict=True) if isinstance(own, n.Symbol)]
    numbers = [numeric(term) for term, own in zip(terms, bare, strict=True) if not isinstance(own, n.Symbol)]
    if len(letters) == 1 and None not in numbers:
        term, symbol = letters[0]
        total = sum((x for x in numbers if x is not None), Fraction(0))
        yield symbol, total if isinstance(term, n.Negative) else -total


def held_in(symbol: n.Symbol, world: Any) -> Iterator[tuple[Any, Any]]:
    """Where the numbers stand that the symbol may mean: a dictionary or an array, and the key or position."""
    if world.scope.get(symbol.name) is not None or world.scope.given:
        return
    if world.scope.is_variable(symbol):
        world.variable(symbol.name, None)
        yield world.variables, symbol.name
    elif world.scope.means(symbol) and symbol.name in ("a", "z", "E"):
        if symbol.name == "E":
            columns = world.expected
        else:
            held = getattr(world.start, symbol.name)
            columns = [held[key] for key in sorted(held) if world.frame.column]
        for column in columns:
            yield from ((column, j) for j in range(len(column)))


def keep_between(held: Any, key: Any, low: Fraction | None, high: Fraction | None, world: Any) -> None:
    f = world.f
    value = held[key]
    least, most = (None if bound is None else f.number(bound) for bound in (low, high))
    inside = (least is None or f.sign(value - least) > 0) and (most is None or f.sign(most - value) > 0)
    if inside or (isinstance(held, np.ndarray) and f.rng.random() > SHARE):
        return
    if least is not None and most is not None:
        share = f.draw("unit")
        held[key] = least + share * (most - least)
    elif least is not None:
        held[key] = least + f.draw("positive")
    elif most is not None:
        held[key] = most - f.draw("positive")


def impose_equality(left: n.Node, right: n.Node, world: Any, always: bool) -> None:
    f = world.f
    if isinstance(left, n.Number | n.Negative) and isinstance(right, n.Symbol):
        left, right = right, left
    value = numeric(right)
    if isinstance(left, n.Symbol) and value is not None and not left.index and left.name not in (*COUNTS, "E", "a"):
        if not world.scope.get(left.name) and (always or f.rng.random() < AT_THE_END):
            world.variables[left.name] = f.number(value)
    elif isinstance(left, n.Symbol) and left.name == "E" and value is not None and always:
        for column in world.expected:
            for j in range(len(column)):
                if f.rng.random() < 0.5:
                    column[j] = f.number(value)
    elif isinstance(left, n.Power) and isinstance(left.body, n.Symbol) and left.body.name == "E" and value == 1:
        for column in world.expected:
            for j in range(len(column)):
                column[j] = f.draw("sign")
    elif isinstance(left, n.BigSum) and isinstance(left.body, n.Symbol) and left.body.name == "E" and value == 1:
        on_the_simplex(world)
    elif always and value is None:
        equate(left, right, world)


def equate(left: n.Node, right: n.Node, world: Any) -> None:
    """x = y, x = y^2, and a_j = E_j: one side is given the value of the other."""
    for one, other in ((left, right), (right, left)):
        if not isinstance(one, n.Symbol):
            continue
        if one.name == "E" and isinstance(other, n.Symbol) and other.name == "a":
            expected_where_it_is(world)
            return
        if world.scope.is_variable(one) and one.name not in (*COUNTS, "pi", "infty") and not mentions(other, one.name):
            try:
                world.variables[one.name] = world.f.value(world.evaluator().scalar(other))
            except (ProofError, Resample, ArithmeticError, KeyError, IndexError, ValueError):
                continue
            return


def expected_where_it_is(world: Any) -> None:
    """E = a, in some entries."""
    for r, column in enumerate(world.expected):
        for j, a in enumerate(world.state().a[world.frame.L, r]):
            if world.f.rng.random() < SHARE:
                column[j] = world.f.value(a)


def mentions(node: n.Node, name: str) -> bool:
    return any(isinstance(x, n.Symbol) and x.name == name for x in n.walk(node))


def on_the_simplex(world: Any) -> None:
    """Σ_k E_k = 1 in every sample."""
    f, one = world.f, world.f.number(Fraction(1))
    for column in world.expected:
        total = column[0]
        for e in column[1:]:
            total = total + e
        if f.sign(total) == 0:
            column[0] = one
        else:
            column[:] = [e / total for e in column]


def numeric(node: n.Node) -> Fraction | None:
    from oracle.proofs.grammar import constant

    return constant(node)
