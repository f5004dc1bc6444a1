"""Where a number of a draw has to be for two formulas to meet."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from oracle.proofs import nodes as n
from oracle.proofs.complex_step import STEP
from oracle.proofs.coordinates import Coordinate, Fixed, allowed, column_of, limits, put
from oracle.proofs.draws import Draws
from oracle.proofs.errors import ProofError, Resample
from oracle.proofs.evaluate import Evaluator
from oracle.proofs.meetings import Meeting
from oracle.proofs.really_zero import really_zero
from oracle.proofs.roots import exact, roots
from oracle.proofs.transfer import rests_on
from oracle.proofs.world import World

#: Formulas that are so close in floats meet there.
MET = 1e-12
#: What rounding leaves is measured at the floats beside, of these many numbers, and may be some times as much.
SPARE = 4.0
#: So much of the difference a tenth away is no rounding any more.
MELTS = 1e-8
MOVED_FOR_BLUR = 4


def depends(edge: Meeting, coordinate: Coordinate, draws: Draws) -> bool:
    names = draws.once(("edge rests on", edge), lambda: rests_on((edge.left, edge.right), draws.scope))
    if coordinate[-1] is None and not draws.once(("sums", edge), lambda: sums(edge)):
        return False
    if coordinate[0] == "apart":
        return {"a", "E"} <= names
    if coordinate[0] in ("free", "vector"):
        return coordinate[1] in names
    if coordinate[0] == "E":
        return bool(names & {"E", "C"})
    if coordinate[0] == "w":
        return bool(names & {"w", "W"})
    return bool(names & {"a", "z", "delta", "C", "sigma", "b"})


def sums(edge: Meeting) -> bool:
    """Whether it is about all entries at once."""
    nodes = [x for side in (edge.left, edge.right) for x in n.walk(side)]
    bare = any(isinstance(x, n.Symbol) and not (x.index or x.layer) for x in nodes)  # such as C, or s := Σ a_j
    return bare or any(isinstance(x, n.BigSum) or (isinstance(x, n.Call) and x.name == "norm") for x in nodes)


def found_points(edge: Meeting, coordinate: Coordinate, world: World, layers: dict[str, int]) -> Iterator[Fraction]:
    for indices in chosen(edge, world):
        here = Evaluator(world, layers, indices, {}, None, 0)

        def difference(value: float, here: Evaluator = here) -> float | None:
            if coordinate[-1] is None and value == 0:
                return None
            return apart(edge, here, coordinate, value)

        def slope(value: float, here: Evaluator = here) -> float | None:
            found = signed(edge, here, coordinate, value)
            return None if found is None else here.f.derivative(found).real

        kept = snapshot(world, coordinate)
        try:
            found = roots(difference, limits(world, coordinate), world.scope.layered, slope)
            found = [x for x in found if crosses(difference, x) or really_zero(edge, here, [coordinate], [x])]
        finally:
            restore(world, coordinate, kept)
        for point in found:
            try:
                fraction = exact(point)
            except ArithmeticError:
                continue
            if allowed(world, coordinate, float(fraction)):
                yield fraction


def crosses(difference: Callable[[float], float | None], point: float) -> bool:
    """Whether the sign changes there, or a domain ends."""
    beside = [difference(point + sign * 1e-3 * max(abs(point), 1e-3)) for sign in (1, -1)]
    return None in beside or beside[0] * beside[1] <= 0  # type: ignore[operator]


def blur(edge: Meeting, fixed: Fixed, world: World, layers: dict[str, int]) -> float:
    """What rounding leaves of a 0 at these numbers: what the difference is there, and one float beside; 0 if they do not meet."""
    if not fixed:
        return 0.0
    kept = [(coordinate, snapshot(world, coordinate)) for coordinate, _ in fixed]
    left = []
    try:
        for indices in chosen(edge, world):
            here = Evaluator(world, layers, indices, {}, None, 0)
            close, far = (largest(edge, here, fixed, step) for step in (beside, apart_from))
            left.append(SPARE * close if SPARE * close <= MELTS * far else 0.0)
    except Resample:  # a column that is 0 cannot be scaled back
        return 0.0
    finally:
        for coordinate, numbers in reversed(kept):
            restore(world, coordinate, numbers)
    return max(left)


def beside(number: float, end: float) -> float:
    return math.nextafter(number, end)


def apart_from(number: float, end: float) -> float:
    return number + math.copysign(0.1 * max(abs(number), 0.1), end)


def largest(edge: Meeting, here: Evaluator, fixed: Fixed, step: Callable[[float, float], float]) -> float:
    """The largest difference where these numbers are put, and where one of them is a step away."""
    for coordinate, number in fixed:
        put(here.world, coordinate, here.world.f.number(number))
    found = [apart(edge, here)]
    for coordinate, number in fixed[:MOVED_FOR_BLUR]:
        for end in (-math.inf, math.inf):
            found.append(apart(edge, here, coordinate, step(float(number), end)))
        put(here.world, coordinate, here.world.f.number(number))
    return max((abs(difference) for difference in found if difference is not None), default=0.0)


def met(edge: Meeting, world: World, layers: dict[str, int]) -> bool:
    """Whether they meet as the numbers are, for every choice of indices."""
    found = [apart(edge, Evaluator(world, layers, indices, {}, None, 0)) for indices in chosen(edge, world)]
    return all(difference is not None and abs(difference) < MET for difference in found)


def apart(edge: Meeting, here: Evaluator, coordinate: Coordinate | None = None, value: float = 0.0) -> float | None:
    """Left minus right, once the coordinate is put where it is asked; None where they have no value there."""
    found = signed(edge, here, coordinate, value, 0.0)
    return None if found is None else float(found.real)


def signed(
    edge: Meeting, here: Evaluator, coordinate: Coordinate | None = None, value: float = 0.0, moved: float = STEP
) -> complex | None:
    """The same, with its derivative by the coordinate: left out if that is not moved."""
    try:
        with np.errstate(divide="raise", over="raise", invalid="raise"):
            if coordinate is not None:
                put(here.world, coordinate, complex(value, moved))
            return complex(here.scalar(edge.left) - here.scalar(edge.right))
    except (ProofError, Resample, ArithmeticError, KeyError, IndexError, TypeError, ValueError):
        return None


def snapshot(world: World, coordinate: Coordinate) -> Any:
    if coordinate[0] == "free":
        return world.variable(coordinate[1], None)
    return column_of(world, coordinate).copy()


def restore(world: World, coordinate: Coordinate, kept: Any) -> None:
    if coordinate[0] == "free":
        world.variables[coordinate[1]] = kept
    else:
        column_of(world, coordinate)[:] = kept
    world.forget()


def chosen(edge: Meeting, world: World) -> Iterator[dict[str, int]]:
    """Indices for the letters of the edge: the first ones, both the same and different."""
    letters = indices_of(edge)
    yield dict.fromkeys(letters, 0)
    if len(letters) > 1 and min(world.frame.widths) > 1:
        yield {letter: k % 2 for k, letter in enumerate(letters)}


def indices_of(edge: Meeting) -> list[str]:
    return sorted({i for side in (edge.left, edge.right) for x in n.walk(side) for i in letters_in(x)})


def letters_in(node: Any) -> Iterator[str]:
    if isinstance(node, n.Symbol):
        yield from (i for i in (*node.index, node.sample or "1") if i.isalpha())
    elif isinstance(node, n.Entry):
        yield from (i for i in node.index if i.isalpha())
