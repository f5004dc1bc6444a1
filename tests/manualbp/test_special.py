"""What the activations rest on: erfc in every arithmetic, exact products, the generated tables."""

from fractions import Fraction
from pathlib import Path

import flint
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manualbp import coefficients, compensated
from manualbp.special import carefully, constant, erfc, minus_abs
from oracle.balls.arrays import lift, precision
from oracle.scores.coefficients import ROOTS, module_text, root_expansion
from oracle.scores.textbook_activations import activation_enclosure

moderate = st.floats(min_value=-1e100, max_value=1e100).filter(lambda x: x == 0 or abs(x) > 1e-100)
deterministic = settings(derandomize=True, deadline=None, max_examples=300)


def fractions(*numbers: float) -> list[Fraction]:
    return [Fraction(float(number)) for number in numbers]


@deterministic
@given(moderate, moderate)
def test_two_product_loses_nothing(a: float, b: float) -> None:
    a, b, p, rest = fractions(a, b, *compensated.two_product(np.float64(a), np.float64(b)))
    assert p + rest == a * b


@deterministic
@given(moderate, moderate)
def test_two_sum_loses_nothing(a: float, b: float) -> None:
    a, b, s, rest = fractions(a, b, *compensated.two_sum(np.float64(a), np.float64(b)))
    assert s + rest == a + b


def test_a_plain_product_would_lose_something() -> None:
    third, seventh = 1 / 3, 1 / 7
    p, rest = compensated.two_product(np.float64(third), np.float64(seventh))
    assert rest != 0
    assert Fraction(float(p)) != Fraction(third) * Fraction(seventh)


def relative_errors(got: np.ndarray, true: list) -> np.ndarray:
    return np.array(
        [float(abs((flint.arb(float(y)) - ball) / ball).upper()) for y, ball in zip(got, true, strict=True)]
    )


def test_erfcx_is_accurate_from_zero_to_where_its_argument_ends() -> None:
    x = np.concatenate([np.linspace(0, 30, 3001), 10.0 ** np.arange(-300, 1, 7)])
    with precision(200):
        true = [(flint.arb(float(at)) ** 2).exp() * flint.arb(float(at)).erfc() for at in x]
        assert relative_errors(compensated.erfcx(x), true).max() < 4 * np.finfo(np.float64).eps


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_erfc_is_accurate_down_to_underflow(dtype: type) -> None:
    end = {np.float64: 26.5, np.float32: 9.1}[dtype]
    x = np.concatenate([np.linspace(-end, end, 4001), [0.0, 1e-30, -1e-30, 1e-8, -1e3]])
    got = erfc(x.astype(dtype))
    assert got.dtype == dtype
    with precision(200):
        true = [flint.arb(float(at)).erfc() for at in x.astype(dtype)]
        assert relative_errors(got, true).max() < 4 * np.finfo(dtype).eps


def test_erfc_at_the_ends() -> None:
    assert np.array_equal(erfc(np.array([-np.inf, -1e300, 1e300, np.inf])), [2, 2, 0, 0])
    assert np.isnan(erfc(np.array([np.nan])))


def test_erfc_of_jax_arrays_is_jax_s() -> None:
    with jax.enable_x64(True):
        x = jnp.linspace(-3, 3, 7)
        assert np.allclose(jax.jit(erfc)(x), erfc(np.asarray(x)), rtol=1e-14, atol=0)


def test_erfc_of_balls_is_the_balls_own() -> None:
    with precision(100):
        for ball, at in zip(erfc(lift(np.array([-1.0, 0.5]))), (-1, flint.arb(0.5)), strict=True):
            assert ball.arb.overlaps(flint.arb(at).erfc())
            assert ball.arb.rad() < 1e-25


def test_a_constant_is_of_the_kind_of_z() -> None:
    assert constant(np.zeros(3, np.float32), 0.1).dtype == np.float32
    assert (np.zeros(3, np.float32) + constant(np.zeros(3, np.float32), 0.1)).dtype == np.float32
    with precision(200):
        root = np.sqrt(constant(lift(np.zeros(2)), 2))[0].arb
        assert root.overlaps(flint.arb(2).sqrt())
        assert root.rad() < 1e-50


def test_minus_abs_has_slope_one_at_zero() -> None:
    assert np.array_equal(minus_abs(np.array([-2.0, 0.0, 3.0])), [-2, 0, -3])
    assert jax.grad(minus_abs)(0.0) == 1


def test_carefully_runs_a_formula_in_double_precision_and_puts_the_limits_in() -> None:
    seen = []

    @carefully(limits=(-7, 8))
    def formula(z: np.ndarray) -> np.ndarray:
        seen.append(z)
        return 2 * z

    got = formula(np.array([-np.inf, 1.5, np.inf], np.float32))
    assert got.dtype == np.float32
    assert np.array_equal(got, [-7, 3, 8])
    assert seen[0].dtype == np.float64
    assert np.all(np.isfinite(seen[0]))
    assert formula.__name__ == "formula"


def test_the_tables_regenerate_identically() -> None:
    assert Path(coefficients.__file__).read_text(encoding="utf-8") == module_text()


@pytest.mark.parametrize("name", ["silu", "gelu", "gelu_tanh", "mish"])
def test_hi_plus_lo_is_the_root(name: str) -> None:
    root = getattr(coefficients, f"{name.upper()}_PRIME_ROOT")
    below, above = (activation_enclosure(name, at)[1] for at in (np.nextafter(root.hi, -9), np.nextafter(root.hi, 9)))
    assert below < 0 < above
    at_hi = activation_enclosure(name, root.hi)[1]
    assert abs(at_hi + flint.arb(root.lo) * flint.arb(root.p[0])) < 1e-30, "σ′(hi) = −lo σ″, to second order"


@pytest.mark.parametrize("name", ["silu", "gelu", "gelu_tanh", "mish"])
def test_what_the_expansion_leaves_out_is_negligible(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    root = getattr(coefficients, f"{name.upper()}_PRIME_ROOT")
    bracket, radius, terms = ROOTS[name]
    monkeypatch.setitem(ROOTS, name, (bracket, radius, terms + 12))
    hi, lo, radius, longer = root_expansion(name)
    assert root == (hi, lo, radius, tuple(longer[:terms]))
    least = np.abs(np.polynomial.polynomial.polyval(np.linspace(-radius, radius, 101), root.p)).min()
    left_out = sum(abs(p) * radius**k for k, p in enumerate(longer) if k >= terms)
    assert left_out < 2.0**-54 * least
