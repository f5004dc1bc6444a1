"""Where several edges are met at once, and every side of them there: |x − y| < 1, |y − t| < 1 and |t − 10| < 1, or a ring and a
hyperbola that cross.

The edges are solved for all numbers together, by Newton's method. From there each edge is left to either side, by a step so short
that no other one is crossed.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from oracle.proofs import nodes as n
from oracle.proofs.coordinates import Coordinate, Fixed, allowed, value_at
from oracle.proofs.draws import Draws
from oracle.proofs.evaluate import Evaluator
from oracle.proofs.least_squares import Linear, by_complex_step, meant
from oracle.proofs.meeting_points import chosen, depends, restore, snapshot
from oracle.proofs.meetings import Meeting
from oracle.proofs.scope import Scope
from oracle.proofs.transfer import rests_on
from oracle.proofs.world import World

#: How many edges are met at once at most, how many sets of them are tried, and how many points where they meet are looked around.
MOST_EDGES = 4
MOST_SETS = 32
MOST_POINTS = 8
#: How many numbers are moved at most: letters, or entries of each column.
MOST_MOVED = 6
MOST_ENTRIES = 2
#: How far each edge is left, and how often a step is halved.
SHARES = (0.3, 0.23, 0.17, 0.13)
HALVED = 12
#: Steps of Newton's method, and what is left of the differences where they are 0.
STEPS = 25
MET = 1e-10
FAR = 10.0
CHOOSING = ("abs", "max", "min")


def joint_points(
    found: Sequence[Meeting], moved: Sequence[Coordinate], world: World, layers: dict[str, int], draws: Draws
) -> list[Fixed]:
    """Points at which branches meet, and points on either side of each around them; none where fewer than two can meet."""
    return list(jointly(found, moved, world, layers, draws))


def jointly(
    found: Sequence[Meeting], moved: Sequence[Coordinate], world: World, layers: dict[str, int], draws: Draws
) -> Iterator[Fixed]:
    edges = [edge for edge in found if smooth(edge, draws.scope)]
    coordinates = [c for one in moved for c in entries(one, world)]
    coordinates = [c for c in coordinates if any(depends(edge, c, draws) for edge in edges)][:MOST_MOVED]
    edges = [edge for edge in edges if any(depends(edge, c, draws) for c in coordinates)]
    most = min(len(edges), len(coordinates), MOST_EDGES)
    sets = itertools.chain.from_iterable(itertools.combinations(edges, size) for size in range(most, 1, -1))
    kept = [(c, snapshot(world, c)) for c in coordinates]
    points = 0
    for together in itertools.islice(sets, MOST_SETS):
        here = differences(together, coordinates, world, layers)
        whole = differences([edge for edge in found if edge not in together], coordinates, world, layers)
        try:
            around = list(sides(here, whole, starts(coordinates, world)))
        finally:
            for coordinate, numbers in reversed(kept):
                restore(world, coordinate, numbers)
        for point in around:
            if all(allowed(world, c, float(x)) for c, x in zip(coordinates, point, strict=True)):
                yield tuple((c, Fraction(x)) for c, x in zip(coordinates, point, strict=True))
        points += bool(around)
        if points >= MOST_POINTS:
            return


def smooth(edge: Meeting, scope: Scope) -> bool:
    """Whether nothing chooses in the edge: those in which something does are met on the way between others."""
    sides_of = edge.left, edge.right
    bodies = [d.body for name in sorted(rests_on(sides_of, scope)) if (d := scope.get(name)) is not None]
    nodes = [x for root in (*sides_of, *bodies) for x in n.walk(root)]
    return not any(isinstance(x, n.Cases) or (isinstance(x, n.Call) and x.name in CHOOSING) for x in nodes)


def entries(coordinate: Coordinate, world: World) -> Iterator[Coordinate]:
    """The number itself; of a column, its first entries."""
    if coordinate[-1] is None:
        return
    if coordinate[0] in ("a", "z", "E") and world.frame.column:
        width = world.frame.width(world.frame.L)
        yield from ((coordinate[0], j) for j in range(min(width, MOST_ENTRIES)))
    else:
        yield coordinate


def starts(coordinates: Sequence[Coordinate], world: World) -> list[np.ndarray]:
    """The draw, its mirror image, and the draw farther out."""
    start = np.array([value_at(world, c) for c in coordinates])
    return [start, -start, FAR * start]


def differences(edges: Sequence[Meeting], moved: Sequence[Coordinate], world: World, layers: dict[str, int]) -> Linear:
    """Left minus right of each edge at its first indices, with the derivatives by what is moved; None where one has no value."""
    places = [(edge, Evaluator(world, layers, next(chosen(edge, world)), {}, None, 0)) for edge in edges]
    return by_complex_step(lambda: [here.scalar(e.left) - here.scalar(e.right) for e, here in places], moved, world)


def sides(here: Linear, others: Linear, starting: Sequence[np.ndarray]) -> Iterator[np.ndarray]:
    """The first point at which all differences are 0, and one for each choice of their signs around it."""
    for start in starting:
        point = meeting_point(here, start)
        found = None if point is None else here(point)
        if point is None or found is None:
            continue
        yield point
        for signs in itertools.product((1, -1), repeat=len(found[0])):
            wanted = np.array(signs) * SHARES[: len(signs)]
            step: Any = np.linalg.lstsq(found[1], wanted, rcond=1e-10)[0]
            short = shortened(point, step, others)
            if short is not None:
                yield point + short
        return


def meeting_point(here: Linear, start: np.ndarray) -> np.ndarray | None:
    """Where all differences are 0: Newton's method, each step halved until it leads closer; the simplest fractions there."""
    at, now = start, here(start)
    if now is None:
        return None
    first = max(1.0, float(np.max(np.abs(now[0]))))
    for _ in range(STEPS):
        if np.max(np.abs(now[0])) <= MET * first or not np.all(np.isfinite(now[1])):
            break
        step: Any = np.linalg.lstsq(now[1], -now[0], rcond=1e-10)[0]
        for _ in range(HALVED):
            there = here(at + step)
            if there is not None and np.linalg.norm(there[0]) < np.linalg.norm(now[0]):
                break
            step = step / 2
        else:
            break
        at, now = at + step, there
    return meant(here, at, MET * first)


def shortened(point: np.ndarray, step: np.ndarray, others: Linear) -> np.ndarray | None:
    """The step, halved until no other difference that is not 0 at the point has changed its sign."""
    before = others(point)
    for _ in range(HALVED):
        after = others(point + step)
        if before is None or after is None:
            return step
        crossed = before[0] * after[0] < 0
        if not np.any(crossed & (np.abs(before[0]) > 1e-9)):
            return step
        step = step / 2
    return None
