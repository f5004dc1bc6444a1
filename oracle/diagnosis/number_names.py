"""Naming a number that is known to lie in an interval: the simplest one that stands there."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

#: How likely a name may be to stand in the interval by chance: candidates tried so far × relative width of the interval.
CHANCE = 0.02


class Interval(NamedTuple):
    """low ≤ c ≤ high, from every row at once."""

    low: float
    high: float

    @property
    def middle(self) -> float:
        return self.low + (self.high - self.low) / 2

    @property
    def relative_width(self) -> float:
        return (self.high - self.low) / abs(self.middle) if self.middle else math.inf

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high


class Named(NamedTuple):
    """A number and how it is written."""

    value: float
    words: str


def name_of(interval: Interval, parameters: Mapping[str, float] | None = None) -> Named | None:
    """The simplest number in the interval: small integers and fractions, multiples of √2, π, ln 2 …, of the function's parameters,
    and short decimals; None where none is there, or where so wide an interval would hold one by chance."""
    for rank, named in enumerate(_candidates(tuple(sorted((parameters or {}).items()))), start=1):
        if rank * interval.relative_width > CHANCE:
            return None
        if interval.holds(named.value):
            return named
    return _short_decimal(interval)


def in_digits(interval: Interval) -> Named:
    """The number of fewest digits in the interval."""
    value = simplest_decimal(interval.low, interval.high)
    return Named(value, f"{value:.15g}")


def simplest_decimal(low: float, high: float) -> float:
    """The number of fewest digits in [low, high]."""
    middle = low + (high - low) / 2
    for digits in range(1, 17):
        for value in (middle, low, high):
            short = float(f"{value:.{digits}g}")
            if low <= short <= high:
                return short
    return middle


def is_short(value: float) -> bool:
    """Whether a number is one that people write: no more than four digits."""
    return float(f"{value:.4g}") == value


def _short_decimal(interval: Interval) -> Named | None:
    value = simplest_decimal(interval.low, interval.high)
    digits = len(f"{abs(value):.15e}".split("e")[0].replace(".", "").rstrip("0"))
    chance = interval.relative_width * 10**digits
    return Named(value, f"{value:.15g}") if chance <= CHANCE else None


@lru_cache(maxsize=32)
def _candidates(parameters: Sequence[tuple[str, float]]) -> tuple[Named, ...]:
    return tuple(_by_simplicity(dict(parameters)))


def _by_simplicity(parameters: Mapping[str, float]) -> Iterator[Named]:
    first = [Fraction(1), Fraction(2), Fraction(1, 2)]
    small = sorted({Fraction(p, q) for p in range(1, 5) for q in range(1, 5)} - set(first), key=_weight)
    for r in (*first, *small):
        yield from _signs(float(r), str(r))
    for words, value in parameters.items():
        if value and math.isfinite(value):
            yield from _with_parameter(words, value)
    rest = {Fraction(p, q) for p in range(1, 33) for q in (1, 2, 3, 4, 5, 6, 8, 10, 12, 16)} | {
        Fraction(1, q) for q in range(5, 33)
    }
    for r in sorted(rest - set(first) - set(small), key=_weight):
        yield from _signs(float(r), str(r))
    for words, value in (
        ("√2", math.sqrt(2)),
        ("π", math.pi),
        ("ln 2", math.log(2)),
        ("√π", math.sqrt(math.pi)),
        ("√(2π)", math.sqrt(2 * math.pi)),
        ("√3", math.sqrt(3)),
        ("e", math.e),
        ("ln 10", math.log(10)),
    ):
        for r in (Fraction(1), Fraction(2), Fraction(1, 2), Fraction(4), Fraction(1, 4)):
            yield from _signs(float(r) * value, words if r == 1 else f"{r}·{words}")
            yield from _signs(float(r) / value, f"{r}/{words}")


def _with_parameter(words: str, value: float) -> Iterator[Named]:
    yield from _signs(value, words)
    yield from _signs(1 / value, f"1/{words}")
    yield from _signs(2 * value, f"2·{words}")
    yield from _signs(2 / value, f"2/{words}")
    yield from _signs(value / 2, f"{words}/2")
    if abs(value) < 1e150:
        yield from _signs(value * value, f"{words}²")
    if abs(value) > 1e-150:
        yield from _signs(1 / (value * value) if value * value else 0.0, f"1/{words}²")


def _signs(value: float, words: str) -> Iterator[Named]:
    if value and math.isfinite(value):
        yield Named(value, words)
        yield Named(-value, f"−{words}")


def _weight(r: Fraction) -> int:
    return r.numerator + 2 * r.denominator
