"""Where a formula of several numbers is 0 and nowhere less, as (x − 1)² + (x − 1)(y − 2) + (y − 2)² at (1, 2).

A sum of squares is 0 where each of them is: Gauss's and Newton's method on these. Of any other formula the gradient is 0 there:
Newton's method on that. All numbers are moved at once, each entry of a column by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from oracle.proofs import nodes as n
from oracle.proofs.complex_step import STEP
from oracle.proofs.coordinates import Coordinate, Fixed, allowed, put, value_at
from oracle.proofs.errors import ProofError, Resample
from oracle.proofs.evaluate import Evaluator
from oracle.proofs.meeting_points import letters_in, restore, snapshot
from oracle.proofs.meetings import ZERO, Meeting
from oracle.proofs.really_zero import really_zero
from oracle.proofs.world import World

#: Steps of Newton's method, how often one is halved until it leads closer, and how many numbers are moved at most.
STEPS = 12
HALVED = 4
MOST_MOVED = 8
#: After so many steps a formula that comes down to 0 is half of what it was, or less.
EARLY = 3
#: Every residual, or the formula relative to what it was at the start, is smaller at a zero.
LEFT = 1e-12
DIFFERENCE = 1e-4
#: Smaller residuals are rounding.
ROUNDED = 1e-14
#: The largest denominators of the fractions that may be meant.
SIMPLE = (1, 10, 100, 1000)
#: The values of the residuals, and their derivatives by the numbers that are moved; None where they have none.
Linear = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray] | None]


def zeros(
    formula: n.Node, squares: Sequence[n.Node] | None, moved: Sequence[Coordinate], world: World, layers: dict[str, int]
) -> Iterator[Fixed]:
    """Where the formula is 0, by moving these numbers, or some of them; squares: of which it is a sum, if it is one."""
    roots, kept = squares or [formula], [(c, snapshot(world, c)) for c in moved]
    try:
        for group in groups(moved):
            linear = residuals(roots, group, world, layers)
            system = linear if squares is not None else gradient(linear, len(group))
            start = np.array([value_at(world, c) for c in group])
            for first in (start, np.full(len(group), 0.5)):
                found = solved(system, linear, first)
                if found is None or not all(allowed(world, c, float(x)) for c, x in zip(group, found, strict=True)):
                    continue
                here = Evaluator(world, layers, {}, {}, None, 0)
                if squares is not None or really_zero(Meeting(formula, ZERO), here, group, list(map(float, found))):
                    yield tuple((c, Fraction(x)) for c, x in zip(group, found, strict=True))
                    break
            for coordinate, numbers in reversed(kept):
                restore(world, coordinate, numbers)
    finally:
        for coordinate, numbers in reversed(kept):
            restore(world, coordinate, numbers)


def groups(moved: Sequence[Coordinate]) -> Iterator[list[Coordinate]]:
    """All numbers, and those of one kind."""
    kinds = list(dict.fromkeys(c[0] for c in moved))
    for group in (list(moved), *([c for c in moved if c[0] == kind] for kind in kinds if len(kinds) > 1)):
        if 1 < len(group) <= MOST_MOVED:
            yield group


def residuals(roots: Sequence[n.Node], moved: Sequence[Coordinate], world: World, layers: dict[str, int]) -> Linear:
    """The roots, for every entry of what they are about, with their derivatives by the complex step."""
    width = world.frame.width(world.frame.L)
    letters = [sorted({i for x in n.walk(root) for i in letters_in(x)}) for root in roots]
    places = [
        (root, Evaluator(world, layers, dict.fromkeys(names, j), {}, None, 0))
        for root, names in zip(roots, letters, strict=True)
        for j in (range(width) if names else (0,))
    ]
    return by_complex_step(lambda: [here.scalar(root) for root, here in places], moved, world)


def by_complex_step(values: Callable[[], Sequence[Any]], moved: Sequence[Coordinate], world: World) -> Linear:
    """The values where what is moved has these numbers, with their derivatives by each of them; None where one has no value."""

    def linear(at: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
        columns = []
        try:
            with np.errstate(divide="raise", over="raise", invalid="raise"):
                for k in range(len(moved)):
                    for i, (coordinate, x) in enumerate(zip(moved, at, strict=True)):
                        put(world, coordinate, complex(x, STEP if i == k else 0.0))
                    columns.append([complex(value) for value in values()])
        except (ProofError, Resample, ArithmeticError, KeyError, IndexError, TypeError, ValueError):
            return None
        found = np.array(columns).reshape(len(moved), -1).T
        return found[:, 0].real, found.imag / STEP

    return linear


def gradient(linear: Linear, size: int) -> Linear:
    """The gradient of a single residual, and how it changes, by differences."""

    def system(at: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
        here, rows = linear(at), []
        for k in range(size):
            step = DIFFERENCE * max(1.0, abs(at[k])) * np.eye(size)[k]
            beside = linear(at + step), linear(at - step)
            if here is None or beside[0] is None or beside[1] is None:
                return None
            rows.append((beside[0][1][0] - beside[1][1][0]) / (2 * step[k]))
        return None if here is None else (here[1][0], np.array(rows))

    return system


def solved(system: Linear, linear: Linear, start: np.ndarray) -> np.ndarray | None:
    """Where the system, and all residuals, are 0; None where that is not found."""
    at, here, first = start, system(start), linear(start)
    if here is None or first is None:
        return None
    for number in range(STEPS):
        values, slopes = here
        if number == EARLY and not closer(linear, at, first[0]):
            return None
        if not np.all(np.isfinite(slopes)) or np.linalg.norm(values) <= ROUNDED * (1 + np.linalg.norm(slopes)):
            break
        step: Any = np.linalg.lstsq(slopes, -values, rcond=1e-10)[0]
        for _ in range(HALVED):
            there = system(at + step)
            if there is not None and np.linalg.norm(there[0]) < np.linalg.norm(values):
                break
            step = step / 2
        else:
            break
        at, here = at + step, there
    return meant(linear, at, LEFT * max(1.0, float(np.max(np.abs(first[0])))))


def closer(linear: Linear, at: np.ndarray, first: np.ndarray) -> bool:
    found = linear(at)
    return found is not None and bool(2 * np.max(np.abs(found[0])) <= np.max(np.abs(first)))


def meant(linear: Linear, at: np.ndarray, left: float) -> np.ndarray | None:
    """The simplest fractions close by that are as good."""
    candidates = [
        np.array([float(Fraction(x).limit_denominator(most)) if np.isfinite(x) else x for x in at]) for most in SIMPLE
    ]
    sizes = [
        (float(np.max(np.abs(found[0]))), k)
        for k, candidate in enumerate((*candidates, at))
        if (found := linear(candidate)) is not None
    ]
    if not sizes or min(sizes)[0] > left:
        return None
    return (*candidates, at)[min(sizes)[1]]
