"""Primitives that only newer releases of JAX have, by their definitions; where the installed JAX has them, through a jaxpr too."""

import jax
import numpy as np
import pytest
from flint import arb

from oracle.balls.arrays import lift_arb, midpoints, precision
from oracle.balls.jaxpr import evaluate
from oracle.balls.primitives.control import CONTROL
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


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("method", ["scan", "scan_unrolled", "sort", "compare_all"])
def test_searchsorted_however_jax_writes_it(side, method):
    """JAX 0.12 has a primitive for it that says itself what it is made of."""
    table, at = np.array([0.0, 1.0, 1.0, 2.5]), np.array([-1.0, 0.0, 1.0, 1.5, 9.0])

    def picked(table, at):
        return jax.numpy.sum(at**2 * table[jax.numpy.searchsorted(table, at, side=side, method=method) % 4])

    with jax.enable_x64(True):
        jaxpr = jax.make_jaxpr(jax.grad(picked, 1))(table, at)
    (found,) = evaluate(jaxpr, [table, at])
    assert np.array_equal(midpoints(found), 2 * at * table[np.searchsorted(table, at, side=side) % 4])


class Doubled:
    """A primitive that says itself what it is made of, in whatever JAX is installed."""

    def __init__(self, shape, factor=2.0):
        self.factor = factor
        self.in_avals_flat = [jax.ShapeDtypeStruct(shape, np.dtype(np.float64))]
        self.in_tree = jax.tree.structure((0,))

    def expand(self, x):
        return self.factor * x + jax.numpy.float64(1e-17)

    def __eq__(self, other):
        return isinstance(other, Doubled) and self.factor == other.factor

    def __hash__(self):
        return hash(self.factor)


def test_a_primitive_that_says_what_it_is_made_of():
    for shape in ((3,), (2, 2), (3,)):  # equal primitives at other shapes
        x = np.arange(float(np.prod(shape))).reshape(shape)
        equation = Equation("call_hi_primitive", {"_prim": Doubled(shape)}, [])
        (found,), moving = CONTROL["call_hi_primitive"](_programs, equation, [lift_arb(x)], [True])
        assert np.array_equal(midpoints(found), 2 * x + 1e-17)
        assert moving == [True]
    (found,), _ = CONTROL["call_hi_primitive"](
        _programs, Equation("call_hi_primitive", {"_prim": Doubled((3,), 3.0)}, []), [lift_arb(X)], [True]
    )
    assert np.allclose(midpoints(found), 3 * X)


def _programs(program, operands, active):
    assert all(v.aval.dtype == np.float64 for v in program.jaxpr.invars)
    return evaluate(program, operands), list(active)


class Frexp:
    """What JAX 0.12 calls it; its own code, and that of Ldexp, reads the bits of x."""


class Ldexp:
    pass


def test_frexp_and_ldexp_are_known_by_their_names():
    x = lift_arb([6.0, -0.3])
    apart = Equation("call_hi_primitive", {"_prim": Frexp()}, [])
    (mantissas, exponents), moving = CONTROL["call_hi_primitive"](_programs, apart, [x], [True])
    assert midpoints(mantissas).tolist() == [0.75, -0.6]
    assert list(exponents) == [3, -1]
    assert moving == [True, True]
    together = Equation("call_hi_primitive", {"_prim": Ldexp()}, [])
    (again,), moving = CONTROL["call_hi_primitive"](_programs, together, [mantissas, exponents], [True, True])
    assert midpoints(again).tolist() == [6.0, -0.3]
    assert moving == [True]


@pytest.mark.parametrize(
    ("f", "slope"), [(lambda x: jax.numpy.ldexp(x, 3), 8), (lambda x: jax.numpy.frexp(x)[0] * 3, 0.375)]
)
def test_their_slopes_however_jax_writes_them(f, slope):
    with jax.enable_x64(True):
        jaxpr = jax.make_jaxpr(jax.grad(f))(6.0)
    (found,) = evaluate(jaxpr, [np.array(6.0)])
    assert float(found.item()) == slope
