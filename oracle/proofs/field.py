"""Exact arithmetic: dual numbers over a prime field, with e^x, √x, |x| and order carried over from the reals.

P = 2Q + 1 and Q = 2R + 1 are primes, so the nonzero squares modulo P are a group of the prime order Q: they play the positive
numbers, and e^x = g^(x mod Q) maps sums to products exactly. Each number is therefore kept modulo P, modulo Q (to be an
exponent) and modulo R (to be an exponent's exponent). −1 is no square: of x and −x one is "positive", |x| is that one, and √x is
the positive root. Equality here means equality of formulas, but for a chance of about one in 2^57.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Any

from oracle.proofs.errors import ProofError, Resample
from oracle.proofs.kinks import Sided

P = 144115188079390079
Q = 72057594039695039
R = 36028797019847519


class Dual:
    """v + d ε modulo P; q and r are v in the arithmetic modulo Q and R."""

    __slots__ = ("d", "q", "r", "v")

    def __init__(self, v: int, d: int, q: int, r: int) -> None:
        self.v, self.d, self.q, self.r = v, d, q, r

    def __add__(self, other: Dual) -> Dual:
        return Dual((self.v + other.v) % P, (self.d + other.d) % P, (self.q + other.q) % Q, (self.r + other.r) % R)

    def __sub__(self, other: Dual) -> Dual:
        return Dual((self.v - other.v) % P, (self.d - other.d) % P, (self.q - other.q) % Q, (self.r - other.r) % R)

    def __neg__(self) -> Dual:
        return Dual(-self.v % P, -self.d % P, -self.q % Q, -self.r % R)

    def __mul__(self, other: Dual) -> Dual:
        v, w = self.v, other.v
        return Dual(v * w % P, (v * other.d + self.d * w) % P, self.q * other.q % Q, self.r * other.r % R)

    def __truediv__(self, other: Dual) -> Dual:
        return self * other.inverse()

    def inverse(self) -> Dual:
        if not (self.v and self.q and self.r):
            raise Resample
        v = pow(self.v, -1, P)
        return Dual(v, -self.d * v * v % P, pow(self.q, -1, Q), pow(self.r, -1, R))


def is_square(v: int) -> bool:
    return pow(v, Q, P) == 1


@lru_cache(maxsize=1 << 16)
def exponential(q: int, r: int) -> tuple[int, int]:
    return pow(4, q, P), pow(4, r, Q)


class Exact(Sided):
    """The exact arithmetic of one random draw: `rng` gives the numbers, and the values of unknown functions."""

    name = "exact"
    exact = True
    dtype = object

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.salt = rng.getrandbits(128).to_bytes(16, "big")
        self.curves: dict[tuple[str, int], list[int]] = {}

    def number(self, value: Fraction) -> Dual:
        top, bottom = value.numerator, value.denominator
        if bottom == 1:
            return Dual(top % P, 0, top % Q, top % R)
        return Dual(*(top * pow(bottom, -1, m) % m if m else 0 for m in (P, 0, Q, R)))

    def scatter(self, key: str) -> Dual:
        """A fixed random number for each key."""
        digest = hashlib.blake2b(key.encode(), digest_size=24, key=self.salt).digest()
        a, b, c = (int.from_bytes(digest[k : k + 8], "big") for k in (0, 8, 16))
        return Dual(a % P, 0, b % Q, c % R)

    def draw(self, kind: str = "real") -> Dual:
        rng = self.rng
        x = Dual(rng.randrange(1, P), 0, rng.randrange(1, Q), rng.randrange(1, R))
        if kind == "sign":
            return self.number(Fraction(rng.choice((-1, 1))))
        if kind == "real":
            return x
        x = x if is_square(x.v) else -x
        if kind == "unit":
            return x if is_square((1 - x.v) % P) else self.draw(kind)
        return x

    def leaf(self, key: str, kind: str, like: Dual | None = None) -> Dual:
        """A number for that key alone, of the sign that its kind or the number `like` has."""
        for attempt in range(200):
            x = self.scatter(f"{key}#{attempt}")
            if kind == "real" and like is None:
                return x
            x = x if is_square(x.v) else -x
            if kind != "unit" or is_square((1 - x.v) % P):
                return x if like is None or self.sign(like) >= 0 else -x
        raise Resample

    def eps(self, x: Dual) -> Dual:
        return Dual(x.v, (x.d + 1) % P, x.q, x.r)

    def with_derivative(self, x: Dual, d: Dual) -> Dual:
        return Dual(x.v, d.v, x.q, x.r)

    def value(self, x: Dual) -> Dual:
        return Dual(x.v, 0, x.q, x.r)

    def derivative(self, x: Dual) -> Dual:
        return self.unshadowed(x.d)

    def unshadowed(self, v: int) -> Dual:
        """A number known modulo P alone: as an exponent it is an unknown one, the same for the same number."""
        small = v if v < 1 << 40 else v - P if P - v < 1 << 40 else None  # a small integer is that integer everywhere
        if small is not None:
            return Dual(v, 0, small % Q, small % R)
        other = self.scatter(f"exponent {v}")
        return Dual(v, 0, other.q, other.r)

    def has_derivative(self, x: Dual) -> bool:
        return x.d != 0

    def sign(self, x: Dual) -> int:
        return 0 if x.v == 0 else 1 if is_square(x.v) else -1

    def equal(self, x: Dual, y: Dual) -> bool:
        return x.v == y.v

    def unknown(self, name: str, order: int, x: Dual) -> Dual:
        """An unknown function's derivative of that order: a random polynomial of degree 5."""
        value, slope = (polynomial(self.curve(name, order + more), x.v) for more in (0, 1))
        y = self.unshadowed(value)
        return Dual(y.v, slope * x.d % P, y.q, y.r)

    def curve(self, name: str, order: int) -> list[int]:
        """The coefficients of that derivative."""
        if (name, order) not in self.curves:
            self.curves[name, order] = derived([self.scatter(f"{name} {k}").v for k in range(6)], order)
        return self.curves[name, order]

    def scattered(self, name: str, like: Dual | None, *arguments: Dual) -> Dual:
        """A function that is nothing but a function: equal arguments, equal values; of the sign of `like`."""
        return self.leaf(f"{name}({','.join(str(x.v) for x in arguments)})", "unit" if like is None else "real", like)

    def power(self, x: Dual, exponent: Fraction) -> Dual:
        if exponent.denominator == 2:
            return self.power(self.call("sqrt", x), 2 * exponent)
        if exponent.denominator != 1:
            raise ProofError(f"the exponent {exponent} is neither an integer nor a half")
        k = abs(exponent.numerator)
        if k > 10_000:
            raise ProofError(f"the exponent {exponent} is too large")
        slope = k * pow(x.v, k - 1, P) * x.d % P if k else 0
        y = Dual(pow(x.v, k, P), slope, pow(x.q, k, Q), pow(x.r, k, R))
        return y if exponent >= 0 else y.inverse()

    def call(self, name: str, *x: Dual) -> Dual:
        return FUNCTIONS[name](self, *x)


def polynomial(c: list[int], x: int) -> int:
    value = 0
    for coefficient in reversed(c):
        value = (value * x + coefficient) % P
    return value


def derived(c: list[int], order: int) -> list[int]:
    for _ in range(order):
        c = [k * c[k] for k in range(1, len(c))]
    return c


def _exp(f: Exact, x: Dual) -> Dual:
    v, q = exponential(x.q, x.r)
    return Dual(v, v * x.d % P, q, f.scatter(f"exp {v}").r)


def _sqrt(f: Exact, x: Dual) -> Dual:
    if not x.v:
        return x
    if not is_square(x.v):
        raise Resample
    root = Dual(pow(x.v, (P + 1) // 4, P), 0, pow(x.q, (Q + 1) // 4, Q), pow(x.r, (R + 1) // 4, R))
    return Dual(root.v, x.d * pow(2 * root.v, -1, P) % P, root.q, root.r)


def _ln(f: Exact, x: Dual) -> Dual:
    if not is_square(x.v):
        raise Resample
    y = f.scatter(f"ln {x.v}") if x.v != 1 else f.number(Fraction(0))
    return Dual(y.v, x.d * pow(x.v, -1, P) % P, y.q, y.r)


def _abs(f: Exact, x: Dual) -> Dual:
    return x if f.side(x) >= 0 else -x


def _odd(name: str, slope: Callable[[Exact, Dual], Dual]) -> Callable[[Exact, Dual], Dual]:
    """An odd function, known by its derivative alone."""

    def call(f: Exact, x: Dual) -> Dual:
        positive = f.sign(x) >= 0
        y = f.scatter(f"{name} {x.v if positive else -x.v % P}") if x.v else f.number(Fraction(0))
        d = slope(f, f.value(x)).v * x.d % P
        return Dual(y.v, d, y.q, y.r) if positive else Dual(-y.v % P, d, -y.q % Q, -y.r % R)

    return call


def _exponentials(f: Exact, x: Dual) -> tuple[Dual, Dual]:
    e = _exp(f, x)
    return e, _exp(f, -x)


def _tanh(f: Exact, x: Dual) -> Dual:
    up, down = _exponentials(f, x)
    return (up - down) / (up + down)


def _half(f: Exact, x: Dual) -> Dual:
    return x * f.number(Fraction(1, 2))


def _erf_slope(f: Exact, x: Dual) -> Dual:
    return f.number(Fraction(2)) * _exp(f, -(x * x)) / _sqrt(f, f.call("pi"))


ONE = Fraction(1)
_erf = _odd("erf", _erf_slope)
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "exp": _exp,
    "ln": _ln,
    "sqrt": _sqrt,
    "abs": _abs,
    "tanh": _tanh,
    "sinh": lambda f, x: _half(f, _exponentials(f, x)[0] - _exponentials(f, x)[1]),
    "cosh": lambda f, x: _half(f, _exponentials(f, x)[0] + _exponentials(f, x)[1]),
    "arctan": _odd("arctan", lambda f, x: f.number(ONE) / (f.number(ONE) + x * x)),
    "erf": _erf,
    "erfc": lambda f, x: f.number(ONE) - _erf(f, x),
    "max": lambda f, x, y: x if f.side(x - y) >= 0 else y,
    "min": lambda f, x, y: y if f.side(x - y) >= 0 else x,
    "pi": lambda f: f.leaf("pi", "positive"),
}
