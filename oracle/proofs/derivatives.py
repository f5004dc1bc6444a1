"""Derivatives as they are displayed: ∂X/∂Y is the infinitesimal part of X when Y has one."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from oracle.proofs import kinks
from oracle.proofs import nodes as n
from oracle.proofs.differentiate import slope
from oracle.proofs.errors import ProofError
from oracle.proofs.written_in import check_written_without

Value = Any
PARAMETERS = {"w": "w", "W": "w", "b": "b"}


class Derivatives:
    """The part of the evaluator that differentiates."""

    __slots__ = ()
    world: Any
    f: Any
    bump: Any
    arguments: dict[str, Any]
    changed: Any
    each: Any
    column: Any
    scalar: Any
    number: Any
    layer: Any
    sample_of: Any
    position: Any
    of_function: Any

    def of_derivative(self, node: n.Derivative) -> Value:
        if self.bump is not None:
            raise ProofError("a derivative of a derivative is not covered")
        by = node.by
        if self.is_variable(by):
            if by.name in self.arguments:
                return self.by_argument(node.body, by.name)
            return self.infinitesimal(node.body, self.changed(bump=("free", by.name)))
        key, shape = self.node(by)
        check_written_without(node.body, key, self)
        if by.index:
            return self.infinitesimal(node.body, self.changed(bump=(*key, self.position(by))))
        positions = list(np.ndindex(*shape)) if len(shape) == 2 else list(range(shape[0]))
        parts = [self.infinitesimal(node.body, self.changed(bump=(*key, at))) for at in positions]
        if isinstance(parts[0], np.ndarray) and parts[0].size > 1:
            return np.concatenate([part.reshape(-1, 1) for part in parts], axis=1)
        return self.world.array([self.number(part) for part in parts], shape if len(shape) == 2 else (-1, 1))

    def by_argument(self, body: n.Node, name: str) -> Value:
        argument = self.f.value(self.arguments[name])

        def moved() -> Value:
            return self.changed(arguments={**self.arguments, name: self.f.eps(argument)}).value(body)

        return kinks.slope(self.f, moved)

    def is_variable(self, by: n.Symbol) -> bool:
        if by.index or by.layer or by.sample:
            return False
        return by.name in self.arguments or (not self.world.scope.means(by) and self.world.scope.get(by.name) is None)

    def node(self, by: n.Symbol) -> tuple[tuple[Any, ...], tuple[int, ...]]:
        """What carries the infinitesimal, without its index, and the shape it has."""
        frame, name = self.world.frame, PARAMETERS.get(by.name, by.name)
        if name in ("a", "z", "w", "b") and self.world.scope.means(by):
            layer = self.layer(by)
            sample = 0 if name in ("w", "b") else self.sample_of(by)
            return (name, layer, sample), (
                (frame.width(layer), frame.width(layer - 1)) if name == "w" else (frame.width(layer),)
            )
        if name == "E" and self.world.scope.means(by):
            return (name, frame.L, self.sample_of(by)), (frame.width(frame.L),)
        if by.index and self.world.scope.get(name) is None and not self.world.scope.means(by):
            return (name, frame.L, 0), (frame.width(frame.L),)
        raise ProofError(f"no derivative is taken with respect to {by.name}")

    def infinitesimal(self, body: n.Node, evaluator: Any) -> Value:
        return kinks.slope(self.f, lambda: evaluator.value(body))

    def of_gradient(self, node: n.Gradient) -> Value:
        if node.by is not None:
            return self.of_derivative(n.Derivative(node.body, node.by))
        body: Any = node.body
        definition = self.world.scope.definitions[body.name]
        names = definition.arguments
        at = [self.scalar(x) for x in getattr(body, "arguments", ())] or [self.world.variable(x, None) for x in names]

        def moved(k: int) -> Any:
            values = [self.f.value(x) for x in at]
            return self.of_function(body.name, (*values[:k], self.f.eps(values[k]), *values[k + 1 :]), 0)

        return self.column(kinks.slope(self.f, partial(moved, k)) for k in range(len(names)))

    def differentiated(self, name: str, x: Any, primes: int) -> Any:
        """A derivative that may be differentiated once more."""
        scope, key = self.world.scope, ("slope", name, primes)
        memory, definition = self.world.memory, scope.definitions[name]
        if key not in memory:
            body = definition.body
            for _ in range(primes):
                body = slope(body, definition.arguments[0], scope)
            memory[key] = body
        return self.changed(indices={}, arguments={definition.arguments[0]: x}).scalar(memory[key])
