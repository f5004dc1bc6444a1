"""A torch function run once at a point, and what it does written down.

Python runs as it stands, so modules, closures, `autograd.Function`s (their forward), in-place operations and branches on data are
what they are at that point. In-place writes and views become gathers and scatters of the memory they share. What the function reads
out of a tensor to decide by (`if`, a mask, an index) is kept beside: the tape is that of the function wherever it reads the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map

from oracle.witnesses.torch_tape import NotLifted, Slot, Step, Tape

aten = torch.ops.aten

#: Operations whose results have the shape of an operand, and nothing else of it.
OF_SHAPES = frozenset(
    f"{how}_{what}"
    for how, whats in {
        "new": ("zeros", "ones", "full", "empty", "empty_strided"),
        **{name: ("like",) for name in ("zeros", "ones", "full", "empty", "rand", "randn", "randint")},
    }.items()
    for what in whats
)
#: Operations that draw numbers; whatever else of an operand they take is a parameter of the distribution.
DRAWS = frozenset(
    [
        "bernoulli",
        "cauchy",
        "exponential",
        "geometric",
        "log_normal",
        "multinomial",
        "normal",
        "poisson",
        "random",
        "uniform",
        "binomial",
        "_standard_gamma",
        "_sample_dirichlet",
    ]
)
#: What a result depends on besides numbers, and a translation does not ask.
IGNORED = frozenset(("layout", "device", "pin_memory", "memory_format", "non_blocking", "generator"))


def record(
    call: Callable[..., Any],
    given: Sequence[Any],
    can_be_lowered: Callable[[Any], bool],
    entry: int | None = None,
) -> Tape:
    """The tape of call(*given). given: tensors, or NumPy arrays that the function makes its tensors of.

    can_be_lowered: whether an operator is known; others are taken apart by torch's own decompositions. entry: which part of a tuple
    is the result. Where the code asks torch for gradients, what torch does for them is written down as well.
    Raises NotLifted; what the function raises.
    """
    recorder = _Recorder(can_be_lowered)
    for argument in given:
        recorder.add_input(argument)
    with _Conversions(recorder), recorder:
        result = call(*given)
    recorder.finish(result if entry is None else result[entry])
    return recorder.tape


class _Conversions(torch.overrides.TorchFunctionMode):
    """torch.tensor and its like copy the memory of an argument: that copy is a function of the argument."""

    def __init__(self, recorder: _Recorder) -> None:
        super().__init__()
        self._recorder = recorder

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        options = kwargs or {}
        copies = func in (torch.tensor, torch.as_tensor, torch.asarray) and args and isinstance(args[0], np.ndarray)
        if copies and self._recorder.is_an_argument(args[0]):
            made = torch.from_numpy(args[0]).clone()
            dtype = options.get("dtype")
            return made if dtype is None else made.to(dtype)
        return func(*args, **options)


class _Recorder(TorchDispatchMode):
    def __init__(self, can_be_lowered: Callable[[Any], bool]) -> None:
        super().__init__()
        self.tape = Tape()
        self._can_be_lowered = can_be_lowered
        self._count = 0
        self._detached: list[Any] = []
        self._asked = False  # whether torch did anything
        self._kept: list[Any] = []  # so that no memory is given out twice
        self._known: dict[
            int, tuple[Slot, int, bool]
        ] = {}  # tensor → its slot, version and whether it depends on an argument
        self._cells: dict[int, tuple[Slot, int]] = {}  # memory that was written to → all of it, and how often
        self._moving: set[int] = set()  # memory that holds what depends on an argument
        self._ranges: list[tuple[int, int, Slot, np.ndarray[Any, Any]]] = []
        self._numbers: list[tuple[Slot, Any]] = []  # numbers that were read out of tensors of floats

    # -- arguments and results

    def add_input(self, argument: Any) -> None:
        slot = self._new()
        self.tape.inputs.append(slot)
        if isinstance(argument, torch.Tensor):
            self._bind(argument, slot, True)
            self._see(argument)
        else:
            start = argument.__array_interface__["data"][0]
            self._ranges.append((start, start + argument.nbytes, slot, argument))

    def is_an_argument(self, array: np.ndarray[Any, Any]) -> bool:
        start = array.__array_interface__["data"][0]
        return any(low <= start < high for low, high, _, _ in self._ranges)

    def finish(self, result: Any) -> None:
        tape = self.tape
        returned = result if isinstance(result, torch.Tensor) else None
        if not self._asked and not isinstance(result, torch.Tensor):
            raise NotLifted("fn does nothing with torch", without_torch=True)
        if isinstance(result, torch.Tensor):
            tensor: Any = result.detach()
            if self._moves(result):
                tape.result = self._slot(result)
            else:
                tape.constant = tensor.clone().numpy()
        elif isinstance(result, np.ndarray | np.generic):
            owner = self._owner(result) if isinstance(result, np.ndarray) else None
            if owner is None:
                raise NotLifted("fn computes in NumPy what it returns")
            tape.result, returned = self._slot(owner), owner
        elif isinstance(result, float | int) and self._numbers and self._numbers[-1][1] == result:
            tape.result = self._numbers.pop()[0]
        else:
            raise NotLifted(f"fn returns a {type(result).__name__}, which is no tensor")
        tape.detached = any(returned is None or _memory(d) != _memory(returned) for d in self._detached)
        if self._numbers:
            raise NotLifted("fn reads a number out of a tensor (.item(), float()) and computes with it")

    def _owner(self, array: np.ndarray[Any, Any]) -> Any:
        """The tensor whose memory an array is."""
        at = array.__array_interface__["data"][0]
        for tensor in reversed(self._kept):
            if tensor.data_ptr() == at and tuple(tensor.shape) == array.shape and self._moves(tensor):
                return tensor
        return None

    # -- what is known of tensors

    def _new(self) -> Slot:
        self._count += 1
        return Slot(self._count - 1)

    def _see(self, tensor: Any) -> None:
        if tensor.dtype.is_floating_point or tensor.dtype.is_complex:
            self.tape.bits = min(self.tape.bits, _bits(tensor.dtype))

    def _bind(self, tensor: Any, slot: Slot, moving: bool) -> None:
        self._kept.append(tensor)
        self._known[id(tensor)] = (slot, _version(tensor), moving)
        if moving:
            self._moving.add(_memory(tensor))

    def _moves(self, tensor: Any) -> bool:
        if id(tensor) in self._known and self._known[id(tensor)][2]:
            return True
        at, memory = tensor.data_ptr(), _memory(tensor)
        held = memory in self._cells or (bool(memory) and memory in self._moving)
        return held or any(low <= at < high for low, high, _, _ in self._ranges)

    def _slot(self, tensor: Any) -> Slot:
        """Where the value of a tensor is, as it is now."""
        memory = _memory(tensor)
        known = self._known.get(id(tensor))
        if memory in self._cells:
            whole, times = self._cells[memory]
            if known is not None and known[1] == -times:
                return known[0]
            slot = self._add("gather", (whole, _places(tensor)), 1)[0]
            self._kept.append(tensor)
            self._known[id(tensor)] = (slot, -times, True)
            return slot
        if known is not None and (known[2] or known[1] == _version(tensor)):
            return known[0]
        if memory and memory in self._moving:  # torch may hand on the same memory in another tensor
            whole = self._whole(tensor)
            found = self._add("gather", (whole, _places(tensor)), 1)[0]
            self._bind(tensor, found, True)
            return found
        for low, high, slot, array in self._ranges:
            if low <= tensor.data_ptr() < high:
                shift = (tensor.data_ptr() - low) // array.itemsize
                found = self._add("gather", (slot, _places(tensor) - tensor.storage_offset() + shift), 1)[0]
                self._bind(tensor, found, True)
                return found
        slot = self._constant(tensor)
        self._bind(tensor, slot, False)
        return slot

    def _constant(self, tensor: Any) -> Slot:
        slot = self._new()
        plain = tensor.float() if tensor.dtype is torch.bfloat16 else tensor
        self.tape.constants[slot] = np.array(plain.numpy(force=True), order="C", copy=True)
        return slot

    def _add(self, operator: Any, args: Sequence[Any], count: int, options: dict[str, Any] | None = None) -> list[Slot]:
        slots = [self._new() for _ in range(count)]
        self.tape.steps.append(Step(operator, args, options or {}, slots))
        return slots

    # -- operations

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        options, self._asked = kwargs or {}, True
        tensors = [t for t in tree_flatten((args, options))[0] if isinstance(t, torch.Tensor)]
        name = func._schema.name.partition("::")[2]
        if not any(map(self._moves, tensors)) or name in OF_SHAPES:
            return func(*args, **options)
        if name.rstrip("_") in DRAWS:
            return self._drawn(func, args, options)
        if name in READERS:
            return READERS[name](self, func, args, options)
        if name in ("detach", "detach_", "alias", "lift_fresh"):
            result = self._same(func, args)
            if name == "detach":
                self._detached.append(result)
            return result
        written = [
            a
            for a in func._schema.arguments
            if a.alias_info is not None and a.alias_info.is_write and a.name != "noise"
        ]
        if written:
            return self._written(func, args, options, [a.name for a in written])
        if name in ("index", "_unsafe_index", "index_put", "_unsafe_index_put") and any(map(_is_mask, args[1])):
            places = [p for index in args[1] for p in (self._where(index) if _is_mask(index) else [index])]
            return self.__torch_dispatch__(func, types, (args[0], places, *args[2:]), options)
        if torch.Tag.dynamic_output_shape in func.tags and "unique" in name:
            raise NotLifted(f"the numbers decide how many results torch's {func} has")
        if not self._can_be_lowered(func):
            return self._by_parts(func, args, options)
        result = func(*args, **options)
        self._write_down(func, args, options, result)
        return result

    def _write_down(self, func: Any, args: Any, options: dict[str, Any], result: Any) -> list[Slot | None]:
        flat = result if isinstance(result, tuple | list) else [result]
        given, named = self._operands(args), self._operands({k: v for k, v in options.items() if k not in IGNORED})
        slots: list[Slot | None] = []
        for part in flat:
            if isinstance(part, torch.Tensor):
                slot = self._new()
                self._see(part)
                self._bind(part, slot, True)
                slots.append(slot)
            else:
                slots.append(None)
        self.tape.steps.append(Step(func, given, named, slots))
        return slots

    def _operands(self, value: Any) -> Any:
        return tree_map(lambda v: self._slot(v) if isinstance(v, torch.Tensor) else v, value)

    def _same(self, func: Any, args: Any) -> Any:
        """The same numbers, in the same memory."""
        result = func(*args)
        self._bind(result, self._slot(args[0]), True)
        memory = _memory(result)
        if memory in self._cells:
            self._known[id(result)] = (self._known[id(result)][0], -self._cells[memory][1], True)
        return result

    def _has_parts(self, func: Any) -> bool:
        return func in _decompositions()

    def _by_parts(self, func: Any, args: Any, options: dict[str, Any]) -> Any:
        made = _decompositions().get(func)
        with self:
            if made is not None:
                return made(*args, **options)
            result = func.decompose(*args, **options)
        if result is NotImplemented:
            raise NotLifted(f"torch's {func} has no translation")
        return result

    def _drawn(self, func: Any, args: Any, options: dict[str, Any]) -> Any:
        """Random numbers are constants: whoever draws others at the next call is seen to be another function."""
        result = func(*args, **options)
        if isinstance(result, torch.Tensor) and any(result is a for a in args):
            self._overwrite(result, self._constant(result))
        return result

    def _where(self, mask: Any) -> list[Any]:
        """The places of a mask, which are read."""
        if self._moves(mask):
            self.tape.reads.append((self._slot(mask), mask.detach().clone().numpy()))
        return list(torch.nonzero(mask.detach().clone(), as_tuple=True))

    # -- memory that is written to

    def _written(self, func: Any, args: Any, options: dict[str, Any], names: Sequence[str]) -> Any:
        name = func._schema.name.partition("::")[2]
        target = options.get("out") if "out" in options else args[0] if args else None
        if len(names) != 1 or not isinstance(target, torch.Tensor):
            if not self._can_be_lowered(func) and self._has_parts(func):
                return self._by_parts(func, args, options)
            raise NotLifted(f"torch's {func} writes to several tensors")
        if name == "copy_":
            source = self._slot(args[1])
            result = func(*args, **options)
            self._overwrite(target, self._add("fill", (source, tuple(target.shape), target.dtype), 1)[0])
            return result
        if name == "zero_":
            result = func(*args, **options)
            self._overwrite(target, self._constant(result))
            return result
        pure = self._functional(func, name)
        kept = {k: v for k, v in options.items() if k != "out"}
        with self:
            value = pure(*args, **kept)  # on the numbers before they are overwritten
        source = self._slot(value)
        result = func(*args, **options)
        self._overwrite(target, self._add("fill", (source, tuple(target.shape), target.dtype), 1)[0])
        return result

    def _functional(self, func: Any, name: str) -> Any:
        packet = getattr(aten, name.removesuffix("_"), None)
        wanted = _types(func._schema.arguments)
        for overload in packet.overloads() if packet is not None else ():
            candidate = getattr(packet, overload)
            if not candidate._schema.is_mutable and _types(candidate._schema.arguments) == wanted:
                return candidate
        raise NotLifted(f"torch's {func} changes a tensor in a way that has no translation")

    def _overwrite(self, tensor: Any, value: Slot) -> None:
        """All of the memory anew: the tensor's places with the value."""
        memory = _memory(tensor)
        if memory in self._cells:
            whole, times = self._cells[memory]
        else:
            whole, times = self._whole(tensor), 1
        self._cells[memory] = (self._add("scatter", (whole, _places(tensor), value), 1)[0], times + 1)
        self._kept.append(tensor)

    def _whole(self, tensor: Any) -> Slot:
        """The memory of a tensor as far as it is known: its numbers, and on them the values of those that live in it."""
        size = tensor.untyped_storage().nbytes() // tensor.element_size()
        flat = torch.as_strided(tensor.detach(), (size,), (1,), 0)
        whole = self._constant(flat)
        memory = _memory(tensor)
        for other in list(self._kept):
            known = self._known.get(id(other))
            if known is not None and known[2] and _memory(other) == memory and other.numel():
                if other.dtype != tensor.dtype:
                    raise NotLifted("a tensor is written to that another dtype's view shares")
                whole = self._add("scatter", (whole, _places(other), known[0]), 1)[0]
        return whole


def _read_number(self: _Recorder, func: Any, args: Any, options: Any) -> Any:
    value = func(*args, **options)
    slot = self._slot(args[0])
    if isinstance(value, bool | int):
        self.tape.reads.append((slot, np.asarray(value)))
    else:
        self._numbers.append((slot, value))
    return value


def _read_equal(self: _Recorder, func: Any, args: Any, options: Any) -> Any:
    with self:
        mask = aten.eq.Tensor(*args) if args[0].shape == args[1].shape else None
    if mask is None:
        return func(*args, **options)
    self.tape.reads.append((self._slot(mask), mask.detach().clone().numpy()))
    return func(*args, **options)


def _read_nonzero(self: _Recorder, func: Any, args: Any, options: Any) -> Any:
    with self:
        mask = args[0] if args[0].dtype is torch.bool else aten.ne.Scalar(args[0], 0)
    self._where(mask)
    return func(*args, **options)


def _masked_select(self: _Recorder, func: Any, args: Any, options: Any) -> Any:
    x, mask = torch.broadcast_tensors(args[0], args[1]) if args[0].shape != args[1].shape else args
    with self:
        x = args[0].expand(x.shape)
        return aten.index.Tensor(x, self._where(mask))


READERS: dict[str, Callable[..., Any]] = {
    "_local_scalar_dense": _read_number,
    "equal": _read_equal,
    "nonzero": _read_nonzero,
    "masked_select": _masked_select,
}


def _types(arguments: Any) -> list[str]:
    """What an operator takes, save where it writes to."""
    return [str(a.type) for a in arguments if a.name != "out" and a.name != "generator"]


def _decompositions() -> Any:
    from torch._decomp import decomposition_table

    return decomposition_table


def _is_mask(index: Any) -> bool:
    return isinstance(index, torch.Tensor) and index.dtype in (torch.bool, torch.uint8)


def _memory(tensor: Any) -> int:
    return int(tensor.untyped_storage().data_ptr())


def _version(tensor: Any) -> int:
    return 0 if tensor.is_inference() else int(tensor._version)


def _places(tensor: Any) -> np.ndarray[Any, Any]:
    """Which entries of its memory a tensor is, in its shape."""
    size = max(tensor.untyped_storage().nbytes() // tensor.element_size(), 1)
    places = torch.arange(size)
    return torch.as_strided(places, tensor.shape, tensor.stride(), tensor.storage_offset()).numpy().copy()


def _bits(dtype: Any) -> int:
    return {torch.float16: 11, torch.bfloat16: 8, torch.float32: 24, torch.complex64: 24}.get(dtype, 53)
