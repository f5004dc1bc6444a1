"""Where a function of one number comes down to 0 and turns, as e^{x − 3} − x + 2 does at 3: no sign changes there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

Function = Callable[[float], float | None]
GOLDEN = (5**0.5 - 1) / 2
#: Steps of golden section, and after how many of them a function that touches 0 is a hundredth of what it was, or less.
STEPS = 42
EARLY = 12
SMALLER = 0.01
#: What is left of a function at its zero, relative to its values around.
LEFT = 1e-12
HALVINGS = 80
#: The largest denominators of the fractions that may be meant.
SIMPLE = (1, 10, 100, 1000)


def touching(g: Function, slope: Function | None, values: Sequence[tuple[float, float]], most: int) -> list[float]:
    """Zeros without a change of sign. values: points with the values of g there, in order; slope: its derivative."""
    threes = [
        (left[0], middle[0], right[0], max(abs(left[1]), abs(right[1])))
        for left, middle, right in zip(values, values[1:], values[2:], strict=False)
        if left[1] * middle[1] > 0 < middle[1] * right[1] and abs(middle[1]) <= min(abs(left[1]), abs(right[1]))
    ]
    threes.sort(key=lambda three: abs(three[1]))
    found = (lowest(g, slope, *three) for three in threes[:most])
    return [x for x in found if x is not None]


def lowest(g: Function, slope: Function | None, low: float, middle: float, high: float, around: float) -> float | None:
    """Where |g| is 0 between low and high; None where it is not."""
    bracket = narrowed(g, low, high, around)
    if bracket is None:
        return None
    x = (bracket[0] + bracket[1]) / 2
    turn = turning(slope, *bracket) if slope is not None else None
    candidates = [*(float(Fraction(x).limit_denominator(most)) for most in SIMPLE), x if turn is None else turn]
    sizes = [(abs(y), k, at) for k, at in enumerate(candidates) if low <= at <= high and (y := g(at)) is not None]
    if not sizes:
        return None
    least, _, at = min(sizes)
    return at if least <= LEFT * max(around, LEFT) else None


def narrowed(g: Function, low: float, high: float, around: float) -> tuple[float, float] | None:
    """An interval around the minimum of |g|, wide enough for the slope to be told on both sides; None where |g| stays above 0."""
    wide = low, high
    inner = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)]
    sizes = [size(g, x) for x in inner]
    for step in range(STEPS):
        if sizes[0] <= sizes[1]:
            high, inner[1], sizes[1] = inner[1], inner[0], sizes[0]
            inner[0] = high - GOLDEN * (high - low)
            sizes[0] = size(g, inner[0])
        else:
            low, inner[0], sizes[0] = inner[0], inner[1], sizes[1]
            inner[1] = low + GOLDEN * (high - low)
            sizes[1] = size(g, inner[1])
        if step == EARLY and min(sizes) > SMALLER * around:
            return None
    apart = max(high - low, 1e-5 * max(abs(low), abs(high), 1e-3))
    return max(wide[0], low - apart), min(wide[1], high + apart)


def size(g: Function, x: float) -> float:
    y = g(x)
    return float("inf") if y is None else abs(y)


def turning(slope: Function, low: float, high: float) -> float | None:
    """Where the slope changes its sign, by halves."""
    first, last = slope(low), slope(high)
    if first is None or last is None or first * last > 0:
        return None
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        value = slope(middle)
        if value is None or value == 0 or not low < middle < high:
            return middle
        low, high = (middle, high) if (value > 0) == (first > 0) else (low, middle)
    return (low + high) / 2
