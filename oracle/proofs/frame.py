"""The sizes of a network, and which layers its quantities have."""

from __future__ import annotations

from dataclasses import dataclass

from oracle.proofs import nodes as n
from oracle.proofs.errors import ProofError

FIRST_LAYER = {"a": 1, "z": 2, "w": 2, "W": 2, "b": 2, "delta": 2, "Delta w": 2, "Delta W": 2, "Delta b": 2}


@dataclass(frozen=True)
class Frame:
    """The sizes of one network: n_1 … n_L, and the samples. column: there is nothing but the one layer L."""

    widths: tuple[int, ...]
    samples: int = 1
    column: bool = False
    mini_batches: tuple[int, int] | None = None

    @property
    def L(self) -> int:
        return len(self.widths)

    def width(self, layer: int) -> int:
        if not 1 <= layer <= self.L:
            raise ProofError(f"n_{layer} does not exist in a network of {self.L} layers")
        return self.widths[layer - 1]

    def number(self, layer: n.Layer, layers: dict[str, int]) -> int:
        base = self.L if layer.base == "L" else layers[layer.base] if layer.base else 0
        return base + layer.offset

    def checked(self, name: str, layer: int) -> int:
        first = self.L if self.column else FIRST_LAYER[name]
        if not first <= layer <= self.L:
            raise ProofError(
                f"{name}^{layer} does not exist in a network of {self.L} layers: say for which layers this holds"
            )
        return layer
