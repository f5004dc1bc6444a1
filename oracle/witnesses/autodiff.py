"""The witness of automatic differentiation: `jax.grad` in float64, run by XLA."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from oracle.witnesses.tracing import Array, Traced, as_arguments, double_precision


def autodiff(
    fn: Callable[..., Any] | Traced, args: Sequence[ArrayLike], argnums: Sequence[int] = (0,)
) -> tuple[Array, ...]:
    """∂f/∂args[n] for n in argnums, as float64 NumPy arrays.

    fn: arrays → scalar, traceable by JAX. At ties and through untaken branches the answer may be no derivative or NaN:
    `certified` knows better. Raises what JAX raises.
    """
    import jax

    function, by = (fn.fn, fn.argnums) if isinstance(fn, Traced) else (fn, tuple(argnums))
    with double_precision():
        gradients = jax.grad(function, by)(*(jax.numpy.asarray(a) for a in as_arguments(args)))
        return tuple(np.asarray(g) for g in gradients)
