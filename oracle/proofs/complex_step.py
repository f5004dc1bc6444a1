"""Floats by complex step: x + iεd carries the derivative d, free of cancellation, since ε = 1e-40 never meets the real part."""

from __future__ import annotations

import cmath
import hashlib
import math
import random
from collections.abc import Callable
from fractions import Fraction

from oracle.proofs.errors import ProofError, Resample, Undecided
from oracle.proofs.kinks import Sided

STEP = 1e-40
#: Relative to the larger of both sides and 1. What is wrong by less is found over the prime field, or in balls.
TOLERANCE = 1e-10
#: The slope of what touches 0, as rounding leaves it.
FLAT = 1e-6
#: Below it e^x is 0 in floats, which it is not.
LEAST = -700.0


class Floats(Sided):
    """Complex floats of one random draw: `rng` gives the numbers, and the values of unknown functions."""

    name = "floats"
    exact = False
    dtype = complex
    steps = (1e-5, 5e-6)

    def __init__(self, rng: random.Random, scale: float = 1.0, mirrored: bool = False) -> None:
        """scale: how large numbers are, but those of the unit interval. mirrored: whether what has a sign has the other one."""
        self.rng, self.scale = rng, scale
        self.signs = (1, -1) if mirrored else (-1, 1)
        self.salt = rng.getrandbits(128).to_bytes(16, "big")
        self.curves: dict[str, tuple[float, ...]] = {}
        self.points: dict[tuple[str, int, float], tuple[float, ...]] = {}

    def number(self, value: Fraction) -> complex:
        return complex(value.numerator / value.denominator)

    def uniform(self, key: str) -> float:
        digest = hashlib.blake2b(key.encode(), digest_size=8, key=self.salt).digest()
        return int.from_bytes(digest, "big") / 2**64

    def draw(self, kind: str = "real") -> complex:
        rng = self.rng
        if kind == "sign":
            return complex(rng.choice(self.signs))
        if kind == "unit":
            return complex(rng.uniform(0.05, 0.95))
        if kind == "positive":
            return complex(rng.uniform(0.1, 2.0) * self.scale)
        return complex(rng.uniform(0.1, 2.0) * rng.choice(self.signs) * self.scale)

    def leaf(self, key: str, kind: str, like: complex | None = None) -> complex:
        """A number for that key alone, of the sign that its kind or the number `like` has."""
        u = self.uniform(key)
        size = 0.05 + 0.9 * u if kind == "unit" else 0.1 + 1.9 * u
        if like is not None:
            return complex(math.copysign(size, like.real))
        negative = kind == "real" and self.uniform(f"sign {key}") < 0.5
        return complex(-size if negative else size)

    def eps(self, x: complex) -> complex:
        if not self.shift:
            return complex(x.real, x.imag + STEP)
        moved = x.real + self.shift * max(1.0, abs(x.real))
        self.step = moved - x.real
        return complex(moved, x.imag + STEP)

    def with_derivative(self, x: complex, d: complex) -> complex:
        return complex(x.real, d.real * STEP)

    def value(self, x: complex) -> complex:
        return complex(x.real)

    def derivative(self, x: complex) -> complex:
        return complex(x.imag / STEP)

    def has_derivative(self, x: complex) -> bool:
        return abs(x.imag) > 1e-14 * STEP

    def sign(self, x: complex) -> int:
        return 0 if abs(x.real) < max(1e-13, self.blur) else 1 if x.real > 0 else -1

    def equal(self, x: complex, y: complex) -> bool:
        if not (math.isfinite(x.real) and math.isfinite(y.real)):
            raise Resample
        return abs(x.real - y.real) <= TOLERANCE * max(1.0, abs(x.real), abs(y.real))

    def close(self, x: complex, y: complex, distance: Fraction) -> bool:
        return abs(x.real - y.real) <= float(distance)

    def shown(self, x: complex) -> str:
        return f"{x.real:.4g}"

    def spread(self, kind: str) -> tuple[complex, complex]:
        """By what an unknown function is stretched, and then shifted, so that any real number may be its value."""
        if kind == "unit":
            return complex(1), complex(0)
        return (
            (complex(4 * self.scale), complex(2 * self.scale)) if kind == "real" else (complex(self.scale), complex(0))
        )

    def unknown(self, name: str, order: int, x: complex) -> complex:
        """An unknown function's derivative of that order: a constant and three random waves."""
        if name not in self.curves:
            self.curves[name] = tuple(self.uniform(f"{name} {k}") for k in range(10))
        at = name, order, x.real
        if at not in self.points:
            self.points[at] = tuple(waves(self.curves[name], order + more, x.real) for more in (0, 1))
        value, slope = self.points[at]
        return complex(value, slope * x.imag)

    def scattered(self, name: str, like: complex | None, *arguments: complex) -> complex:
        """A function that is nothing but a function: equal arguments, equal values; of the sign of `like`."""
        parts = [self.unknown(f"{name} {k}", 0, self.value(x)) for k, x in enumerate(arguments)]
        size = sum(parts, complex(0)) / max(1, len(parts))
        return size if like is None or like.real >= 0 else -size

    def power(self, x: complex, exponent: Fraction) -> complex:
        if exponent.denominator == 2:
            return self.power(_sqrt(self, x), 2 * exponent)
        if exponent.denominator != 1:
            raise ProofError(f"the exponent {exponent} is neither an integer nor a half")
        if x.real == 0 and exponent < 0:
            raise Resample
        value = x.real**exponent.numerator
        slope = exponent.numerator * x.real ** (exponent.numerator - 1) * x.imag if x.imag else 0.0
        return complex(value, slope)

    def call(self, name: str, *x: complex) -> complex:
        return FUNCTIONS[name](self, *x)


def waves(u: tuple[float, ...], order: int, x: float) -> float:
    """Between 0.05 and 0.95 for order 0."""
    value = 0.5 if order == 0 else 0.0
    for k in range(3):
        size, pace, phase = 0.08 + 0.07 * u[3 * k], 0.5 + 1.2 * u[3 * k + 1], 6.3 * u[3 * k + 2]
        value += size * pace**order * math.sin(pace * x + phase + order * math.pi / 2)
    return value


def _sqrt(f: Floats, x: complex) -> complex:
    if abs(x.real) <= max(STEP, f.blur):  # 0, or the −ε² of (iε)(iε), or what rounding left
        x = complex(0.0, x.imag if abs(x.imag) > FLAT * STEP or f.blur == 0 else 0.0)
        f.flat = True
    if x.real < 0 or (x.real == 0 and x.imag):
        raise Resample
    return cmath.sqrt(x)


def _exp(f: Floats, x: complex) -> complex:
    if x.real < LEAST:
        raise Undecided
    return cmath.exp(x)


def _ln(f: Floats, x: complex) -> complex:
    if x.real <= 0:
        raise Resample
    return cmath.log(x)


def _abs(f: Floats, x: complex) -> complex:
    return x if f.side(x) >= 0 else -x


def _by_slope(value: Callable[[float], float], slope: Callable[[float], float]) -> Callable[[Floats, complex], complex]:
    return lambda f, x: complex(value(x.real), slope(x.real) * x.imag)


def _gauss(x: float) -> float:
    return 2 / math.sqrt(math.pi) * math.exp(-x * x)


FUNCTIONS: dict[str, Callable[..., complex]] = {
    "exp": _exp,
    "ln": _ln,
    "sqrt": _sqrt,
    "abs": _abs,
    "tanh": lambda f, x: cmath.tanh(x),
    "sinh": lambda f, x: cmath.sinh(x),
    "cosh": lambda f, x: cmath.cosh(x),
    "arctan": _by_slope(math.atan, lambda x: 1 / (1 + x * x)),
    "erf": _by_slope(math.erf, _gauss),
    "erfc": _by_slope(math.erfc, lambda x: -_gauss(x)),
    "max": lambda f, x, y: x if f.side(x - y) >= 0 else y,
    "min": lambda f, x, y: y if f.side(x - y) >= 0 else x,
    "pi": lambda f: complex(math.pi),
}
