"""A rounded constant moves every answer in few bits to one side, by its amplification: that is no bias."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest

import oracle
from oracle.judgement.amplified import amplified
from oracle.witnesses.prepare import prepare

Array = Any
check = functools.partial(oracle.check_gradient, database=None)
F32, F16, B16 = np.float32, np.float16, ml_dtypes.bfloat16

#: A right gradient in the dtype d, its constants rounded to it.
RIGHT: dict[str, tuple[Any, Callable[..., Any], Callable[..., Any], tuple[Any, ...]]] = {
    "a power of float32": (F32, lambda z: jnp.sum(z**6.3) / 6.3, lambda d, z: z ** d(5.3), ((1.0, 4.0),)),
    "a power of float16": (F16, lambda z: jnp.sum(z**6.3) / 6.3, lambda d, z: z ** d(5.3), ((1.0, 4.0),)),
    "two to the z, by the constant ln 2": (
        F16,
        lambda z: jnp.sum(2.0**z) / np.log(2),
        lambda d, z: np.exp(z * d(np.log(2))),
        ((8.0, 9.5),),
    ),
    "a cube of a constant": (
        F16,
        lambda z: jnp.sum((0.7 * z) ** 4) / 4,
        lambda d, z: d(0.7) * (d(0.7) * z) ** 3,
        ((0.3, 2.0),),
    ),
    "a normal density": (
        B16,
        lambda z: jnp.sum(jnp.exp(-(z**2) / (2 * 0.3**2))),
        lambda d, z: -z / d(0.09) * np.exp(-(z**2) / (2 * d(0.3) * d(0.3))),
        ((0.3, 1.0),),
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_rounded_constants_accuse_nobody(name: str) -> None:
    dtype, fn, grad, domains = RIGHT[name]
    report = check(fn, lambda z: np.asarray(grad(dtype, z.astype(dtype))).astype(dtype), domains)
    assert report.verdict in ("right", "inaccurate"), report


def test_a_bias_beyond_what_constants_do_is_wrong() -> None:
    for dtype, by in ((F16, 2e-3), (B16, 2e-2)):
        report = check(
            lambda z: jnp.sum(z**2.5),
            lambda z, d=dtype, by=by: (2.5 * z.astype(d).astype(float) ** 1.5 * (1 + by)).astype(d),
            ((0.5, 3.0),),
        )
        assert report.verdict == "wrong"
        assert "rounding to" in report.how


def test_amplification_by_constants_and_by_arguments() -> None:
    z = np.array([2.0, 3.0])
    function = prepare(lambda z: jnp.sum(jnp.exp(10.3 * z)) / 10.3, (z,), 0, [None])
    found = amplified(function, (z,), 11)
    value = np.exp(10.3 * z)
    off = abs(float(np.float16(10.3)) - 10.3)
    half = 2.0**-8  # half a unit in the last place of 10.3 in eleven bits
    assert off <= half
    assert np.all(found.by_constants >= 0.9 * z * half * value)
    assert np.all(found.by_constants <= 1.2 * (z + 2 / 10.3) * half * value)
    assert found.by_arguments == pytest.approx(10.3 * z * 2.0**-11 * value, rel=0.05)
    exact = prepare(lambda z: jnp.sum(z**2) / 2, (z,), 0, [None])
    assert not amplified(exact, (z,), 11).by_constants.any()
    opaque = prepare(lambda z: float(np.sum(np.asarray(z, dtype=float) ** 2)), (z,), 0, [None])
    assert np.isinf(amplified(opaque, (z,), 11).by_arguments).all()
