"""The shape of a symbol: a number, a column or a matrix, and which widths its indices meet."""

from __future__ import annotations

from typing import Any

from oracle.proofs import nodes as n
from oracle.proofs.errors import ProofError
from oracle.proofs.frame import Frame
from oracle.proofs.scope import Scope

Shape = tuple[int, ...]
SCALAR: Shape = ()
MATRICES = frozenset({"W", "Delta W"})
ENTRIES_OF_MATRICES = frozenset({"w", "Delta w"})


class SymbolShapes:
    """The part of the types that looks symbols up."""

    scope: Scope
    frame: Frame
    layers: dict[str, int]
    arguments: frozenset[str]
    put: Any
    inside: Any

    def of_symbol(self, node: n.Symbol) -> Shape:
        name, frame = node.name, self.frame
        if name in self.arguments and not (node.index or node.layer):
            return SCALAR
        if node.sample is not None and name in ("w", "W", "b"):
            raise ProofError(f"{name} is the same for every sample, and has none of its own")
        if node.sample is not None:
            self.put(node.sample, frame.samples)
        if self.scope.get(name) is not None and not (name == "a" or (name == "C" and node.index)):
            return self.of_defined(node)
        if not self.scope.means(node) or name in ("L", "m"):
            return self.of_variable(node)
        if name == "C":
            return self.of_cost(node)
        if name == "E":
            return self.entries(node, (frame.width(frame.L),))
        if node.layer is None and not frame.column:
            raise ProofError(f"{name} needs a layer, such as {name}^i")
        layer = frame.L if node.layer is None else frame.number(node.layer, self.layers)
        frame.checked(name, layer)
        if name in MATRICES | ENTRIES_OF_MATRICES:
            if (len(node.index) == 2) != (name in ENTRIES_OF_MATRICES):
                raise ProofError(f"{name} has {len(node.index)} indices")
            return self.entries(node, (frame.width(layer), frame.width(layer - 1)))
        return self.entries(node, (frame.width(layer),))

    def of_variable(self, node: n.Symbol) -> Shape:
        """A free number; with one index the entry of a free column as long as layer L."""
        if node.layer or node.sample or len(node.index) > 1 or (node.index and self.scope.layered):
            raise ProofError(f"{node.name} with an index or a layer is nothing that is defined here")
        if node.index:
            self.put(node.index[0], self.frame.width(self.frame.L))
        return SCALAR

    def of_cost(self, node: n.Symbol) -> Shape:
        sizes = self.frame.mini_batches
        if len(node.index) == 2 and sizes:
            self.put(node.index[0], sizes[0])
            self.put(node.index[1], sizes[1])
        elif len(node.index) == 1:
            self.put(node.index[0], self.frame.samples)
        elif node.index:
            raise ProofError(f"C with {len(node.index)} indices")
        return SCALAR

    def of_defined(self, node: n.Symbol) -> Shape:
        definition = self.scope.definitions[node.name]
        inner = self.inside(frozenset(definition.arguments))
        shape: Shape = inner.shape(definition.body)
        ranges = inner.settled()
        if not node.index and definition.indices and len(definition.indices) == 1 and shape == SCALAR:
            return (ranges[definition.indices[0]], 1)
        if len(node.index) != len(definition.indices):
            raise ProofError(
                f"{node.name} has {len(definition.indices)} indices where it is defined, {len(node.index)} here"
            )
        for actual, formal in zip(node.index, definition.indices, strict=True):
            if formal not in ranges:
                raise ProofError(f"nothing says what index {formal} of {node.name} runs over")
            self.put(actual, ranges[formal])
        stray = set(ranges) - set(definition.indices)
        if stray:
            raise ProofError(f"the definition of {node.name} leaves index {min(stray)} open")
        return shape

    def entries(self, node: n.Symbol, widths: tuple[int, ...]) -> Shape:
        if not node.index:
            return widths if len(widths) == 2 else (widths[0], 1)
        if len(node.index) != len(widths):
            raise ProofError(f"{node.name} needs {len(widths)} {'index' if len(widths) == 1 else 'indices'}")
        for index, width in zip(node.index, widths, strict=True):
            self.put(index, width)
        return SCALAR
