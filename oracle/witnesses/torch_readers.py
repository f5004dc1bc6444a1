"""What torch code reads out of a tensor to decide by, written down beside the tape: numbers, masks, equality."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import torch

from oracle.witnesses.torch_memory import Memory
from oracle.witnesses.torch_tape import Slot, Tape

aten = torch.ops.aten


class Recorder(Protocol):
    """What a reader needs of whoever writes the tape: as a context, it writes down what is called in it."""

    tape: Tape
    memory: Memory
    numbers: list[tuple[Slot, Any]]

    def where(self, mask: Any) -> list[Any]: ...

    def __enter__(self) -> Any: ...

    def __exit__(self, *raised: Any) -> Any: ...


def _read_number(recorder: Recorder, func: Any, args: Any, options: Any) -> Any:
    value = func(*args, **options)
    slot = recorder.memory.slot(args[0])
    if isinstance(value, bool | int):
        recorder.tape.reads.append((slot, np.asarray(value)))
    else:
        recorder.numbers.append((slot, value))
    return value


def _read_equal(recorder: Recorder, func: Any, args: Any, options: Any) -> Any:
    with recorder:
        mask = aten.eq.Tensor(*args) if args[0].shape == args[1].shape else None
    if mask is None:
        return func(*args, **options)
    recorder.tape.reads.append((recorder.memory.slot(mask), mask.detach().clone().numpy()))
    return func(*args, **options)


def _read_nonzero(recorder: Recorder, func: Any, args: Any, options: Any) -> Any:
    with recorder:
        mask = args[0] if args[0].dtype is torch.bool else aten.ne.Scalar(args[0], 0)
    recorder.where(mask)
    return func(*args, **options)


def _masked_select(recorder: Recorder, func: Any, args: Any, options: Any) -> Any:
    x, mask = torch.broadcast_tensors(args[0], args[1]) if args[0].shape != args[1].shape else args
    with recorder:
        x = args[0].expand(x.shape)
        return aten.index.Tensor(x, recorder.where(mask))


READERS: dict[str, Callable[..., Any]] = {
    "_local_scalar_dense": _read_number,
    "equal": _read_equal,
    "nonzero": _read_nonzero,
    "masked_select": _masked_select,
}
