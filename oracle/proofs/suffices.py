"""The reason that would carry a step: one family of facts, or two of them together."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace

from oracle.proofs import nodes as n
from oracle.proofs.citations import Citations
from oracle.proofs.errors import ProofError, Resample
from oracle.proofs.facts import ALGEBRA, ORDER, Facts
from oracle.proofs.known import Known
from oracle.proofs.scope import Scope
from oracle.proofs.statements import Statement

BUILT_IN = ("delta", "a", "z", "C", "sigma", "nabla", "Delta")


def sufficient(step: Statement, scope: Scope, citations: Citations, agrees: Callable[[Facts], bool]) -> str | None:
    """Such as "the chain rule and the definition of z"; None where nothing that the checker knows is enough."""
    found = [("algebra", ALGEBRA), *families(step, scope)]
    cited = [(f"({tag})", Facts(known=known)) for tag, known in known_here(citations, scope)]
    singles = itertools.chain(found, cited)
    pairs = ((f"{one} and {other}", together(f, g)) for (one, f), (other, g) in itertools.combinations(found[1:], 2))
    for name, facts in itertools.chain(singles, pairs):
        try:
            if agrees(facts):
                return name
        except (ProofError, Resample, ArithmeticError, KeyError):
            continue
    return None


def families(step: Statement, scope: Scope) -> Iterator[tuple[str, Facts]]:
    named = {x.name for side in step.sides for x in n.walk(side) if isinstance(x, n.Symbol | n.Call)}
    yield "calculus", Facts(differentiate=True)
    yield "the local derivative", Facts(local=True)
    divided = {x.by for side in step.sides for x in n.walk(side) if isinstance(x, n.Derivative) and x.by.name in ORDER}
    for name, layer in sorted({(by.name, str(by.layer)) for by in divided}):
        by = next(by for by in divided if (by.name, str(by.layer)) == (name, layer))
        yield "the chain rule", Facts(through=(by.name, by.layer))  # type: ignore[arg-type]  # its number depends on the network
    for name in sorted({*scope.definitions} & named | set(BUILT_IN)):
        yield f"the definition of {name}", Facts(opened=frozenset({name}))


def known_here(citations: Citations, scope: Scope) -> Iterator[tuple[str, Known]]:
    for tag, proved in citations.proved.items():
        fitting = tuple(c for c in proved if c.obstacle(scope) is None and c.other_domain(scope) is None)
        if fitting:
            yield tag, Known(fitting)


def together(one: Facts, other: Facts) -> Facts:
    return replace(
        one,
        opened=one.opened | other.opened,
        differentiate=one.differentiate or other.differentiate,
        local=one.local or other.local,
        through=one.through or other.through,
    )
