"""Complex functions and arithmetic against mpmath; a wrong handler is caught; numbers on a branch cut tie."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from mpmath import mp

from oracle.balls.arrays import precision
from oracle.balls.errors import UnsupportedPrimitive
from oracle.balls.jaxpr import evaluate
from oracle.balls.watch import watch_ties
from oracle.witnesses.tracing import double_precision

from .against_mpmath import Case, exact, outcomes, planted

EXTREME = [1e-300, -1e-300, 1e100, -3.0, 0.5, 1 - 2**-53, 1e-9, 7e5]


def numbers(rng, size=6):
    part = lambda: np.where(rng.random(size) < 0.2, rng.choice(EXTREME, size), rng.normal(size=size))  # noqa: E731
    return part() + 1j * part()


def moderate(rng, size=6):
    return rng.normal(size=size) * 3 + 1j * rng.normal(size=size) * 3


def each(function):
    return lambda *xs: [np.frompyfunc(function, len(xs), 1)(*(exact(x) for x in xs))]


def one(draw):
    return lambda rng: [draw(rng)]


def two(draw):
    return lambda rng: [draw(rng), draw(rng)]


UNARY = {
    "exp": (jnp.exp, mp.exp, moderate),
    "expm1": (jnp.expm1, mp.expm1, moderate),
    "sin": (jnp.sin, mp.sin, moderate),
    "cos": (jnp.cos, mp.cos, moderate),
    "tan": (jnp.tan, mp.tan, moderate),
    "sinh": (jnp.sinh, mp.sinh, moderate),
    "cosh": (jnp.cosh, mp.cosh, moderate),
    "tanh": (jnp.tanh, mp.tanh, moderate),
    "logistic": (lax.logistic, lambda z: 1 / (1 + mp.exp(-z)), moderate),
    "log": (jnp.log, mp.log, numbers),
    "log1p": (jnp.log1p, lambda z: mp.log(1 + z), moderate),
    "sqrt": (jnp.sqrt, mp.sqrt, numbers),
    "rsqrt": (lax.rsqrt, lambda z: 1 / mp.sqrt(z), numbers),
    "asin": (lax.asin, mp.asin, moderate),
    "acos": (lax.acos, mp.acos, moderate),
    "atan": (lax.atan, mp.atan, moderate),
    "asinh": (lax.asinh, mp.asinh, moderate),
    "acosh": (lax.acosh, mp.acosh, moderate),
    "atanh": (lax.atanh, mp.atanh, moderate),
    "abs": (jnp.abs, abs, numbers),
    "sign": (lax.sign, lambda z: z / abs(z), numbers),
    "real": (lax.real, lambda z: z.real, numbers),
    "imag": (lax.imag, lambda z: z.imag, numbers),
    "conj": (lax.conj, lambda z: z.conjugate(), numbers),
    "neg": (lax.neg, lambda z: -z, numbers),
    "square": (lax.square, lambda z: z * z, numbers),
    "integer_pow": (lambda z: lax.integer_pow(z, -3), lambda z: z**-3, moderate),
}
BINARY = {
    "add": (lax.add, lambda x, y: x + y),
    "sub": (lax.sub, lambda x, y: x - y),
    "mul": (lax.mul, lambda x, y: x * y),
    "div": (lax.div, lambda x, y: x / y),
    "pow": (lax.pow, lambda x, y: mp.exp(y * mp.log(x))),
}
CASES = [
    *(Case(name, f, one(draw), each(reference)) for name, (f, reference, draw) in UNARY.items()),
    *(Case(name, f, two(moderate), each(reference)) for name, (f, reference) in BINARY.items()),
    Case("complex", lax.complex, lambda rng: [rng.normal(size=3), rng.normal(size=3)], each(mp.mpc)),
    Case("dot_general", jnp.dot, two(moderate), lambda x, y: [exact(x) @ exact(y)]),
    Case("reduce_prod", jnp.prod, one(moderate), lambda x: [np.prod(exact(x))]),
    Case("cumsum", jnp.cumsum, one(moderate), lambda x: [np.cumsum(exact(x))]),
    Case("sort", lax.sort, one(moderate), lambda x: [np.array(sorted(exact(x), key=lambda z: (z.real, z.imag)))]),
    Case(
        "convert_element_type",
        lambda x: x.astype(jnp.complex128),
        lambda rng: [rng.normal(size=3)],
        each(mp.mpc),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_holds_the_value_of_mpmath(case):
    found = outcomes(case)
    assert set(found) == {"held"}, found


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_wrong_handler_is_caught(case):
    assert "WRONG" in outcomes(case, tables=planted(case.name), seed=1)


def traced(fn, *args):
    with double_precision():
        return jax.make_jaxpr(fn)(*args)


@pytest.mark.parametrize(
    ("fn", "on_cut", "off_cut"),
    [
        (lambda z: jnp.log(z).imag, -2.0 + 0j, -2.0 + 1e-9j),
        (lambda z: jnp.sqrt(z).imag, -2.0 + 0j, 2.0 + 0j),
        (lambda z: lax.asin(z).imag, 2.0 + 0j, 0.5 + 0j),
        (lambda z: lax.atan(z).imag, 2.0j, 0.5j),
        (lambda z: lax.sign(z).real, 0j, 1e-300 + 0j),
        (lambda z: lax.pow(z, 0.5 + 0j).imag, -2.0 + 0j, -2.0 - 1j),
    ],
)
def test_a_branch_cut_is_a_tie(fn, on_cut, off_cut):
    for z, tied in ((on_cut, True), (off_cut, False)):
        with precision(100), watch_ties() as watch:
            evaluate(traced(fn, np.asarray(z)), [np.asarray(z)])
        assert bool(watch.ties) is tied


@pytest.mark.parametrize(
    ("fn", "tied"),
    [
        (lambda x: jnp.log(x.astype(complex)).real, False),  # along the cut
        (lambda x: jnp.sqrt(-(x + 0j)).imag, False),
        (lambda x: lax.complex(x, x + 2).imag, False),
        (lambda x: jnp.where(x.astype(complex).imag >= 0, x, -x), False),
        (lambda x: jnp.where(jax.jit(lambda z: jnp.reshape(z, (1, 1)))(x.astype(complex)).imag >= 0, x, -x)[0], False),
        (lambda x: jnp.log(lax.complex(x, x + 2)).real, True),  # across it
        (lambda x: jnp.where((x.astype(complex) * 1j).real >= 0, x, -x), True),
        (lambda x: jnp.where(x.astype(complex).real >= -2, x, -x), True),
    ],
)
def test_a_real_number_made_complex_moves_along_the_reals(fn, tied):
    x = np.array([-2.0])
    with precision(100), watch_ties() as watch:
        evaluate(traced(fn, x), [x])
    assert bool(watch.ties) is tied


def test_complex_numbers_are_equal_part_by_part():
    z = np.array([1 + 2j, 1 - 2j, 3 + 0j])
    (equal,) = evaluate(traced(lambda z: z == np.array([1 + 2j, 1 + 2j, 3 + 0j]), z), [z])
    assert list(equal) == [True, False, True]


def test_what_takes_no_complex_numbers_says_so():
    z = np.array([1 + 2j])
    closed = traced(lambda z: lax.cbrt(z.real) + 0 * z.real, z)
    evaluate(closed, [z])
    with pytest.raises(UnsupportedPrimitive, match=r"'cumlogsumexp'.*complex numbers"):
        evaluate(traced(lax.cumlogsumexp, z), [z])
