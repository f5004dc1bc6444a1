"""Formulas evaluated while knowing nothing but one family of facts.

Every a, z, w, b, δ, C, every ∂X/∂Y and every function that the page defines is an unrelated random number here, so two
formulas agree only if algebra makes them agree, or the facts that a step's reason switches on.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from oracle.proofs import nodes as n
from oracle.proofs.errors import ProofError
from oracle.proofs.evaluate import Evaluator, Value
from oracle.proofs.facts import ALGEBRA, ORDER, WITHOUT_SAMPLE, Facts, Quantity
from oracle.proofs.slopes import Slopes
from oracle.proofs.symbol_values import UPDATES
from oracle.proofs.world import Bump

DECIDED_BY_SIGN = ("abs", "max", "min")


class Opaque(Slopes, Evaluator):
    """An evaluator that knows only `facts`; `judge` knows the truth, and decides signs and cases."""

    __slots__ = ("facts", "judge")

    def __init__(self, *parts: Any, facts: Facts = ALGEBRA, judge: Evaluator | None = None) -> None:
        super().__init__(*parts)
        self.facts = facts
        self.judge = judge or Evaluator(*parts)

    def changed(self, **changes: Any) -> Opaque:
        facts, judge = changes.pop("facts", self.facts), changes.pop("judge", None)
        if judge is None:
            judge = self.judge.changed(**{k: v for k, v in changes.items() if k not in ("arguments", "bump")})
        have = {"layers": self.layers, "indices": self.indices, "arguments": self.arguments}
        parts = {**have, "bump": self.bump, "sample": self.sample, **changes}
        return Opaque(self.world, *parts.values(), facts=facts, judge=judge)

    # leaves

    def quantity(self, what: Quantity, kind: str, like: Any = None) -> Any:
        """The random number that stands for a quantity; its derivative by what carries the infinitesimal comes with it."""
        known = self.facts.known and self.facts.known(self, ("quantity", what))
        if known is not None:
            return known
        value = self.f.leaf(f"leaf {what}", kind, like)
        return value if self.bump is None else self.f.with_derivative(value, self.slope(what, self.bump))

    def entrywise(self) -> bool:
        """Whether a_j is σ(z_j): by default, or as the page defines it."""
        definition = self.world.scope.get("a")
        if definition is None:
            return True
        body = definition.body
        return isinstance(body, n.Call) and body.name == "sigma" and isinstance(body.arguments[0], n.Symbol)

    def sigma_at(self, layer: int, sample: int, k: int, primes: int) -> Any:
        """σ(z_k) of a layer, or its derivative."""
        truth = self.world.state().z[layer, sample][k]
        return self.of_function("sigma", (self.entry("z", layer, sample, k),), primes, (truth,))

    def entry(self, name: str, layer: int, sample: int, at: Any) -> Any:
        """One entry of a, z, w, b or δ."""
        opened, world = self.facts.opened, self.world
        if name == "delta" and "delta" in opened:
            return self.slope(self.cost_of(sample), ("z", layer, sample, at))
        if name == "z" and world.frame.column:
            return world.bumped("z", layer, sample, world.start.z[layer, sample], self.bump)[at]
        if name == "a" and world.direct:  # what the page is about, and made of nothing
            return world.bumped("a", layer, sample, world.start.a[layer, sample], self.bump)[at]
        if name == "z" and "z" in opened and layer > 1:
            return self.weighted_input(layer, sample, at)
        if name == "a" and "a" in opened and (layer > 1 or world.frame.column):
            definition = world.scope.get("a")
            if definition is not None and definition.indices:
                indices = {definition.indices[0]: at}
                return self.changed(indices=indices, arguments={}, sample=sample).scalar(definition.body)
            return self.sigma_at(layer, sample, at, 0)
        kind = "real" if name != "a" or (world.frame.column and world.a_kind == "real") else "unit"
        if name == "a" and world.frame.column:
            kind = world.a_kind
        return self.quantity((name, layer, 0 if name in WITHOUT_SAMPLE else sample, at), kind)

    def weighted_input(self, layer: int, sample: int, j: int) -> Any:
        total = self.entry("b", layer, 0, j)
        for k in range(self.world.frame.width(layer - 1)):
            total = total + self.entry("w", layer, 0, (j, k)) * self.entry("a", layer - 1, sample, k)
        return total

    def cost_of(self, sample: int | None) -> Quantity:
        return ("C", None, sample, ())

    # symbols

    def of_network(self, node: n.Symbol) -> Value:
        name, frame = node.name, self.world.frame
        if name == "C":
            return self.cost(node)
        if name == "E":
            return super().of_network(node)
        layer = self.layer(node)
        sample: Any = 0 if name in ("w", "W", "b") else None  # None: the mean over all of an update
        if name in UPDATES:
            sample = self.cost_sample(n.Symbol("C", index=(node.sample,) if node.sample is not None else ()))
        elif sample is None:
            sample = self.sample_of(node)
        matrix = name in ("w", "W", "Delta w", "Delta W")
        entry = {"W": "w", "Delta W": "Delta w"}.get(name, name)
        read = self.update if name in UPDATES else self.entry
        if node.index:
            return read(entry, layer, sample, self.position(node))
        shape = (frame.width(layer), frame.width(layer - 1)) if matrix else (frame.width(layer),)
        positions = list(np.ndindex(*shape)) if matrix else list(range(shape[0]))
        values = [read(entry, layer, sample, at) for at in positions]
        return self.world.array(values, shape if matrix else (-1, 1))

    def update(self, name: str, layer: int, sample: int | None, at: Any) -> Any:
        """Of one sample, or of the mean of all."""
        if "Delta" in self.facts.opened:
            parameter = (UPDATES[name], layer, 0, at)
            return -(self.world.variable("eta", self.bump) * self.slope(self.cost_of(sample), parameter))
        return self.quantity((name, layer, sample, at), "real")

    def cost(self, node: n.Symbol) -> Value:
        if self.world.scope.get("C") is not None and "C" in self.facts.opened and not node.index:
            return self.changed(sample=self.sample or 0).scalar(self.world.scope.definitions["C"].body)
        sample = self.cost_sample(node)
        if sample is None and "C" in self.facts.opened:
            costs = [self.quantity(self.cost_of(r), "real") for r in range(self.world.frame.samples)]
            return sum(costs[1:], costs[0]) / self.constant(len(costs))
        return self.quantity(self.cost_of(sample), "real")

    def cost_sample(self, node: n.Symbol) -> int | None:
        """Which sample's C is meant; None for the mean of several."""
        if len(node.index) == 2:
            p, q = (self.at(i) for i in node.index)
            return p * self.size("Q") + q
        if node.index:
            return self.at(node.index[0])
        return self.sample or 0 if self.sample is not None or self.world.frame.samples == 1 else None

    def of_definition(self, node: n.Symbol) -> Value:
        if node.name in self.facts.opened:
            return super().of_definition(node)
        definition = self.world.scope.definitions[node.name]
        if definition.indices and not node.index:
            width = self.world.frame.width(self.world.frame.L)
            one = n.Symbol(node.name, index=("entry",))
            return self.column(self.changed(indices={"entry": j}).of_definition(one) for j in range(width))
        at = tuple(self.at(i) for i in node.index)
        truth = self.judge.value(node)
        if isinstance(truth, np.ndarray):
            raise ProofError(f"{node.name} is no number")
        return self.quantity((node.name, None, None, at), "unit", truth)

    # functions

    def of_call(self, node: n.Call) -> Value:
        if node.name == "norm":
            return super().of_call(node)
        values = [self.value(argument) for argument in node.arguments]
        if node.name == "sigma" or self.world.scope.get(node.name) is not None:
            truth = [self.judge.value(argument) for argument in node.arguments]
            return self.with_truth(node, values, truth)
        if node.name in DECIDED_BY_SIGN:
            return self.decided(node, values)
        return self.each(lambda *x: self.of_function(node.name, x, node.primes), *values)

    def with_truth(self, node: n.Call, values: list[Value], truth: list[Value]) -> Value:
        """A function of the page, entry by entry, at the numbers here and at the true ones."""
        count = len(values)
        return self.each(lambda *x: self.of_function(node.name, x[:count], node.primes, x[count:]), *values, *truth)

    def decided(self, node: n.Call, values: list[Any]) -> Any:
        """|x|, max, min: which side is taken is a matter of truth, not of the random numbers here."""
        truth = [self.judge.scalar(argument) for argument in node.arguments]
        if node.name == "abs":
            return values[0] if self.f.sign(truth[0]) >= 0 else -values[0]
        first = (self.f.sign(truth[0] - truth[1]) >= 0) == (node.name == "max")
        return values[0] if first else values[1]

    def of_function(self, name: str, x: tuple[Any, ...], primes: int, truth: tuple[Any, ...] | None = None) -> Any:
        definition = self.world.scope.get(name)
        if definition is None and name != "sigma":
            return self.f.call(name, *x)
        known = self.facts.known and self.facts.known(self, ("function", name, primes, x, truth))
        if known is not None:
            return known
        if definition is not None and name in self.facts.opened:
            return self.opened_function(name, x, primes, truth)
        return self.unknown_function(name, x, primes, truth)

    def opened_function(self, name: str, x: tuple[Any, ...], primes: int, truth: tuple[Any, ...] | None) -> Any:
        definition = self.world.scope.definitions[name]
        at_truth = self.judge
        if truth is not None:
            at_truth = self.judge.changed(indices={}, arguments=dict(zip(definition.arguments, truth, strict=True)))
        arguments = dict(zip(definition.arguments, x, strict=True))
        if primes == 0:
            return self.changed(indices={}, arguments=arguments, judge=at_truth).scalar(definition.body)
        if primes > 1:
            raise ProofError(f"a second derivative of {name} is not covered")
        moved = {definition.arguments[0]: self.f.eps(self.f.value(x[0]))}
        inside = self.changed(indices={}, arguments=moved, judge=at_truth, bump=("argument",))
        return self.worked_out(inside.scalar(definition.body))

    def unknown_function(self, name: str, x: tuple[Any, ...], primes: int, truth: tuple[Any, ...] | None) -> Any:
        """A function of which nothing is known but that it has a derivative, which is unknown as well."""
        f, like = self.f, None
        if truth is not None and self.world.scope.get(name) is not None:
            like = Evaluator.of_function(self.judge, name, truth, primes)
        slope = self.constant(0)
        for k, argument in enumerate(x):
            if f.has_derivative(argument):
                if len(x) == 1 and primes == 0:
                    partial = self.unknown_function(name, (f.value(argument),), 1, truth)
                else:
                    partial = f.scattered(f"{name} {primes + 1} {k}", None, *x)
                slope = slope + partial * f.derivative(argument)
        return f.with_derivative(f.scattered(f"{name} {primes}", like, *x), slope)

    # derivatives

    def infinitesimal(self, body: n.Node, evaluator: Evaluator) -> Value:
        by = evaluator.bump
        if isinstance(body, n.Symbol) and by is not None and by[0] != "free" and self.world.scope.means(body):
            whole = self.symbol_slopes(body, by)
            if whole is not None:
                return whole
        return self.each(self.worked_out, evaluator.value(body))

    def worked_out(self, x: Any) -> Any:
        """The derivative of a displayed formula whose value and derivative are known: a new unknown, unless we differentiate."""
        f = self.f
        return (
            f.derivative(x)
            if self.facts.differentiate
            else f.scattered("derivative", None, f.value(x), f.derivative(x))
        )

    def symbol_slopes(self, body: n.Symbol, by: Bump) -> Value | None:
        """∂X/∂Y of quantities; None where a definition of X is opened."""
        assert by is not None
        name = {"W": "w"}.get(body.name, body.name)
        if name == "C":
            opened = "C" in self.facts.opened and (self.world.scope.get("C") or not body.index)
            return None if opened else self.slope(self.cost_of(self.cost_sample(body)), by)
        if name in self.facts.opened or name not in ORDER:
            return None
        layer, sample = self.layer(body), self.sample_of(body) if name in "az" else 0
        if body.index:
            return self.slope((name, layer, sample, self.position(body)), by)
        if name == "w":
            return None
        return self.column(self.slope((name, layer, sample, k), by) for k in range(self.world.frame.width(layer)))

    def of_gradient(self, node: n.Gradient) -> Value:
        if node.by is not None:
            return self.of_derivative(n.Derivative(node.body, node.by))
        body: Any = node.body
        names = self.world.scope.definitions[body.name].arguments
        arguments = body.arguments if isinstance(body, n.Call) else tuple(n.Symbol(name) for name in names)
        if "nabla" in self.facts.opened and all(isinstance(a, n.Symbol) for a in arguments):
            call = n.Call(body.name, arguments)
            variables = [a for a in arguments if isinstance(a, n.Symbol)]
            return self.column(self.number(self.of_derivative(n.Derivative(call, a))) for a in variables)
        values = [self.scalar(a) for a in arguments]
        return self.column(self.f.scattered(f"nabla {body.name} {k}", None, *values) for k in range(len(names)))

    def of_cases(self, node: n.Cases) -> Value:
        from oracle.proofs.conditions import chosen_branch

        return self.value(chosen_branch(node, self.judge).value)
