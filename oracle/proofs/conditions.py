"""Where a statement claims to hold: 2 ≤ i < L, k ≠ j, z > 0."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any

from oracle.proofs import nodes as n
from oracle.proofs.errors import ProofError
from oracle.proofs.scope import free_indices

COMPARE = {"<": operator.lt, "\\le": operator.le, ">": operator.gt, "\\ge": operator.ge, "=": operator.eq}
COMPARE["\\ne"] = operator.ne


def holds(conditions: Iterable[n.Comparison], evaluator: Any, aside: bool = False) -> bool:
    """Whether all of them hold for these layers, indices and numbers. aside: just beside them, see `chosen_branch`."""
    return all(
        compare(left, sign, right, evaluator, aside)
        for condition in conditions
        for left, sign, right in zip(condition.sides, condition.operators, condition.sides[1:], strict=False)
    )


def compare(left: n.Node, sign: str, right: n.Node, evaluator: Any, aside: bool = False) -> bool:
    infinite = [isinstance(side, n.Symbol) and side.name == "infty" for side in (left, right)]
    if any(infinite):
        return True  # every number of a draw is finite
    whole = [integer(side, evaluator) for side in (left, right)]
    if whole[0] is not None and whole[1] is not None:
        return bool(COMPARE[sign](whole[0], whole[1]))
    difference = evaluator.scalar(left) - evaluator.scalar(right)
    f = evaluator.f
    return bool(COMPARE[sign](f.side(difference) if aside else f.sign(difference), 0))


def chosen_branch(node: n.Cases, evaluator: Any, aside: bool = False) -> n.Branch:
    """The branch whose conditions hold. aside: just beside here, on the side to which an infinitesimal moves."""
    named = [b for b in node.branches if b.conditions]
    found = [b for b in named if holds(b.conditions, evaluator, aside)]
    if len(found) > 1 and not aside and not evaluator.f.exact:  # the order of a field is none of numbers
        numbers = " and ".join(str(1 + node.branches.index(b)) for b in found[:2])
        raise ProofError(f"the cases {numbers} overlap: the conditions of both can hold, and none has precedence")
    rest = [b for b in node.branches if not b.conditions]
    if not (found or rest):
        raise ProofError("no case applies")
    return (found or rest)[0]


def integer(node: n.Node, evaluator: Any) -> int | None:
    """The value of what is made of layers, widths, indices and integers; None for anything else."""
    if isinstance(node, n.Number):
        return int(node.value) if node.value.denominator == 1 else None
    if isinstance(node, n.Width):
        frame = evaluator.world.frame
        return frame.width(frame.L if node.layer is None else frame.number(node.layer, evaluator.layers))
    if isinstance(node, n.Symbol) and not (node.layer or node.index or node.sample):
        if node.name in evaluator.layers:
            return evaluator.layers[node.name]
        if node.name in evaluator.indices:
            return evaluator.indices[node.name] + 1
        if node.name in ("L", "m") and evaluator.world.scope.get(node.name) is None:
            return evaluator.size(node.name)
        return None
    if isinstance(node, n.Negative):
        value = integer(node.body, evaluator)
        return None if value is None else -value
    if isinstance(node, n.Sum):
        values = [integer(term, evaluator) for term in node.terms]
        return None if any(v is None for v in values) else sum(v for v in values if v is not None)
    return None


def speaks_of(condition: n.Comparison) -> set[str]:
    """The bare letters of a condition."""
    return {
        node.name
        for side in condition.sides
        for node in n.walk(side)
        if isinstance(node, n.Symbol) and not (node.layer or node.index or node.sample)
    }


def about_layers(condition: n.Comparison, layers: Iterable[str]) -> bool:
    """Whether it compares layers and widths alone, so that it is decided before any index is chosen."""
    leaves = [node for side in condition.sides for node in n.walk(side) if not list(n.children(node))]
    return all(
        isinstance(leaf, n.Number | n.Width)
        or (isinstance(leaf, n.Symbol) and not leaf.index and leaf.name in {*layers, "L", "m"})
        for leaf in leaves
    )


def check_spoken_of(conditions: Iterable[n.Comparison], letters: set[str], known: set[str]) -> None:
    """Raises ProofError where a condition quantifies over a letter that the statement lacks."""
    for condition in conditions:
        for name in sorted((speaks_of(condition) - known | free_indices(condition)) - letters):
            raise ProofError(f"the condition speaks of {name}, which the statement does not contain")
