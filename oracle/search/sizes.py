"""Shapes with names in them, (("n", "2*d"), ("d",)): equal names are equal sizes, and whatever they are, a gradient is to be right.

An axis is a number, a name, or a*name+b with whole numbers a and b.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

AXIS = re.compile(r"(?:([1-9]\d*)\*)?([^\W\d]\w*)(?:([+-])([1-9]\d*))?")
#: A name that nobody bounds is of any size between these.
BOUNDS = (1, 4096)
#: What the other names are beside one that is tried: small and unequal, so that they are not mistaken for each other.
BESIDE = (3, 2, 5, 4, 1, 7, 6)
#: Beside a size of more than so many the others are the first of these.
LARGE, FIRST = 30, 2

Shapes = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Axis:
    """factor·name + more; without a name the number `more`."""

    name: str
    factor: int
    more: int

    def at(self, sizes: Mapping[str, int]) -> int:
        return self.factor * sizes[self.name] + self.more if self.name else self.more

    def least(self) -> int:
        """The smallest size of the name at which the axis has an entry."""
        return max(1, -((self.more - 1) // self.factor)) if self.name else 1


@dataclass(frozen=True)
class Sizes:
    """axes: those of each argument; bounds: (low, high) of each name, in the order of their first use."""

    axes: tuple[tuple[Axis, ...], ...]
    bounds: tuple[tuple[str, int, int], ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _, _ in self.bounds)

    def shapes(self, sizes: Mapping[str, int]) -> Shapes:
        """The shape of each argument at these sizes."""
        return tuple(tuple(axis.at(sizes) for axis in axes) for axes in self.axes)

    def of(self, shapes: Sequence[tuple[int, ...]]) -> dict[str, int] | None:
        """The sizes at which the arguments have these shapes; None where there are none within the bounds."""
        if [len(s) for s in shapes] != [len(axes) for axes in self.axes]:
            return None
        pairs = [
            (a, n) for axes, shape in zip(self.axes, shapes, strict=True) for a, n in zip(axes, shape, strict=True)
        ]
        found = {axis.name: (n - axis.more) // axis.factor for axis, n in pairs if axis.name}
        inside = all(low <= found[name] <= high for name, low, high in self.bounds)
        return found if inside and all(axis.at(found) == n for axis, n in pairs) else None

    def beside(self, length: int, turn: int, lead: int | None) -> dict[str, int]:
        """Sizes of which one is as close to the length as its bounds allow, and the others are small; which one goes by the turn
        where no lead says so. A lead of −1 is all of them."""
        chosen, turn = (turn % max(1, len(self.bounds)), turn) if lead is None else (lead, 0)
        pool, step = (BESIDE[:FIRST], 1) if length > LARGE else (BESIDE, 2)
        sizes = {}
        for k, (name, low, high) in enumerate(self.bounds):
            asked = length if chosen in (k, -1) else pool[(turn + length + step * k) % len(pool)]
            sizes[name] = min(max(asked, low), high)
        return sizes


def axis_of(said: int | str) -> Axis:
    """Raises ValueError for what is neither a number of at least 1 nor a*name+b."""
    if isinstance(said, str) and (found := AXIS.fullmatch(said.replace(" ", ""))) is not None:
        factor, name, sign, more = found.groups()
        return Axis(name, int(factor or 1), int(f"{sign or ''}{more or 0}"))
    if isinstance(said, str) or int(said) != said or said < 1:
        raise ValueError(f"{said!r} is no size: give a number of at least 1, a name, or a*name+b such as '2*n'")
    return Axis("", 1, int(said))


def sizes_of(shapes: Sequence[Sequence[int | str]], bounds: Mapping[str, tuple[int, int]]) -> Sizes:
    """The shapes as axes; bounds: of the names that have some. Raises ValueError for a name that allows no size."""
    axes = tuple(tuple(axis_of(n) for n in shape) for shape in shapes)
    named = [axis for shape in axes for axis in shape if axis.name]
    found = []
    for name in dict.fromkeys(axis.name for axis in named):
        low, high = bounds.get(name, BOUNDS)
        low = max(low, *(axis.least() for axis in named if axis.name == name))
        if low > high:
            raise ValueError(f"{name} is at most {high}, and its axes have no entry below {low}")
        found.append((name, low, high))
    return Sizes(axes, tuple(found))
