"""Comparisons, choices and roundings of single balls: each is proved or refused, and reports ties to the watch.

Two references to the very same ball are the same real number by construction, hence equal without being a tie.
NaN compares to nothing here: a ball that is not a number may just as well be an unknown one.
"""

from __future__ import annotations

from typing import Any

from flint import arb

from oracle.balls.errors import Undecidable
from oracle.balls.watch import current_watch, decide, note_choice

Real = Any  # flint.arb, which ships no types

#: x − x, whatever x is: it is 0 without being at the end of anything.
ALWAYS_ZERO = arb(0)


def same_point(x: Real, y: Real) -> bool:
    """Whether both balls are one and the same exact number."""
    return bool(x == y)


def compare(x: Real, y: Real, *, less: bool, equal: bool, greater: bool, what: str) -> bool:
    """The truth of a comparison, given its truth where x < y, where x = y and where x > y.

    Raises Undecidable where the balls overlap; flags a tie where both are the same exact number.
    """
    if x is y:
        outcome: bool | None = equal if not x.is_nan() else None
        return bool(decide(what, outcome, tied=False, describe=lambda: "not a number"))
    tied = same_point(x, y)
    if tied:
        outcome = equal
    elif x < y:
        outcome = less
    elif x > y:
        outcome = greater
    else:
        outcome = None
    crossing = tied and not _is_constant(x, y)
    return bool(decide(what, outcome, tied=crossing, describe=lambda: f"{x} against {y}", operands=(x, y)))


def _is_constant(x: Real, y: Real) -> bool:
    """Whether what is compared is x − x with something that does not move either."""
    watch = current_watch()
    left, right = watch.both_move if watch is not None else (True, True)
    return (x is ALWAYS_ZERO and not right) or (y is ALWAYS_ZERO and not left)


def lt(x: Real, y: Real) -> bool:
    return compare(x, y, less=True, equal=False, greater=False, what="<")


def le(x: Real, y: Real) -> bool:
    return compare(x, y, less=True, equal=True, greater=False, what="<=")


def gt(x: Real, y: Real) -> bool:
    return compare(x, y, less=False, equal=False, greater=True, what=">")


def ge(x: Real, y: Real) -> bool:
    return compare(x, y, less=False, equal=True, greater=True, what=">=")


def eq(x: Real, y: Real) -> bool:
    return compare(x, y, less=False, equal=True, greater=False, what="==")


def ne(x: Real, y: Real) -> bool:
    return compare(x, y, less=True, equal=False, greater=True, what="!=")


def maximum(x: Real, y: Real) -> Real:
    """max(x, y); where the balls overlap, an enclosure of it. NaN if either operand is."""
    if x is y:
        note_choice("max", None)
        return x
    if x > y:
        note_choice("max", 1)
        return x
    if y > x:
        note_choice("max", -1)
        return y
    note_choice("max", None)
    return x.max(y)  # a new ball, so that a later comparison with x or y is seen to tie


def minimum(x: Real, y: Real) -> Real:
    """min(x, y); where the balls overlap, an enclosure of it. NaN if either operand is."""
    if x is y:
        note_choice("min", None)
        return x
    if x < y:
        note_choice("min", 1)
        return x
    if y < x:
        note_choice("min", -1)
        return y
    note_choice("min", None)
    return x.min(y)


def clamp(low: Real, x: Real, high: Real) -> Real:
    """min(max(x, low), high)."""
    return minimum(maximum(x, low), high)


def absolute(x: Real) -> Real:
    """|x|, and x itself where x > 0."""
    if x > 0:
        note_choice("abs", 1)
        return x
    note_choice("abs", -1 if x < 0 else None)
    return abs(x)


def sign(x: Real) -> Real:
    """−1, 0 or 1; raises Undecidable where the ball contains zero and more, flags a tie at zero."""
    outcome = 1 if x > 0 else -1 if x < 0 else 0 if x.is_zero() else None
    return arb(
        decide("sign", outcome, tied=outcome == 0 and x is not ALWAYS_ZERO, describe=lambda: str(x), operands=(x,))
    )


def is_finite(x: Real) -> bool:
    """Whether x is a real number; raises Undecidable where the ball is unbounded without being ±∞."""
    outcome = True if x.is_finite() else False if x.is_exact() else None
    return bool(decide("is_finite", outcome, tied=False, describe=lambda: str(x)))


def floor(x: Real) -> Real:
    """⌊x⌋, exact; flags a tie at an integer, raises Undecidable where the ball holds two answers."""
    if x.is_exact() and not x.is_finite():
        return x
    below = x.floor().unique_fmpz() if x.is_finite() else None
    tied = below is not None and same_point(x, arb(below))
    outcome = None if below is None else int(below)
    return arb(decide("floor", outcome, tied=tied, describe=lambda: str(x)))


def ceil(x: Real) -> Real:
    """⌈x⌉ = −⌊−x⌋."""
    return -floor(-x)


def truncate(x: Real) -> Real:
    """x without its fraction, rounded towards zero; continuous at zero, at the other integers it ties as floor does."""
    if x.is_exact() and not x.is_finite():
        return x
    if abs(x) < 1:
        outcome: int | None = 0
    elif x.is_finite() and (x > 0 or x < 0):
        integer = abs(x).floor().unique_fmpz()
        outcome = None if integer is None else int(integer) if x > 0 else -int(integer)
    else:
        outcome = None
    tied = bool(outcome) and same_point(x, arb(outcome))
    return arb(decide("truncate", outcome, tied=tied, describe=lambda: str(x)))


def round_half_even(x: Real) -> Real:
    """The nearest integer, ties to even; the tie is at the half-integers."""
    return _round(x, to_even=True)


def round_half_away(x: Real) -> Real:
    """The nearest integer, ties away from zero."""
    return _round(x, to_even=False)


def _round(x: Real, *, to_even: bool) -> Real:
    if x.is_exact() and not x.is_finite():
        return x
    half = arb(0.5)
    above = floor(x + half)
    if not same_point(x + half, above):
        return above
    below = above - 1
    if to_even:
        return below if int(below.unique_fmpz()) % 2 == 0 else above
    return above if x > 0 else below


def to_integer(x: Real) -> int:
    """x truncated towards zero, as a Python integer."""
    if not x.is_finite():
        raise Undecidable(f"conversion to an integer: {x}")
    return int(truncate(x).unique_fmpz())
