"""An argument that is one number: NumPy makes scalars of arrays without axes, and whatever a verdict writes into is an array."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

import oracle


@pytest.mark.parametrize(("factor", "verdict"), [(1.0, "right"), (1.001, "wrong")])
def test_where_the_gradient_leaves_the_floats(factor: float, verdict: str) -> None:
    def grad(x):
        return factor * np.exp(x)

    report = oracle.check_gradient(lambda x: jnp.exp(x), grad, like=(0.3,), database=None)
    assert report.verdict == verdict


def test_the_drop_in_for_one_number() -> None:
    oracle.check_grads(jnp.exp, (0.3,), 1)
