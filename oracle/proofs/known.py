"""Equations that are cited: a boxed equation of an earlier page, used where its left side occurs."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np

from oracle.proofs import nodes as n
from oracle.proofs.conditions import about_layers, holds, speaks_of
from oracle.proofs.errors import ProofError
from oracle.proofs.facts import ALGEBRA
from oracle.proofs.opaque import Opaque
from oracle.proofs.scope import Scope
from oracle.proofs.statements import Statement
from oracle.proofs.transfer import obstacle, other_domain

Binding = dict[str, Any]
#: Bare letters that mean one thing everywhere, and so are no variables of a pattern.
LITERAL = frozenset({"C", "E", "a", "pi", "L", "m", "tau", "infty"})


@dataclass(frozen=True)
class Citation:
    """left = right under conditions, proved in that scope."""

    left: n.Node
    right: n.Node
    conditions: tuple[n.Comparison, ...] = ()
    scope: Scope = field(default_factory=Scope)

    def obstacle(self, here: Scope) -> str | None:
        """Why it does not hold in this scope, conditions apart; None where it does."""
        return obstacle((self.left, self.right, *self.conditions), self.scope, here)

    def other_domain(self, here: Scope) -> str | None:
        """Why the numbers that it was proved for do not cover those here; None where they do."""
        return other_domain((self.left, self.right, *self.conditions), self.scope, here)

    def rewritten(self, node: n.Node, forward: bool, permitted: Callable[[Binding], bool]) -> n.Node:
        """The formula with every instance of one side replaced by the other, where the binding is permitted."""
        pattern, other = (self.left, self.right) if forward else (self.right, self.left)
        if isinstance(pattern, n.Number):
            return node
        return n.rewrite(node, lambda part: replaced(part, pattern, other, permitted))

    def under(self, binding: Binding) -> tuple[n.Comparison, ...] | None:
        """The conditions with the binding put in; None where one speaks of a letter that the binding leaves open."""
        if not set().union(*(speaks_of(c) for c in self.conditions)) <= bound_letters(binding) | LITERAL:
            return None
        return tuple(instance(condition, binding) for condition in self.conditions)  # type: ignore[misc]


def citation_of(statement: Statement, scope: Scope) -> Citation:
    left, right = statement.sides[0], statement.sides[-1]
    if isinstance(left, n.Gradient) and left.by is not None:
        left = n.Derivative(left.body, left.by)
    return Citation(left, right, statement.conditions, scope)


@dataclass(frozen=True)
class Known:
    """Answers what an opaque evaluator asks, from cited equations whose left side is a quantity, a derivative or a function."""

    citations: tuple[Citation, ...]

    def __call__(self, evaluator: Opaque, question: tuple[Any, ...]) -> Any:
        for citation in self.citations:
            answer = self.answer(citation, evaluator, question)
            if answer is not None:
                return answer
        return None

    def answer(self, citation: Citation, evaluator: Opaque, question: tuple[Any, ...]) -> Any:
        left = citation.left
        if question[0] == "quantity" and isinstance(left, n.Symbol):
            return self.by_place(citation, evaluator, ((left, question[1]),))
        if question[0] == "slope" and isinstance(left, n.Derivative) and isinstance(left.body, n.Symbol):
            return self.by_place(citation, evaluator, ((left.body, question[1]), (left.by, question[2])))
        if question[0] == "function" and isinstance(left, n.Call) and isinstance(left.arguments[0], n.Symbol):
            return self.by_argument(citation, left, evaluator, question)
        return None

    def by_place(self, citation: Citation, evaluator: Opaque, matched: tuple[tuple[n.Symbol, Any], ...]) -> Any:
        """The right side at the layer, sample and entry asked for."""
        layers: dict[str, int] = {}
        indices: dict[str, int] = {}
        sample: int | None = None
        entry: Any = None
        for symbol, (name, layer, r, at) in matched:
            if {"W": "w", "Delta W": "Delta w"}.get(symbol.name, symbol.name) != name:
                return None
            if layer is not None and not fits(symbol, layer, evaluator, layers):
                return None
            if symbol.sample is not None and (r is None or not bind(indices, symbol.sample, r)):
                return None
            if r is not None and name not in ("w", "b"):
                sample = r
            at = at if isinstance(at, tuple) else (at,)
            if symbol.index:
                if not all(bind(indices, letter, k) for letter, k in zip(symbol.index, at, strict=False)):
                    return None
            elif name != "C":
                entry = at
        return self.right_side(citation, evaluator, layers, indices, sample, entry)

    def right_side(
        self, citation: Citation, evaluator: Opaque, layers: Any, indices: Any, sample: int | None, entry: Any
    ) -> Any:
        changes = {"layers": layers, "indices": indices, "arguments": {}, "bump": None}
        sample = sample if sample is not None else evaluator.sample
        inside = evaluator.changed(facts=ALGEBRA, sample=sample, **changes)
        try:
            if not holds([c for c in citation.conditions if about_layers(c, layers)], inside.judge):
                return None
            rest = [c for c in citation.conditions if not about_layers(c, layers)]
            if not holds(rest, inside.judge):
                return None
            value = inside.value(citation.right)
        except (ProofError, KeyError, IndexError):
            return None
        if entry is None or not isinstance(value, np.ndarray):
            return inside.number(value)
        return value[entry if len(entry) == 2 else (entry[0], 0)]

    def by_argument(self, citation: Citation, left: n.Call, evaluator: Opaque, question: tuple[Any, ...]) -> Any:
        """The right side at the function's argument."""
        _, name, primes, x, truth = question
        if (left.name, left.primes, len(left.arguments)) != (name, primes, 1) or len(x) != 1:
            return None
        variable: Any = left.arguments[0]
        if variable.index or variable.layer:
            return None
        if truth is None:
            return None  # nobody can say whether the conditions hold
        judge = evaluator.judge.changed(arguments={variable.name: truth[0]})
        inside = evaluator.changed(facts=ALGEBRA, arguments={variable.name: x[0]}, judge=judge)
        try:
            if not holds(citation.conditions, judge):
                return None
            return inside.scalar(citation.right)
        except (ProofError, KeyError):
            return None


def fits(symbol: n.Symbol, layer: int, evaluator: Opaque, layers: dict[str, int]) -> bool:
    """Whether the symbol's layer can be this one; a letter is bound to what makes it so."""
    wanted = symbol.layer
    if wanted is None:
        return layer == evaluator.world.frame.L
    if wanted.base and wanted.base != "L":
        return bind(layers, wanted.base, layer - wanted.offset)
    return evaluator.world.frame.number(wanted, {}) == layer


def bind(bindings: Binding, letter: str, value: Any) -> bool:
    if letter.isdigit():
        return int(letter) - 1 == value
    return bool(bindings.setdefault(letter, value) == value)


# the same for formulas of any form: pattern matching


def replaced(node: n.Node, pattern: n.Node, other: n.Node, permitted: Callable[[Binding], bool]) -> n.Node:
    """The node itself, or `other` where the node, or some of its terms or factors, is a permitted instance of the pattern."""
    binding = match(pattern, node, {})
    if binding is not None:
        return instance(other, binding) if permitted(binding) else node
    for kind, parts in ((n.Sum, "terms"), (n.Product, "factors")):
        if isinstance(node, kind) and isinstance(pattern, kind):
            mine, theirs = getattr(node, parts), getattr(pattern, parts)
            for chosen in itertools.permutations(range(len(mine)), len(theirs)):
                binding = match_all(theirs, tuple(mine[k] for k in chosen), {})
                if binding is not None and permitted(binding):
                    rest = tuple(part for k, part in enumerate(mine) if k not in chosen)
                    return kind((instance(other, binding), *rest))
    return node


def match(pattern: Any, node: Any, binding: Binding) -> Binding | None:
    """The binding of the pattern's variables and indices that makes it this node, or None."""
    if isinstance(pattern, n.Symbol) and not (pattern.index or pattern.layer or pattern.sample):
        if pattern.name in LITERAL:
            return binding if node == pattern else None
        return binding if binding.setdefault(pattern.name, node) == node else None
    if type(pattern) is not type(node):
        return None
    if isinstance(pattern, n.Symbol):
        return match_symbol(pattern, node, binding)
    if isinstance(pattern, n.Sum | n.Product):
        mine = node.terms if isinstance(node, n.Sum) else node.factors
        theirs = pattern.terms if isinstance(pattern, n.Sum) else pattern.factors
        if len(mine) != len(theirs):
            return None
        for order in itertools.permutations(mine):
            found = match_all(theirs, order, dict(binding))
            if found is not None:
                return found
        return None
    for part in n.fields(pattern):
        mine, theirs = getattr(node, part.name), getattr(pattern, part.name)
        if isinstance(theirs, n.KINDS):
            found = match(theirs, mine, binding)
        elif isinstance(theirs, tuple) and theirs and isinstance(theirs[0], n.KINDS):
            found = match_all(theirs, mine, binding) if len(mine) == len(theirs) else None
        elif part.name == "index" and isinstance(theirs, str):
            found = binding if binding.setdefault(f"index {theirs}", mine) == mine else None
        elif part.name == "digits":  # 2 and 2.0 are one number
            found = binding
        else:
            found = binding if mine == theirs else None
        if found is None:
            return None
        binding = found
    return binding


def match_all(patterns: tuple[Any, ...], nodes: tuple[Any, ...], binding: Binding) -> Binding | None:
    found: Binding | None = binding
    for pattern, node in zip(patterns, nodes, strict=True):
        found = match(pattern, node, found) if found is not None else None
    return found


def match_symbol(pattern: n.Symbol, node: n.Symbol, binding: Binding) -> Binding | None:
    if pattern.name != node.name or len(pattern.index) != len(node.index):
        return None
    if pattern.layer is None or pattern.layer.base in ("", "L"):
        if pattern.layer != node.layer:
            return None
    elif node.layer is None:
        return None
    else:  # also where both are named i: the conditions speak of it
        shifted = replace(node.layer, offset=node.layer.offset - pattern.layer.offset)
        if binding.setdefault(f"layer {pattern.layer.base}", shifted) != shifted:
            return None
    if (pattern.sample is None) != (node.sample is None):
        return None
    mine_all, theirs_all = (*node.index, node.sample or "1"), (*pattern.index, pattern.sample or "1")
    for theirs, mine in zip(theirs_all, mine_all, strict=True):
        if mine != theirs if theirs.isdigit() else binding.setdefault(f"index {theirs}", mine) != mine:
            return None
    return binding


def bound_letters(binding: Binding) -> set[str]:
    return {key.split(" ")[-1] for key in binding}


def bare(part: n.Symbol, binding: Binding) -> n.Node:
    """What a bare letter is bound to: a formula; in a condition also a layer, or an index."""
    if f"layer {part.name}" in binding:
        layer: n.Layer = binding[f"layer {part.name}"]
        if not layer.base:
            return n.Number(Fraction(layer.offset))
        base = n.Symbol(layer.base)
        return n.Sum((base, n.Number(Fraction(layer.offset)))) if layer.offset else base
    if f"index {part.name}" in binding:
        index: str = binding[f"index {part.name}"]
        return n.Number(Fraction(index)) if index.isdigit() else n.Symbol(index)
    found: n.Node = binding.get(part.name, part)
    return found


def instance(node: n.Node, binding: Binding) -> n.Node:
    """The other side of the equation with the binding put in."""

    def put(part: Any) -> Any:
        if isinstance(part, n.Symbol):
            if not (part.index or part.layer or part.sample):
                return bare(part, binding)
            layer = part.layer
            if layer is not None and f"layer {layer.base}" in binding:
                base = binding[f"layer {layer.base}"]
                layer = replace(base, offset=base.offset + layer.offset)
            index = tuple(binding.get(f"index {i}", i) for i in part.index)
            return replace(part, layer=layer, index=index, sample=binding.get(f"index {part.sample}", part.sample))
        if isinstance(part, n.Width) and part.layer is not None and f"layer {part.layer.base}" in binding:
            base = binding[f"layer {part.layer.base}"]
            return n.Width(replace(base, offset=base.offset + part.layer.offset))
        if isinstance(part, n.Kronecker):
            return n.Kronecker(*(binding.get(f"index {i}", i) for i in (part.left, part.right)))
        if isinstance(part, n.Entry):
            return replace(part, index=tuple(binding.get(f"index {i}", i) for i in part.index))
        return part

    return n.rewrite(node, put)
