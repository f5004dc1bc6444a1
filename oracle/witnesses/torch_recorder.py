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

from oracle.witnesses.torch_memory import Memory, memory_of
from oracle.witnesses.torch_readers import READERS
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
    recorder = Recorder(can_be_lowered)
    for argument in given:
        recorder.memory.add_input(argument)
    with Conversions(recorder), recorder:
        result = call(*given)
    recorder.finish(result if entry is None else result[entry])
    return recorder.tape


class Conversions(torch.overrides.TorchFunctionMode):
    """torch.tensor and its like copy the memory of an argument: that copy is a function of the argument."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self._recorder = recorder

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        options = kwargs or {}
        copies = func in (torch.tensor, torch.as_tensor, torch.asarray) and args and isinstance(args[0], np.ndarray)
        if copies and self._recorder.memory.is_an_argument(args[0]):
            made = torch.from_numpy(args[0]).clone()
            dtype = options.get("dtype")
            return made if dtype is None else made.to(dtype)
        return func(*args, **options)


class Recorder(TorchDispatchMode):
    def __init__(self, can_be_lowered: Callable[[Any], bool]) -> None:
        super().__init__()
        self.tape = Tape()
        self.memory = Memory(self.tape)
        self._can_be_lowered = can_be_lowered
        self._detached: list[Any] = []
        self._asked = False  # whether torch did anything
        self.numbers: list[tuple[Slot, Any]] = []  # numbers that were read out of tensors of floats

    def finish(self, result: Any) -> None:
        tape = self.tape
        returned = result if isinstance(result, torch.Tensor) else None
        if not self._asked and not isinstance(result, torch.Tensor):
            raise NotLifted("fn does nothing with torch", without_torch=True)
        if isinstance(result, torch.Tensor):
            tensor: Any = result.detach()
            if self.memory.moves(result):
                tape.result = self.memory.slot(result)
            else:
                tape.constant = tensor.clone().numpy()
        elif isinstance(result, np.ndarray | np.generic):
            owner = self.memory.owner(result) if isinstance(result, np.ndarray) else None
            if owner is None:
                raise NotLifted("fn computes in NumPy what it returns")
            tape.result, returned = self.memory.slot(owner), owner
        elif isinstance(result, float | int) and self.numbers and self.numbers[-1][1] == result:
            tape.result = self.numbers.pop()[0]
        else:
            raise NotLifted(f"fn returns a {type(result).__name__}, which is no tensor")
        tape.detached = any(returned is None or memory_of(d) != memory_of(returned) for d in self._detached)
        if self.numbers:
            raise NotLifted("fn reads a number out of a tensor (.item(), float()) and computes with it")

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        options, self._asked = kwargs or {}, True
        tensors = [t for t in tree_flatten((args, options))[0] if isinstance(t, torch.Tensor)]
        name = func._schema.name.partition("::")[2]
        if not any(map(self.memory.moves, tensors)) or name in OF_SHAPES:
            return func(*args, **options)
        if name.rstrip("_") in DRAWS:
            return self._drawn(func, args, options)
        if name in READERS:
            return READERS[name](self, func, args, options)
        if name in ("detach", "detach_", "alias", "lift_fresh"):
            result = func(*args)
            self.memory.same(result, args[0])
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
            places = [p for index in args[1] for p in (self.where(index) if _is_mask(index) else [index])]
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
                slot = self.memory.new()
                self.memory.see(part)
                self.memory.bind(part, slot, True)
                slots.append(slot)
            else:
                slots.append(None)
        self.tape.steps.append(Step(func, given, named, slots))
        return slots

    def _operands(self, value: Any) -> Any:
        return tree_map(lambda v: self.memory.slot(v) if isinstance(v, torch.Tensor) else v, value)

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
            self.memory.overwrite(result, self.memory.constant(result))
        return result

    def where(self, mask: Any) -> list[Any]:
        """The places of a mask, which are read."""
        if self.memory.moves(mask):
            self.tape.reads.append((self.memory.slot(mask), mask.detach().clone().numpy()))
        return list(torch.nonzero(mask.detach().clone(), as_tuple=True))

    def _written(self, func: Any, args: Any, options: dict[str, Any], names: Sequence[str]) -> Any:
        name = func._schema.name.partition("::")[2]
        target = options.get("out") if "out" in options else args[0] if args else None
        if len(names) != 1 or not isinstance(target, torch.Tensor):
            if not self._can_be_lowered(func) and self._has_parts(func):
                return self._by_parts(func, args, options)
            raise NotLifted(f"torch's {func} writes to several tensors")
        if name == "copy_":
            source = self.memory.slot(args[1])
            result = func(*args, **options)
            self.memory.overwrite(target, self.memory.add("fill", (source, tuple(target.shape), target.dtype), 1)[0])
            return result
        if name == "zero_":
            result = func(*args, **options)
            self.memory.overwrite(target, self.memory.constant(result))
            return result
        pure = self._functional(func, name)
        kept = {k: v for k, v in options.items() if k != "out"}
        with self:
            value = pure(*args, **kept)  # on the numbers before they are overwritten
        source = self.memory.slot(value)
        result = func(*args, **options)
        self.memory.overwrite(target, self.memory.add("fill", (source, tuple(target.shape), target.dtype), 1)[0])
        return result

    def _functional(self, func: Any, name: str) -> Any:
        packet = getattr(aten, name.removesuffix("_"), None)
        wanted = _types(func._schema.arguments)
        for overload in packet.overloads() if packet is not None else ():
            candidate = getattr(packet, overload)
            if not candidate._schema.is_mutable and _types(candidate._schema.arguments) == wanted:
                return candidate
        raise NotLifted(f"torch's {func} changes a tensor in a way that has no translation")


def _types(arguments: Any) -> list[str]:
    """What an operator takes, save where it writes to."""
    return [str(a.type) for a in arguments if a.name != "out" and a.name != "generator"]


def _decompositions() -> Any:
    from torch._decomp import decomposition_table

    return decomposition_table


def _is_mask(index: Any) -> bool:
    return isinstance(index, torch.Tensor) and index.dtype in (torch.bool, torch.uint8)
