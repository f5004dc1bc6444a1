"""Where a library's code is constant for want of terms, its slope accuses nobody; a wrong rule is accused still."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from oracle.balls.errors import Undecidable
from oracle.witnesses.prepare import prepare
from oracle.witnesses.truth import truth

Array = Any


def hypergeometric(x: Array) -> Array:
    return jax.scipy.special.hyp1f1(1.1, 1.2, x).sum()


def test_a_series_that_stops_at_once_has_no_slope() -> None:
    """1F1(a; b; x) = 1 + (a/b) x + …, of which the code adds nothing at 2e-16."""
    tiny = (np.array([2e-16]),)
    with pytest.raises(Undecidable, match="JAX's own rule"):
        truth(prepare(hypergeometric, tiny, 0, [None]), tiny)
    ordinary = (np.array([0.5]),)
    slope = truth(prepare(hypergeometric, ordinary, 0, [None]), ordinary).enclosure.midpoint()
    np.testing.assert_allclose(slope, 1.1 / 1.2 * float(jax.scipy.special.hyp1f1(2.1, 2.2, 0.5)), rtol=1e-6)


def test_a_rule_that_is_no_slope_over_any_step_is_not_excused() -> None:
    """JAX 0.10.2 gives x·2ⁿ the slope 1 at x = 0; where it is mended, there is nothing to excuse."""
    at_zero = (np.array([0.0]),)
    function = prepare(lambda x: jnp.ldexp(x, 2).sum(), at_zero, 0, [None])
    assert truth(function, at_zero).enclosure.midpoint()[0] == 4
