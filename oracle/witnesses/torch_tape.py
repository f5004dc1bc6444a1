"""What a torch function did at a point, written down: the ATen operations on what depends on its arguments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np


class NotLifted(Exception):
    """This torch code has no translation here: one clause that says why. without_torch: nothing was done with torch at all."""

    def __init__(self, why: str, without_torch: bool = False) -> None:
        super().__init__(why)
        self.without_torch = without_torch


@dataclass(frozen=True)
class Slot:
    """The place of a value on the tape."""

    number: int


@dataclass(frozen=True, eq=False)
class Step:
    """One operation: an ATen operator, or the name of one of ours; its operands, Slots among them; where its results go."""

    operator: Any
    args: Sequence[Any]
    options: dict[str, Any]
    results: Sequence[Slot | None]


@dataclass(eq=False)
class Tape:
    """inputs: the slots of the arguments; constants: what the function held already, as arrays; reads: (slot, what was read there);
    result: the slot of what it returned, or None where that depends on no argument (`constant` then); bits: the fewest of a float
    on the way; detached: whether a part, more than what it returned, is held constant for torch.autograd (`detach`, `.data`)."""

    inputs: list[Slot] = field(default_factory=list)
    constants: dict[Slot, np.ndarray[Any, Any]] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    reads: list[tuple[Slot, Any]] = field(default_factory=list)
    result: Slot | None = None
    constant: Any = None
    bits: int = 53
    detached: bool = False

    def signature(self) -> tuple[Any, ...]:
        """Two tapes of one signature are the same function."""
        steps = [(str(s.operator), _plain(s.args), _plain(s.options), s.results) for s in self.steps]
        constants = [(s.number, a.dtype.str, a.shape, a.tobytes()) for s, a in self.constants.items()]
        reads = [(s.number, np.asarray(v).tobytes()) for s, v in self.reads]
        return (repr(steps), tuple(constants), tuple(reads), self.result, repr(self.constant))


def _plain(value: Any) -> Any:
    """Arrays by what is in them."""

    def plain(v: Any) -> Any:
        return (v.shape, v.tobytes()) if isinstance(v, np.ndarray) else v

    from torch.utils._pytree import tree_map

    return tree_map(plain, value)
