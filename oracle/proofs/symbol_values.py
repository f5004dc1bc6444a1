"""What a symbol stands for in a world: a quantity of the network, what the page defines, a size, or a free number."""

from __future__ import annotations

from typing import Any

import numpy as np

from oracle.proofs import nodes as n
from oracle.proofs.derivatives import PARAMETERS
from oracle.proofs.errors import ProofError

Value = Any
UPDATES = {"Delta w": "w", "Delta W": "W", "Delta b": "b"}


class SymbolValues:
    """The part of the evaluator that looks symbols up."""

    __slots__ = ()
    world: Any
    bump: Any
    layers: dict[str, int]
    arguments: dict[str, Any]
    sample: int | None
    f: Any
    changed: Any
    each: Any
    column: Any
    value: Any
    constant: Any
    at: Any

    def layer(self, node: n.Symbol) -> int:
        frame = self.world.frame
        return frame.L if node.layer is None else frame.number(node.layer, self.layers)

    def sample_of(self, node: n.Symbol) -> int:
        if node.sample is not None:
            return self.at(node.sample)
        if self.sample is None:
            if self.world.frame.samples > 1:
                raise ProofError(f"{node.name} needs its sample, such as {node.name}^{{i,r}}, where several are meant")
            return 0
        return self.sample

    def position(self, node: n.Symbol) -> Any:
        if len(node.index) == 1:
            return self.at(node.index[0])
        return tuple(self.at(i) for i in node.index)

    def of_symbol(self, node: n.Symbol) -> Value:
        name, world = node.name, self.world
        if name in self.arguments and not (node.index or node.layer):
            return self.arguments[name]
        if world.scope.get(name) is not None and name not in ("a", "C"):
            return self.of_definition(node)
        if name == "L" or (name == "m" and world.scope.layered) or (name in "PQ" and world.frame.mini_batches):
            return self.constant(self.size(name))
        if not world.scope.means(node):
            return self.picked(node, world.vector(name, self.bump)) if node.index else world.variable(name, self.bump)
        return self.of_network(node)

    def of_network(self, node: n.Symbol) -> Value:
        name, world = node.name, self.world
        if name == "C":
            return self.cost(node)
        if name == "E":
            return self.picked(node, world.target(self.sample_of(node), self.bump))
        if name in ("a", "z"):
            return self.picked(node, getattr(world.state(self.bump), name)[self.layer(node), self.sample_of(node)])
        if name in PARAMETERS:
            return self.picked(node, getattr(world.state(self.bump), PARAMETERS[name])[self.layer(node)])
        if name == "delta":
            return self.delta(node)
        cost = n.Symbol("C", index=(node.sample,) if node.sample is not None else ())
        downhill = self.value(n.Derivative(cost, n.Symbol(UPDATES[name], node.layer, None, node.index)))
        eta = world.variable("eta", self.bump)
        return self.each(lambda x: -(eta * x), downhill)

    def size(self, name: str) -> int:
        frame = self.world.frame
        if name in "PQ":
            if frame.mini_batches is None:
                raise ProofError(f"{name} has no meaning here")
            return frame.mini_batches["PQ".index(name)]
        return frame.L if name == "L" else frame.samples

    def of_width(self, node: n.Width) -> Value:
        frame = self.world.frame
        return self.constant(frame.width(frame.L if node.layer is None else frame.number(node.layer, self.layers)))

    def picked(self, node: n.Symbol, values: np.ndarray) -> Value:
        if node.index:
            return values[self.position(node)]
        return values if values.ndim == 2 else values.reshape(-1, 1)

    def of_definition(self, node: n.Symbol) -> Value:
        definition = self.world.scope.definitions[node.name]
        if definition.indices and not node.index:
            width = self.world.frame.width(self.world.frame.L)
            rows = [self.changed(indices={definition.indices[0]: j}, arguments={}) for j in range(width)]
            return self.column(row.scalar(definition.body) for row in rows)
        indices = {formal: self.at(actual) for formal, actual in zip(definition.indices, node.index, strict=True)}
        return self.changed(indices=indices, arguments={}).value(definition.body)

    def cost(self, node: n.Symbol) -> Value:
        if len(node.index) == 2:
            p, q = (self.at(i) for i in node.index)
            return self.world.cost(p * self.size("Q") + q, self.bump)
        if node.index:
            return self.world.cost(self.at(node.index[0]), self.bump)
        if self.sample is not None or self.world.frame.samples == 1:
            return self.world.cost(self.sample or 0, self.bump)
        samples = self.world.frame.samples
        total = self.world.cost(0, self.bump)
        for r in range(1, samples):
            total = total + self.world.cost(r, self.bump)
        return total / self.constant(samples)

    def delta(self, node: n.Symbol) -> Value:
        if self.bump is not None:
            raise ProofError("a derivative of δ is a second derivative, which is not covered")
        layer, sample = self.layer(node), self.sample_of(node)
        if len(node.index) == 1:
            return self.world.delta(layer, sample, self.position(node))
        return self.picked(node, self.world.delta(layer, sample))
