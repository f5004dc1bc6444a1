"""Is every boxed equation proved? A chain of its section, or pieces that cover its conditions, leads from its left to its right."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from oracle.proofs import nodes as n
from oracle.proofs.conditions import holds
from oracle.proofs.domains import domains_of
from oracle.proofs.draws import ATTEMPTS, Draws
from oracle.proofs.edges import edge_draws
from oracle.proofs.errors import ProofError, Resample
from oracle.proofs.frame import Frame
from oracle.proofs.opaque import Opaque
from oracle.proofs.places import Place, everywhere, places
from oracle.proofs.scope import Scope, free_indices
from oracle.proofs.section import Displayed
from oracle.proofs.shapes import frames, larger_frames, untried_size
from oracle.proofs.shown import shown
from oracle.proofs.signs import evidently_at_least, not_negative
from oracle.proofs.statements import Statement
from oracle.proofs.transfer import obstacle
from oracle.proofs.widths import Typing

#: Frames on which the edges of conditions are tried.
EDGED = 2


def check_proved(box: Statement, chains: Sequence[Displayed], draws: Draws) -> int:
    """The line of the last chain that the proof needs. Raises ProofError where no aligned chain of the section proves the box,
    under definitions that hold where the box stands.
    """
    left, right = box.sides[0], box.sides[-1]
    fitting = [chain for chain in chains if obstacle(box.sides, chain.scope, draws.scope) is None]
    if box.relations[-1] in ("\\ge", "\\le"):
        if evidently_at_least(*ordered(box), box.conditions):
            return box.line
        covering = [c.statement for c in fitting if settles(c.statement, box, draws_of(c.scope, draws))]
        if not covering:
            raise ProofError(no_sign(box, fitting, draws), box.line)
    else:
        covering = [c.statement for c in fitting if leads(c.statement, left, right, box, draws_of(c.scope, draws))]
    if not covering:
        what = "is boxed" if box.boxed else "gives no reason"
        raise ProofError(f"{what}, but no chain of this section leads from its left to its right side", box.line)
    for k in range(1, len(covering) + 1):
        left_open = uncovered(box, covering[:k], draws)
        if left_open is None:
            return covering[k - 1].line
    where = f": no chain is about {left_open}" if left_open else ""
    raise ProofError(f"is proved for a part of its conditions only{where}", box.line)


def draws_of(scope: Scope, draws: Draws) -> Draws:
    """Draws in the scope of a chain, where the names that it shares with the box mean the same as in the box."""
    if scope is draws.scope:
        return draws
    found: Draws = draws.once(("draws of", id(scope)), lambda: (scope, Draws(scope, domains_of(scope))))[1]
    return found


def ordered(box: Statement) -> tuple[n.Node, n.Node]:
    """The larger side and the smaller one."""
    left, right = box.sides
    return (left, right) if box.relations[-1] == "\\ge" else (right, left)


def no_sign(box: Statement, chains: Sequence[Displayed], draws: Draws) -> str:
    """Why an inequality is not proved: there is no chain from the difference, or it ends at what is not evidently positive or 0."""
    larger, smaller = ordered(box)
    difference = f"{shown(larger)} - ({shown(smaller)})"
    for chain in chains:
        if starts(chain.statement, box, draws_of(chain.scope, draws)) is not None:
            end = shown(chain.statement.sides[-1])
            return (
                f"the chain in line {chain.statement.line} leads from {difference} to {end}, which is not evidently at least 0 "
                "(what is: AUTHORS.md, “What is evidently not negative”): lead it to a square, a root, a sum of such things"
            )
    return f"gives no reason: a chain must lead from {difference} to what is evidently at least 0, such as a square"


def starts(chain: Statement, box: Statement, draws: Draws) -> int | None:
    """Which side of the chain is the difference of the sides of an inequality; None where none is."""
    larger, smaller = ordered(box)
    difference = n.Sum((larger, n.Negative(smaller)))
    if not chain.aligned or "=" not in chain.relations:
        return None
    return next((k for k, side in enumerate(chain.sides[:-1]) if alike(side, difference, chain, box, draws)), None)


def settles(chain: Statement, box: Statement, draws: Draws) -> bool:
    """Whether the chain leads from the difference of the sides of an inequality to what is evidently not negative."""
    start = starts(chain, box, draws)
    if start is None:
        return False
    return any(not_negative(later, (*chain.conditions, *box.conditions)) for later in chain.sides[start + 1 :])


def leads(chain: Statement, left: n.Node, right: n.Node, box: Statement, draws: Draws) -> bool:
    """Whether, somewhere in the chain, the one side comes before the other."""
    if not chain.aligned or "=" not in chain.relations:
        return False
    for k, side in enumerate(chain.sides[:-1]):
        if alike(side, left, chain, box, draws):
            return any(alike(later, right, chain, box, draws) for later in reversed(chain.sides[k + 1 :]))
    return False


def alike(side: n.Node, boxed: n.Node, chain: Statement, box: Statement, draws: Draws) -> bool:
    """Whether a side of a chain is the boxed one, or the entry [ … ]_j of it, by algebra; indices may be named otherwise."""
    candidates = list(renamings(boxed, side))
    if any(candidate == side for candidate in candidates):
        return True
    for candidate in [*candidates, *entries(boxed, side, draws)]:
        letters = free_indices(side) | free_indices(candidate)
        conditions = tuple(c for c in chain.conditions if free_indices(c) <= letters)
        pair = replace(chain, sides=(side, candidate), relations=("=",), lines=(chain.line,), conditions=conditions)
        try:
            if agree(pair, draws):
                return True
        except ProofError:
            continue
    return False


def renamings(boxed: n.Node, side: n.Node) -> Iterator[n.Node]:
    """The boxed formula with its free indices named as in the side."""
    mine, theirs = sorted(free_indices(boxed)), sorted(free_indices(side))
    if len(mine) != len(theirs):
        return
    for order in itertools.permutations(theirs):
        yield renamed(boxed, dict(zip(mine, order, strict=True)))


def renamed(node: n.Node, names: dict[str, str]) -> n.Node:
    def change(part: n.Node) -> n.Node:
        if isinstance(part, n.Symbol):
            index = tuple(names.get(i, i) for i in part.index)
            return replace(part, index=index, sample=names.get(part.sample or "", part.sample))
        if isinstance(part, n.Kronecker):
            return n.Kronecker(names.get(part.left, part.left), names.get(part.right, part.right))
        if isinstance(part, n.Entry):
            return replace(part, index=tuple(names.get(i, i) for i in part.index))
        if isinstance(part, n.BigSum) and part.without:
            return replace(part, without=names.get(part.without, part.without))
        return part

    changed: n.Node = n.rewrite(node, change)
    return changed


def entries(boxed: n.Node, side: n.Node, draws: Draws) -> Iterator[n.Node]:
    """[boxed]_j and [boxed]_{jk} with the side's indices, where the boxed formula is a column or matrix."""
    own = free_indices(boxed)
    others = sorted(free_indices(side) - own)
    yield from (n.Entry(boxed, (j,)) for j in others)
    yield from (n.Entry(boxed, pair) for pair in itertools.permutations(others, 2))


def agree(pair: Statement, draws: Draws) -> bool:
    """Whether both sides are equal by algebra alone, on one draw of two frames."""

    def test(place: Place) -> bool:
        here = place.evaluator
        opaque = Opaque(here.world, here.layers, here.indices, here.arguments, None, here.sample, judge=here)
        left, right = (np.ravel(opaque.value(side)) for side in pair.sides)
        return all(here.f.equal(x, y) for x, y in zip(left, right, strict=True))

    return everywhere(draws, pair, test, most=2) > 0


def uncovered(box: Statement, chains: Sequence[Statement], draws: Draws) -> str | None:
    """A place where the box's conditions hold, and those of no proving chain; None where there is none: at random, on the edges
    of the chains' conditions, and on networks beyond every number of which they speak.
    """
    if any(set(chain.conditions) <= set(box.conditions) for chain in chains):
        return None  # the chain asks for nothing that the box does not
    roots, tested = [*box.sides, *(side for c in box.conditions for side in c.sides)], False
    narrowing = tuple(dict.fromkeys(c for chain in chains for c in chain.conditions if c not in box.conditions))
    if not narrowing or any(not set(chain.conditions) - set(box.conditions) for chain in chains):
        narrowing = ()
    untried = untried_size(narrowing)
    if untried is not None:
        return f"sizes beyond {untried}, which no test affords"
    larger = larger_frames(draws.scope, narrowing)
    for k, frame in enumerate((*frames(draws.scope, roots, conditions=box.conditions), *larger)):
        at_random = [{"number": number} for number in range(k * ATTEMPTS, k * ATTEMPTS + 4)]
        edges = edge_draws(draws, frame, box, narrowing) if k < EDGED else ()
        on_edges = (edge.draw for edge in edges)
        for draw in itertools.chain(at_random, on_edges):
            if "fixed" in draw and tested and not narrowing:
                break  # x² = 2 x holds on its edges alone
            try:
                for place in places(draws, "floats", frame, box, **draw):
                    if not any(meets(chain, place.evaluator, frame, draws) for chain in chains):
                        return str(place)
                    tested = True
            except (Resample, ArithmeticError, ProofError):
                continue
    return None if tested else ""


def meets(chain: Statement, evaluator: object, frame: Frame, draws: Draws) -> bool:
    """Whether the chain's conditions hold here; those on indices that the box has not are left to the chain."""
    here = evaluator
    letters = {*here.layers, *here.indices}  # type: ignore[attr-defined]
    for condition in chain.conditions:
        typing = Typing(draws.scope, frame, here.layers)  # type: ignore[attr-defined]
        try:
            typing.of_comparison(condition)
            if set(typing.indices.found) <= letters and not holds([condition], here):
                return False
        except KeyError:
            continue
    return True
