"""Numbers moved together, for what is 0 only where many are: norms and sums of squares, as Σ_j (a_j − E_j)² at a = E."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from oracle.proofs import nodes as n
from oracle.proofs.coordinates import Coordinate, Fixed, allowed, put, value_at
from oracle.proofs.errors import ProofError, Resample
from oracle.proofs.meeting_points import found_points
from oracle.proofs.meetings import Meeting
from oracle.proofs.world import World

ZERO = Fraction(0)
#: By how much a sum of shares may miss 1.
ROUNDED = 1e-12


def together(world: World, again: Callable[[Fixed], World]) -> Iterator[Fixed]:
    """What is fixed at once. again: the same draw, once this is fixed."""
    if world.scope.given:
        return
    if world.scope.layered and not world.frame.column:
        yield from of_a_network(world, again)
    elif world.scope.columnar:
        yield from of_a_column(world, again)


def of_a_network(world: World, again: Callable[[Fixed], World]) -> Iterator[Fixed]:
    """Inputs 0; weights and biases 0, so that every z is 0; and, of both networks, those whose outputs are what is expected."""
    frame, everyone = world.frame, range(world.frame.samples)
    yield tuple((("input", r, j), ZERO) for r in everyone for j in range(frame.width(1)))
    silent: list[tuple[Coordinate, Fraction]] = []
    for layer in range(2, frame.L + 1):
        entries = [(j, k) for j in range(frame.width(layer)) for k in range(frame.width(layer - 1))]
        silent += [(("w", layer, at), ZERO) for at in entries]
        silent += [(("b", layer, j), ZERO) for j in range(frame.width(layer))]
    for fixed in (tuple(silent), ()):
        if fixed:
            yield fixed
        outputs = again(fixed).state().a
        fit = [(("E", r, j), Fraction(a.real)) for r in everyone for j, a in enumerate(outputs[frame.L, r])]
        yield (*fixed, *fit)


def of_a_column(world: World, again: Callable[[Fixed], World]) -> Iterator[Fixed]:
    """All entries equal; and the outputs what is expected, whichever of both can be moved."""
    width, moved = world.frame.width(world.frame.L), "a" if world.direct else "z"
    alike = {kind: same(world, kind, width) for kind in (moved, "E")}
    for fixed in (alike[moved], alike["E"], (*alike[moved], *alike["E"])):
        if fixed and width > 1:
            yield fixed
    if "closed_simplex" in world.domains:
        yield from on_the_simplex(world, again)
        return
    if world.direct:
        return
    for fixed in ((), alike["z"]):
        outputs = [Fraction(a.real) for a in again(fixed).state().a[world.frame.L, 0]]
        if all(allowed(world, ("E", j), float(a)) for j, a in enumerate(outputs)):
            yield (*fixed, *((("E", j), a) for j, a in enumerate(outputs)))
    solved = solved_for(again(()), width)
    if solved:
        yield solved


def on_the_simplex(world: World, again: Callable[[Fixed], World]) -> Iterator[Fixed]:
    """Numbers whose sum is 1, expected as they come out: of softmax, or of a cost whose outputs are such."""
    outputs = [Fraction(a.real) for a in again(()).state().a[world.frame.L, 0]]
    fits = all(allowed(world, ("E", 0, j), float(a)) for j, a in enumerate(outputs))
    if fits and abs(float(sum(outputs)) - 1) < ROUNDED:
        yield tuple((("E", 0, j), a) for j, a in enumerate(outputs))


def same(world: World, kind: str, width: int) -> Fixed:
    """Every entry what the first one is, where that is allowed."""
    if kind != "z" and world.domains[kind == "E"] == "closed_simplex":
        return tuple(((kind, 0, j), Fraction(1, width)) for j in range(width))
    first = Fraction(value_at(world, (kind, 0)))
    fits = all(allowed(world, (kind, j), float(first)) for j in range(width))
    return tuple(((kind, j), first) for j in range(width)) if fits else ()


def solved_for(world: World, width: int) -> Fixed:
    """The z whose outputs are what is expected, entry by entry; none where one has no solution."""
    kept = world.start.z[world.frame.L, 0].copy()
    found: list[tuple[Coordinate, Fraction]] = []
    try:
        for j in range(width):
            at = (str(j + 1),)
            meeting = Meeting(n.Symbol("a", index=at), n.Symbol("E", index=at))
            point = next(found_points(meeting, ("z", j), world, {}), None)
            if point is None:
                return ()
            put(world, ("z", j), world.f.number(point))
            found.append((("z", j), point))
    except (ProofError, Resample, ArithmeticError):
        return ()
    finally:
        world.start.z[world.frame.L, 0][:] = kept
        world.forget()
    return tuple(found)
