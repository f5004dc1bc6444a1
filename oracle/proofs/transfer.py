"""May what was proved in one place be used in another? Where the same definitions hold; for another domain it is tested anew."""

from __future__ import annotations

from collections.abc import Iterable

from oracle.proofs import nodes as n
from oracle.proofs.domains import domains_of
from oracle.proofs.scope import Scope, reached

#: Every number of the first domain lies in the others.
WITHIN = {
    "unit": ("closed_unit", "positive", "nonnegative"),
    "closed_unit": ("nonnegative",),
    "positive": ("nonnegative",),
    "simplex": ("closed_simplex", "unit", "closed_unit", "positive", "nonnegative"),
    "closed_simplex": ("closed_unit", "nonnegative"),
    "one_hot": ("closed_simplex", "closed_unit", "nonnegative"),
}


def obstacle(formulas: Iterable[n.Node], there: Scope, here: Scope) -> str | None:
    """Why a statement made of these formulas, proved in the scope `there`, does not hold `here`; None where it does."""
    if there is here:
        return None
    formulas = tuple(formulas)
    names = rests_on(formulas, there)
    for name in sorted(names):
        theirs, ours = there.get(name), here.get(name)
        if theirs is not None and not same_definition(theirs, ours):
            where = "another holds" if ours is not None else "it does not hold"
            return f"was proved under the definition of {name} in line {theirs.line}, and {where} here"
        if theirs is None and ours is not None and name == "a" and not of_any_column(formulas):
            return f"was proved for a = σ(z), and line {ours.line} defines a otherwise"
    return None


def other_domain(formulas: Iterable[n.Node], there: Scope, here: Scope) -> str | None:
    """Why the numbers that the statement was proved for do not cover those that it is used for; None where they do."""
    names = rests_on(formulas, there)
    for name, theirs, ours in zip("aE", domains_of(there), domains_of(here), strict=True):
        if name in names and there.get(name) is None and theirs not in ("real", ours, *WITHIN.get(ours, ())):
            return f"was proved for {name} of the domain {theirs}, and the domain here is {ours}"
    return None


def of_any_column(formulas: Iterable[n.Node]) -> bool:
    """Whether the formulas speak of a and what is made of it alone, so that it does not matter what a is made of."""
    named = {node.name for root in formulas for node in n.walk(root) if isinstance(node, n.Symbol | n.Call)}
    return not named & {"z", "w", "W", "b", "delta", "sigma", "Delta w", "Delta W", "Delta b"}


def same_definition(theirs: object, ours: object) -> bool:
    def essence(d: object) -> tuple[object, ...]:
        return tuple(getattr(d, part, None) for part in ("name", "indices", "arguments", "body", "conditions"))

    return essence(theirs) == essence(ours)


def rests_on(formulas: Iterable[n.Node], scope: Scope) -> set[str]:
    """All names that the meaning of these formulas rests on."""
    named = {node.name for root in formulas for node in n.walk(root) if isinstance(node, n.Symbol | n.Call)}
    found = named.union(*(reached(name, scope) for name in named))
    if scope.layered and found & {"z", "a", "delta"}:
        found |= {"a", "sigma"}
    return found
