"""Intervals, one for all entries of an array: what the operations of a jaxpr make of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from oracle.balls.primitives.identities import IDENTITIES

Interval = tuple[float, float]
ANY: Interval = (-math.inf, math.inf)


def sane(low: float, high: float) -> Interval:
    """A bound that is no number bounds nothing."""
    return (-math.inf if math.isnan(low) else low), (math.inf if math.isnan(high) else high)


def hull(*parts: Interval) -> Interval:
    return min(p[0] for p in parts), max(p[1] for p in parts)


def sub(x: Interval, y: Interval) -> Interval:
    return add(x, (-y[1], -y[0]))


def add(x: Interval, y: Interval) -> Interval:
    """What is infinite swallows every number."""
    for end in (x, y):
        if end[0] == end[1] and math.isinf(end[0]):
            return end
    return sane(x[0] + y[0], x[1] + y[1])


def mul(x: Interval, y: Interval) -> Interval:
    ends = [0.0 if a == 0 or b == 0 else a * b for a in x for b in y]
    return sane(min(ends), max(ends))


def div(x: Interval, y: Interval) -> Interval:
    if y[0] > 0 or y[1] < 0:
        return mul(x, (1 / y[1], 1 / y[0]))
    if y[0] == 0:
        return mul(x, (1 / y[1] if y[1] else math.inf, math.inf))
    return ANY


def even(x: Interval, n: int) -> Interval:
    most = max(abs(x[0]), abs(x[1])) ** n
    return (0.0, most) if x[0] <= 0 <= x[1] else sane(min(abs(x[0]), abs(x[1])) ** n, most)


def power(x: Interval, n: int) -> Interval:
    if n < 0:
        return div((1.0, 1.0), power(x, -n))
    return even(x, n) if n % 2 == 0 else sane(x[0] ** n, x[1] ** n)


def powers(x: Interval, y: Interval) -> Interval:
    """Of a power that is one number, or of a base that is not negative."""
    if y[0] == y[1] and y[0] == int(y[0]):
        return power(x, int(y[0]))
    return (0.0, math.inf) if x[0] >= 0 else ANY


def compared(name: str, difference: Interval) -> Interval:
    """Whether a comparison holds: surely (1, 1), never (0, 0), or either."""
    low, high = difference
    same, apart = low == high == 0, low > 0 or high < 0
    surely = {"lt": high < 0, "le": high <= 0, "gt": low > 0, "ge": low >= 0, "eq": same, "ne": apart}[name]
    never = {"lt": low >= 0, "le": low > 0, "gt": high <= 0, "ge": high < 0, "eq": apart, "ne": same}[name]
    return float(surely), float(not never)


def negated(x: Interval) -> Interval:
    """Of truths as 0 and 1."""
    return 1.0 - x[1], 1.0 - x[0]


def to_dtype(x: Interval, dtype: Any) -> Interval:
    """Numbers cut to integers, or rounded to shorter ones."""
    if getattr(dtype, "kind", "O") in "iu":
        low, high = (float(np.trunc(end)) if math.isfinite(end) else end for end in x)
        return (low, high) if dtype.kind == "i" or low >= 0 else ANY
    if getattr(dtype, "kind", "O") == "f" and dtype.itemsize < 8:
        low, high = (float(np.asarray(end).astype(dtype)) for end in x)
        return min(low, x[0]), max(high, x[1])
    return x


def bounds_of(array: Any) -> Interval | None:
    """Of numbers; None where one is none, or where there is none."""
    if array.dtype.kind not in "fiub" or not array.size or np.isnan(array).any():
        return None
    return float(array.min()), float(array.max())


def remainder(x: Interval, y: Interval) -> Interval:
    """Of a division towards 0: no larger than x, nor than y, and of the sign of x."""
    most = max(abs(y[0]), abs(y[1]))
    return (max(x[0], -most) if x[0] < 0 else 0.0), (min(x[1], most) if x[1] > 0 else 0.0)


def absolute(x: Interval) -> Interval:
    return even(x, 1)


def rising(function: Callable[[float], Any], low: float, high: float) -> Callable[[Interval], Interval]:
    """A function that rises, between its own bounds and a unit or two of rounding away."""

    def bounds(x: Interval) -> Interval:
        with np.errstate(all="ignore"):
            ends = [float(function(np.float64(end))) for end in x]
        below, above = sane(*ends)
        if function in EXACT:
            return below, above
        slack = [4 * abs(float(np.spacing(end))) if math.isfinite(end) else 0.0 for end in (below, above)]
        return max(low, below - slack[0]), min(high, above + slack[1])

    return bounds


#: Their results are not rounded.
EXACT = (np.floor, np.ceil, np.round)
#: Places in an array.
INDICES = {"iota", "argmax", "argmin"}
SAME = {
    *IDENTITIES, "broadcast_in_dim", "expand_dims", "reduce_max", "reduce_min", "reshape",
    "rev", "slice", "squeeze", "stop_gradient", "transpose", "sort", "cummax", "cummin", "dynamic_slice", "reduce_precision",
    "tile", "unstack", "reduce_and", "reduce_or", "real",
}  # fmt: skip
RISING: Mapping[str, tuple[Callable[[float], Any], float, float]] = {
    "exp": (np.exp, 0.0, math.inf),
    "exp2": (np.exp2, 0.0, math.inf),
    "expm1": (np.expm1, -1.0, math.inf),
    "log": (np.log, -math.inf, math.inf),
    "log1p": (np.log1p, -math.inf, math.inf),
    "logistic": (lambda x: 1 / (1 + np.exp(-x)), 0.0, 1.0),
    "sqrt": (np.sqrt, 0.0, math.inf),
    "tanh": (np.tanh, -1.0, 1.0),
    "cbrt": (np.cbrt, -math.inf, math.inf),
    "floor": (np.floor, -math.inf, math.inf),
    "ceil": (np.ceil, -math.inf, math.inf),
    "round": (np.round, -math.inf, math.inf),
    "atan": (np.arctan, -2.0, 2.0),
    "asinh": (np.arcsinh, -math.inf, math.inf),
    "sinh": (np.sinh, -math.inf, math.inf),
}
BOUNDED: Mapping[str, Interval] = {
    "sin": (-1, 1),
    "cos": (-1, 1),
    "erf": (-1, 1),
    "erfc": (0, 2),
    "cosh": (1, math.inf),
    "acosh": (0, math.inf),
}
RULES: Mapping[str, Callable[..., Interval]] = {
    "abs": absolute,
    "sign": lambda x: (float(np.sign(x[0])), float(np.sign(x[1]))),
    "add": add,
    "add_any": add,
    "sub": sub,
    "and": lambda x, y: (min(x[0], y[0]), min(x[1], y[1])) if min(x[0], y[0]) >= 0 and max(x[1], y[1]) <= 1 else ANY,
    "or": lambda x, y: (max(x[0], y[0]), max(x[1], y[1])) if min(x[0], y[0]) >= 0 and max(x[1], y[1]) <= 1 else ANY,
    "rsqrt": lambda x: (0.0, math.inf),
    "mul": mul,
    "div": div,
    "neg": lambda x: (-x[1], -x[0]),
    "rem": remainder,
    "square": lambda x: even(x, 2),
    "max": lambda x, y: (max(x[0], y[0]), max(x[1], y[1])),
    "min": lambda x, y: (min(x[0], y[0]), min(x[1], y[1])),
    "clamp": lambda low, x, high: (min(max(x[0], low[0]), high[0]), min(max(x[1], low[1]), high[1])),
}
