"""Ball arithmetic with derivatives: every number is an enclosure, every draw a float exactly.

A draw has a mood: numbers near 1, of every size, all large and of one sign, all tiny, or integers. A bound that holds near 1 alone
is met by one of them.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, ctx

from oracle.balls.arrays import precision
from oracle.proofs.errors import ProofError, Resample
from oracle.proofs.kinks import Sided

BITS = 1024
#: Two balls are equal if they overlap and are narrower than this, absolutely or relative to their size.
NARROW = arb(2) ** -500
#: Functions made of e^x, and the largest x for each bit of precision: half of log 2, and a little less.
GROWING = frozenset({"exp", "tanh", "sinh", "cosh", "erf", "erfc"})
KEPT = 0.3
#: (smallest and largest size, sign) by mood; None for any of the others' sizes.
MOODS: tuple[tuple[float, float, int] | None, ...] = (
    (0.1, 2.0, 0),
    None,
    (20.0, 1000.0, 1),
    (20.0, 1000.0, -1),
    (1e-30, 0.1, 0),
    (2.0, 20.0, 0),
    None,
    (1.0, 9.0, 0),
)
INTEGERS = len(MOODS) - 1
#: How close a double comes to 1, with digits to spare.
CLOSEST = 1e-13
#: How far a and E are apart where they are drawn close to each other, and how often they are.
NEIGHBOURS = (1e-12, 0.1)
NEIGHBOURLY = 0.3
#: For what compares sizes: far out, and close in.
FAR: tuple[tuple[float, float, int], ...] = (
    (1e3, 1e6, 1),
    (1e6, 1e12, 1),
    (1e12, 1e40, 1),
    (1e3, 1e12, -1),
    (1e-9, 1e-3, 0),
    (1e-60, 1e-9, 0),
)


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


class Enclosures(Sided):
    """The arithmetic of one draw. far: sizes that only comparisons need.

    lost: whether there was an e^x so small or large that nothing can be told of it beside another number.
    """

    name = "balls"
    exact = False
    limits = True
    dtype = object

    def __init__(self, rng: random.Random, mood: int = 1, far: bool = False) -> None:
        self.rng, self.mood = rng, mood % len(MOODS)
        self.sizes = FAR[mood % len(FAR)] if far else MOODS[self.mood]
        self.whole = not far and self.mood == INTEGERS
        self.salt = rng.getrandbits(128).to_bytes(16, "big")
        self.amplitude = arb(rng.choice((1.0, 1e9, 1e30, 1e-12) if far else (0.001, 1.0, 1.0, 500.0)))
        self.neighbourly = rng.random() < NEIGHBOURLY
        self.lost = False

    def number(self, value: Fraction) -> BallDual:
        return BallDual(arb(value.numerator) / value.denominator, arb(0))

    def given(self, value: float) -> BallDual:
        return BallDual(arb(value), arb(0))

    def draw(self, kind: str = "real") -> BallDual:
        rng = self.rng
        if kind == "sign":
            return self.given(rng.choice((-1.0, 1.0)))
        low, high, sign = self.sizes or rng.choice([mood for mood in MOODS if mood])
        if kind == "unit":
            if high >= 1 and not sign:
                return self.given(rng.uniform(0.02, 0.98))
            least = min(low, CLOSEST) if not sign else CLOSEST
            u = math.exp(rng.uniform(math.log(least), math.log(0.1)))
            return self.given(1 - u if sign > 0 else u)
        size = math.exp(rng.uniform(math.log(low), math.log(high)))
        size = float(round(size)) if self.whole else size
        return self.given(size if kind != "real" else size * (sign or rng.choice((-1, 1))))

    def neighbour(self) -> BallDual | None:
        """A small number of either sign: how far E is from a, where they are drawn close to each other."""
        low, high = NEIGHBOURS
        return self.given(self.rng.choice((-1, 1)) * math.exp(self.rng.uniform(math.log(low), math.log(high))))

    def shares(self, parts: list[BallDual]) -> list[BallDual]:
        """As doubles, whose sum is 1 exactly."""
        counts = [round(float(part.v.mid()) * 2**52) for part in parts[1:]]
        return [self.given(count / 2**52) for count in (2**52 - sum(counts), *counts)]

    def uniform(self, key: str) -> float:
        digest = hashlib.blake2b(key.encode(), digest_size=8, key=self.salt).digest()
        return int.from_bytes(digest, "big") / 2**64

    def leaf(self, key: str, kind: str, like: BallDual | None = None) -> BallDual:
        """A number for that key alone; of a kind that has no sign, or one at random."""
        size = 0.05 + 0.9 * self.uniform(key) if kind == "unit" else 0.1 + 1.9 * self.uniform(key)
        if like is not None:
            return self.given(size if like.v >= 0 else -size)
        return self.given(-size if kind == "real" and self.uniform(f"sign {key}") < 0.5 else size)

    def unknown(self, name: str, order: int, x: BallDual) -> BallDual:
        """An unknown function's derivative of that order: a constant and three waves, as in floats."""
        u = tuple(self.uniform(f"{name} {k}") for k in range(10))
        return BallDual(waves(u, order, x.v), waves(u, order + 1, x.v) * x.d if self.has_derivative(x) else arb(0))

    def scattered(self, name: str, like: BallDual | None, *arguments: BallDual) -> BallDual:
        """A function that is nothing but a function: equal arguments, equal values; of the sign of `like`."""
        parts = [self.unknown(f"{name} {k}", 0, self.value(x)) for k, x in enumerate(arguments)]
        total = sum((part.v for part in parts), arb(0)) / max(1, len(parts))
        return BallDual(-total if like is not None and like.v < 0 else total, arb(0))

    def with_derivative(self, x: BallDual, d: BallDual) -> BallDual:
        return BallDual(x.v, d.v)

    def spread(self, kind: str) -> tuple[BallDual, BallDual]:
        factor = 4 * self.amplitude if kind == "real" else self.amplitude if kind == "positive" else arb(1)
        return BallDual(factor, arb(0)), BallDual(factor / 2 if kind == "real" else arb(0), arb(0))

    def equal(self, x: BallDual, y: BallDual) -> bool:
        difference = x.v - y.v
        if not difference.is_finite():
            raise Resample
        if not difference.contains(0):
            return False
        if not narrow(difference, x.v):
            raise Resample
        return True

    def close(self, x: BallDual, y: BallDual, distance: Fraction) -> bool:
        return bool(abs(x.v - y.v) <= self.number(distance).v)

    def shown(self, x: BallDual) -> str:
        return str(x.v.str(4, radius=False))

    def eps(self, x: BallDual) -> BallDual:
        if self.shift is None:
            return x
        return BallDual(x.v + self.shift, x.d + 1) if self.shift else BallDual(x.v, x.d + 1)

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
            if not narrow(x.v, arb(0)):
                raise Resample
            return 0
        return 1 if x.v > 0 else -1

    def power(self, x: BallDual, exponent: Fraction) -> BallDual:
        if exponent.denominator == 2:
            return self.power(self.call("sqrt", x), 2 * exponent)
        if exponent.denominator != 1:
            raise ProofError(f"the exponent {exponent} is neither an integer nor a half")
        k = exponent.numerator
        if k <= 0 and x.v.contains(0):
            raise Resample
        return BallDual(integer_power(x.v, k), x.d * k * integer_power(x.v, k - 1) if k else arb(0))

    def call(self, name: str, *x: BallDual) -> BallDual:
        if name == "pi":
            return BallDual(arb.pi(), arb(0))
        if name in ("max", "min"):
            return x[0] if (self.side(x[0] - x[1]) >= 0) == (name == "max") else x[1]
        if name == "abs":
            return x[0] if self.side(x[0]) >= 0 else -x[0]
        if name in GROWING and loses(x[0].v * x[0].v if name.startswith("erf") else x[0].v):
            self.lost = True
        value, slope = FUNCTIONS[name]
        if name in ("ln", "sqrt") and not x[0].v > 0:
            if name == "sqrt" and x[0].v == 0 and x[0].d == 0:
                return x[0]
            raise Resample
        here = value(x[0].v)
        if name == "exp":
            return BallDual(here, x[0].d * here)
        return BallDual(here, x[0].d * slope(x[0].v) if self.has_derivative(x[0]) else arb(0))


def loses(exponent: Any) -> bool:
    """Whether e^exponent, times another number of its kind, leaves the bits of the numbers around 1."""
    return bool(abs(exponent) > KEPT * ctx.prec)


def narrow(difference: Any, size: Any) -> bool:
    """Whether a difference is known so well that two numbers which differ by it are the same; never, if it has no value."""
    radius = arb(difference.rad())
    return bool(radius <= NARROW) or bool(radius <= abs(size).upper() * NARROW)


def integer_power(x: Any, k: int) -> Any:
    """By squaring, which has a value where x may be 0."""
    if k < 0:
        return 1 / integer_power(x, -k)
    if k > 10_000:
        raise ProofError(f"the exponent {k} is too large")
    result, square = arb(1), x
    while k:
        if k & 1:
            result *= square
        square, k = square * square, k >> 1
    return result


def waves(u: tuple[float, ...], order: int, x: Any) -> Any:
    """Between 0.05 and 0.95 for order 0."""
    value = arb(0.5) if order == 0 else arb(0)
    for k in range(3):
        size, pace, phase = (
            arb(number) for number in (0.08 + 0.07 * u[3 * k], 0.5 + 1.2 * u[3 * k + 1], 6.3 * u[3 * k + 2])
        )
        value += size * pace**order * (pace * x + phase + arb.pi() * order / 2).sin()
    return value


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
