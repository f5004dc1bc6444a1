"""Every σ and σ′ within 8 eps of the truth, wherever that is a normal number; and that the measurement is sound."""

import json
import sys
from itertools import product

import flint
import jax
import mpmath
import numpy as np
import pytest

from manualbp.activations import ACTIVATIONS, SIGMOID
from oracle.balls.arrays import precision
from oracle.scores import accuracy
from oracle.scores.accuracy import accuracy_table, errors_in_eps, points, truth, worst_error
from oracle.scores.textbook_activations import DEFINITIONS, activation_enclosure

from ...sweeps import thinned

NAME = pytest.mark.parametrize("name", ACTIVATIONS)
DTYPE = pytest.mark.parametrize("dtype", ["float64", "float32"])


@NAME
@DTYPE
def test_every_curve_is_within_8_eps_of_the_truth(name: str, dtype: str) -> None:
    rows = accuracy_table([name], [dtype], ["manualbp"])
    assert [row.curve for row in rows] == ["value", "derivative"]
    assert all(row.eps <= 8 for row in rows), rows


@DTYPE
def test_the_points_reach_every_magnitude_the_tails_and_the_roots(dtype: str) -> None:
    z = points(dtype).astype(float)
    info = np.finfo(dtype)
    exponents = np.frexp(z[z != 0])[1]
    assert len(z) > 5000
    assert 0 in z
    assert info.max in z
    assert info.min in z
    assert info.tiny in z
    assert np.diff(np.unique(exponents)).max() <= 7, "every magnitude"
    underflow = -np.log(float(info.tiny))
    assert np.sum((z < -0.9 * underflow) & (z > -1.02 * underflow)) > 50, "the tail, down to where e^z is subnormal"
    for root in (-0.7518, -0.7525, -1.1925, -1.2785):
        assert np.sum(np.abs(z - root) < 0.001) > 50
    assert np.array_equal(z, points(dtype)), "the same at every call"


def textbook_sigmoid_prime(z: np.ndarray) -> np.ndarray:
    a = SIGMOID.sigma(z)
    return a * (1 - a)


@pytest.mark.parametrize(
    ("name", "textbook"),
    [
        ("sigmoid", textbook_sigmoid_prime),
        ("tanh", lambda z: 1 - np.tanh(z) ** 2),
        ("silu", lambda z: SIGMOID.sigma(z) * (1 + z * (1 - SIGMOID.sigma(z)))),
    ],
)
def test_the_textbook_derivatives_exceed_the_bound(name: str, textbook: accuracy.Elementwise) -> None:
    z = points("float64")
    z = z[np.abs(z) < 1e300]
    true = [activation_enclosure(name, float(at))[1] for at in z]
    assert worst_error(textbook, z, true)[0] > 1e6


def test_a_plain_exponent_in_gelu_exceeds_the_bound() -> None:
    z = np.linspace(-37, -30, 200)
    true = [activation_enclosure("gelu", float(at))[0] for at in z]
    math_erfc = np.vectorize(lambda at: float(mpmath.erfc(float(at))))
    assert worst_error(lambda z: z * math_erfc(-z / np.sqrt(2)) / 2, z, true)[0] > 100
    assert worst_error(ACTIVATIONS["gelu"].sigma, z, true)[0] < 8


def test_jax_s_silu_prime_has_vanished_at_minus_714() -> None:
    z = np.array([-714.5])
    true = [activation_enclosure("silu", -714.5)[1]]
    with jax.enable_x64(True):
        got = np.asarray(jax.vmap(jax.grad(jax.nn.silu))(z))
    assert errors_in_eps(got, true)[0] > 8
    assert errors_in_eps(ACTIVATIONS["silu"].sigma_prime(z), true)[0] < 8


def test_errors_are_counted_in_eps() -> None:
    with precision(200):
        third = flint.arb(1) / 3
    next_up = np.nextafter(1 / 3, 1)  # 2/3 of an ulp above, the ulp being eps/4
    assert errors_in_eps(np.array([next_up]), [third])[0] == pytest.approx(0.5)
    assert errors_in_eps(np.array([0.0]), [third])[0] == pytest.approx(2.0**52)
    assert errors_in_eps(np.array([0.0], np.float32), [third])[0] == pytest.approx(2.0**23)
    assert errors_in_eps(np.array([np.nan]), [third])[0] == np.inf
    assert errors_in_eps(np.array([np.nan]), [third * flint.arb(2) ** -1100])[0] == 0, "no normal number"
    assert errors_in_eps(np.array([7.0]), [None])[0] == 0


def test_a_kink_is_not_held_against_anyone() -> None:
    values, slopes = truth("relu", "float64")
    at_zero = int(np.flatnonzero(points("float64") == 0)[0])
    assert slopes[at_zero] is None
    assert values[at_zero] == 0
    assert slopes.count(None) == 1
    assert truth("elu", "float64")[1].count(None) == 0


def test_the_table_lists_every_implementation(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = accuracy_table(["silu"], ["float32"], count=50)
    assert {row.implementation for row in rows} == {"manualbp", "jax", "torch"}
    monkeypatch.setattr(accuracy, "accuracy_table", lambda: rows)
    accuracy.main([])
    assert "silu" in capsys.readouterr().out
    accuracy.main(["--json"])
    assert json.loads(capsys.readouterr().out)[0]["activation"] == "silu"


def test_an_implementation_that_is_not_installed_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    rows = accuracy_table(["silu"], ["float32"], ["torch"], count=50)
    assert [row.eps for row in rows] == [None, None]
    assert accuracy.described(rows[0]) == "not installed"


BY_MPMATH = {  # a second library, other formulas
    "identity": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z)),
    "tanh": mpmath.tanh,
    "relu": lambda z: max(z, mpmath.mpf(0)),
    "leaky_relu": lambda z: max(z, mpmath.mpf(0.01) * z),
    "elu": lambda z: z if z > 0 else mpmath.expm1(z),
    "selu": lambda z: (
        mpmath.mpf(1.0507009873554805) * (z if z > 0 else mpmath.mpf(1.6732632423543772) * mpmath.expm1(z))
    ),
    "softplus": lambda z: mpmath.log1p(mpmath.exp(z)),
    "silu": lambda z: z / (1 + mpmath.exp(-z)),
    "gelu": lambda z: z * mpmath.ncdf(z),
    "gelu_tanh": lambda z: z / 2 * (1 + mpmath.tanh(mpmath.sqrt(2 / mpmath.pi) * (z + mpmath.mpf("0.044715") * z**3))),
    "mish": lambda z: z * mpmath.tanh(mpmath.log1p(mpmath.exp(z))),
    "softsign": lambda z: z / (1 + abs(z)),
    "arctan": mpmath.atan,
}


@NAME
def test_the_definitions_agree_with_a_second_library(name: str) -> None:
    with mpmath.workdps(120):
        for z in (-30.0, -3.0, -1.25, -1e-9, 0.5, 2.0, 30.0):
            value, derivative = activation_enclosure(name, z)
            assert abs(mpmath.mpf(value.str(40, radius=False)) - BY_MPMATH[name](mpmath.mpf(z))) < 1e-22 * max(
                1, abs(z)
            )
            slope = mpmath.diff(BY_MPMATH[name], mpmath.mpf(z), h=mpmath.mpf(10) ** -30)
            assert abs(mpmath.mpf(derivative.str(40, radius=False)) - slope) < 1e-22


@pytest.mark.parametrize(
    ("name", "z"), thinned(product(ACTIVATIONS, [0.0, 5e-324, -5e-324, 1e300, -1e300, 745.0, -745.0, -37.6]), 3)
)
def test_enclosures_are_sharp_everywhere_and_leave_flint_as_it_was(name: str, z: float) -> None:
    before = flint.ctx.prec, flint.ctx.cap
    for ball in activation_enclosure(name, z):
        assert ball.rad() <= abs(ball) * 2.0**-80 or ball.abs_upper() < flint.arb(2) ** -1200
    assert (flint.ctx.prec, flint.ctx.cap) == before


def test_the_precision_is_put_back_after_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    before = flint.ctx.prec, flint.ctx.cap
    monkeypatch.setitem(DEFINITIONS, "broken", lambda x: x.nothing())
    with pytest.raises(AttributeError):
        activation_enclosure("broken", 1.0)
    assert (flint.ctx.prec, flint.ctx.cap) == before


def test_what_cannot_be_enclosed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match=r"name: 'swish' is no activation; take one of identity, .*"):
        activation_enclosure("swish", 1.0)
    with pytest.raises(ValueError, match="z: inf is not finite"):
        activation_enclosure("silu", np.inf)
    monkeypatch.setitem(DEFINITIONS, "vague", lambda x: x + flint.arb(0, 1))
    with pytest.raises(ArithmeticError, match="16384 bits"):
        activation_enclosure("vague", 1.0)
