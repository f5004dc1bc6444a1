"""The exact arithmetic keeps the identities that the pages use."""

import random
from fractions import Fraction

import pytest

from oracle.proofs.errors import Resample
from oracle.proofs.field import Dual, Exact, P, Q, R, is_square


@pytest.fixture
def f() -> Exact:
    return Exact(random.Random(0))


def test_the_moduli_are_a_chain_of_primes() -> None:
    flint = pytest.importorskip("flint")
    assert (P, Q) == (2 * Q + 1, 2 * R + 1)
    assert all(flint.fmpz(p).is_prime() for p in (P, Q, R))


def test_exp_turns_sums_into_products(f: Exact) -> None:
    x, y, half = f.draw(), f.draw(), f.number(Fraction(1, 2))
    exp = lambda z: f.call("exp", z)  # noqa: E731
    assert f.equal(exp(x + y), exp(x) * exp(y))
    assert f.equal(exp(x * half), f.call("sqrt", exp(x)))
    assert f.equal(exp(exp(x) * exp(y)), exp(exp(x + y)))
    assert not f.equal(exp(x + y), exp(x) + exp(y))


def test_squares_play_the_positive_numbers(f: Exact) -> None:
    for _ in range(20):
        x, y = f.draw(), f.draw()
        assert f.sign(-x) == -f.sign(x)
        assert f.sign(x * y) == f.sign(x) * f.sign(y)
        assert f.equal(f.call("abs", -x), f.call("abs", x))
        assert f.equal(f.call("sqrt", x * x), f.call("abs", x))
        assert f.sign(f.call("exp", x)) == 1
    assert all(is_square(k) for k in range(1, 11))
    with pytest.raises(Resample):
        f.call("sqrt", f.number(Fraction(-4)))


def test_zero_has_no_inverse(f: Exact) -> None:
    with pytest.raises(Resample):
        f.draw() / f.number(Fraction(0))


@pytest.mark.parametrize("name", ["exp", "ln", "sqrt", "tanh", "sinh", "cosh", "arctan", "erf"])
def test_derivatives_are_those_of_calculus(f: Exact, name: str) -> None:
    x = f.draw("positive")
    one, two = f.number(Fraction(1)), f.number(Fraction(2))
    got = f.derivative(f.call(name, f.eps(x)))
    call = lambda other, z=x: f.call(other, z)  # noqa: E731
    expected = {
        "exp": lambda: call("exp"),
        "ln": lambda: one / x,
        "sqrt": lambda: one / (two * call("sqrt")),
        "tanh": lambda: one - call("tanh") * call("tanh"),
        "sinh": lambda: call("cosh"),
        "cosh": lambda: call("sinh"),
        "arctan": lambda: one / (one + x * x),
        "erf": lambda: two * call("exp", -(x * x)) / call("sqrt", f.call("pi")),
    }[name]()
    assert f.equal(got, expected)


def test_the_product_rule(f: Exact) -> None:
    x: Dual = f.draw()
    moved = f.eps(x)
    assert f.equal(f.derivative(moved * moved * moved), f.number(Fraction(3)) * x * x)
