"""ATen operations in JAX: torchax's translations, ours where it has none or a wrong one; and the function that a tape is."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import numpy as np
import torch
from torch.utils._pytree import tree_flatten

from oracle.witnesses.torch_operators import APPROXIMATED, OWN
from oracle.witnesses.torch_registry import registry
from oracle.witnesses.torch_tape import Slot, Step, Tape

aten = torch.ops.aten


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

        for step in _needed(tape):
            results = _apply(step.operator, look(step.args), look(step.options))
            flat = results if isinstance(results, tuple | list) else [results]
            for slot, value in zip(step.results, flat, strict=True):
                if slot is not None:
                    values[slot.number] = value
        result = jnp.asarray(tape.constant) if tape.result is None else values[tape.result.number]
        return result, [values[slot.number] for slot, _ in tape.reads]

    return run


def approximated(tape: Tape) -> tuple[str, ...]:
    """The operators of a tape whose values torch approximates, to fewer digits than its floats hold."""
    names = [getattr(step.operator, "_schema", None) and step.operator._schema.name for step in _needed(tape)]
    return tuple(dict.fromkeys(n.partition("::")[2] for n in names if n and n.partition("::")[2] in APPROXIMATED))


def _needed(tape: Tape) -> list[Step]:
    """The steps that the result and what is read depend on, in order."""
    wanted = {slot for slot, _ in tape.reads} | {tape.result}
    kept = []
    for step in reversed(tape.steps):
        if wanted.intersection(step.results):
            kept.append(step)
            wanted.update(v for v in tree_flatten((step.args, step.options))[0] if isinstance(v, Slot))
    return kept[::-1]


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
