"""Which points are tried along one number at which something changes there: those, and some between and beside them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from oracle.proofs.coordinates import Coordinate, allowed, limits
from oracle.proofs.world import World

#: Places tested for each number that is moved: of a free letter, and of an entry, which stand in many places at once.
MOST = 13
MOST_OF_AN_ENTRY = 6


@dataclass(frozen=True)
class Point:
    """What is known of a number at which something changes; and of one where nothing does."""

    divides: bool = False
    blur: float = 0.0

    def with_edge(self, divides: bool, blur: float) -> Point:
        return Point(self.divides or divides, max(self.blur, blur))


PLAIN = Point()


def ends(world: World, coordinate: Coordinate) -> list[Fraction]:
    """The ends of a domain that belong to it."""
    low, high, closed = limits(world, coordinate)
    return [Fraction(end) for end in (low, high) if closed and abs(end) != float("inf")]


def spread(points: dict[Fraction, Point], coordinate: Coordinate, world: World) -> Iterator[tuple[Fraction, Point]]:
    """The points, and for a free letter those between and beside them."""
    found = sorted(points)
    if coordinate[0] != "free":
        found = found[:MOST_OF_AN_ENTRY]
        yield from ((point, points[point]) for point in found)
        branching = [point for point in found if not points[point].divides]
        if branching:
            yield from ((x, PLAIN) for x in beside(branching, world, coordinate) if x not in points)
        return
    found = found[:MOST]
    between = [(low + high) / 2 for low, high in itertools.pairwise(found)]
    yield from ((point, points[point]) for point in found)
    yield from ((point, PLAIN) for point in (*between, found[0] - 1, found[-1] + 1))


def beside(points: list[Fraction], world: World, coordinate: Coordinate) -> Iterator[Fraction]:
    """Between neighbouring points, and between the last ones and the ends of the domain."""
    low, high, _ = limits(world, coordinate)
    first = Fraction(low) if low != -float("inf") else points[0] - 2
    last = Fraction(high) if high != float("inf") else points[-1] + 2
    for left, right in itertools.pairwise((first, *points, last)):
        if allowed(world, coordinate, float(left + right) / 2):
            yield (left + right) / 2
