"""Random expressions: the enclosure holds mpmath's value at many times the precision, for NumPy on balls and for jaxprs."""

from __future__ import annotations

import collections
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jax
import mpmath
import numpy as np
import pytest
from flint import arb
from mpmath import mp

from oracle.balls.arrays import as_object_array, lift, precision
from oracle.balls.ball import to_arb
from oracle.balls.errors import Undecidable
from oracle.balls.jaxpr import PLAIN, TABLES, evaluate
from oracle.balls.real_functions import infinity
from oracle.witnesses.tracing import double_precision

from ...sweeps import thinned

MP_BITS = 2600  # exact for sums of any two floats
SPECIAL = [
    0.0,
    1.0,
    -1.0,
    0.5,
    -2.0,
    1e-300,
    -1e-300,
    5e-324,
    1e300,
    -1e300,
    1 - 2**-53,
    1 + 2**-52,
    709.0,
    -745.0,
    22.0,
]


class NotReal(Exception):
    """The expression has no real value: the ball must not be finite."""


class Skip(Exception):
    """mpmath cannot be asked here, or the value is infinite."""


def real_if(condition: bool, function: Callable[[], Any]) -> Any:
    if not condition:
        raise NotReal
    return function()


def growing(x: Any) -> Any:
    if abs(x) > 1e4:
        raise Skip
    return x


def periodic(x: Any) -> Any:
    if abs(x) > mp.mpf(2) ** 1100:
        raise Skip
    return x


def nonzero(x: Any) -> Any:
    if x == 0:
        raise Skip
    return x


def mp_pow(x: Any, y: Any) -> Any:
    if y == int(y) and abs(y) <= 64:
        return mp.mpf(1) if y == 0 else nonzero(x) ** int(y)
    if x == 0 or abs(y * mp.log(abs(x))) > 1e4:
        raise Skip
    return real_if(x > 0, lambda: x**y)


def mp_cbrt(x: Any) -> Any:
    return mp.sign(x) * mp.cbrt(abs(x))


def mp_round(x: Any) -> Any:
    if abs(x) > 1e18:
        raise Skip
    return mp.nint(x)  # half to even


def mp_floor(x: Any) -> Any:
    if abs(x) > 1e18:
        raise Skip
    return mp.floor(x)


def lax(name: str) -> Callable[..., Any]:
    return getattr(jax.lax, name)


UNARY: dict[str, tuple[Callable, Callable, Callable]] = {  # mpmath, NumPy on balls, JAX
    "neg": (lambda x: -x, np.negative, lax("neg")),
    "abs": (abs, np.abs, lax("abs")),
    "sign": (mp.sign, np.sign, lax("sign")),
    "floor": (mp_floor, np.floor, lax("floor")),
    "ceil": (lambda x: -mp_floor(-x), np.ceil, lax("ceil")),
    "round": (mp_round, np.rint, lambda x: jax.lax.round(x, jax.lax.RoundingMethod.TO_NEAREST_EVEN)),
    "square": (lambda x: x * x, np.square, lax("square")),
    "reciprocal": (lambda x: 1 / nonzero(x), np.reciprocal, lambda x: 1.0 / x),
    "cube": (lambda x: x**3, lambda x: x**3, lambda x: jax.lax.integer_pow(x, 3)),
    "exp": (lambda x: mp.exp(growing(x)), np.exp, lax("exp")),
    "exp2": (lambda x: mp.mpf(2) ** growing(x), np.exp2, lax("exp2")),
    "expm1": (lambda x: mp.expm1(growing(x)), np.expm1, lax("expm1")),
    "log": (lambda x: real_if(nonzero(x) > 0, lambda: mp.log(x)), np.log, lax("log")),
    "log1p": (lambda x: real_if(nonzero(x + 1) > 0, lambda: mp.log1p(x)), np.log1p, lax("log1p")),
    "sqrt": (lambda x: real_if(x >= 0, lambda: mp.sqrt(x)), np.sqrt, lax("sqrt")),
    "rsqrt": (
        lambda x: real_if(nonzero(x) > 0, lambda: 1 / mp.sqrt(x)),
        lambda x: 1 / np.sqrt(x),
        lax("rsqrt"),
    ),
    "cbrt": (mp_cbrt, np.cbrt, lax("cbrt")),
    "sin": (lambda x: mp.sin(periodic(x)), np.sin, lax("sin")),
    "cos": (lambda x: mp.cos(periodic(x)), np.cos, lax("cos")),
    "tan": (lambda x: mp.tan(periodic(x)), np.tan, lax("tan")),
    "asin": (lambda x: real_if(abs(x) <= 1, lambda: mp.asin(x)), np.arcsin, lax("asin")),
    "acos": (lambda x: real_if(abs(x) <= 1, lambda: mp.acos(x)), np.arccos, lax("acos")),
    "atan": (mp.atan, np.arctan, lax("atan")),
    "sinh": (lambda x: mp.sinh(growing(x)), np.sinh, lax("sinh")),
    "cosh": (lambda x: mp.cosh(growing(x)), np.cosh, lax("cosh")),
    "tanh": (lambda x: mp.tanh(growing(x)), np.tanh, lax("tanh")),
    "asinh": (mp.asinh, np.arcsinh, lax("asinh")),
    "acosh": (lambda x: real_if(x >= 1, lambda: mp.acosh(x)), np.arccosh, lax("acosh")),
    "atanh": (lambda x: real_if(abs(nonzero(abs(x) - 1) + 1) < 1, lambda: mp.atanh(x)), np.arctanh, lax("atanh")),
    "logistic": (lambda x: 1 / (1 + mp.exp(-growing(x))), lambda x: 1 / (1 + np.exp(-x)), lax("logistic")),
}


def mp_atan2(y: Any, x: Any) -> Any:
    if y == 0 and x <= 0:
        raise Skip
    return mp.atan2(y, x)


BINARY: dict[str, tuple[Callable, Callable, Callable]] = {
    "add": (lambda x, y: x + y, np.add, lax("add")),
    "sub": (lambda x, y: x - y, np.subtract, lax("sub")),
    "mul": (lambda x, y: x * y, np.multiply, lax("mul")),
    "div": (lambda x, y: x / nonzero(y), np.divide, lax("div")),
    "max": (max, np.maximum, lax("max")),
    "min": (min, np.minimum, lax("min")),
    "pow": (mp_pow, np.power, lax("pow")),
    "atan2": (mp_atan2, np.arctan2, lax("atan2")),
    "hypot": (lambda x, y: mp.sqrt(x * x + y * y), np.hypot, lambda x, y: jax.lax.sqrt(x * x + y * y)),
}

Tree = Any  # "x", "y", a float, or (name, child, …)
NUMPY, JAX = 1, 2


def random_tree(rng: np.random.Generator, depth: int) -> Tree:
    if depth == 0 or rng.random() < 0.1:
        return ["x", "y", float(rng.choice(SPECIAL)), float(rng.normal())][rng.integers(4)]
    if rng.random() < 0.6:
        return (str(rng.choice(list(UNARY))), random_tree(rng, depth - 1))
    return (str(rng.choice(list(BINARY))), random_tree(rng, depth - 1), random_tree(rng, depth - 1))


def run(tree: Tree, leaves: dict[str, Any], which: int, constant: Callable[[float], Any]) -> Any:
    if isinstance(tree, str):
        return leaves[tree]
    if isinstance(tree, float):
        return constant(tree)
    name, *children = tree
    function = (UNARY if name in UNARY else BINARY)[name][which]
    return function(*(run(child, leaves, which, constant) for child in children))


def reference(tree: Tree, x: float, y: float) -> Any:
    return mp.mpf(run(tree, {"x": mp.mpf(x), "y": mp.mpf(y)}, 0, mp.mpf))


def from_mp(value: Any) -> Any:
    """The mpf exactly, with a radius for its own rounding."""
    man, exponent = mp.mpf(value).man_exp  # of the absolute value
    ball = arb(int(man) * int(mp.sign(value))) * arb(2) ** int(exponent)
    return arb(ball, abs(ball).mid() * arb(2) ** -500)


def draw_points(rng: np.random.Generator, size: int) -> np.ndarray:
    x = rng.normal(size=size) * 10.0 ** rng.integers(-3, 4, size=size)
    special = rng.random(size) < 0.4
    x[special] = rng.choice(SPECIAL, size=special.sum())
    return x


def verdict(ball: Any, tree: Tree, x: float, y: float) -> str:
    """'held', 'refused' (no finite ball where there is a value), 'unasked', or 'WRONG'."""
    try:
        value = reference(tree, x, y)
    except Skip:
        return "unasked"
    except NotReal:
        if "pow" in str(tree):  # NaN⁰ is 1
            return "unasked"
        return "WRONG" if ball.is_finite() else "held"
    if not ball.is_finite():
        return "WRONG" if infinity(ball) else "refused"
    with precision(4000):
        return "held" if ball.overlaps(from_mp(value)) else "WRONG"


@pytest.fixture(autouse=True)
def _many_bits():
    with mpmath.workprec(MP_BITS):
        yield


def on_numpy(tree: Tree, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    result = run(tree, {"x": lift(x), "y": lift(y)}, NUMPY, lambda c: lift(np.full(x.shape, c)))
    return as_object_array(result)


def on_jaxpr(tree: Tree, x: np.ndarray, y: np.ndarray, tables: Any = TABLES) -> np.ndarray:
    with double_precision():
        closed = jax.make_jaxpr(
            lambda x, y: run(tree, {"x": x, "y": y}, JAX, lambda c: jax.numpy.full(x.shape, c, dtype=x.dtype))
        )(x, y)
    return evaluate(closed, [x, y], tables=tables)[0]


@pytest.mark.parametrize(
    ("evaluator", "count"), thinned([(on_numpy, 300), (on_numpy, 900), (on_jaxpr, 300), (on_jaxpr, 900)], 2)
)
def test_random_expressions_are_enclosed(evaluator, count):
    rng = np.random.default_rng(20)
    seen: collections.Counter[str] = collections.Counter()
    operations: collections.Counter[str] = collections.Counter()
    for _ in range(count):
        tree = random_tree(rng, int(rng.integers(1, 5)))
        x, y = draw_points(rng, 5), draw_points(rng, 5)
        for k in range(5):
            with precision(int(rng.choice([8, 24, 53, 120, 200]))):
                try:
                    ball = to_arb(evaluator(tree, x[k : k + 1], y[k : k + 1])[0])
                except Undecidable:
                    seen["undecidable"] += 1
                    continue
            outcome = verdict(ball, tree, x[k], y[k])
            seen[outcome] += 1
            if outcome == "held":
                operations.update(part for part in str(tree).replace("'", " ").split() if part in UNARY | BINARY)
            assert outcome != "WRONG", (tree, x[k], y[k], ball)
    assert seen["held"] > 2.2 * count, seen
    assert seen["refused"] < 0.15 * seen["held"], seen
    assert all(operations[name] > count / 60 for name in UNARY | BINARY), operations


SHIFTED = arb(2) ** -40


@pytest.mark.parametrize("name", sorted(UNARY | BINARY))
def test_a_wrong_primitive_is_caught(name):
    """The same comparison finds an error of a relative 2⁻⁴⁰ in any one primitive of the table."""
    primitive = {"reciprocal": "div", "cube": "integer_pow", "hypot": "sqrt"}.get(name, name)
    right = PLAIN[primitive]

    def wrong(equation: Any, *operands: Any) -> Any:
        return np.asarray(right(equation, *operands) * (1 + SHIFTED), dtype=object)

    tables = replace(TABLES, plain={**PLAIN, primitive: wrong})
    tree = (name, "x") if name in UNARY else (name, "x", "y")
    rng = np.random.default_rng(7)
    outcomes = set()
    with precision(100):
        for x, y in rng.uniform(0.1, 3.0, size=(8, 2)):
            ball = on_jaxpr(tree, np.array([x]), np.array([y]), tables)[0]
            outcomes.add(verdict(ball, tree, x, y))
    assert "WRONG" in outcomes
