"""Where a sum of squares is 0: where each of them is, which takes several numbers at once, as (1, 2) for (x − 1)² + (y − 2)²."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from oracle.proofs import nodes as n
from oracle.proofs.coordinates import Coordinate, Fixed, put
from oracle.proofs.draws import Draws
from oracle.proofs.errors import Resample
from oracle.proofs.least_squares import zeros
from oracle.proofs.meeting_points import depends, found_points, met, restore, snapshot
from oracle.proofs.meetings import ZERO, Meeting, bodies
from oracle.proofs.scope import Scope
from oracle.proofs.signs import positive
from oracle.proofs.world import World

#: Points tried for each sum, and roots followed for each square.
MOST = 4
ORDERS = 6
MOVED = ("free", "vector", "a", "z", "E")
DEPTH = 6
HALF = Fraction(1, 2)


def where_all_vanish(
    edge: Meeting,
    world: World,
    layers: dict[str, int],
    along: Iterable[Coordinate],
    draws: Draws,
    crossed: bool = False,
) -> list[Fixed]:
    """Points at which every square of a sum is 0, or at which the edge comes down to 0 as several numbers are moved at once.

    crossed: whether one number alone makes it 0.
    """
    if edge.right != ZERO or positive(edge.left, ()):
        return []
    squares = squared(edge.left, draws.scope)
    moved = [c for c in along if c[0] in MOVED and c[-1] is not None]
    at_once = [c for one in moved if depends(edge, one, draws) for c in alike(one, world)]
    hopeless = world.scope.layered or (squares is None and crossed)
    found = [] if hopeless else list(zeros(edge.left, squares, at_once, world, layers))
    if squares is None:
        return found
    orders = itertools.islice(itertools.permutations(squares), ORDERS)  # in (x − y)² + (y − 2)² the second comes first
    in_turn = (point for order in orders for point in points(order, moved, world, layers, draws))
    return list(itertools.islice(dict.fromkeys((*found, *in_turn)), MOST))


def squared(node: n.Node, scope: Scope, depth: int = 0) -> list[n.Node] | None:
    """What is 0 where this sum of squares, absolute values and roots is; None where it is no such sum."""
    if depth > DEPTH:
        return None
    match node:
        case n.Sum(terms):
            parts = [squared(term, scope, depth + 1) for term in terms]
            return None if None in parts else [x for part in parts for x in part or ()]
        case n.Power(body, exponent) if exponent == HALF or (exponent > 0 and (exponent / 2).denominator == 1):
            return squared(body, scope, depth + 1) or [body]
        case n.Call("sqrt", (body,)):
            return squared(body, scope, depth + 1) or [body]
        case n.Call("abs", (body,)):
            return [body]
        case n.Call("norm", (n.Column(entries),)):
            return list(entries)
        case n.Product(factors):
            rest = [factor for factor in factors if not positive(factor, ())]
            if len(rest) == 2 and rest[0] == rest[1]:
                return [rest[0]]
            return squared(rest[0], scope, depth + 1) if len(rest) == 1 else None
        case n.Quotient(top, bottom) if positive(bottom, ()):
            return squared(top, scope, depth + 1)
        case n.BigSum():
            return squared(node.body, scope, depth + 1)
        case n.Call() | n.Symbol() if scope.get(node.name) is not None:
            return next((squared(body, scope, depth + 1) for body in bodies(node, scope)), None)
    return None


def points(
    squares: Sequence[n.Node], along: Sequence[Coordinate], world: World, layers: dict[str, int], draws: Draws
) -> Iterator[Fixed]:
    """Each square in turn is made 0 by a number that none before it has moved, unless it is 0; all entries of a column alike."""
    if not squares:
        yield ()
        return
    meeting = Meeting(squares[0], ZERO)
    if met(meeting, world, layers):
        yield from points(squares[1:], along, world, layers, draws)
        return
    for coordinate in along:
        if not depends(meeting, coordinate, draws):
            continue
        rest = [c for c in along if c != coordinate]
        for value in itertools.islice(found_points(meeting, coordinate, world, layers), MOST):
            moved = [(c, value) for c in alike(coordinate, world)]
            kept = snapshot(world, coordinate)
            try:
                for c, _ in moved:
                    put(world, c, world.f.number(value))
                found = [(*moved, *others) for others in points(squares[1:], rest, world, layers, draws)]
            except Resample:
                continue
            finally:
                restore(world, coordinate, kept)
            yield from found


def alike(coordinate: Coordinate, world: World) -> list[Coordinate]:
    """The letter itself; of a column, every entry."""
    if coordinate[0] == "free":
        return [coordinate]
    size = len(world.vector(coordinate[1], None)) if coordinate[0] == "vector" else world.frame.width(world.frame.L)
    return [(*coordinate[:-1], j) for j in range(size)]
