"""A module as a function of its inputs and its parameters, which are judged as well; its buffers stay what they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from oracle.search.constants import signature_names


def as_function(func: Any, inputs: Sequence[Any]) -> tuple[Callable[..., Any], tuple[Any, ...], tuple[str, ...]]:
    """(function, arguments, their names): of a module with its parameters as a last argument, a dict by name; anything else as it
    is, without names."""
    import torch

    if not isinstance(func, torch.nn.Module):
        return func, tuple(inputs), ()
    parameters = {name: p for name, p in func.named_parameters() if p.requires_grad}
    names = signature_names(func.forward, len(inputs))
    if not parameters:
        return without_writing(func), tuple(inputs), names
    module = func

    def function(*args: Any) -> Any:
        *given, own = args
        buffers = {name: b.clone() for name, b in module.named_buffers()}
        return torch.func.functional_call(module, {**own, **buffers}, tuple(given))

    function.__name__ = function.__qualname__ = type(module).__name__
    word = next(word for word in ("parameters", "module_parameters") if word not in names)
    return function, (*inputs, parameters), (*names, word)


def without_writing(module: Any) -> Callable[..., Any]:
    """A module without parameters, whose buffers are the same after a call as before."""
    import torch

    def function(*args: Any) -> Any:
        buffers = {name: b.clone() for name, b in module.named_buffers()}
        return torch.func.functional_call(module, buffers, args)

    function.__name__ = function.__qualname__ = type(module).__name__
    return function
