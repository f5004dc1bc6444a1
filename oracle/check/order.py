"""In which order the planned points are tried: as planned where all of them can be had, else what costs least first."""

from __future__ import annotations

from collections.abc import Iterator

from oracle.effort.budget import Budget
from oracle.search.points import Point

#: The part of a budget that goes to one point of every size, before the shortest have the rest.
FOR_SIZES = 0.5


def in_order(planned: Iterator[Point], budget: Budget) -> Iterator[Point]:
    """As planned, where the budget is enough; what the first point takes of it shows what the others will, by their sizes.

    Else one of every size while half of it lasts, the shortest first, then the rest of the short ones.
    """
    before = budget.part_spent
    first = next(planned, None)
    if first is None:
        return
    yield first
    rest = list(planned)
    for_an_entry = (budget.part_spent - before) / max(1, size_of(first))
    if for_an_entry * sum(map(size_of, rest)) <= 1 - budget.part_spent:
        yield from rest
        return
    rest.sort(key=size_of)
    seen, early = {size_of(first)}, []
    left = FOR_SIZES
    for k, point in enumerate(rest):
        left -= for_an_entry * size_of(point) * (size_of(point) not in seen)
        if left < 0:
            break
        if size_of(point) not in seen:
            seen.add(size_of(point))
            early.append(k)
    yield from (rest[k] for k in early)
    yield from (point for k, point in enumerate(rest) if k not in set(early))


def size_of(point: Point) -> int:
    """The entries of all arguments."""
    return sum(a.size for a in point.args)
