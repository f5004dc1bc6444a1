"""Primitives that only newer releases of JAX have, by their definitions; where the installed JAX has them, through a jaxpr too."""

import jax
import numpy as np
import pytest
from flint import arb

from oracle.balls.arrays import lift_arb, midpoints, precision
from oracle.balls.jaxpr import evaluate
from oracle.balls.primitives.elementwise import ELEMENTWISE
from oracle.balls.primitives.equation import Equation

X = np.array([0.5, -2.0, 3.0])
CASES = {
    "one_minus_square": ((X,), 1 - X**2),
    "polynomial": ((X, np.array(1.0), np.array(5.0), np.array(2.0)), 1 + 5 * X + 2 * X**2),
    "log2": ((np.array([0.5, 1.0, 8.0]),), np.array([-1.0, 0.0, 3.0])),
    "reduced_vary_cast": ((X,), X),
}


@pytest.mark.parametrize("name", CASES)
def test_the_handler_is_the_definition(name):
    operands, expected = CASES[name]
    found = ELEMENTWISE[name](Equation(name, {}, []), *(lift_arb(x) for x in operands))
    (found,) = found if isinstance(found, list) else (found,)
    assert np.allclose(midpoints(found), expected, rtol=1e-15, atol=0)


def test_one_minus_square_keeps_what_is_left_near_1():
    (x,) = lift_arb([1 - 2.0**-50])
    (found,) = ELEMENTWISE["one_minus_square"](Equation("one_minus_square", {}, []), lift_arb([1 - 2.0**-50]))
    assert found.overlaps(1 - x * x)
    assert abs(found.mid() / 2.0**-49 - 1) < 1e-14


@pytest.mark.parametrize("name", ["one_minus_square", "log2", "polynomial"])
def test_through_a_jaxpr(name):
    function = getattr(jax.lax, name, None)
    if function is None:
        pytest.skip(f"jax {jax.__version__} has no lax.{name}")
    operands, expected = CASES[name]
    arguments = (operands[0], list(operands[1:])) if name == "polynomial" else operands
    with jax.enable_x64(True):
        jaxpr = jax.make_jaxpr(lambda x: function(x, *arguments[1:]))(arguments[0])
    (found,) = evaluate(jaxpr, [operands[0]])
    assert np.allclose(midpoints(found), expected, rtol=1e-15, atol=0)


def test_the_slope_of_erfc_is_exact_however_jax_writes_it():
    """JAX 0.12 splits x by its bits in e^(−x²)."""
    with jax.enable_x64(True):
        jaxpr = jax.make_jaxpr(jax.grad(jax.scipy.special.erfc))(1.5)
    with precision(200):
        (found,) = evaluate(jaxpr, [np.array(1.5)])
        expected = -2 / arb.pi().sqrt() * (-(arb(1.5) ** 2)).exp()
        assert abs(found.item() / expected - 1) < 1e-15  # the constant of the rule is a double
