"""A step tried on both sides of every kink: |x − 9| is 9 − x where the draws lie, and something else beyond 9."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

from oracle.balls.arrays import precision
from oracle.proofs import nodes as n
from oracle.proofs.confirmed import DEEP, in_balls
from oracle.proofs.draws import Draws
from oracle.proofs.edges import Edge, edge_draws
from oracle.proofs.errors import ProofError, Resample
from oracle.proofs.frame import Frame
from oracle.proofs.opaque import DECIDED_BY_SIGN
from oracle.proofs.places import Place, places
from oracle.proofs.scope import Scope
from oracle.proofs.shapes import frames
from oracle.proofs.statements import Statement
from oracle.proofs.transfer import rests_on

#: Draws between kinks on which a step is tried.
MOST = 12


def differs_between(draws: Draws, step: Statement, whole: Statement, agree: Callable[[Place], bool]) -> bool:
    """Whether the sides of a step of the whole chain disagree on a side of a kink on which no draw at random lay."""
    if not draws.once(("chooses", step), lambda: chooses(draws.scope, step)):
        return False
    tried: list[tuple[Frame, Edge]] = draws.once(("between", whole), lambda: list(between(draws, whole)))
    for frame, edge in tried:
        try:
            found = places(draws, "floats", frame, whole, **edge.draw)
            if not all(agree(place) or agrees_in_balls(place, agree) for place in found):
                return True
        except (Resample, ArithmeticError, ProofError):
            continue
    return False


def agrees_in_balls(place: Place, agree: Callable[[Place], bool]) -> bool:
    """Whether floats have only lost digits."""
    with precision(DEEP):
        return agree(in_balls(place))


def chooses(scope: Scope, step: Statement) -> bool:
    """Whether an absolute value, a maximum or cases choose in a step, or in what it rests on."""
    bodies = [d.body for name in sorted(rests_on(step.sides, scope)) if (d := scope.get(name)) is not None]
    nodes = [x for root in (*step.sides, *bodies) for x in n.walk(root)]
    return any(isinstance(x, n.Cases) or (isinstance(x, n.Call) and x.name in DECIDED_BY_SIGN) for x in nodes)


def between(draws: Draws, whole: Statement) -> Iterator[tuple[Frame, Edge]]:
    """Some of the draws that lie between two edges of the statement, or beside one."""
    roots = [*whole.sides, *(side for c in whole.conditions for side in c.sides)]
    for frame in itertools.islice(frames(draws.scope, roots, 1, whole.conditions), 1):
        beside = (edge for edge in edge_draws(draws, frame, whole) if edge.between)
        yield from ((frame, edge) for edge in itertools.islice(beside, MOST))
