"""Points that enter a branch never entered, and points at a switch: on it where floats meet it, and on both sides of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.search.branches import Coverage, Key, Sides
from oracle.search.points import Point
from oracle.search.problem import Arguments, Problem

Array = NDArray[Any]
Margin = Callable[[Arguments], float]

#: Runs of the jaxpr that one attempt may spend.
CLIMB_RUNS = 120
BISECT_RUNS = 70
FLIP_RUNS = 60


def switch_points(coverage: Coverage, most: int = 24) -> Iterator[Point]:
    """First what enters the sides that no point has entered yet, then the floats around every switch; the coverage learns of them.

    Up to `most` points, inside the domains, the same for the same points seen.
    """
    made = 0
    for key in list(coverage.sides):
        if made >= most:
            return
        found = _entering(coverage, key)
        if found is not None:
            coverage.see(found)
            made += 1
            yield Point(found, f"enters the other side of {_text(coverage, key)}")
    done: set[str] = set()
    for key in list(coverage.sides):
        text = _text(coverage, key)
        if text in done or made >= most:
            continue
        done.add(text)
        for args, side in _around(coverage, key):
            if made < most:
                coverage.see(args)
                made += 1
                yield Point(args, f"{side} the switch of {text}")


def _text(coverage: Coverage, key: Key) -> str:
    words = coverage.words.get(key)
    return words.text if words is not None else "a condition"


def _margins_at(coverage: Coverage, key: Key) -> Callable[[Arguments], Array]:
    name, path = key
    return lambda args: coverage.margins(name, args).get(path, np.empty(0))


def _entering(coverage: Coverage, key: Key) -> Arguments | None:
    """Arguments on the side that was never seen, by descent of the smallest |margin|; None where it is not found."""
    sides = coverage.sides[key]
    missing = [side for side in (-1, 1) if not sides.seen[side]]
    if len(missing) != 1 or sides.closest is None:
        return None
    side = missing[0]
    margins = _margins_at(coverage, key)

    def score(args: Arguments) -> float:
        """How far the most promising entry has still to go; negative once it is there."""
        there = side * margins(args)
        there = there[~np.isnan(there)]
        return -float(there.max()) if there.size else math.inf

    best = sides.closest[1]
    lowest, runs, turn = score(best), 0, 0
    while runs < CLIMB_RUNS:
        moves = list(_moves(coverage.problem, best))
        for step in range(min(len(moves), CLIMB_RUNS - runs)):
            candidate = moves[(turn + step) % len(moves)]
            runs += 1
            now = score(candidate)
            if now < 0:
                return candidate
            if now < lowest:  # the next move is another: to shrink alone comes closer to 0 and never past it
                best, lowest, turn = candidate, now, turn + step + 1
                break
        else:
            return None
    return None


def _moves(problem: Problem, args: Arguments) -> Iterator[Arguments]:
    """One argument scaled, turned or shifted as a whole, then by its first entries; inside the domains alone."""
    for k, (domain, x) in enumerate(zip(problem.domains, args, strict=True)):
        if domain.kind != "interval":
            continue
        changed = [x * f for f in (10.0, 0.1, 2.0, 0.5, -1.0, 1e3, 1e-3)] + [x + s for s in (1.0, -1.0, 0.1, -0.1)]
        changed += [(x + end) / 2 for end in domain.bounds if math.isfinite(end)]
        for i in range(min(x.size, 2)):
            for value in (x.flat[i] * 10, -x.flat[i], x.flat[i] / 10):
                one = x.copy()
                one.flat[i] = value
                changed.append(one)
        for y in changed:
            if domain.holds(y) and not np.array_equal(x, y):
                yield (*args[:k], y, *args[k + 1 :])


def _around(coverage: Coverage, key: Key) -> Iterator[tuple[Arguments, str]]:
    """Two arguments that differ by one float in one entry and lie on both sides of a switch, and what is on it."""
    pair = _pair(coverage.sides[key])
    if pair is None:
        return
    below, above = pair
    margins = _margins_at(coverage, key)
    before, after = margins(below), margins(above)
    if before.shape != after.shape:
        return
    opposite = np.flatnonzero((before < 0) & (after > 0))
    if not opposite.size:
        return
    entry = int(opposite[0])

    def margin(args: Arguments) -> float:
        found = margins(args)
        return float(found.flat[entry]) if found.size > entry else math.nan

    flip = _flipping_entry(coverage.problem, below, above, margin)
    if flip is None:
        return
    args, k, i, end = flip
    yield from _bisect(args, k, i, end, margin)


def _pair(sides: Sides) -> tuple[Arguments, Arguments] | None:
    """Arguments of the smallest common shapes below and above the switch."""
    common = sorted((s for s in sides.seen[-1] if s in sides.seen[1]), key=lambda s: sum(map(math.prod, s)))
    return (sides.seen[-1][common[0]], sides.seen[1][common[0]]) if common else None


def _flipping_entry(
    problem: Problem, below: Arguments, above: Arguments, margin: Margin
) -> tuple[Arguments, int, int, float] | None:
    """Goes from below to above entry by entry, up to the one that changes the side: the arguments before it, which argument and
    index it is, its new value.
    """
    args, runs = below, 0
    for k, domain in enumerate(problem.domains):
        if domain.kind != "interval":
            continue
        for i in range(args[k].size):
            new = float(above[k].flat[i])
            if new == args[k].flat[i]:
                continue
            runs += 1
            moved = with_entry(args, k, i, new)
            if margin(moved) > 0:
                return args, k, i, new
            if runs >= FLIP_RUNS:
                return None
            args = moved
    return None


def with_entry(args: Arguments, k: int, i: int, value: float) -> Arguments:
    """The arguments with entry i of argument k replaced."""
    x = args[k].copy()
    x.flat[i] = value
    return (*args[:k], x, *args[k + 1 :])


def _bisect(args: Arguments, k: int, i: int, end: float, margin: Margin) -> Iterator[tuple[Arguments, str]]:
    """Halves the floats between two values of one entry until they are neighbours, or one of them is on the switch."""
    low, high = _rank(float(args[k].flat[i])), _rank(end)
    for _ in range(BISECT_RUNS):
        if abs(high - low) <= 1:
            break
        middle = (low + high) // 2
        found = margin(with_entry(args, k, i, _from_rank(middle)))
        if found == 0:
            yield with_entry(args, k, i, _from_rank(middle)), "on"
            step = 1 if high > low else -1
            low, high = middle - step, middle + step
            break
        if found > 0:
            high = middle
        else:
            low = middle
    yield with_entry(args, k, i, _from_rank(low)), "just below"
    yield with_entry(args, k, i, _from_rank(high)), "just above"


def _rank(x: float) -> int:
    """The place of a float among all of them in order: neighbours differ by one."""
    bits = int(np.float64(x).view(np.int64))
    return bits if bits >= 0 else -(bits & (2**63 - 1))


def _from_rank(rank: int) -> float:
    magnitude = float(np.int64(abs(rank)).view(np.float64))
    return magnitude if rank >= 0 else -magnitude
