"""Draws on the edges: where a condition begins, branches meet, a denominator is 0 or a domain ends, and between those places."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

from oracle.proofs import nodes as n
from oracle.proofs.coordinates import (
    NOT_MOVED,
    Coordinate,
    Fixed,
    allowed,
    coordinates,
    value_at,
)
from oracle.proofs.draws import Draws
from oracle.proofs.errors import ProofError, Resample
from oracle.proofs.evaluate import Evaluator
from oracle.proofs.frame import Frame
from oracle.proofs.jointly import joint_points
from oracle.proofs.meeting_points import blur, depends, found_points
from oracle.proofs.meetings import ZERO as NOTHING
from oracle.proofs.meetings import Meeting, choices, meetings, sides_of
from oracle.proofs.patterns import sides_of_columns
from oracle.proofs.places import directly, layers_allowed, letters_of
from oracle.proofs.scope import Scope, bound_indices, free_indices
from oracle.proofs.spread import PLAIN, Point, ends, spread
from oracle.proofs.squares import where_all_vanish
from oracle.proofs.statements import Statement
from oracle.proofs.together import together
from oracle.proofs.transfer import rests_on
from oracle.proofs.windows import in_windows
from oracle.proofs.world import World

#: Draws around which edges are looked for, one and its mirror image: a threshold at |x| = c is another one for c < 0.
BASES = 2
ZERO = Fraction(0)


@dataclass(frozen=True)
class Edge:
    """number: of the draw. fixed: what is put in. vanishes: whether a denominator counts for 0 that is so but for rounding.

    blur: what rounding may have left of a 0 there. between: whether it lies between two edges, or beside one.
    """

    number: Any
    fixed: Fixed
    vanishes: bool = False
    blur: float = 0.0
    between: bool = False

    @property
    def draw(self) -> dict[str, Any]:
        """As `places` takes it."""
        return {"number": self.number, "fixed": self.fixed, "vanishes": self.vanishes, "blur": self.blur}


def edge_draws(
    draws: Draws, frame: Frame, statement: Statement, beside_it: tuple[n.Comparison, ...] = ()
) -> Iterator[Edge]:
    """Every edge of the statement along every number that can be moved, and the places between; then some for all at once.

    beside_it: conditions that are none of the statement, at whose edges it is tested too.
    """
    found = draws.once(("edges", statement), lambda: list(dict.fromkeys(meetings(statement, draws.scope))))
    found = list(dict.fromkeys((*found, *(edge for c in beside_it for edge in sides_of(c)))))
    roots_of = [*statement.sides, *(side for c in statement.conditions for side in c.sides)]
    names = draws.once(("rests on", statement), lambda: rests_on(roots_of, draws.scope))
    names = names | rests_on([side for c in beside_it for side in c.sides], draws.scope)
    indices = set().union(*(free_indices(root) | bound_indices(root) for root in roots_of))
    free = (
        {name for name in names_in(found, draws.scope) if draws.scope.is_variable(n.Symbol(name))}
        - {*NOT_MOVED}
        - indices
    )
    free -= {*letters_of(statement)}
    direct = directly(draws, statement)
    for k in range(1 if draws.scope.layered else BASES):
        world = draws.world("floats", frame, ("edge", k), statement.conditions, direct=direct)
        moved = list(coordinates(world, names, free))
        if k and len({c[:-1] if c[0] != "free" else c for c in moved}) < 2:
            return
        others = tuple((("free", name), Fraction(value.real)) for name, value in free_values(world, free))
        for fixed, point in edges_of(found, moved, draws, statement, world):
            placed = {c for c, _ in fixed}
            kept = tuple((c, v) for c, v in others if c not in placed)
            yield Edge(("edge", k), (*kept, *fixed), point.divides, point.blur, point is PLAIN)
        if (found or world.direct) and not k:
            yield from (Edge(("edge", k), fixed, True) for fixed in all_at_once(world, free, names))
        if found and not k and not draws.scope.layered:
            windows = in_windows(roots_of, names, draws.scope, world, moved)
            yield from (Edge(("edge", k), fixed, between=True) for fixed in windows)
        layers = last_layers(statement, world, draws)
        chosen = draws.once(("choices", statement), lambda: list(dict.fromkeys(choices(statement, draws.scope))))
        if len(chosen) > 1 and not k and layers is not None:
            met = draws.once(("jointly", statement, frame), partial(joint_points, chosen, moved, world, layers, draws))
            yield from (Edge(("edge", k), fixed, between=True) for fixed in met)
        if chosen and not k and layers is not None:
            aside = draws.once(("aside", statement, frame), partial(sides_of_columns, chosen, world, layers, draws))
            yield from (Edge(("edge", k), fixed, between=not at) for fixed, at in aside)
        if any(edge.right == NOTHING for edge in found) and not k:
            yield from (Edge(("edge", k), fixed, True) for fixed in at_many(draws, frame, statement, world))


def at_many(draws: Draws, frame: Frame, statement: Statement, world: World) -> Iterator[Fixed]:
    """Numbers moved together, in this draw; none where it has no value."""
    try:
        yield from together(
            world,
            lambda fixed: draws.world("floats", frame, ("edge", 0), statement.conditions, fixed, world.direct),
        )
    except (ProofError, Resample, ArithmeticError):
        return


def edges_of(
    found: list[Meeting], moved: list[Coordinate], draws: Draws, statement: Statement, world: World
) -> Iterator[tuple[Fixed, Point]]:
    """Around this draw, along one coordinate after the other; and where all squares of a sum are 0."""
    reached: set[Meeting] = set()
    crossed: set[Meeting] = set()
    for coordinate in moved:
        along = [edge for edge in found if depends(edge, coordinate, draws)]
        points = dict[Fraction, Point]()
        for edge in along:
            inside = coordinate[0] in ("b", "w", "input")  # of a network: one of them that reaches the edge is enough
            if inside and edge in reached:
                continue
            for point, blurred in edge_points(draws, statement, edge, coordinate, world):
                crossed.add(edge)
                points[point] = points.get(point, PLAIN).with_edge(edge.divides, blurred)
                reached |= {edge} if inside else set()
        if coordinate[-1] is not None:
            points |= {end: Point(divides=True) for end in ends(world, coordinate) if end not in points}
        if points:
            yield from ((((coordinate, number),), point) for number, point in spread(points, coordinate, world))
    layers = last_layers(statement, world, draws)
    for edge in found if layers is not None else ():
        key = "all vanish", id(world), edge, edge in crossed, tuple(moved), tuple((layers or {}).items())
        search = partial(vanishing_points, edge, world, layers or {}, moved, draws, edge in crossed)
        for fixed, blurred in draws.once(key, search):
            yield fixed, Point(edge.divides, blurred)


def vanishing_points(
    edge: Meeting, world: World, layers: dict[str, int], moved: list[Coordinate], draws: Draws, crossed: bool
) -> list[tuple[Fixed, float]]:
    """Where several numbers have to be at once for an edge to be 0, and its blur there."""
    found = where_all_vanish(edge, world, layers, moved, draws, crossed)
    return [(fixed, blur(edge, fixed, world, layers)) for fixed in found]


def names_in(found: list[Meeting], scope: Scope) -> set[str]:
    """The bare letters of these formulas, and of what they abbreviate, that stand for no layer."""
    sides = [side for edge in found for side in (edge.left, edge.right)]
    definitions = [d for name in rests_on(sides, scope) if (d := scope.get(name)) is not None]
    symbols = [x for side in sides for x in n.walk(side) if isinstance(x, n.Symbol)]
    inner = {
        x.name
        for d in definitions
        for x in n.walk(d.body)
        if isinstance(x, n.Symbol) and not (x.index or x.layer) and x.name not in d.arguments
    }
    layers = {x.layer.base for x in symbols if x.layer}
    return ({x.name for x in symbols if not (x.index or x.layer)} | inner) - layers


def free_values(world: World, free: set[str]) -> Iterator[tuple[str, Any]]:
    for name in sorted(free):
        world.variable(name, None)
    yield from ((name, value) for name, value in world.variables.items() if name != "pi")


def edge_points(
    draws: Draws, statement: Statement, edge: Meeting, coordinate: Coordinate, world: World
) -> list[tuple[Fraction, float]]:
    """Where the coordinate has to be for the edge to be met, in this draw, and the blur of the edge there."""
    layers = last_layers(statement, world, draws)
    if layers is None:
        return []
    key = "points", id(world), edge, coordinate, world.frame, statement.conditions, world.direct, tuple(layers.items())

    def search() -> list[tuple[Fraction, float]]:
        points = list(found_points(edge, coordinate, world, layers))
        return [(point, blur(edge, ((coordinate, point),), world, layers)) for point in points]

    found: list[tuple[Fraction, float]] = draws.once(key, search)
    return found


def last_layers(statement: Statement, world: World, draws: Draws) -> dict[str, int] | None:
    """The last layers that the statement allows; None where it allows none."""
    found: dict[str, int] | None = draws.once(
        ("last layers", statement, world.frame), partial(found_last, statement, world)
    )
    return found


def found_last(statement: Statement, world: World) -> dict[str, int] | None:
    names = letters_of(statement)
    for layers in itertools.product(range(world.frame.L, 0, -1), repeat=len(names)):
        named = dict(zip(names, layers, strict=True))
        if layers_allowed(statement, Evaluator(world, named, {}, {}, None, 0)):
            return named
    return None


def at_once(world: World, kind: str, value: Fraction) -> bool:
    """Whether all entries of the column may have that value."""
    return allowed(world, (kind, 0), float(value)) and world.domains[kind == "E"] != "closed_simplex"


def all_at_once(world: World, free: set[str], names: set[str]) -> Iterator[Fixed]:
    """All free letters 0; all entries of one column or of both at an end or at 0, or a = E."""
    if len(free) > 1:
        yield tuple((("free", name), ZERO) for name in sorted(free))
    if not world.scope.columnar:
        return
    width = world.frame.width(world.frame.L)
    moved = [kind for kind in ("a" if world.direct else "z", "E") if kind in names]
    ranges = [[None, *sorted(v for v in {ZERO, *ends(world, (kind, 0))} if at_once(world, kind, v))] for kind in moved]
    for values in itertools.product(*ranges):
        placed = [(kind, value) for kind, value in zip(moved, values, strict=True) if value is not None]
        if placed:
            yield tuple(((kind, j), value) for kind, value in placed for j in range(width))
    if world.direct and len(moved) == 2 and "closed_simplex" not in world.domains:
        same = [value_at(world, ("E", j)) for j in range(width)]
        if all(allowed(world, ("a", j), value) for j, value in enumerate(same)):
            yield tuple((("a", j), Fraction(value)) for j, value in enumerate(same))
        back = [value_at(world, ("a", j)) for j in range(width)]
        if all(allowed(world, ("E", j), value) for j, value in enumerate(back)):
            yield tuple((("E", j), Fraction(value)) for j, value in enumerate(back))
