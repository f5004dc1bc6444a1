"""The number of a mistake that has one, from one wrong answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np

from oracle.conform.hypotheses import Hypothesis, Stand, stand
from oracle.conform.outcome import Result
from oracle.vectors.families import FAMILIES, Family
from oracle.vectors.formats import as_floats
from oracle.vectors.record import Answer, tensors

#: After the mistakes without a number.
PLACE = 1000
#: Steps towards a number, and how near two of them are, relatively, when it is found.
STEPS, SETTLED = 60, 1e-15
#: A number that one entry gave and another confirms is no chance; one that was chosen from a list must explain more.
FITTED, CHOSEN = 2, 3
#: A number this near to one of few digits is that one.
NEAR = 1e-3


def fitted(family: Family, result: Result) -> Iterator[Hypothesis]:
    """The mistake at each number at which it explains a case."""
    numbers = dict.fromkeys(family.grid)
    if family.continuous:
        numbers = dict.fromkeys(n for found in _solutions(family, result) for n in (_short(found), found))
    for number in numbers:
        hypothesis = Hypothesis(
            family.named(number),
            lambda q, n=number: family.answer(q, n),  # type: ignore[misc]
            PLACE + FAMILIES.index(family),
            family.mathematics,
            (FITTED if family.continuous else CHOSEN) if family.mathematics else None,
        )
        if stand(hypothesis, result) is Stand.EXPLAINS:
            yield hypothesis
            return


def _solutions(family: Family, result: Result) -> Iterator[float]:
    """The numbers at which the worst entry is what was answered, of either sign where the family has any."""
    place = _worst_gradient(result)
    if place is None:
        return
    field, layer, at = place
    got = _entry(result.answer, field, layer, at)

    def miss(number: float) -> float:
        with np.errstate(all="ignore"):
            made = family.made(result.vector.question, number)
            return math.nan if made is None else _entry(made, field, layer, at) - got

    values = [(n, miss(n)) for n in sorted(family.grid)]
    for (low, at_low), (high, at_high) in pairwise(values):
        if math.isfinite(at_low) and math.isfinite(at_high) and at_low * at_high <= 0 and at_low != at_high:
            yield _root(miss, low, high, at_low, at_high)


def _root(miss: Callable[[float], float], low: float, high: float, at_low: float, at_high: float) -> float:
    """By the secant of the two ends, one of which always stays beyond; the end that stays counts for half (Illinois)."""
    before = 0.0
    for _ in range(STEPS):
        middle = (low * at_high - high * at_low) / (at_high - at_low)
        if not low < middle < high:
            middle = math.sqrt(low * high)
        value = miss(middle)
        if value == 0 or not math.isfinite(value) or abs(middle - before) <= SETTLED * middle:
            return middle
        before = middle
        if (value < 0) == (at_low < 0):
            low, at_low, at_high = middle, value, at_high / 2
        else:
            high, at_high, at_low = middle, value, at_low / 2
    return before


def _short(number: float) -> float:
    """The number with two digits, if that is near."""
    short = float(f"{number:.2g}")
    return short if abs(short - number) <= NEAR * abs(number) else number


def _worst_gradient(result: Result) -> tuple[str, int, tuple[int, ...]] | None:
    """The entry of a gradient that is wrong by most, measured by its allowance."""
    assert result.answer is not None
    worst, place = 0.0, None
    given = {(field, layer): v for field, layer, v in tensors(result.answer)}
    for (field, layer, truth), (_, _, allowed) in zip(
        tensors(result.vector.truth), tensors(result.vector.allowance), strict=True
    ):
        value = given.get((field, layer))
        if field not in ("nabla_w", "nabla_b") or value is None or value.shape != truth.shape:
            continue
        with np.errstate(over="ignore", invalid="ignore"):
            excess = np.abs(as_floats(value) - as_floats(truth)) / allowed
        at = tuple(int(k) for k in np.unravel_index(int(np.argmax(excess)), truth.shape))
        if np.isfinite(excess[at]) and excess[at] > max(worst, 1.0):
            worst, place = float(excess[at]), (field, layer, at)
    return place


def _entry(answer: Answer | None, field: str, layer: int, at: tuple[int, ...]) -> float:
    assert answer is not None
    return float(as_floats(getattr(answer, field)[layer - 2])[at])
