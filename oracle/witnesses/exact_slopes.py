"""Functions whose slope JAX takes from another formula than their value, or sums up to rounding: the same, with the exact slope."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any


def gamma_sample(eqn: Any, keys: Any, shapes: Any) -> Any:
    """The sample, and its slope −(∂P/∂a)/(∂P/∂x) by functions that have an enclosure."""
    import jax
    from jax import lax

    logarithms = bool(eqn.params.get("log_space"))

    @jax.custom_jvp
    def sample(shapes: Any) -> Any:
        return eqn.primitive.bind(keys, shapes, **eqn.params)

    @sample.defjvp
    def rule(primals: Any, tangents: Any) -> Any:
        (a,), (moved,) = primals, tangents
        value = sample(a)
        x = lax.exp(value) if logarithms else value
        density = lax.exp((a - 1.0) * lax.log(x) - x - lax.lgamma(a))
        slope = -lax.igamma_grad_a(a, x) / density
        return value, moved * (slope / x if logarithms else slope)

    return sample(shapes)


def hurwitz_zeta(eqn: Any, s: Any, q: Any) -> Any:
    """ζ(s, q), and its slopes ∂ζ/∂s and −s ζ(s + 1, q); JAX differentiates a series of 32 terms."""
    import jax
    from jax import lax

    @jax.custom_jvp
    def zeta(s: Any, q: Any) -> Any:
        return eqn.primitive.bind(s, q)

    @zeta.defjvp
    def rule(primals: Any, tangents: Any) -> Any:
        (s, q), (moved_s, moved_q) = primals, tangents
        return zeta(s, q), moved_s * _zeta_by_s().bind(s, q) - moved_q * s * lax.zeta(s + 1.0, q)

    return zeta(s, q)


@functools.cache
def _zeta_by_s() -> Any:
    """∂ζ(s, q)/∂s, of which balls alone know the value."""
    from jax.core import ShapedArray
    from jax.extend.core import Primitive

    primitive = Primitive("zeta_grad_s")
    primitive.def_abstract_eval(lambda s, q: ShapedArray(s.shape, s.dtype))
    return primitive


#: By the name of the primitive, of its equation and operands.
EXACT: Mapping[str, Callable[..., Any]] = {"random_gamma": gamma_sample, "zeta": hurwitz_zeta}
