"""At a kink every element of Clarke's generalised gradient is right: the convex hull of the limits of gradients near by.

The limits are looked for (`oracle.witnesses.limits_of_gradients`). A vector in their hull is right for sure. One outside of it
is wrong only if looking towards it, from all that was found, brings nothing nearer, and if what was found is no accident of where
was looked: it is all there is, or as it is for a convex function.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.arrays import midpoints
from oracle.judgement.hull import Plane, Unsolved, separate
from oracle.judgement.verdict import Verdict, distance
from oracle.witnesses.chain_rule import chain_rule_values
from oracle.witnesses.limits_of_gradients import OFF, Limits
from oracle.witnesses.tracing import Traced
from oracle.witnesses.truth import Truth

Array = NDArray[Any]
Floats = NDArray[np.float64]

NOT_TOGETHER = "each component lies between the slopes near by, but together they are no generalised gradient"
BY_CHAIN_RULE = (
    "where fn has a kink, grad is what the chain rule gives with a derivative chosen for each piece (σ′(0) = 0, say), "
    "as frameworks do: there it is no generalised gradient of fn"
)
STILL_GROWS = "it is outside of the generalised gradients that were found at this kink, of which there may be more"

#: How often the hull may grow towards a candidate before the search ends.
MOST_ROUNDS = 40
#: Directions that cut between the entries of a candidate, at most; and axes.
MOST_CUTS, MOST_AXES = 160, 160
#: Entries and pairs of a direction that are changed, and pairs at random, before a hull is said not to grow.
FLIPS, SWAPS, RANDOM_SWAPS = 12, 24, 8
#: A set to which so many random looks add nothing is known as a whole, if it is one of few.
RANDOM, FEW = 24, 8
#: A plane that nobody chose for the points found is held by this part of them, at least.
HELD_BY = 1 / 4
#: A hull has grown if the gap is smaller by this part.
GROWN = 2.0**-10
#: What a limit may miss the convexity of f by, relative: the directions are off the axes by OFF alone.
CONVEX = 2.0**-20


class Place(Enum):
    """Where a vector is: in the hull; outside of it, and of all that may still be found; outside of a hull that may still grow."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    OPEN = "open"


@dataclass(frozen=True)
class Stand:
    """Right, wrong or undecided at a kink; how: why; note: the convention by which it is right as no generalised gradient."""

    verdict: Verdict
    how: str = ""
    note: str = ""


def at_kink(known: Truth, got: Array, limit: Floats) -> Stand:
    """What a finite gradient is as a whole where fn has a kink. limit: what rounding may cost, componentwise."""
    g, allowed = got.astype(np.float64).ravel(), np.where(np.isfinite(limit), limit, 0.0).ravel()
    if known.limits is None:
        return _by_interval(known, got, limit)
    where, _ = place(known.limits, g, allowed)
    if where is Place.INSIDE:
        return Stand(Verdict.RIGHT)
    if is_by_chain_rule(known.limits, g, allowed):
        return Stand(Verdict.RIGHT, note=BY_CHAIN_RULE)
    if not _reach_the_ends(known, allowed):
        return _by_interval(known, got, limit)
    if where is Place.OPEN:
        return Stand(Verdict.UNDECIDED, STILL_GROWS)
    return Stand(Verdict.WRONG, NOT_TOGETHER)


def is_by_chain_rule(limits: Limits, g: Floats, allowed: Floats) -> bool:
    """Whether g is what the chain rule gives with a derivative chosen for each piece, and right where all limits agree: where a
    smooth f is tied by its code alone, autodiff is no excuse."""
    if not isinstance(limits.program, Traced):
        return False
    rows = limits.rows
    agree = np.ptp(rows, axis=0) <= allowed
    if np.any(agree & (np.abs(g - rows[0]) > allowed)) or agree.all():
        return False
    values = chain_rule_values(limits.program, limits.args, limits.argnum)
    try:
        return separate(np.vstack([rows, values])[:, ~agree], g[~agree], allowed[~agree]) is None
    except Unsolved:
        return False


def _reach_the_ends(known: Truth, allowed: Floats) -> bool:
    """Whether the limits nearly reach both ends of every kinked component: axis slopes lie between, so some are missing
    where not."""
    assert known.limits is not None
    rows, kink = known.limits.rows, known.enclosure.kink.ravel()
    low, high = midpoints(known.enclosure.lower).ravel(), midpoints(known.enclosure.upper).ravel()
    room = np.maximum(allowed, (high - low) / 4)  # the limits of a norm are a sphere, whose poles no look need meet
    reached = (rows.min(axis=0) <= low + room) & (rows.max(axis=0) >= high - room)
    return bool(np.all(reached[kink]))


def _by_interval(known: Truth, got: Array, limit: Floats) -> Stand:
    """Where no gradient near by could be had: one component is right between its one-sided derivatives, several are not known."""
    if np.count_nonzero(known.enclosure.kink) > 1:
        return Stand(Verdict.UNDECIDED, "fn has a kink here, and no gradient near by could be had")
    inside = distance(got.astype(np.float64), known.enclosure) <= limit
    return Stand(Verdict.RIGHT if np.all(inside[known.enclosure.kink]) else Verdict.WRONG)


def place(limits: Limits, g: Floats, allowed: Floats) -> tuple[Place, Plane | None]:
    """Where a gradient g (flat, finite) is, each component give or take what is allowed; and the plane that it is outside of."""
    rng = np.random.default_rng(0)
    limits.explore()
    if not limits.found:
        return Place.OPEN, None
    plane: Plane | None = None
    batches = [_by_candidate, _along_axes]
    for _ in range(MOST_ROUNDS):
        try:
            plane = separate(limits.rows, g, allowed)
        except Unsolved:
            return Place.OPEN, None
        if plane is None:
            return Place.INSIDE, None
        grows = _grows(limits, plane, _along(plane, rng))
        if not grows and len(batches) < 2 and _bends_one_way(limits):
            return Place.OUTSIDE, plane
        if batches:
            for direction in batches.pop(0)(limits, g, rng):
                limits.look(direction)
        elif not grows:
            before = len(limits.found)
            if _grows(limits, plane, rng.normal(size=(RANDOM, g.size))):
                continue
            known = len(limits.found) == before
            if known and len(limits.found) <= FEW:
                return Place.OUTSIDE, plane
            if not _grows(limits, plane, _changed(limits, plane, rng)):
                return (Place.OUTSIDE if known or _is_held(limits, plane) else Place.OPEN), plane
    return Place.OPEN, plane


def _bends_one_way(limits: Limits) -> bool:
    """Whether f does, along all that was found, as a convex or a concave function does: then the limit along a plane's normal is
    the farthest there is."""
    products = np.array(limits.directions) @ limits.rows.T
    own, room = np.diag(products), CONVEX * float(np.max(np.abs(products)))
    return bool(np.all(own >= products.max(axis=1) - room) or np.all(own <= products.min(axis=1) + room))


def _is_held(limits: Limits, plane: Plane) -> bool:
    """Whether a plane that the solver did not choose touches a good part of what was found."""
    along = limits.rows @ plane.normal
    touching = along >= plane.support - GROWN * plane.gap
    return not plane.chosen and bool(np.mean(touching) >= HELD_BY)


def _grows(limits: Limits, plane: Plane, directions: Iterable[Floats]) -> bool:
    """Whether one of the directions leads to a limit beyond the plane, so that the gap shrinks."""
    wanted = plane.support + GROWN * plane.gap
    return any(limits.look(d) and float(limits.found[-1] @ plane.normal) > wanted for d in directions)


def _along(plane: Plane, rng: np.random.Generator) -> Iterator[Floats]:
    """The normal of the plane, both ways: along it a convex f has the limit that is farthest, against it a concave one."""
    normal = plane.normal / np.max(np.abs(plane.normal))
    for off in (0.0, OFF, 0.1, 0.5):
        for sign in (1.0, -1.0):
            yield sign * normal + off * rng.normal(size=normal.size)


def _by_candidate(limits: Limits, g: Floats, rng: np.random.Generator) -> Iterator[Floats]:
    """Directions that a candidate suggests: itself, and itself less the values between its entries, in parts of the ends between
    which each component lies. Along these a sum of functions of one entry each meets the corners that g is a mixture of."""
    low, high = limits.rows.min(axis=0), limits.rows.max(axis=0)
    with np.errstate(all="ignore"):
        part = np.where(high > low, (g - low) / (high - low), 0.5)
    levels = np.unique(part)
    edges = np.concatenate([[levels[0] - 1], levels, [levels[-1] + 1]])
    cuts = (edges[:-1] + edges[1:])[:MOST_CUTS] / 2
    for d in (g, part - 0.5, *(part - cut for cut in cuts)):
        for off in (0.0, OFF) if d is g else (OFF,):
            scaled = d / max(float(np.max(np.abs(d))), float(np.finfo(np.float64).tiny))
            yield scaled + off * rng.normal(size=d.size)
            yield -scaled + off * rng.normal(size=d.size)


def _along_axes(limits: Limits, g: Floats, rng: np.random.Generator) -> Iterator[Floats]:
    """Both ways along each axis, nearly; the components that a candidate does not leave at 0 first."""
    for k in np.argsort(-np.abs(g), kind="stable")[: MOST_AXES // 2]:
        for sign in (1.0, -1.0):
            d = OFF * rng.normal(size=g.size)
            d[k] = sign
            yield d


def _changed(limits: Limits, plane: Plane, rng: np.random.Generator) -> Iterator[Floats]:
    """Changes of the directions that were looked along. Two entries exchanged, those first that would lead farthest if the limit's
    entries were exchanged with them; of the direction that led farthest, towards the normal, an entry turned or moved to an end,
    two entries exchanged at random."""
    n = plane.normal.size
    normal = plane.normal / np.max(np.abs(plane.normal))
    for row, i, j in _promising(limits, normal):
        yield _exchanged(limits.directions[row], i, j)
    best = limits.directions[int(np.argmax(limits.rows @ plane.normal))]
    for part in (0.1, 0.5, 2.0):
        yield best + part * normal
        yield best - part * normal
    for k in rng.permutation(n)[:FLIPS]:
        for value in (-best[k], 2.0, -2.0):
            turned = best.copy()
            turned[k] = value
            yield turned
    for _ in range(RANDOM_SWAPS if n > 1 else 0):
        yield _exchanged(best, *rng.choice(n, 2, replace=False))


def _promising(limits: Limits, normal: Floats) -> list[tuple[int, int, int]]:
    """(row, i, j) by what r·m would gain if entries i and j of limit m were exchanged, (rᵢ − rⱼ)(mⱼ − mᵢ), the farthest first."""
    ends: list[tuple[float, int, int, int]] = []
    for row, m in enumerate(limits.found):
        gains = (normal[:, None] - normal[None, :]) * (m[None, :] - m[:, None])
        best = np.argsort(gains, axis=None)[::-1][: 2 * SWAPS : 2]  # each pair stands there twice
        along = float(m @ normal)
        for flat in best:
            i, j = np.unravel_index(int(flat), gains.shape)
            if gains[i, j] > 0:
                ends.append((along + float(gains[i, j]), row, int(i), int(j)))
    ends.sort(key=lambda end: -end[0])
    return [end[1:] for end in ends[:SWAPS]]


def _exchanged(d: Floats, i: int, j: int) -> Floats:
    changed = d.copy()
    changed[[i, j]] = changed[[j, i]]
    return changed
