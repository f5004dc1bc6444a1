"""The numbers of a draw that can be moved one by one: free letters, entries of a column, weights, biases and inputs of a network.

A coordinate is ("free", name), ("vector", name, j), ("a", j), ("z", j), ("E", j), ("b", layer, j), ("w", layer, (j, k)) or
("input", j), of the first sample; ("E", r, j) and ("input", r, j) are of sample r, of which all entries are put;
with j = None all entries at once, scaled so that the first is the number given; ("apart", None) scales how far a is from E.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from oracle.proofs.errors import Resample

Coordinate = tuple[Any, ...]
Fixed = tuple[tuple[Coordinate, Fraction], ...]
#: (least, greatest, whether these two belong to it) by domain.
LIMITS: dict[str, tuple[float, float, bool]] = {
    "real": (-float("inf"), float("inf"), False),
    "positive": (0.0, float("inf"), False),
    "nonnegative": (0.0, float("inf"), True),
    "unit": (0.0, 1.0, False),
    "closed_unit": (0.0, 1.0, True),
    "closed_simplex": (0.0, 1.0, True),
    "sign": (-1.0, 1.0, True),
}
NOT_MOVED = ("pi", "infty", "L", "m")


def coordinates(world: Any, names: set[str], free: set[str]) -> Iterator[Coordinate]:
    """Those on which formulas can depend that rest on these names. free: the free letters among them."""
    yield from (("free", name) for name in sorted(free))
    frame, scope = world.frame, world.scope
    if frame.column and scope.columnar:
        moved = "a" if world.direct else "z"
        if names & ({"a"} if world.direct else {"a", "z", "delta", "sigma"}):
            yield moved, 0
            yield moved, None
    elif scope.layered and not scope.given:
        if names & {"a", "z", "delta", "C", "b", "Delta w", "Delta W", "Delta b"}:
            yield from (("b", layer, 0) for layer in range(frame.L, 1, -1))
            yield "input", 0
        if names & {"w", "W"}:
            yield from (("w", layer, (0, 0)) for layer in range(frame.L, 1, -1))
    if "E" in names or ("C" in names and scope.layered):
        yield "E", 0
        if frame.column:
            yield "E", None
    if frame.column and scope.columnar and world.direct and {"a", "E"} <= names:
        yield "apart", None
    yield from (("vector", name, 0) for name in sorted(vectors(world)))


def vectors(world: Any) -> set[str]:
    return {key[1] for key in world.memory if isinstance(key, tuple) and key[0] == "vector"}


def limits(world: Any, coordinate: Coordinate) -> tuple[float, float, bool]:
    if not world.frame.column or coordinate[0] not in ("a", "E"):
        return LIMITS["real"]
    return LIMITS[world.domains[coordinate[0] == "E"]]


def allowed(world: Any, coordinate: Coordinate, value: float) -> bool:
    """Whether the domain permits that value."""
    if coordinate[0] == "E" and world.domains[1] == "sign":
        return abs(value) == 1
    if coordinate[-1] is None:
        return allowed_together(world, coordinate, value)
    low, high, closed = limits(world, coordinate)
    return low <= value <= high if closed else low < value < high


def allowed_together(world: Any, coordinate: Coordinate, value: float) -> bool:
    """Whether the domain permits every entry of the scaled column."""
    moved = "a" if coordinate[0] == "apart" else coordinate[0]
    if moved != "z" and world.domains[moved == "E"] == "closed_simplex":
        return False
    try:
        return all(allowed(world, (moved, j), x.real) for j, x in enumerate(scaled(world, coordinate, value)))
    except Resample:
        return False


def scaled(world: Any, coordinate: Coordinate, value: Any) -> list[Any]:
    """The column, scaled as a whole; none of it where it is 0."""
    column = column_of(world, coordinate)
    origin = world.expected[0] if coordinate[0] == "apart" else [0] * len(column)
    first = column[0] - origin[0]
    if world.f.sign(first) == 0:
        raise Resample
    factor = value / first
    return [o + (x - o) * factor for x, o in zip(column, origin, strict=True)]


def column_of(world: Any, coordinate: Coordinate) -> Any:
    """The array in which it stands."""
    kind, L = coordinate[0], world.frame.L
    if kind == "vector":
        return world.vector(coordinate[1], None)
    if kind in ("b", "w"):
        return (world.start.b if kind == "b" else world.start.w)[coordinate[1]]
    sample = coordinate[1] if len(coordinate) == 3 else 0
    if kind == "E":
        return world.expected[sample]
    if kind == "input":
        return world.start.a[1, sample]
    return (world.start.a if kind in ("a", "apart") else world.start.z)[L, 0]


def value_at(world: Any, coordinate: Coordinate) -> float:
    if coordinate[0] == "free":
        return float(world.variable(coordinate[1], None).real)
    value = float(column_of(world, coordinate)[coordinate[-1] or 0].real)
    return value - float(world.expected[0][0].real) if coordinate[0] == "apart" else value


def put(world: Any, coordinate: Coordinate, value: Any) -> None:
    """value: a number of the world's arithmetic. What was computed from the old one is forgotten."""
    if coordinate[0] == "free":
        world.variables[coordinate[1]] = value
    else:
        column, j = column_of(world, coordinate), coordinate[-1]
        if j is None:
            column[:] = scaled(world, coordinate, value)
        else:
            if on_simplex(world, coordinate) and len(column) > 1:
                others = sum(column[k] for k in range(len(column)) if k != j)
                if world.f.sign(others) == 0:
                    raise Resample
                rest = (world.f.number(Fraction(1)) - value) / others
                column[:] = [x * rest for x in column]
            column[j] = value
    world.forget()


def on_simplex(world: Any, coordinate: Coordinate) -> bool:
    """Whether the others make room for it, so that the sum stays 1; not where all of a sample's entries are put."""
    alone = world.frame.column and coordinate[0] in ("a", "E") and len(coordinate) == 2
    return alone and world.domains[coordinate[0] == "E"] == "closed_simplex"
