"""Where a function of one number is 0: as a polynomial of degree 2 where it is one, else between changes of sign on a grid, and
where it comes down to 0 and turns.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from fractions import Fraction

from oracle.proofs.touching import touching

#: Where a sign is looked at: close to 0 and far out.
STEPS = (0.01, 0.1, 0.3, 0.6, 1.0, 1.5, 2.3, 3.5, 5.0, 8.0, 15.0, 50.0, 400.0, 1e5, 1e10)
GRID = (*(-x for x in reversed(STEPS)), 0.0, *STEPS)
COARSE = (-400.0, -15.0, -5.0, -2.3, -1.0, -0.3, 0.0, 0.3, 1.0, 2.3, 5.0, 15.0, 400.0)
UNIT_GRID = (1e-9, 1e-4, 0.01, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 0.99, 0.9999)
#: Where a polynomial of degree 2 is told from what looks like one.
FAR = (-37.0, 29.0)
HALVINGS = 200
#: How many floats on either side of a root may lie closer to it.
ULPS = 3
#: Changes of sign that are followed: those nearest to 0.
MOST = 4
Limits = tuple[float, float, bool]


def roots(
    g: Callable[[float], float | None],
    limits: Limits,
    coarse: bool = False,
    slope: Callable[[float], float | None] | None = None,
) -> list[float]:
    """Some of the numbers within the limits where g is 0. g is None where it has no value. coarse: whether g takes long.

    slope: the derivative of g, which tells exactly where g is smallest.
    """
    low, high, _ = limits
    four = [g(x) for x in (-1.0, 0.0, 1.0, 2.0)]
    if None not in four:
        found = of_degree_two(*four)  # type: ignore[arg-type]
        if found is not None and all(follows(g, x, *four) for x in FAR):  # type: ignore[arg-type]
            return found if coarse else [polished(g, x) for x in found]
    grid = UNIT_GRID if high == 1 else [x for x in (COARSE if coarse else GRID) if low < x < high]
    values = [(x, y) for x in grid if (y := g(x)) is not None]
    at = [x for x, y in values if y == 0]
    changes = [pair for pair in itertools.pairwise(values) if pair[0][1] * pair[1][1] < 0]
    nearest = sorted(changes, key=lambda pair: abs(pair[0][0] + pair[1][0]))[:MOST]
    for (x, y), (u, v) in nearest:
        root = between(g, x, u, y, v)
        at.append(root if coarse else polished(g, root))
    at += touching(g, slope, values, 1 if coarse else MOST)
    return [x for x in at if isolated(g, x)]


def follows(g: Callable[[float], float | None], x: float, low: float, zero: float, one: float, _: float) -> bool:
    """Whether the polynomial of degree 2 with these values at −1, 0 and 1 is g farther out: x³ − 10^12 looks like a line."""
    value, square, line = g(x), (one + low) / 2 - zero, (one - low) / 2
    size = abs(square) * x * x + abs(line * x) + abs(zero)
    return value is None or abs(value - (square * x * x + line * x + zero)) <= 1e-9 + 1e-12 * size


def polished(g: Callable[[float], float | None], root: float) -> float:
    """The float nearby where g is closest to 0: where two numbers meet, 0."""
    if g(root) in (0, None):
        return root
    nearby = [root]
    for end in (-math.inf, math.inf):
        x = root
        for _ in range(ULPS):
            x = math.nextafter(x, end)
            nearby.append(x)
    sizes = {x: abs(value) for x in nearby if (value := g(x)) is not None}
    return min(sizes, key=lambda x: sizes[x], default=root)


def isolated(g: Callable[[float], float | None], root: float) -> bool:
    """Whether g is another number close by: 1 − tanh 50 is 0 in floats, and so is all around it."""
    apart = 0.01 * abs(root) or 0.01
    nearby = [g(root - apart), g(root + apart)]
    return all(y is None or abs(y) > 1e-13 for y in nearby)


def of_degree_two(low: float, zero: float, one: float, two: float) -> list[float] | None:
    """The roots of the polynomial of degree 2 with these values at −1, 0, 1, 2; None where there is no such polynomial."""
    square, line = (one + low) / 2 - zero, (one - low) / 2
    if not abs(4 * square + 2 * line + zero - two) <= 1e-9 * (1 + abs(two)):
        return None
    if abs(square) < 1e-12:
        return [-zero / line] if abs(line) > 1e-12 else []
    inside = line * line - 4 * square * zero
    if abs(inside) < 1e-13 * (line * line + abs(4 * square * zero)):
        inside = 0.0
    return [(-line + sign * inside**0.5) / (2 * square) for sign in (-1, 1)] if inside >= 0 else []


def between(g: Callable[[float], float | None], low: float, high: float, at_low: float, at_high: float) -> float:
    """The float at which the sign changes: by the rule of Illinois, and by halves where that is slow."""
    side = 0
    for step in range(HALVINGS):
        middle = (low + high) / 2 if step % 3 == 2 else (low * at_high - high * at_low) / (at_high - at_low)
        if not low < middle < high:
            break
        value = g(middle)
        if value is None or value == 0:
            return middle
        if (value > 0) == (at_low > 0):
            low, at_low = middle, value
            at_high, side = (at_high / 2 if side < 0 else at_high), -1
        else:
            high, at_high = middle, value
            at_low, side = (at_low / 2 if side > 0 else at_low), 1
    candidates = [(abs(value), x) for x in (low, high) if (value := g(x)) is not None]
    return min(candidates)[1] if candidates else low


def exact(point: float) -> Fraction:
    """The fraction that is meant by a float, if a simple one lies there."""
    if not math.isfinite(point):
        raise ArithmeticError
    simple = Fraction(point).limit_denominator(1000)
    return simple if abs(float(simple) - point) < 1e-12 * max(1.0, abs(point)) else Fraction(point)
