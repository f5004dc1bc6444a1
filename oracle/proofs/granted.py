"""Do the conditions of a statement grant the condition of an equation that it cites?"""

from __future__ import annotations

import itertools

from oracle.proofs import nodes as n
from oracle.proofs.conditions import holds, speaks_of
from oracle.proofs.draws import Draws
from oracle.proofs.edges import edge_draws
from oracle.proofs.errors import ProofError, Resample
from oracle.proofs.places import Place, everywhere, places
from oracle.proofs.shapes import frames
from oracle.proofs.statements import Statement
from oracle.proofs.widths import Typing

INDICES = frozenset("ijklpqrs")
#: Frames on whose edges a cited condition is tried.
EDGED = 2


def granted(condition: n.Comparison, statement: Statement, draws: Draws) -> bool:
    """Whether a cited equation's condition holds wherever those of the statement do."""
    if condition in statement.conditions:
        return True

    def found() -> bool:
        held = everywhere(draws, statement, lambda place: met(condition, place)) > 0
        return held and not fails_on_an_edge(condition, statement, draws)

    return bool(draws.once(("granted", statement, condition), found))


def fails_on_an_edge(condition: n.Comparison, statement: Statement, draws: Draws) -> bool:
    """Whether there is a place on an edge, of the statement or of the condition, where the one holds and the other does not."""
    roots = [*statement.sides, *(side for c in statement.conditions for side in c.sides)]
    for frame in itertools.islice(frames(draws.scope, roots, conditions=statement.conditions), EDGED):
        for edge in edge_draws(draws, frame, statement, (condition,)):
            try:
                reached = places(draws, "floats", frame, statement, **edge.draw)
                if not all(met(condition, place) for place in reached):
                    return True
            except (Resample, ArithmeticError, ProofError):
                continue
    return False


def met(condition: n.Comparison, place: Place) -> bool:
    """Whether it holds here, for every value of an index that is bound in the statement, and so open here."""
    here = place.evaluator
    typing = Typing(here.world.scope, here.world.frame, here.layers)
    try:
        typing.of_comparison(condition)
        widths = {i: w for i, w in typing.settled(outermost=False).items() if i not in here.indices}
        if speaks_of(condition) & INDICES - {*here.indices, *here.layers}:
            return False  # an index that a sum binds
        for values in itertools.product(*(range(w) for w in widths.values())):
            chosen = {**here.indices, **dict(zip(widths, values, strict=True))}
            if not holds([condition], here.changed(indices=chosen)):
                return False
    except (ProofError, KeyError, IndexError):
        return False
    return True
