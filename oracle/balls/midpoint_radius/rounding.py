"""What one rounding may cost, and n of them: the model of arithmetic that every radius here is computed in.

fl(a ∘ b) = (a ∘ b)(1 + δ) + η with |δ| ≤ u, |η| ≤ 2⁻¹⁰⁷⁵, and η = 0 for sums and differences; n roundings in a row cost a factor
1 + θ, |θ| ≤ γₙ = n u/(1 − n u). Source: N. Higham, Accuracy and Stability of Numerical Algorithms (2002), 2.2 and 3.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

#: The unit roundoff of float64, in which the arrays themselves are computed.
U = 2.0**-53
#: What underflow may take from a handful of products: each loses at most half of the smallest float, 2⁻¹⁰⁷⁵.
TINY = 2.0**-1070
#: A radius is a short formula of sums and products of what is not negative: this outweighs its own rounding.
SLOP = 1 + 16 * U


@dataclass(frozen=True)
class Rounding:
    """unit: the unit roundoff of the programs whose results the radius bounds. any_order: whether sums may be taken in any order,
    as theirs are, or as they are here, in trees. follows: whether an open branch is that of the midpoints, or both."""

    unit: float = U
    any_order: bool = False
    follows: bool = False


_OWN = Rounding()
_current: ContextVar[Rounding | None] = ContextVar("oracle_balls_rounding", default=None)


@contextmanager
def bounding(rounding: Rounding) -> Iterator[None]:
    """Radii inside the block bound every evaluation of this kind, not that of float64 here alone."""
    token = _current.set(rounding)
    try:
        yield
    finally:
        _current.reset(token)


def unit() -> float:
    """The unit roundoff in force."""
    return (_current.get() or _OWN).unit


def follows_midpoints() -> bool:
    """Whether an open branch is that of the midpoints."""
    return (_current.get() or _OWN).follows


def gamma(n: int) -> float:
    """γₙ, rounded up; ∞ where n u reaches ½, as then nothing is known."""
    part = n * unit()
    return part / (1 - part) * SLOP if part < 0.5 else float("inf")


def of_sum(count: int, depth: int) -> float:
    """What a sum of so many may cost, relative to the sum of absolute values: `depth` is the height of the tree it is taken in."""
    return gamma(max(count - 1, 0) if (_current.get() or _OWN).any_order else depth)


def inflated(n: int) -> float:
    """What outweighs the rounding of a sum or product of n terms, none of them negative, in float64."""
    return 1 + 2 * (n + 16) * U
