"""Functions with a rule of their own, of JAX (custom_jvp, custom_vjp) or torch (autograd.Function), as (function, vjp) on arrays.

Neither library is imported here: whoever holds such an object has imported it.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable
from typing import Any, NamedTuple


class Rule(NamedTuple):
    """fn(*arrays) without the rule; vjp(*arrays, cotangent) by the rule, a tuple with an array for each argument, or None where
    the rule declines to differentiate by it; words: what stands for other arguments; shapes: of the arrays, where vectors of any
    common length will not do; argnum: the only array that it can differentiate by, where there is but one."""

    fn: Callable[..., Any]
    vjp: Callable[..., Any]
    words: str = ""
    shapes: tuple[tuple[int, ...], ...] | None = None
    argnum: int | None = None


def rule(value: Any) -> Rule | None:
    """The rule that an object carries, or None."""
    return next(iter(rules(value)), None)


def rules(value: Any) -> list[Rule]:
    """The rule that an object carries, once for each way in which it is to be asked; nothing where there is none.

    Raises CannotJudge where it runs with nothing that was tried."""
    jax, torch = sys.modules.get("jax"), sys.modules.get("torch")
    if jax is not None and not inspect.isclass(value):
        from oracle.candidate.jax_rules import rules_of

        return [_of_jax(found) for found in rules_of(value)]
    if torch is not None and inspect.isclass(value):
        autograd = torch.autograd.Function
        if issubclass(value, autograd) and not (value.__module__ or "").startswith("torch."):
            from oracle.candidate.torch_rules import asked

            return [Rule(*way) for way in asked(value)]
    return []


def without_rule(value: Any) -> Any:
    """The function itself where one with a rule of JAX is given, jitted or not, else the value."""
    if "jax" not in sys.modules:
        return value
    from oracle.candidate.jax_rules import carrier, unruled

    found = carrier(value)
    return value if found is None else unruled(found)


def _of_jax(found: Any) -> Rule:
    from oracle.candidate.jax_rules import function_of, only_by_the_first, product_of, unruled

    arrangement, original = found.arrangement, unruled(found.function)
    parameters = [
        inspect.Parameter(arrangement.names[k], inspect.Parameter.POSITIONAL_OR_KEYWORD) for k in arrangement.arrays
    ]
    made = []
    for function in (function_of(found), product_of(found)):
        own = dict(vars(function))
        functools.update_wrapper(function, original)
        vars(function).update(own)
        function.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        made.append(function)
    words = ", ".join(filter(None, (arrangement.words(), "one argument at a time" if found.single else "")))
    fn, vjp = made
    return Rule(fn, vjp, words, arrangement.shapes, 0 if only_by_the_first(found) else None)
