"""Derivative rules of functions of one variable, as JAX 0.10 has them.

What rounding may cost belongs to a formula, and the allowances of the vectors to those of the jaxpr of `jax.grad`. JAX writes its
rules anew from release to release (tanh and expm1 in 0.11); the vectors must not change with it. Their truth hangs on no rule.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from oracle.witnesses.without_rules import without_rules


def by_own_rules(closed: Any) -> Callable[..., Any]:
    """The function of a closed jaxpr with one result, which JAX differentiates by the rules of this file."""
    return without_rules(closed, own_rules())


@lru_cache(maxsize=1)
def own_rules() -> Mapping[str, Callable[[Any], Any]]:
    """For each primitive the same function; its tangent from x, the value a and the tangent g of x."""
    from jax import lax

    formulas: dict[str, tuple[Callable[[Any], Any], Callable[[Any, Any, Any], Any]]] = {
        "exp": (lax.exp, lambda x, a, g: g * a),
        "expm1": (lax.expm1, lambda x, a, g: g * (a + 1.0)),
        "log": (lax.log, lambda x, a, g: g / x),
        "log1p": (lax.log1p, lambda x, a, g: g / (x + 1.0)),
        "sqrt": (lax.sqrt, lambda x, a, g: g * (0.5 / a)),
        "sinh": (lax.sinh, lambda x, a, g: g * lax.cosh(x)),
        "tanh": (lax.tanh, lambda x, a, g: (g + g * a) * (1.0 - a)),
        "atan": (lax.atan, lambda x, a, g: g / (1.0 + lax.square(x))),
        "erfc": (lax.erfc, lambda x, a, g: -2 / math.sqrt(math.pi) * (g * lax.exp(-lax.square(x)))),
    }
    return {name: with_rule(f, slope) for name, (f, slope) in formulas.items()}


def with_rule(f: Callable[[Any], Any], slope: Callable[[Any, Any, Any], Any]) -> Callable[[Any], Any]:
    import jax

    ruled = jax.custom_jvp(f)

    @ruled.defjvp
    def rule(primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[Any, Any]:
        x, g = primals[0], tangents[0]  # JAX before 0.9 hands on default arguments of f, too
        a = f(x)
        return a, slope(x, a, g)

    result: Callable[[Any], Any] = ruled
    return result
