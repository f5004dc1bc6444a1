"""What one rounding may cost, and n of them: the model of arithmetic that every radius here is computed in.

fl(a ∘ b) = (a ∘ b)(1 + δ) + η with |δ| ≤ u, |η| ≤ 2⁻¹⁰⁷⁵, and η = 0 for sums and differences; n roundings in a row cost a factor
1 + θ, |θ| ≤ γₙ = n u/(1 − n u). Source: N. Higham, Accuracy and Stability of Numerical Algorithms (2002), 2.2 and 3.1.

That is the worst case, where all of them go the same way. Roundings that are independent and of mean 0 cost less: |θ| ≤ γ̃ₙ(λ) =
exp(λ √n u + n u²/(1 − u)) − 1 but for a probability of 2 exp(−λ² (1 − u)²/2), for each θ. Source: N. Higham and T. Mary, A new
approach to probabilistic rounding error analysis, SIAM J. Sci. Comput. 41 (2019).
"""

from __future__ import annotations

import math
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
    as theirs are, or as they are here, in trees. follows: whether an open branch is that of the midpoints, or both. likely: the λ
    of the bound that holds but for a probability, where the worst case is not asked for."""

    unit: float = U
    any_order: bool = False
    follows: bool = False
    likely: float | None = None


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
    """γₙ, rounded up; ∞ where n u reaches ½, as then nothing is known. Where what is likely is asked for γ̃ₙ(λ), if that is less."""
    rounding = _current.get() or _OWN
    u = rounding.unit
    part = n * u
    worst = part / (1 - part) * SLOP if part < 0.5 else float("inf")
    if rounding.likely is None:
        return worst
    exponent = rounding.likely * math.sqrt(n) * u + n * u * u / (1 - u)
    return min(worst, math.expm1(exponent) * SLOP) if exponent < 0.5 else worst


def of_sum(count: int, depth: int) -> float:
    """What a sum of so many may cost, relative to the sum of absolute values: `depth` is the height of the tree it is taken in."""
    return gamma(max(count - 1, 0) if (_current.get() or _OWN).any_order else depth)


def inflated(n: int) -> float:
    """What outweighs the rounding of a sum or product of n terms, none of them negative, in float64."""
    return 1 + 2 * (n + 16) * U
