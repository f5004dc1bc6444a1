"""A primitive against mpmath: its balls hold mpmath's value, computed on its own at more than twice the precision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import jax
import mpmath
import numpy as np
from flint import acb, arb
from mpmath import mp

from oracle.balls.arrays import precision
from oracle.balls.jaxpr import PLAIN, TABLES, WITH_COMPLEX, Tables, evaluate
from oracle.balls.primitives.control import CONTROL
from oracle.witnesses.tracing import double_precision

BITS = 120
MP_BITS = 400


@dataclass(frozen=True)
class Case:
    """name: of the primitive; function: JAX's, that lowers to it; draw: random arguments; expected: arrays (or nested lists) of
    mpmath numbers, one for each result, from the arguments; tries: how many arguments."""

    name: str
    function: Callable[..., Any]
    draw: Callable[[np.random.Generator], Sequence[np.ndarray]]
    expected: Callable[..., Sequence[Any]]
    tries: int = 8
    label: str = ""

    def __str__(self) -> str:
        return self.label or self.name


def to_ball(value: Any) -> Any:
    """The mpf or mpc with a radius for its own rounding."""
    if isinstance(value, mpmath.mpc | complex):
        value = mp.mpc(value)
        return acb(to_ball(value.real), to_ball(value.imag))
    value = mp.mpf(value)
    if not mp.isfinite(value):
        return arb("inf") * int(mp.sign(value))
    man, exponent = value.man_exp
    exact = arb(int(man) * int(mp.sign(value))) * arb(2) ** int(exponent)
    return arb(exact, abs(exact).mid() * arb(2) ** -(MP_BITS - 60))


def balls_of(case: Case, args: Sequence[np.ndarray], tables: Tables = TABLES) -> list[np.ndarray]:
    with double_precision():
        closed = jax.make_jaxpr(lambda *xs: jax.tree_util.tree_leaves(case.function(*xs)))(*args)
    with precision(BITS):
        return evaluate(closed, args, tables=tables)


def verdict(balls: Sequence[np.ndarray], values: Sequence[Any]) -> str:
    """'held', 'refused' where a ball is not finite, 'loose' where one is wider than 2⁻³⁰ of the largest entry, or 'WRONG'."""
    found = "held"
    for result, expected in zip(balls, values, strict=True):
        expected = np.asarray(expected, dtype=object)
        assert result.shape == expected.shape, (result.shape, expected.shape)
        with precision(MP_BITS):
            largest = max((abs(to_ball(v)).mid() for v in expected.flat), default=arb(0))
            for ball, value in zip(result.flat, expected.flat, strict=True):
                if result.dtype != object:
                    if int(ball) != int(value):
                        return "WRONG"
                    continue
                if not ball.is_finite():
                    if mp.isfinite(value):
                        found = "refused"
                    continue
                if not ball.overlaps(to_ball(value)):
                    return "WRONG"
                radius = max(ball.real.rad(), ball.imag.rad()) if isinstance(ball, acb) else ball.rad()
                if radius > largest * arb(2) ** -30:
                    found = "loose"
    return found


def outcomes(case: Case, *, tables: Tables = TABLES, seed: int = 0) -> list[str]:
    rng = np.random.default_rng(seed)
    results = []
    with mpmath.workprec(MP_BITS):
        for _ in range(case.tries):
            args = [np.asarray(x) for x in case.draw(rng)]
            results.append(verdict(balls_of(case, args, tables), case.expected(*args)))
    return results


SHIFTED = arb(2) ** -40


def _shifted(outputs: Any) -> Any:
    """Every result of balls, off by a relative 2⁻⁴⁰ (where there is none the integers, by one)."""
    several = isinstance(outputs, list | tuple)
    parts = list(outputs) if several else [outputs]
    if any(part.dtype == object for part in parts):
        parts = [np.asarray(x * (1 + SHIFTED), dtype=object) if x.dtype == object else x for x in parts]
    else:
        parts = [part + 1 for part in parts]
    return parts if several else parts[0]


def planted(name: str) -> Tables:
    """The tables with a wrong handler for one primitive."""

    def spoil(handler: Callable[..., Any]) -> Callable[..., Any]:
        return lambda equation, *operands: _shifted(handler(equation, *operands))

    def spoil_control(handler: Callable[..., Any]) -> Callable[..., Any]:
        def wrong(*asked: Any) -> Any:
            outputs, moving = handler(*asked)
            return _shifted(list(outputs)), moving

        return wrong

    tables = TABLES
    if name in PLAIN:
        tables = replace(tables, plain={**PLAIN, name: spoil(PLAIN[name])})
    if name in WITH_COMPLEX:
        tables = replace(tables, complex={**WITH_COMPLEX, name: spoil(WITH_COMPLEX[name])})
    if name in CONTROL:
        tables = replace(tables, control={**CONTROL, name: spoil_control(CONTROL[name])})
    return tables


def exact(x: Any) -> Any:
    """An array of mpmath numbers, each the exact value of a float (or complex)."""
    x = np.asarray(x)
    convert = (lambda v: mp.mpc(complex(v))) if x.dtype.kind == "c" else (lambda v: mp.mpf(float(v)))
    return np.frompyfunc(convert, 1, 1)(x)


def matrix(x: Any) -> Any:
    return mp.matrix(exact(x).tolist())


def array(m: Any) -> np.ndarray:
    return np.array(m.tolist(), dtype=object).reshape(m.rows, m.cols)


def normal(*shape: int) -> Callable[[np.random.Generator], np.ndarray]:
    """Entries whose sizes are apart by powers of ten, now and then."""
    return lambda rng: rng.normal(size=shape) * 10.0 ** (rng.integers(-3, 4, size=shape) * (rng.random() < 0.5))
