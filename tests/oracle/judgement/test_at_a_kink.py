"""At a kink the interval between the one-sided derivatives is right, and nothing beyond it, however the arguments are rounded."""

import jax.numpy as jnp
import numpy as np
import pytest

from oracle import Verdict
from oracle.judgement.point import judge_point
from oracle.witnesses.prepare import prepare


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        (-1.0, "right"),
        (0.0, "right"),
        (0.3, "right"),
        (1.0, "right"),
        (1.0 + 1e-12, "wrong"),
        (1.5, "wrong"),
        (-5.0, "wrong"),
    ],
)
@pytest.mark.parametrize("opaque", [False, True])
def test_one_kinked_component(value: float, verdict: str, opaque: bool) -> None:
    point = (np.array([1.0]), np.array([1.0]))
    function = prepare(lambda a, E: jnp.abs(a - E).sum(), point, 0, (None, None))

    def grad(a: np.ndarray, E: np.ndarray) -> np.ndarray:
        return np.full(1, value) if opaque else 0 * a + value

    assert judge_point(function, grad, point).verdict is Verdict(verdict)
