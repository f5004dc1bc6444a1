"""In which order the planned points are tried: as planned where all of them can be had, else what costs least first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from oracle.effort.budget import Budget
from oracle.search.points import Point

#: Points of so many entries are drawn when they are tried.
LARGE = 4000
#: The part of a budget that goes to one point of every size, before the shortest have the rest.
FOR_SIZES = 0.5


def in_order(planned: Iterator[Point], budget: Budget) -> Iterator[Point]:
    """As planned, where the budget is enough; what the first two points take of it shows what the others will, by their sizes.

    Else one of every size while half of it lasts, the shortest first, then the rest of the short ones.
    """
    first, taken = list(islice(planned, 2)), []
    for point in first:
        before = budget.part_spent
        yield point
        taken.append(budget.part_spent - before)
    if (
        len(first) == 2 and size_of(first[0]) == size_of(first[1]) >= LARGE
    ):  # of one size, and not to be held all at once
        yield from planned
        return
    rest = list(planned)
    if not rest:
        return
    for_a_point, for_an_entry = _costs(list(map(size_of, first)), taken)

    def cost(point: Point) -> float:
        return for_a_point + for_an_entry * size_of(point)

    if sum(map(cost, rest)) <= 1 - budget.part_spent:
        yield from rest
        return
    rest.sort(key=size_of)
    seen, early = set(map(size_of, first)), []
    left = FOR_SIZES
    for k, point in enumerate(rest):
        left -= cost(point) * (size_of(point) not in seen)
        if left < 0:
            break
        if size_of(point) not in seen:
            seen.add(size_of(point))
            early.append(k)
    yield from (rest[k] for k in early)
    yield from (point for k, point in enumerate(rest) if k not in set(early))


def _costs(sizes: Sequence[int], taken: Sequence[float]) -> tuple[float, float]:
    """What a point takes, and an entry of it, by two points; the first one takes more once, which counts for no entry."""
    (small, large), (first, second) = sizes, taken
    if large == small:
        return 0.0, second / max(1, large)
    for_an_entry = max(0.0, (second - first) / (large - small))
    return max(0.0, second - for_an_entry * large), for_an_entry


def size_of(point: Point) -> int:
    """The entries of all arguments."""
    return sum(a.size for a in point.args)
