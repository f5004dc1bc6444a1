"""Where the value of each tensor is written down, as memory is shared between tensors, and written to.

A tensor that is known has a slot of the tape. What lives in memory that was written to is gathered from all of that memory, whose
values are one slot, too. What depends on no argument is a constant.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from oracle.witnesses.torch_tape import NotLifted, Slot, Step, Tape


class Memory:
    """What is known of tensors while a tape is written."""

    def __init__(self, tape: Tape) -> None:
        self._tape = tape
        self._count = 0
        self._kept: list[Any] = []  # so that no memory is given out twice
        self._known: dict[
            int, tuple[Slot, int, bool]
        ] = {}  # tensor → its slot, version and whether it depends on an argument
        self._cells: dict[int, tuple[Slot, int]] = {}  # memory that was written to → all of it, and how often
        self._moving: set[int] = set()  # memory that holds what depends on an argument
        self._ranges: list[tuple[int, int, Slot, np.ndarray[Any, Any]]] = []

    def add_input(self, argument: Any) -> None:
        slot = self.new()
        self._tape.inputs.append(slot)
        if isinstance(argument, torch.Tensor):
            self.bind(argument, slot, True)
            self.see(argument)
        else:
            start = argument.__array_interface__["data"][0]
            self._ranges.append((start, start + argument.nbytes, slot, argument))

    def is_an_argument(self, array: np.ndarray[Any, Any]) -> bool:
        start = array.__array_interface__["data"][0]
        return any(low <= start < high for low, high, _, _ in self._ranges)

    def owner(self, array: np.ndarray[Any, Any]) -> Any:
        """The tensor whose memory an array is."""
        at = array.__array_interface__["data"][0]
        for tensor in reversed(self._kept):
            if tensor.data_ptr() == at and tuple(tensor.shape) == array.shape and self.moves(tensor):
                return tensor
        return None

    def new(self) -> Slot:
        self._count += 1
        return Slot(self._count - 1)

    def see(self, tensor: Any) -> None:
        if tensor.dtype.is_floating_point or tensor.dtype.is_complex:
            self._tape.bits = min(self._tape.bits, _bits(tensor.dtype))

    def bind(self, tensor: Any, slot: Slot, moving: bool) -> None:
        self._kept.append(tensor)
        self._known[id(tensor)] = (slot, _version(tensor), moving)
        if moving:
            self._moving.add(memory_of(tensor))

    def moves(self, tensor: Any) -> bool:
        if id(tensor) in self._known and self._known[id(tensor)][2]:
            return True
        at, memory = tensor.data_ptr(), memory_of(tensor)
        held = memory in self._cells or (bool(memory) and memory in self._moving)
        return held or any(low <= at < high for low, high, _, _ in self._ranges)

    def slot(self, tensor: Any) -> Slot:
        """Where the value of a tensor is, as it is now."""
        memory = memory_of(tensor)
        known = self._known.get(id(tensor))
        if memory in self._cells:
            whole, times = self._cells[memory]
            if known is not None and known[1] == -times:
                return known[0]
            slot = self.add("gather", (whole, places(tensor)), 1)[0]
            self._kept.append(tensor)
            self._known[id(tensor)] = (slot, -times, True)
            return slot
        if known is not None and (known[2] or known[1] == _version(tensor)):
            return known[0]
        if memory and memory in self._moving:  # torch may hand on the same memory in another tensor
            whole = self._whole(tensor)
            found = self.add("gather", (whole, places(tensor)), 1)[0]
            self.bind(tensor, found, True)
            return found
        for low, high, slot, array in self._ranges:
            if low <= tensor.data_ptr() < high:
                shift = (tensor.data_ptr() - low) // array.itemsize
                found = self.add("gather", (slot, places(tensor) - tensor.storage_offset() + shift), 1)[0]
                self.bind(tensor, found, True)
                return found
        slot = self.constant(tensor)
        self.bind(tensor, slot, False)
        return slot

    def constant(self, tensor: Any) -> Slot:
        slot = self.new()
        plain = tensor.float() if tensor.dtype is torch.bfloat16 else tensor
        self._tape.constants[slot] = np.array(plain.numpy(force=True), order="C", copy=True)
        return slot

    def add(self, operator: Any, args: Sequence[Any], count: int, options: dict[str, Any] | None = None) -> list[Slot]:
        slots = [self.new() for _ in range(count)]
        self._tape.steps.append(Step(operator, args, options or {}, slots))
        return slots

    def same(self, result: Any, source: Any) -> None:
        """The result is the numbers of the source, in the same memory."""
        self.bind(result, self.slot(source), True)
        memory = memory_of(result)
        if memory in self._cells:
            self._known[id(result)] = (self._known[id(result)][0], -self._cells[memory][1], True)

    def overwrite(self, tensor: Any, value: Slot) -> None:
        """All of the memory anew: the tensor's places with the value."""
        memory = memory_of(tensor)
        if memory in self._cells:
            whole, times = self._cells[memory]
        else:
            whole, times = self._whole(tensor), 1
        self._cells[memory] = (self.add("scatter", (whole, places(tensor), value), 1)[0], times + 1)
        self._kept.append(tensor)

    def _whole(self, tensor: Any) -> Slot:
        """The memory of a tensor as far as it is known: its numbers, and on them the values of those that live in it."""
        size = tensor.untyped_storage().nbytes() // tensor.element_size()
        flat = torch.as_strided(tensor.detach(), (size,), (1,), 0)
        whole = self.constant(flat)
        memory = memory_of(tensor)
        for other in list(self._kept):
            known = self._known.get(id(other))
            if known is not None and known[2] and memory_of(other) == memory and other.numel():
                if other.dtype != tensor.dtype:
                    raise NotLifted("a tensor is written to that another dtype's view shares")
                whole = self.add("scatter", (whole, places(other), known[0]), 1)[0]
        return whole


def memory_of(tensor: Any) -> int:
    return int(tensor.untyped_storage().data_ptr())


def _version(tensor: Any) -> int:
    return 0 if tensor.is_inference() else int(tensor._version)


def places(tensor: Any) -> np.ndarray[Any, Any]:
    """Which entries of its memory a tensor is, in its shape."""
    size = max(tensor.untyped_storage().nbytes() // tensor.element_size(), 1)
    places = torch.arange(size)
    return torch.as_strided(places, tensor.shape, tensor.stride(), tensor.storage_offset()).numpy().copy()


def _bits(dtype: Any) -> int:
    return {torch.float16: 11, torch.bfloat16: 8, torch.float32: 24, torch.complex64: 24}.get(dtype, 53)
