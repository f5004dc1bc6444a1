"""Into balls and out of them: exact in, outward rounding out, and the precision restored."""

from __future__ import annotations

import math

import numpy as np
import pytest
from flint import arb, ctx

from oracle.balls.arrays import contains, half_ulp, lift, magnitudes, midpoints, precision, radii, widen
from oracle.balls.ball import Ball

EXTREMES = [0.0, -0.0, 1.0, 0.1, 5e-324, -5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 1 - 2**-53]


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, np.int64, np.bool_])
def test_lift_is_exact_at_any_precision(dtype):
    with np.errstate(over="ignore"):
        x = np.array([0.0, 1.0, 0.1, 6e-8, 1000.5]).astype(dtype)
    with precision(2):
        balls = lift(x)
    assert balls.shape == x.shape
    assert [float(b) for b in balls] == [float(v) for v in x]
    assert not radii(balls).any()


def test_lift_takes_bfloat16_and_shapes_down_to_zero_dimensions():
    ml_dtypes = pytest.importorskip("ml_dtypes")
    assert float(lift(np.array([0.1], dtype=ml_dtypes.bfloat16))[0]) == float(ml_dtypes.bfloat16(0.1))
    assert lift(0.5).shape == ()
    assert lift(np.zeros((2, 0, 3))).shape == (2, 0, 3)
    with pytest.raises(TypeError, match="real numbers"):
        lift(np.array([1j]))


def test_midpoints_round_correctly_and_radii_upwards():
    rng = np.random.default_rng(0)
    with precision(300):
        for _ in range(300):
            man, exponent = (
                int(rng.integers(1, 2**62)) * 2**20 + int(rng.integers(2**20)),
                int(rng.integers(-1180, 900)),
            )
            exact = arb(man) * arb(2) ** exponent
            expected = man / 2**-exponent if exponent < 0 else float(man * 2**exponent)  # Python rounds correctly
            assert midpoints(lift(np.array([exact], dtype=object)))[0] == expected
            bound = radii(np.array([Ball(arb(0, exact))], dtype=object))[0]
            assert arb(bound) >= exact
            assert bound <= expected * (1 + 2**-25) + 5e-324
        assert radii(np.array([Ball(math.nan), Ball(arb(0, math.inf))], dtype=object)).tolist() == [math.inf] * 2
        assert magnitudes(lift([-3.0, 0.0])).tolist() == [3.0, 0.0]


@pytest.mark.parametrize(("bits", "dtype"), [(11, np.float16), (24, np.float32), (53, np.float64)])
def test_widen_is_half_a_unit_in_the_last_place(bits, dtype):
    x = np.array([1.0, 1.5, -0.7, 1000.3, 2.0**-10]).astype(dtype)
    half = [float(h) for h in half_ulp(x, bits)]
    assert half == [float(np.spacing(np.abs(v))) / 2 for v in x]
    balls = widen(x, bits=bits)
    assert contains(balls, x.astype(float) + half).all()
    assert contains(balls, x.astype(float) - half).all()
    assert not contains(balls, x.astype(float) + 1.01 * np.array(half)).any()
    assert radii(widen([0.0], bits=bits))[0] == 0


def test_contains_knows_nothing_of_nan():
    balls = lift(np.array([1.0, math.nan, 2.0, 0.0]))
    assert contains(balls, [1.0, 1.0, math.nan, 5e-324]).tolist() == [True, False, False, False]
    with pytest.raises(ValueError, match="shape"):
        contains(balls, [1.0])


def test_precision_is_restored_also_after_an_error():
    before = ctx.prec
    with precision(77):
        assert ctx.prec == 77
        with precision(8):
            assert ctx.prec == 8
        assert ctx.prec == 77
    with pytest.raises(ZeroDivisionError), precision(99):
        raise ZeroDivisionError
    assert ctx.prec == before
    with pytest.raises(ValueError, match="bits"), precision(1):
        pass


def test_extremes_survive_the_way_in_and_out():
    assert midpoints(lift(EXTREMES)).tolist() == EXTREMES
