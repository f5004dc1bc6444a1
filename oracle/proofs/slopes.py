"""∂X/∂Y between quantities of which only some facts are known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from oracle.proofs import nodes as n
from oracle.proofs.facts import WITHOUT_SAMPLE, Facts, Quantity, independent, lies_between


class Slopes:
    """The part of the opaque evaluator that relates derivatives to each other."""

    __slots__ = ()
    world: Any
    f: Any
    facts: Facts
    changed: Any
    constant: Any
    entry: Any
    entrywise: Any
    sigma_at: Any

    def slope(self, of: Quantity, by: Quantity) -> Any:
        """∂of/∂by: 0 or 1 where both are independent or the same, else an unrelated number."""
        facts = self.facts
        if of == by:
            return self.constant(1)
        if independent(of, by) or (of[1] is None and of[0] != "C" and not self.depends(of[0], by)):
            return self.constant(0)
        known = facts.known and facts.known(self, ("slope", of, by))
        if known is not None:
            return known
        if facts.local:
            found = self.changed(bump=None).local_slope(of, by)
            if found is not None:
                return found
        if facts.through is not None and lies_between(of, facts.through, by):
            return self.changed(bump=None, facts=replace(facts, through=None)).chained(of, facts.through, by)
        return self.f.leaf(f"slope {of} {by}", "real")

    def depends(self, name: str, by: Quantity) -> bool:
        """Whether an abbreviation of the page contains what carries the infinitesimal."""
        wanted = by[1] if by[0] == "free" else by[0]
        for node in n.walk(self.world.scope.definitions[name].body):
            if isinstance(node, n.Symbol):
                inner = self.world.scope.get(node.name)
                if {"W": "w"}.get(node.name, node.name) == wanted or (
                    inner is not None and node.name != name and self.depends(node.name, by)
                ):
                    return True
        return False

    def chained(self, of: Quantity, through: tuple[str, int], by: Quantity) -> Any:
        """Σ_k ∂of/∂m_k ∂m_k/∂by over the whole layer m."""
        frame = self.world.frame
        sample = of[2] if of[2] is not None else by[2] if by[0] not in WITHOUT_SAMPLE else None
        total = self.constant(0)
        for r in range(frame.samples) if sample is None else (sample,):
            for k in range(frame.width(through[1])):
                middle = (*through, r, k)
                total = total + self.slope(of, middle) * self.slope(middle, by)
        return total

    def local_slope(self, of: Quantity, by: Quantity) -> Any:
        """The derivatives of a neuron by what enters it directly; None for anything farther."""
        (name, layer, sample, k), (other, below, _, j) = of, by
        zero = self.constant(0)
        if name == "z" and other == "w" and below == layer:
            return self.entry("a", layer - 1, sample, j[1]) if j[0] == k else zero
        if name == "z" and other == "b" and below == layer:
            return self.constant(int(j == k))
        if name == "z" and other == "a" and below == layer - 1:
            return self.entry("w", layer, 0, (k, j))
        if name == "a" and other == "z" and below == layer and self.entrywise():
            return self.sigma_at(layer, sample, k, 1) if j == k else zero
        if name == "z" and other == "z" and below == layer - 1:
            return self.entry("w", layer, 0, (k, j)) * self.sigma_at(below, sample, j, 1)
        return None
