"""Ball arithmetic with derivatives: every number is an enclosure, every draw a float exactly."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb

from oracle.balls.arrays import precision
from oracle.proofs.errors import ProofError, Resample

BITS = 256


@dataclass(frozen=True, slots=True)
class BallDual:
    """v + d ε, both balls."""

    v: Any
    d: Any

    def __add__(self, other: BallDual) -> BallDual:
        return BallDual(self.v + other.v, self.d + other.d)

    def __sub__(self, other: BallDual) -> BallDual:
        return BallDual(self.v - other.v, self.d - other.d)

    def __neg__(self) -> BallDual:
        return BallDual(-self.v, -self.d)

    def __mul__(self, other: BallDual) -> BallDual:
        return BallDual(self.v * other.v, self.v * other.d + self.d * other.v)

    def __truediv__(self, other: BallDual) -> BallDual:
        if other.v.contains(0):
            raise Resample
        quotient = self.v / other.v
        return BallDual(quotient, (self.d - quotient * other.d) / other.v)


def working_precision() -> AbstractContextManager[None]:
    return precision(BITS)


class Enclosures:
    """The arithmetic of one draw."""

    name = "balls"
    exact = False
    direct = True  # a is drawn itself, not by way of a z
    dtype = object

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def number(self, value: Fraction) -> BallDual:
        return BallDual(arb(value.numerator) / value.denominator, arb(0))

    def given(self, value: float) -> BallDual:
        return BallDual(arb(value), arb(0))

    def draw(self, kind: str = "real") -> BallDual:
        rng = self.rng
        if kind == "sign":
            return self.given(rng.choice((-1.0, 1.0)))
        size = rng.uniform(0.02, 0.98) if kind == "unit" else rng.choice((0.1, 1.0, 4.0)) * rng.uniform(0.05, 1.0)
        return self.given(size if kind != "real" else size * rng.choice((-1, 1)))

    def eps(self, x: BallDual) -> BallDual:
        return BallDual(x.v, x.d + 1)

    def value(self, x: BallDual) -> BallDual:
        return BallDual(x.v, arb(0))

    def derivative(self, x: BallDual) -> BallDual:
        return BallDual(x.d, arb(0))

    def has_derivative(self, x: BallDual) -> bool:
        return not bool(x.d == 0)

    def sign(self, x: BallDual) -> int:
        if x.v == 0:
            return 0
        if x.v.contains(0):
            raise Resample
        return 1 if x.v > 0 else -1

    def power(self, x: BallDual, exponent: Fraction) -> BallDual:
        if exponent.denominator == 2:
            return self.power(self.call("sqrt", x), 2 * exponent)
        if exponent.denominator != 1:
            raise ProofError(f"the exponent {exponent} is neither an integer nor a half")
        k = exponent.numerator
        return BallDual(x.v**k, x.d * k * x.v ** (k - 1) if k else arb(0))

    def call(self, name: str, *x: BallDual) -> BallDual:
        if name == "pi":
            return BallDual(arb.pi(), arb(0))
        if name in ("max", "min"):
            return x[0] if (self.sign(x[0] - x[1]) >= 0) == (name == "max") else x[1]
        if name == "abs":
            return x[0] if self.sign(x[0]) >= 0 else -x[0]
        value, slope = FUNCTIONS[name]
        if name in ("ln", "sqrt") and not x[0].v > 0:
            if name == "sqrt" and x[0].v == 0 and x[0].d == 0:
                return x[0]
            raise Resample
        return BallDual(value(x[0].v), x[0].d * slope(x[0].v))


def _gauss(x: Any) -> Any:
    return 2 / arb.pi().sqrt() * (-x * x).exp()


FUNCTIONS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "exp": (lambda x: x.exp(), lambda x: x.exp()),
    "ln": (lambda x: x.log(), lambda x: 1 / x),
    "sqrt": (lambda x: x.sqrt(), lambda x: 1 / (2 * x.sqrt())),
    "tanh": (lambda x: x.tanh(), lambda x: 1 / x.cosh() ** 2),
    "sinh": (lambda x: x.sinh(), lambda x: x.cosh()),
    "cosh": (lambda x: x.cosh(), lambda x: x.sinh()),
    "arctan": (lambda x: x.atan(), lambda x: 1 / (1 + x * x)),
    "erf": (lambda x: x.erf(), _gauss),
    "erfc": (lambda x: x.erfc(), lambda x: -_gauss(x)),
}
