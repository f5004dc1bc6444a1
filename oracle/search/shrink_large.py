"""Plainer arguments of thousands of entries: whole arrays are made plainer at once, and few are tried, each takes long."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.effort.budget import Exhausted
from oracle.search.problem import Arguments, Problem

Array = NDArray[Any]

#: From so many entries on a single one matters no more.
MANY = 2000
#: Candidates that are tried; of hundreds of thousands of entries fewer.
MOST_RUNS, FEW_RUNS = 8, 2
#: Digits that are looked for in a number; what has more has as many as there are.
DIGITS = 4


def are_many(args: Arguments) -> bool:
    return sum(x.size for x in args) > MANY


def shrink_many(
    args: Arguments,
    fails: Callable[[Arguments], bool],
    problem: Problem,
    plainer: Callable[[Problem, Arguments], Any],
    inside: Callable[[Problem, Arguments], bool],
) -> Arguments:
    """The plainest of a few arguments of the same shapes that still fail, those that a strategy draws as they are."""
    left = MOST_RUNS if sum(x.size for x in args) < 50 * MANY else FEW_RUNS
    for candidate in plainer(problem, args):
        if plainness(candidate) >= plainness(args) or not inside(problem, candidate):
            continue
        left -= 1
        try:
            if fails(tuple(x.copy() for x in candidate)):
                args = candidate
        except Exhausted:
            return args
        if not left:
            return args
    return args


def plainness(args: Arguments) -> tuple[int, int, float]:
    """Smaller is plainer: how many digits there are in all, minus signs, the sum of magnitudes."""
    digits = sum(int(np.sum(_digits(x))) for x in args)
    return digits, sum(int(np.sum(x < 0)) for x in args), float(sum(np.sum(np.minimum(np.abs(x), 10.0)) for x in args))


def _digits(x: Array) -> NDArray[np.int64]:
    """Significant decimal digits and decades from 1, of each number."""
    with np.errstate(all="ignore"):
        decade = np.where(x == 0, 0.0, np.floor(np.log10(np.abs(x))))
        found = np.full(x.shape, 2 * 17)
        for digits in reversed(range(DIGITS)):
            unit = 10.0 ** (decade - digits)
            found = np.where(np.abs(np.round(x / unit) * unit - x) <= 2.0**-50 * np.abs(x), 2 * (digits + 1), found)
    return np.asarray(np.where(x == 0, 0, found + np.abs(decade)), dtype=np.int64)
