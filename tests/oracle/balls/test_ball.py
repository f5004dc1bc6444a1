"""Ball as an element of NumPy arrays: array code runs unchanged, comparisons are proved, ties are seen."""

from __future__ import annotations

import math
import operator
from fractions import Fraction

import numpy as np
import pytest
from flint import arb

from oracle.balls.arrays import contains, lift, midpoints, precision, radii
from oracle.balls.ball import Ball
from oracle.balls.errors import Undecidable
from oracle.balls.watch import watch_ties


@pytest.mark.parametrize(
    "number", [3, -2.5, np.float64(0.1), np.float32(0.1), np.float16(0.1), np.int64(2**60 + 1), True]
)
@pytest.mark.parametrize("op", [operator.add, operator.sub, operator.mul, operator.truediv])
def test_numbers_enter_exactly_from_either_side(number, op):
    exact = Fraction(float(number)) if isinstance(number, (float, np.floating)) else Fraction(int(number))
    other = Fraction(7, 4)
    with precision(600):
        for ball, expected in [(op(Ball(1.75), number), op(other, exact)), (op(number, Ball(1.75)), op(exact, other))]:
            assert isinstance(ball, Ball)
            assert ball.arb.contains(arb(expected.numerator) / arb(expected.denominator))
            assert ball.arb.rad() < arb(2) ** -500


@pytest.mark.parametrize("bad", ["1.0", None, 1j, [1.0]])
def test_what_is_no_real_number_is_refused(bad):
    with pytest.raises(TypeError, match="a ball is made from"):
        Ball(bad)
    with pytest.raises(TypeError):
        Ball(1.0) + bad


def test_numpy_array_code_runs_as_it_stands():
    rng = np.random.default_rng(1)
    w, x = rng.normal(size=(3, 4)), rng.normal(size=4)

    def program(w, x):
        z = w @ x
        a = (np.tanh(z / 2) + 1) / 2
        p = np.exp(a - np.max(a)) / np.sum(np.exp(a - np.max(a)))
        entropy = np.sum(np.where(p > 0.1, p * np.log(p), 0.0))
        return (
            entropy + np.mean(a**2) - np.prod(np.abs(z)) + np.sqrt(np.einsum("i,i->", x, x)) + np.clip(z, -1, 1).sum()
        )

    with precision(120):
        ball = np.asarray(program(lift(w), lift(x)), dtype=object)
    assert radii(ball) < 1e-30
    assert abs(midpoints(ball) - program(w, x)) < 1e-14
    assert lift(x).__array_namespace__() is np


@pytest.mark.parametrize(
    "program",
    [
        lambda x: np.exp(np.sign(x)),
        lambda x: np.exp(np.where(x > 0, x, 0)),
        lambda x: np.log1p(np.maximum(x, 0)),
        lambda x: np.exp(np.zeros_like(x) + np.ones_like(x)),
        lambda x: np.tanh(np.clip(x, -1, 1)),
        lambda x: np.exp(np.stack([x, np.maximum(x, 0)]) @ np.concatenate([x[:2], np.zeros(1)])),
        lambda x: np.sqrt(np.square(x) + np.reciprocal(np.hypot(x, 2.0))),
        lambda x: np.exp(np.outer(x, x).T[np.triu_indices(3)]),
        lambda x: np.exp(np.sign(x[0])) * x,
        lambda x: np.cbrt(np.split(x, [1])[1]),
        lambda x: np.exp(np.sort(x)[::-1].reshape(3, 1).sum(axis=1)),
    ],
)
def test_the_integers_that_numpy_mixes_in_become_balls(program):
    x = np.array([0.5, -1.5, 2.0])
    with precision(100):
        result = program(lift(x))
    assert all(isinstance(ball, Ball) for ball in result.flat)
    np.testing.assert_allclose(midpoints(result), program(x), rtol=1e-14)


def test_arrays_of_balls_can_be_written_to_and_asked_for_indices():
    x = lift([0.5, -1.5, 2.0])
    x[0] = 3
    x[1:] = np.array([1.0, 2.0])
    assert [float(v) for v in np.exp(x * 0)] == [1.0, 1.0, 1.0]
    assert np.argmax(x) == 0
    assert type(np.argsort(x)) is np.ndarray
    assert (x > 1.5).tolist() == [True, False, True]
    assert type(x > 1.5) is np.ndarray
    assert np.shape(x) == (3,)
    out = np.empty_like(x)
    np.add(x, 1, out=out)
    assert [float(v) for v in out] == [4.0, 2.0, 3.0]


def test_results_at_low_precision_still_enclose_those_at_high_precision():
    x = lift(np.linspace(-3, 3, 41))
    program = lambda x: np.log1p(np.exp(x)) * np.arctan(x) - x**3 / 7  # noqa: E731
    with precision(300):
        exact = program(x)
    for bits in (8, 11, 24, 53):
        with precision(bits):
            coarse = program(x)
        assert all(c.arb.overlaps(e.arb) for c, e in zip(coarse, exact, strict=True))
        assert radii(coarse).max() > 2.0**-bits / 8


@pytest.mark.parametrize(
    ("op", "less", "equal", "greater"),
    [
        (operator.lt, True, False, False),
        (operator.le, True, True, False),
        (operator.gt, False, False, True),
        (operator.ge, False, True, True),
        (operator.eq, False, True, False),
        (operator.ne, True, False, True),
    ],
)
def test_comparisons_are_proved_or_refused(op, less, equal, greater):
    blurred = Ball(arb(1, 0.5))
    with watch_ties() as watch:
        assert op(Ball(1), Ball(2)) is less
        assert op(Ball(2), 1.0) is greater
        assert op(blurred, 3) is less
        assert op(blurred, blurred) is equal  # one and the same number, whatever it is
        assert watch.ties == []
        assert op(Ball(2), 2) is equal
        assert len(watch.ties) == 1
    with pytest.raises(Undecidable, match="against"):
        op(blurred, 1)
    with pytest.raises(Undecidable):
        op(Ball(float("nan")), 1)


def test_ties_are_seen_by_the_innermost_watch_alone():
    with watch_ties() as outer:
        with watch_ties() as inner:
            np.sign(lift([0.0]))
        assert inner.ties
        assert float(np.sign(lift([2.0]))[0]) == 1
        assert outer.ties == []
    np.sign(lift([0.0]))  # nobody watches
    assert outer.ties == []


def test_rounding_to_integers():
    with watch_ties() as watch:
        assert [float(v) for v in np.floor(lift([2.5, -2.5]))] == [2, -3]
        assert [float(v) for v in np.ceil(lift([2.5, -2.5]))] == [3, -2]
        assert [float(v) for v in np.trunc(lift([2.5, -2.5, 0.5]))] == [2, -2, 0]
        assert [float(v) for v in np.rint(lift([2.75, -2.25]))] == [3, -2]
        assert watch.ties == []
        assert [float(v) for v in np.rint(lift([2.5, 3.5, -0.5]))] == [2, 4, 0]
        assert len(watch.ties) >= 3
    with pytest.raises(Undecidable, match="floor"):
        np.floor(np.array([Ball(arb(2, 0.1))], dtype=object))


def test_a_ball_is_no_float_unless_it_is_one():
    assert float(Ball(0.1)) == 0.1
    for ball in (Ball(1) / 3, Ball(arb(1, 0.5)), Ball(float("nan")), Ball(2**60 + 1)):
        with pytest.raises(TypeError, match="midpoints"):
            float(ball)
    with pytest.raises(TypeError):
        hash(Ball(1))


def test_truth_and_finiteness():
    assert Ball(2)
    assert not Ball(0)
    with pytest.raises(Undecidable):
        bool(Ball(arb(0, 1)))
    assert Ball(1).isfinite()
    assert not Ball(float("inf")).isfinite()
    assert not Ball(1).isnan()
    for unknown in (Ball(0) / 0, Ball(arb(0, float("inf")))):
        with pytest.raises(Undecidable):
            unknown.isfinite()
    with pytest.raises(Undecidable):
        Ball(float("nan")).isnan()


def test_a_ball_around_zero_keeps_finite_powers_and_roots():
    around_zero = Ball(arb(0, 0.5))
    for power in (2, 3, 7):
        assert contains(np.array([around_zero**power]), [0.5**power])
    assert contains(np.array([around_zero.cbrt()] * 2), [0.79, -0.79]).all()
    assert (around_zero**0).arb == 1


def test_a_ball_less_or_over_itself_is_exact():
    third = Ball(1) / 3
    assert (third - third).arb.is_zero()
    assert (third / third).arb.is_exact()
    assert not (third - (Ball(1) / 3)).arb.is_exact()  # the same number, but not known to be
    for unknown in (Ball(math.nan), Ball(math.inf)):
        assert not (unknown - unknown).arb.is_finite()
        assert not (unknown / unknown).arb.is_finite()
    for zero in (Ball(0), Ball(arb(0, 1))):
        assert not (zero / zero).arb.is_finite()
    softmax = np.exp(lift([0.3])) / np.sum(np.exp(lift([0.3])))
    assert contains(softmax, [1.0]).all()


def test_fraction_is_the_exact_midpoint():
    assert Ball(0.1).fraction() == Fraction(0.1)
    assert Ball(-(2**70)).fraction() == -(2**70)


@pytest.mark.parametrize("operation", [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow])
@pytest.mark.parametrize("other", [object(), [1.0], None], ids=["object", "list", "None"])
def test_what_is_no_number_is_refused_on_both_sides(operation, other):
    for pair in ((Ball(2), other), (other, Ball(2))):
        with pytest.raises(TypeError):
            operation(*pair)
    assert operation(2.0, Ball(2)).arb == operation(Ball(2.0), 2).arb == operation(2.0, 2.0)
