"""What a user should not learn by reading on stands in the first lines."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import oracle


def test_a_narrower_answer_and_why():
    """Right in float32; JAX computes so where its x64 is off, NumPy where it is told to."""
    fn = lambda x: jnp.sin(x).sum()  # noqa: E731
    options: Any = {"shapes": ((2,),), "examples": 4, "database": None}
    with jax.enable_x64(False):
        by_jax = oracle.check_gradient(fn, jax.grad(fn), ("real",), **options)
        by_numpy = oracle.check_gradient(fn, lambda x: np.cos(x).astype(np.float32), ("real",), **options)
    with jax.enable_x64(True):
        wide = oracle.check_gradient(fn, jax.grad(fn), ("real",), **options)
    assert (by_jax.verdict, by_numpy.verdict, wide.verdict) == ("right",) * 3
    assert "float32 (JAX computes so while its flag jax_enable_x64 is off)" in str(by_jax).splitlines()[1]
    assert "float64 in float32: it is judged" in str(by_numpy).splitlines()[1]
    assert wide.warnings == ()
