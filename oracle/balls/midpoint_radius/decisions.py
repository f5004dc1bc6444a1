"""Comparisons, and what depends on them: an open condition is answered by the hull of both branches.

A tie (`oracle.balls.watch`) is a decision taken exactly on its boundary by numbers that are not one and the same; it is reported.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.balls.midpoint_radius import open_extremes
from oracle.balls.midpoint_radius.array import (
    Condition,
    Floats,
    MidRad,
    Value,
    chosen,
    enclosing,
    exactly,
    hull,
    united,
)
from oracle.balls.midpoint_radius.conditions import condition, open_of, value_of
from oracle.balls.midpoint_radius.identity import NONE, labels_of, same
from oracle.balls.midpoint_radius.rounding import U, follows_midpoints
from oracle.balls.primitives.equation import Equation, is_float_dtype
from oracle.balls.watch import current_watch

Booleans = NDArray[np.bool_]


def note_ties(what: str, tied: Booleans) -> None:
    """Reports that some decision of moving numbers is a tie."""
    watch = current_watch()
    if watch is not None and watch.active and tied.any():
        watch.ties.append(what)


def order(x: MidRad, y: MidRad) -> tuple[Booleans, Booleans, Booleans]:
    """Where x < y is proved, where x > y is, and where both are exactly equal."""
    if x.exact and y.exact:
        return x.midpoint < y.midpoint, x.midpoint > y.midpoint, np.asarray(x.midpoint == y.midpoint)
    room = x.radius + y.radius
    apart = np.abs(x.midpoint - y.midpoint) > room * (1 + 4 * U)
    level = (room == 0) & (x.midpoint == y.midpoint)
    return apart & (x.midpoint < y.midpoint), apart & (x.midpoint > y.midpoint), level


def comparison(what: str, *, less: bool, equal: bool, greater: bool) -> Callable[..., Value]:
    """A comparison, given its truth where x < y, where x = y and where x > y."""

    def handler(equation: Equation, x: MidRad, y: MidRad) -> Value:
        below, above, level = order(x, y)
        one = same(x, y)
        note_ties(what, level & ~one)
        if follows_midpoints():
            below, above = x.midpoint < y.midpoint, x.midpoint > y.midpoint
            level = ~(below | above)
        value = (below & less) | (above & greater) | ((one | level) & equal)
        found = condition(value, ~(below | above | level | one))
        return open_extremes.of_equality(x, y, found) if what == "==" else found

    return handler


def maximum(equation: Equation | None, x: MidRad, y: MidRad) -> MidRad:
    """The greater; one of the two themselves where that is proved, else what encloses it."""
    below, above, level = order(x, y)
    return _choice(x, y, above, below, level, np.maximum)


def minimum(equation: Equation | None, x: MidRad, y: MidRad) -> MidRad:
    below, above, level = order(x, y)
    return _choice(x, y, below, above, level, np.minimum)


def _choice(x: MidRad, y: MidRad, first: Booleans, second: Booleans, level: Booleans, extreme: Any) -> MidRad:
    labels = np.where(first | same(x, y), labels_of(x), np.where(second, labels_of(y), NONE))
    taken = chosen(first | level, x, y)
    open = ~(first | second | level)
    if open.any():
        around = hull(extreme(x.lower, y.lower), extreme(x.upper, y.upper))
        taken = chosen(open, around, taken)
    return MidRad(taken.midpoint, taken.radius, exact=x.exact and y.exact, labels=labels)


def clamp(equation: Equation, low: MidRad, x: MidRad, high: MidRad) -> MidRad:
    """min(max(x, low), high)."""
    return minimum(None, maximum(None, x, low), high)


def sign(equation: Equation, x: MidRad) -> MidRad:
    """−1, 0 or 1, and 0 ± 1 where it is open."""
    zero = (x.midpoint == 0) & (x.radius == 0)
    note_ties("sign", zero)
    known = (np.abs(x.midpoint) > x.radius) | zero
    width = np.where(known, 0.0, np.where(x.radius < np.inf, 1.0, np.inf))
    return MidRad(np.where(known, np.sign(x.midpoint), 0.0), width, exact=bool(known.all()))


def whole(what: str, function: Callable[[Floats], Floats], at_half: bool) -> Callable[..., MidRad]:
    """A function that rounds to whole numbers, monotone; it ties at whole numbers, or half-way between them."""

    def handler(equation: Equation, x: MidRad) -> MidRad:
        at = x.midpoint * 2 if at_half else x.midpoint
        boundary = (np.floor(at) == at) & (at % 2 == 1 if at_half else np.isfinite(at))
        note_ties(what, boundary & (x.radius == 0))
        low, high = function(x.lower), function(x.upper)
        even = low == high
        found = hull(low, high)
        return MidRad(
            np.where(even, low, found.midpoint), np.where(even, 0.0, found.radius), exact=x.exact or bool(even.all())
        )

    return handler


def half_away(x: Floats) -> Floats:
    """The nearest whole number, halves away from zero."""
    towards = np.trunc(x)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(np.abs(x - towards) >= 0.5, towards + np.sign(x), towards))


def rounding(equation: Equation, x: MidRad) -> MidRad:
    method = equation.params.get("rounding_method")
    to_even = int(getattr(method, "value", method or 0)) == 1
    return whole("round", np.rint if to_even else half_away, at_half=True)(equation, x)


def is_finite(equation: Equation, x: MidRad) -> Value:
    return condition(np.isfinite(x.midpoint), np.isinf(x.radius))


def select_n(equation: Equation, which: Value, *cases: Value) -> Value:
    """Takes each entry from the case that `which` names, and from the hull of both where that is open."""
    if isinstance(which, Condition):
        return _open_select(which, *cases)
    which = np.asarray(which).astype(np.intp)
    taken = cases[0]
    for k, case in enumerate(cases[1:], start=1):
        taken = _case(which == k, case, taken)
    return taken


def _case(where: Booleans, new: Value, old: Value) -> Value:
    if isinstance(new, MidRad):
        return chosen(where, new, old)
    value = np.where(where, value_of(new), value_of(old))
    if isinstance(new, Condition) or isinstance(old, Condition):
        return condition(value, np.where(where, open_of(new), open_of(old)))
    return value


def _open_select(which: Condition, off: Value, on: Value) -> Value:
    taken = _case(which.value, on, off)
    if isinstance(taken, MidRad):
        return chosen(which.open, united(on, off), taken)
    differ = value_of(on) != value_of(off)
    if value_of(on).dtype != bool and np.any(which.open & differ):
        raise Undecidable("a whole number that depends on an open condition")
    return condition(value_of(taken), open_of(taken) | (which.open & (differ | open_of(on) | open_of(off))))


def as_number(x: Value) -> MidRad:
    """Whole numbers and booleans as real numbers: ½ ± ½ where a condition is open."""
    if isinstance(x, Condition):
        number = MidRad(np.where(x.open, 0.5, x.value.astype(np.float64)), np.where(x.open, 0.5, 0.0))
        number.some = x.some
        return number
    floats = np.asarray(x).astype(np.float64)
    if np.asarray(x).dtype.kind in "iu" and np.any(np.abs(floats) > 2.0**53):
        return enclosing(floats, np.abs(floats) * U)
    return exactly(floats)


def as_whole(x: MidRad, dtype: Any) -> NDArray[Any]:
    """Numbers truncated towards zero. Raises Undecidable where one is open, or no number of that dtype."""
    low, high = np.trunc(x.lower), np.trunc(x.upper)
    ends = np.iinfo(dtype)
    if not np.all((low == high) & (low >= float(ends.min)) & (low < float(ends.max + 1))):
        raise Undecidable("conversion to an integer")
    note_ties("truncate", (low == x.midpoint) & (x.radius == 0) & (low != 0))
    return low.astype(dtype)


def convert(equation: Equation, x: Value) -> Value:
    """Floats to floats are the same real numbers."""
    dtype = equation.results[0].dtype
    kind = "f" if is_float_dtype(dtype) else np.dtype(dtype).kind
    if isinstance(x, MidRad):
        if kind == "f":
            return x
        if kind == "b":
            return comparison("!=", less=True, equal=False, greater=True)(equation, x, exactly(np.zeros(x.shape)))
        if kind == "c":
            raise UnsupportedPrimitive(equation.name, "complex numbers in midpoint-radius arrays")
        return as_whole(x, dtype)
    if kind == "f":
        return as_number(x)
    if isinstance(x, Condition):
        if kind == "b":
            return x
        raise Undecidable("an open condition taken for a whole number")
    return np.asarray(x).astype(dtype)


DECISIONS: dict[str, Callable[..., Value]] = {
    "lt": comparison("<", less=True, equal=False, greater=False),
    "le": comparison("<=", less=True, equal=True, greater=False),
    "gt": comparison(">", less=False, equal=False, greater=True),
    "ge": comparison(">=", less=False, equal=True, greater=True),
    "eq": comparison("==", less=False, equal=True, greater=False),
    "ne": comparison("!=", less=True, equal=False, greater=True),
    "lt_to": comparison("<", less=True, equal=False, greater=False),
    "le_to": comparison("<=", less=True, equal=True, greater=False),
    "max": maximum,
    "min": minimum,
    "clamp": clamp,
    "sign": sign,
    "floor": whole("floor", np.floor, at_half=False),
    "ceil": whole("ceil", np.ceil, at_half=False),
    "round": rounding,
    "is_finite": is_finite,
    "select_n": select_n,
    "convert_element_type": convert,
}
