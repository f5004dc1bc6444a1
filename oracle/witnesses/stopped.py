"""A stop_gradient inside a traced function, and what jax.grad makes of it, in floats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.witnesses.tracing import Array, Traced, double_precision


def holds_a_part(program: Any) -> bool:
    """Whether a jaxpr, or one inside, has a stop_gradient."""
    if isinstance(program, tuple | list):
        return any(holds_a_part(part) for part in program)
    jaxpr = getattr(program, "jaxpr", program)
    return hasattr(jaxpr, "eqns") and any(
        eqn.primitive.name == "stop_gradient" or any(holds_a_part(value) for value in eqn.params.values())
        for eqn in jaxpr.eqns
    )


def gradient_in_floats(record: Traced, args: Sequence[Array]) -> NDArray[np.float64]:
    """What jax.grad says at the arguments; NaN where its program does not run."""
    import jax

    try:
        with double_precision():
            found = jax.core.eval_jaxpr(record.gradient.jaxpr, record.gradient.consts, *args)
            return np.asarray(found[1], dtype=np.float64)
    except Exception:
        return np.full(args[record.argnums[0]].shape, np.nan)
