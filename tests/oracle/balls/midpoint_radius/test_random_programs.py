"""Random programs in midpoint–radius arrays hold what arb says of them; with a planted wrong term they do not."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

import numpy as np
import pytest

from oracle.balls.midpoint_radius import arithmetic, decisions, functions, products, reduction
from oracle.balls.midpoint_radius.array import Condition, MidRad, chosen, exactly
from oracle.balls.midpoint_radius.interpreter import HANDLERS

from .random_programs import STEPS, violations

Plant = tuple[str, Callable[..., Any]]


@pytest.mark.costly
@pytest.mark.parametrize("seed", [0, *(pytest.param(k, marks=pytest.mark.longer) for k in range(1, 3))])
def test_the_enclosure_holds(seed: int) -> None:
    """Ten times 10,000 were tried once; `python -m tests.oracle.balls.midpoint_radius.random_programs 100000` tries them."""
    count = 300 if seed == 0 else 10_000
    assert list(islice(violations(np.random.default_rng(seed), count), 3)) == []


def test_every_arithmetic_primitive_is_drawn() -> None:
    drawn = {name for name, _ in STEPS}
    assert {"add", "mul", "div", "dot_general", "reduce_sum", "sort", "cumsum", "lt", "max"} | set(
        functions.FUNCTIONS
    ) <= drawn


def narrower(handler: Callable[..., MidRad], by: Callable[[MidRad, tuple[MidRad, ...]], Any]) -> Callable[..., MidRad]:
    def broken(equation: Any, *operands: MidRad) -> MidRad:
        found = handler(equation, *operands)
        return MidRad(found.midpoint, np.asarray(by(found, operands)), labels=found.labels)

    return broken


def without_radius_of_second(handler: Callable[..., MidRad]) -> Callable[..., MidRad]:
    def broken(equation: Any, x: MidRad, y: MidRad) -> MidRad:
        return handler(equation, x, MidRad(y.midpoint, np.zeros(y.shape), labels=y.labels))

    return broken


def by_midpoint(equation: Any, which: Any, off: MidRad, on: MidRad) -> MidRad:
    """The branch that an open condition takes at the midpoint, alone."""
    return chosen(which.value if isinstance(which, Condition) else which.astype(bool), on, off)


def greater_midpoint(equation: Any, x: MidRad, y: MidRad) -> MidRad:
    return chosen(x.midpoint >= y.midpoint, x, y)


def sorted_by_midpoint(equation: Any, x: MidRad) -> list[MidRad]:
    order = np.argsort(x.midpoint)
    return [MidRad(x.midpoint[order], x.radius[order])]


def unrounded(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
    monkeypatch.setattr(module, name, lambda *_: 0.0)


PLANTS: dict[str, Plant] = {
    "a sum without its rounding": ("add", narrower(arithmetic.add, lambda z, o: o[0].radius + o[1].radius)),
    "a difference that forgets a radius": ("sub", without_radius_of_second(arithmetic.sub)),
    "a product without r s": (
        "mul",
        narrower(arithmetic.mul, lambda z, o: abs(o[0].midpoint) * o[1].radius + abs(o[1].midpoint) * o[0].radius),
    ),
    "a quotient that forgets the divisor's radius": ("div", without_radius_of_second(arithmetic.div)),
    "a power without its rounding": (
        "integer_pow",
        narrower(arithmetic.integer_pow, lambda z, o: z.radius * 0.9 - abs(z.midpoint) * 2.0**-52),
    ),
    "an exponential by its slope at the midpoint": (
        "exp",
        narrower(functions.exponential, lambda z, o: z.midpoint * o[0].radius),
    ),
    "a logarithm by its slope at the midpoint": (
        "log",
        narrower(functions.log, lambda z, o: o[0].radius / o[0].midpoint),
    ),
    "a sine that is exact": ("sin", narrower(HANDLERS["sin"], lambda z, o: np.minimum(o[0].radius, 2.0))),
    "the branch of the midpoint alone": ("select_n", by_midpoint),
    "the greater midpoint": ("max", greater_midpoint),
    "the order of the midpoints": ("sort", sorted_by_midpoint),
    "a sign of the midpoint": ("sign", narrower(decisions.sign, lambda z, o: np.zeros(z.shape))),
}


@pytest.mark.parametrize("plant", [*PLANTS], ids=str)
def test_a_wrong_term_is_seen(plant: str) -> None:
    name, handler = PLANTS[plant]
    favourite = "lt" if name == "select_n" else name
    found = violations(np.random.default_rng(7), 400, {**HANDLERS, name: handler}, favourite=favourite)
    assert next(found, None) is not None


@pytest.mark.parametrize(
    ("module", "name", "favourite"),
    [
        (reduction, "of_sum", "reduce_sum"),
        (reduction, "gamma", "cumsum"),
        (products, "gamma", "dot_general"),
        (arithmetic, "unit", "add"),
    ],
)
def test_without_the_terms_of_rounding(module: Any, name: str, favourite: str, monkeypatch: pytest.MonkeyPatch) -> None:
    unrounded(monkeypatch, module, name)
    assert next(violations(np.random.default_rng(7), 1000, favourite=favourite), None) is not None


def test_without_what_underflow_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (arithmetic, functions):
        monkeypatch.setattr(module, "TINY", 0.0)
    assert next(violations(np.random.default_rng(7), 2000, favourite="mul"), None) is not None


def test_with_ends_that_are_not_rounded_outward(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MidRad, "upper", property(lambda x: x.midpoint + x.radius))
    monkeypatch.setattr(MidRad, "lower", property(lambda x: x.midpoint - x.radius))
    assert next(violations(np.random.default_rng(7), 2000, favourite="floor"), None) is not None


@pytest.mark.parametrize("inner", [1, 3])
def test_a_sum_of_products_that_underflow_is_not_zero(inner: int) -> None:
    x, y = exactly(np.full(inner, 1e-200)), exactly(np.full(inner, 3e-200))
    found = products.bilinear(np.dot, inner, x, y)
    assert found.midpoint == 0
    assert 0 < found.radius < 1e-300
    zero = products.bilinear(np.dot, inner, exactly(np.full(inner, 1e-10)), exactly(np.zeros(inner)))
    assert zero.midpoint == zero.radius == 0
