"""Functions with a backward rule of their own: jax.custom_vjp and torch.autograd.Function, as (function, vjp) on NumPy arrays.

Neither library is imported here: whoever holds such an object has imported it.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from oracle.candidate.asking import CannotJudge


class Rule(NamedTuple):
    """fn(*arrays) without the rule; vjp(*arrays, cotangent) by the rule, a tuple with an array for each argument, or None where
    the rule declines to differentiate by it."""

    fn: Callable[..., Any]
    vjp: Callable[..., Any]


def rule(value: Any) -> Rule | None:
    """The rule that an object carries, or None. Raises CannotJudge where it cannot be asked."""
    jax, torch = sys.modules.get("jax"), sys.modules.get("torch")
    if jax is not None and isinstance(value, getattr(jax, "custom_vjp", ())):
        return _of_jax(value)
    if torch is not None and inspect.isclass(value):
        autograd = torch.autograd.Function
        if issubclass(value, autograd) and not (value.__module__ or "").startswith("torch."):
            return _of_torch(value)
    return None


def without_rule(value: Any) -> Any:
    """The function itself where a jax.custom_vjp is given, else the value."""
    jax = sys.modules.get("jax")
    is_custom = jax is not None and isinstance(value, getattr(jax, "custom_vjp", ()))
    return value.__wrapped__ if is_custom else value


def _of_jax(function: Any) -> Rule:
    if tuple(getattr(function, "nondiff_argnums", ())) or tuple(getattr(function, "nondiff_argnames", ())):
        raise CannotJudge(
            f"{function.__name__} has nondiff_argnums: check a function of its arrays alone, with the others filled in"
        )

    import jax

    declined: list[list[bool]] = []

    def by_rule(*arrays: Any) -> tuple[Any, ...]:
        *args, cotangent = arrays
        value, pull = jax.vjp(function, *args)
        c = cotangent.astype(value.dtype)
        if not declined:  # where the rule says None, JAX fills in zeros
            declined.append([own is None for own in function.bwd(function.fwd(*args)[1], c)])
        return tuple(None if no else g for g, no in zip(pull(c), declined[0], strict=True))

    compiled = jax.jit(by_rule)  # once for a shape: op by op, every one of them would be compiled for every shape

    @functools.wraps(function.__wrapped__)
    def vjp(*arrays: Any) -> tuple[Any, ...]:
        given = [jax.numpy.asarray(a) for a in arrays]
        try:
            return tuple(compiled(*given))
        except jax.errors.JAXTypeError:  # it asks for the numbers themselves
            return by_rule(*given)

    return Rule(function.__wrapped__, vjp)


def _of_torch(function: Any) -> Rule:
    names = [p for p in inspect.signature(function.forward).parameters if p != "ctx"]

    def fn(*arrays: Any) -> Any:
        import torch

        return function.apply(*(torch.from_numpy(a) for a in arrays)).detach().numpy()

    def vjp(*arrays: Any) -> tuple[Any, ...]:
        import torch

        *args, cotangent = arrays
        given = [torch.from_numpy(a).requires_grad_() for a in args]
        value = function.apply(*given)
        found = torch.autograd.grad(value, given, torch.as_tensor(cotangent, dtype=value.dtype), allow_unused=True)
        results = (None if g is None else g.numpy() for g in found)  # torch's own rules may hand the cotangent on
        return tuple(g.copy() if g is not None and np.shares_memory(g, cotangent) else g for g in results)

    signature = inspect.Signature([inspect.Parameter(n, inspect.Parameter.POSITIONAL_ONLY) for n in names])
    return Rule(_named(fn, function, "", signature), _named(vjp, function, "_vjp", signature))


def _named(made: Any, function: Any, suffix: str, signature: inspect.Signature) -> Any:
    made.__name__ = made.__qualname__ = function.__name__ + suffix
    made.__module__ = function.__module__
    made.__signature__ = signature
    return made
