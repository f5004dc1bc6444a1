"""ATen operations in JAX: torchax's translations, ours where it has none or a wrong one.

torchax is imported without what it does to a process: it renames a device of torch, turns off a fast path of its attention, sets
an option of JAX and a variable of the environment, and adds to torch's decompositions. All that is undone, and the modules are
taken out of `sys.modules` again, so that whoever wants them imports them as they are.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import inspect
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import jax
import numpy as np
import torch

from oracle.witnesses.torch_operators import OWN
from oracle.witnesses.torch_tape import Slot, Tape

aten = torch.ops.aten


@functools.lru_cache(maxsize=1)
def registry() -> Mapping[Any, Any]:
    """torchax's table of operators. Raises ImportError where it is not installed."""
    if "torchax" in sys.modules:
        return _table()
    with _undone():
        return _table()


def _table() -> Mapping[Any, Any]:
    importlib.import_module("torchax.ops.jaten")  # fills the table
    from torchax.ops import ops_registry

    return {
        op: entry for op, entry in ops_registry.all_aten_ops.items() if entry.is_jax_function and not entry.needs_env
    }


@contextlib.contextmanager
def _undone() -> Iterator[None]:
    """What an import of torchax changes is as before afterwards."""
    from torch._decomp import global_decomposition_table as tables

    fast, environment = torch.backends.mha.get_fastpath_enabled(), dict(os.environ)
    kept = {name: dict(table) for name, table in tables.items()}
    rename, register, update = (
        torch.utils.rename_privateuse1_backend,
        torch._register_device_module,
        type(jax.config).update,
    )
    torch.utils.rename_privateuse1_backend = lambda name: None
    torch._register_device_module = lambda name, module: None
    type(jax.config).update = lambda self, name, value: None
    try:
        yield
    finally:
        torch.utils.rename_privateuse1_backend, torch._register_device_module = rename, register
        type(jax.config).update = update
        torch.backends.mha.set_fastpath_enabled(fast)
        for name in set(os.environ) - set(environment):
            del os.environ[name]
        for name, table in tables.items():
            for added in set(table) - set(kept.get(name, table)):
                del table[added]
        for name in [n for n in sys.modules if n.partition(".")[0] == "torchax"]:
            del sys.modules[name]


def can_be_lowered(operator: Any) -> bool:
    """Whether an ATen operator has a translation."""
    return lowering(operator) is not None


def lowering(operator: Any) -> Callable[..., Any] | None:
    """The function of JAX arrays that an operator is."""
    name = operator._schema.name.partition("::")[2]
    own = OWN.get(f"{name}.{operator._overloadname}", OWN.get(name))
    if own is not None:
        return own if callable(own) else None
    if name.endswith("_backward"):  # torch's own decompositions keep to its operands
        return None
    table = registry()
    entry = table.get(operator) or table.get(operator.overloadpacket)
    return None if entry is None else entry.func


def translation(tape: Tape) -> Callable[..., Any]:
    """The function of a tape, on JAX arrays: its result, and what it reads, in order."""

    def run(*args: Any) -> tuple[Any, list[Any]]:
        import jax.numpy as jnp

        with jax.ensure_compile_time_eval():  # numbers, of which a translation may ask
            values: dict[int, Any] = {s.number: jnp.asarray(a) for s, a in tape.constants.items()}
        values.update({slot.number: arg for slot, arg in zip(tape.inputs, args, strict=True)})

        def look(value: Any) -> Any:
            if isinstance(value, Slot):
                return values[value.number]
            if isinstance(value, tuple | list):
                return type(value)(look(v) for v in value)
            if isinstance(value, dict):
                return {k: look(v) for k, v in value.items()}
            return value

        for step in tape.steps:
            results = _apply(step.operator, look(step.args), look(step.options))
            flat = results if isinstance(results, tuple | list) else [results]
            for slot, value in zip(step.results, flat, strict=True):
                if slot is not None:
                    values[slot.number] = value
        result = jnp.asarray(tape.constant) if tape.result is None else values[tape.result.number]
        return result, [values[slot.number] for slot, _ in tape.reads]

    return run


def _apply(operator: Any, args: Sequence[Any], options: dict[str, Any]) -> Any:
    if isinstance(operator, str):
        return MEMORY[operator](*args)
    function = lowering(operator)
    assert function is not None
    return function(*args, **_accepted(function, options))


def _accepted(function: Any, options: dict[str, Any]) -> dict[str, Any]:
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return options
    if any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        return options
    return {k: v for k, v in options.items() if k in parameters or v is not None}


def _gather(whole: Any, places: np.ndarray[Any, Any]) -> Any:
    flat = whole.reshape(-1)
    if places.size == flat.size and np.array_equal(places.ravel(), np.arange(flat.size)):
        return flat.reshape(places.shape)
    return flat[places]


def _scatter(whole: Any, places: np.ndarray[Any, Any], value: Any) -> Any:
    flat = whole.reshape(-1)
    if places.size == flat.size and np.array_equal(places.ravel(), np.arange(flat.size)):
        return value.reshape(-1).astype(flat.dtype)
    return flat.at[places.ravel()].set(value.reshape(-1).astype(flat.dtype))


def _fill(value: Any, shape: Sequence[int], dtype: Any) -> Any:
    import jax.numpy as jnp

    name = str(dtype).removeprefix("torch.")
    return jnp.broadcast_to(value, shape).astype(name)


MEMORY: Mapping[str, Callable[..., Any]] = {"gather": _gather, "scatter": _scatter, "fill": _fill}
