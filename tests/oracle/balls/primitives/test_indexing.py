"""A gather out of bounds is filled as JAX fills it, dtype by dtype."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from oracle.balls.arrays import midpoints, precision
from oracle.balls.jaxpr import evaluate
from oracle.balls.primitives import indexing
from oracle.witnesses.tracing import double_precision

OUTSIDE = np.array([1, 9, -7])
GIVEN: dict[str, tuple[Any, Any]] = {
    "booleans": (np.bool_, None),
    "booleans, False": (np.bool_, False),
    "signed": (np.int32, None),
    "signed, 0": (np.int32, 0),
    "narrow": (np.int8, None),
    "narrow, 5": (np.int8, 5),
    "unsigned": (np.uint8, None),
    "unsigned, 0": (np.uint8, 0),
    "real": (np.float64, None),
    "real, 2.5": (np.float64, 2.5),
    "complex": (np.complex128, None),
    "complex, 1 + 2j": (np.complex128, 1 + 2j),
}


def both(dtype: Any, fill: Any) -> tuple[np.ndarray, np.ndarray]:
    """What JAX gathers of (0, 1, 2) at 1, 9 and −7, and what is gathered on balls."""

    def gathered(x: Any) -> Any:
        return (
            (x + jnp.arange(3)).astype(dtype).at[OUTSIDE].get(mode="fill", fill_value=fill, wrap_negative_indices=False)
        )

    zeros = np.zeros(3)
    with double_precision():
        expected = np.asarray(jax.jit(gathered)(zeros))
        traced = jax.make_jaxpr(gathered)(zeros)
    with precision(100):
        result = evaluate(traced, [zeros])[0]
    if expected.dtype.kind == "c":
        return expected, np.array([complex(float(v.real.mid()), float(v.imag.mid())) for v in result])
    return expected, midpoints(result) if expected.dtype.kind == "f" else result


@pytest.mark.parametrize("name", GIVEN)
def test_what_is_out_of_bounds_is_filled_as_jax_fills_it(name: str) -> None:
    expected, result = both(*GIVEN[name])
    assert expected[0] == 1
    if expected.dtype.kind not in "fc":
        assert result.dtype == expected.dtype
    np.testing.assert_array_equal(result, expected)


def test_another_filling_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "_fill_value", lambda equation, x: x.flat[0])
    for dtype, fill in GIVEN.values():
        expected, result = both(dtype, fill)
        assert not np.array_equal(result[1:], expected[1:], equal_nan=True) or expected[1] == 0
