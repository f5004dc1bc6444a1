"""Ties inside the differentiated argument at values where something else happens too: beyond a constant, or far out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.search.domains import HUGE, SATURATION, Domain
from oracle.search.lengths import Shapes
from oracle.search.patterns_between import OFF, Recipe, ordinary
from oracle.search.problem import Arguments, Problem

Array = NDArray[Any]
Tie = tuple[float, bool]  # the value, and whether all entries have it

#: Values that saturate what is exponentiated, nearer and farther in turn.
FAR_OUT: Sequence[Tie] = (
    (SATURATION[2], False),
    (SATURATION[5], True),
    (HUGE[2], False),
    (SATURATION[3], False),
    (SATURATION[4], True),
    (HUGE[1], True),
    (HUGE[4], True),
)


def beyond(c: float) -> Sequence[Tie]:
    """Values on both sides of a constant."""
    return (
        (2 * c, False),
        (-2 * c, True),
        (2 * c, True),
        (-2 * c, False),
        (c / 2, False),
        (c * OFF[0], False),
        (c * OFF[1], True),
        (10 * c, True),
    )


def tied_entries(ties: Sequence[Tie]) -> Recipe:
    """Entries of the differentiated argument that are equal: all of them, or the two largest and the two smallest. Of the values
    those that its domain holds come in turn."""

    def recipe(problem: Problem, shapes: Shapes, rng: np.random.Generator, turn: int) -> Arguments | None:
        args, domain = ordinary(problem, shapes, rng), problem.domains[problem.argnum]
        if args is None or domain.kind != "interval" or args[problem.argnum].size < 2:
            return None
        held = [tie for tie in ties if domain.holds(np.asarray(tie[0]))]
        if not held:
            return None
        value, every = held[turn % len(held)]
        shape = args[problem.argnum].shape
        args[problem.argnum] = np.full(shape, value) if every else _two_ties(domain, shape, value, rng)
        return tuple(args)

    return recipe


def _two_ties(domain: Domain, shape: tuple[int, ...], value: float, rng: np.random.Generator) -> Array:
    """Entries from the value away from 0, as far as 1 or half of it; where the domain ends before, towards 0."""
    step = np.copysign(min(1.0, abs(value) / 2), value)
    other = next((v for v in (value + step, value - step / 2) if domain.holds(np.asarray(v))), value)
    x = value + (other - value) * rng.uniform(0.2, 0.8, shape)
    x.flat[[0, x.size // 3]] = value
    if x.size > 3:
        x.flat[[x.size // 2, x.size - 1]] = other
    return np.asarray(x)
