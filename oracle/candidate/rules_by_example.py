"""A function with a rule of its own (custom_jvp, custom_vjp, autograd.Function), and its product by that rule, of any arguments.

Neither library is imported here: whoever holds such an object has imported it.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable
from typing import Any

from oracle.candidate.arrays_of_frameworks import is_tensor, number_kind
from oracle.candidate.pytrees import mapped


def carries_a_rule(value: Any) -> bool:
    """Whether it is a function with a rule of JAX, or an `autograd.Function` of a user's."""
    jax, torch = sys.modules.get("jax"), sys.modules.get("torch")
    if inspect.isclass(value):
        own = torch is not None and issubclass(value, torch.autograd.Function)
        return own and not (value.__module__ or "").startswith("torch.")
    if jax is None:
        return False
    from oracle.candidate.jax_rules import carrier

    return carrier(value) is not None


def rule_by_example(value: Any) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """(fn, vjp): fn without the rule, or as torch differentiates it; vjp(*arguments, cotangent) → one entry for each argument, None
    where it holds nothing to differentiate by."""
    return _of_torch(value) if inspect.isclass(value) else _of_jax(value)


def _of_jax(value: Any) -> tuple[Callable[..., Any], Callable[..., Any]]:
    import jax

    from oracle.candidate.jax_rules import carrier, unruled

    inner = carrier(value)
    fn = unruled(inner)
    held = set(getattr(inner, "nondiff_argnums", ()))

    @functools.wraps(fn)
    def vjp(*arguments: Any) -> tuple[Any, ...]:
        *given, cotangent = arguments
        moving = [k for k, a in enumerate(given) if k not in held and _holds_numbers(a)]

        def moved(*some: Any) -> Any:
            full = list(given)
            for k, part in zip(moving, some, strict=True):
                full[k] = part
            return value(*full)

        # JAX 0.8 and 0.9 hand NumPy's arrays on to a rule as what has no methods
        some = (jax.tree_util.tree_map(jax.numpy.asarray, given[k]) for k in moving)
        outputs, pull = jax.vjp(moved, *some)
        found = pull(jax.tree_util.tree_map(_alike, outputs, cotangent))
        return tuple(found[moving.index(k)] if k in moving else None for k in range(len(given)))

    return fn, vjp


def _alike(output: Any, cotangent: Any) -> Any:
    from jax import numpy

    return numpy.asarray(cotangent).astype(numpy.asarray(output).dtype)


def _of_torch(function: Any) -> tuple[Callable[..., Any], Callable[..., Any]]:
    import torch

    behind = 1 if function.setup_context is torch.autograd.Function.setup_context else 0  # the context comes first
    parameters = list(inspect.signature(function.forward).parameters.values())[behind:]

    def fn(*arguments: Any) -> Any:
        return function.apply(*arguments)

    def vjp(*arguments: Any) -> tuple[Any, ...]:
        *given, cotangent = arguments
        with torch.enable_grad():
            full = [a.detach().clone().requires_grad_(True) if is_tensor(a) and number_kind(a) else a for a in given]
            moving = [a for a in full if is_tensor(a) and a.requires_grad]
            outputs = _tensors(function.apply(*full))
            cotangents = [c.to(o.dtype) for c, o in zip(_tensors(cotangent), outputs, strict=True)]
            pairs = [(o, c) for o, c in zip(outputs, cotangents, strict=True) if o.requires_grad]
            found = (
                list(torch.autograd.grad([o for o, _ in pairs], moving, [c for _, c in pairs], allow_unused=True))
                if pairs
                else []
            )
        by = {id(a): g for a, g in zip(moving, found or [None] * len(moving), strict=True)}
        return tuple(by.get(id(a)) for a in full)

    for made in (fn, vjp):
        made.__name__ = function.__name__
        made.__module__ = function.__module__
    fn.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return fn, vjp


def _tensors(outputs: Any) -> list[Any]:
    return [
        o for o in (outputs if isinstance(outputs, tuple | list) else (outputs,)) if is_tensor(o) and number_kind(o)
    ]


def _holds_numbers(value: Any) -> bool:
    found = []
    mapped(value, lambda part, name, path: found.append(bool(number_kind(part))))
    return any(found)
