"""Columns whose entries lie all on one side of a branch, or all but one: of twelve entries at random that hardly ever happens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from oracle.proofs.coordinates import Coordinate, Fixed, allowed, limits
from oracle.proofs.draws import Draws
from oracle.proofs.evaluate import Evaluator
from oracle.proofs.meeting_points import apart, depends, indices_of, restore, snapshot
from oracle.proofs.meetings import Meeting
from oracle.proofs.roots import exact, roots
from oracle.proofs.world import World

#: How many branches are looked at.
MOST = 4
#: How far the entries lie from where they change sides, as a share of the room there is: each somewhat farther than the last.
NEAR, STEP = 0.3, 0.02
#: On which side the first entry lies, and the others: above, below, at the branch itself; None: where it was drawn.
SIDES = ((1, 1), (-1, -1), (1, -1), (-1, 1), (None, 1), (None, -1), (None, 0))


def sides_of_columns(
    found: Sequence[Meeting], world: World, layers: dict[str, int], draws: Draws
) -> list[tuple[Fixed, bool]]:
    """What is fixed, and whether an entry then lies at the branch itself. a or z is moved where the branch hangs on it, else E."""
    if not (world.frame.column and world.scope.columnar) or "closed_simplex" in world.domains:
        return []
    width = world.frame.width(world.frame.L)
    by_entry = [edge for edge in found if len(indices_of(edge)) == 1]
    return [each for edge in by_entry[:MOST] if width > 1 for each in around(edge, width, world, layers, draws)]


def around(
    edge: Meeting, width: int, world: World, layers: dict[str, int], draws: Draws
) -> Iterator[tuple[Fixed, bool]]:
    kinds = ("a" if world.direct else "z", "E")
    kind = next((kind for kind in kinds if depends(edge, (kind, 0), draws)), None)
    if kind is None:
        return
    turns = [turn(edge, (kind, j), world, layers) for j in range(width)]
    for first, others in SIDES:
        sides = (first, *(others for _ in range(width - 1)))
        moved = [((kind, j), x, side) for j, (x, side) in enumerate(zip(turns, sides, strict=True)) if side is not None]
        if any(x is None for _, x, _ in moved):
            continue
        values = [(entry, beside(world, entry, x, side)) for entry, x, side in moved if x is not None]
        if all(allowed(world, entry, value) for entry, value in values):
            yield tuple((entry, Fraction(value)) for entry, value in values), others == 0


def turn(edge: Meeting, entry: Coordinate, world: World, layers: dict[str, int]) -> float | None:
    """Where that entry changes its side."""
    here = Evaluator(world, layers, dict.fromkeys(indices_of(edge), int(entry[-1])), {}, None, 0)
    kept = snapshot(world, entry)
    try:
        points = roots(lambda value: apart(edge, here, entry, value), limits(world, entry), coarse=True)
        return float(exact(points[0])) if points else None
    except ArithmeticError:
        return None
    finally:
        restore(world, entry, kept)


def beside(world: World, entry: Coordinate, point: float, side: int) -> float:
    """A number on that side of a point, within the domain."""
    low, high, _ = limits(world, entry)
    end = high if side > 0 else low
    room = abs(end - point) if abs(end) != float("inf") else 2.0
    return point + side * min(NEAR + STEP * entry[-1], 0.95) * room
