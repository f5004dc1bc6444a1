"""Values of one argument met with those of another: every pair of kinds of values, in as few entries as that takes.

A mistake may sit where two arguments are special together (E = 1 and a beside 1, both large, one small and one negative). Each
argument has PRIME kinds of values, exact ones and ranges; entry c of the points together takes kind (c mod p + k⌊c/p⌋) mod p in
argument k, an orthogonal array: within p² entries every two arguments meet each kind of one with each kind of the other once.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from oracle.search.domains import Domain, within
from oracle.search.lengths import Shapes
from oracle.search.patterns import generic
from oracle.search.patterns_between import ordinary
from oracle.search.problem import Arguments, Problem

Floats = NDArray[np.float64]
Kind = Callable[[np.random.Generator, int], Floats]

#: Kinds of values of an argument: a prime, as the array asks.
PRIME = 13
#: Values that code asks for by name.
EXACT = (0.0, 1.0, -1.0, 0.5, 2.0)
#: Distances from an end, relative to the width, each a kind of its own; from 0; magnitudes beyond the ordinary numbers.
BESIDE, SMALL, LARGE = ((1e-9, 1e-3), (1e-3, 0.02), (0.02, 0.1)), (1e-3, 0.1), (5.0, 50.0)


def met_pairwise(problem: Problem, shapes: Shapes, rng: np.random.Generator, turn: int) -> Arguments | None:
    """Each turn goes on where the last one ended; None where fewer than two arguments have kinds to meet."""
    args = ordinary(problem, shapes, rng)
    if args is None:
        return None
    several = [k for k, domain in enumerate(problem.domains) if domain.kind == "interval" and args[k].size]
    if len(several) < 2:
        return None
    for place, k in enumerate(several):
        size = args[k].size
        entry = turn * size + np.arange(size)
        row = 1 + entry // PRIME  # the diagonal comes last: equal kinds meet elsewhere
        chosen = (entry % PRIME + place * row) % PRIME
        drawn = np.stack([kind(rng, size) for kind in kinds(problem.domains[k])])
        args[k] = drawn[chosen, np.arange(size)].reshape(shapes[k])
    return tuple(args)


def kinds(domain: Domain) -> list[Kind]:
    """PRIME of them: closed ends and values that code names, beside 0 and the ends, large ones, and ordinary ones for the rest."""
    ends = [end for end, closed in zip(domain.bounds, domain.closed, strict=True) if closed]
    finite = [math.isfinite(end) for end in domain.bounds]
    width = domain.high - domain.low if all(finite) else 1.0
    exact = within(domain, (*ends, *EXACT))[: len(EXACT)]
    found = [_same(value) for value in exact]
    for end, inward in ((domain.low, 1.0), (domain.high, -1.0)):
        if math.isfinite(end):
            found += [_ranged(domain, end, inward * width, reach) for reach in BESIDE]
            continue
        start = next((e for e in domain.bounds if math.isfinite(e)), 0.0)
        found.append(_ranged(domain, start, -inward, LARGE))
        found += [] if any(finite) else [_ranged(domain, 0.0, -inward, SMALL)]
    rest = [lambda rng, size: generic(domain, (size,), rng)] * PRIME
    return [*found, *rest][:PRIME]


def _same(value: float) -> Kind:
    return lambda rng, size: np.full(size, value)


def _ranged(domain: Domain, center: float, scale: float, reach: tuple[float, float]) -> Kind:
    """Numbers whose distance from the center is log-uniform within reach, in the direction of the scale and in its units."""

    def drawn(rng: np.random.Generator, size: int) -> Floats:
        distance = np.exp(rng.uniform(math.log(reach[0]), math.log(reach[1]), size))
        return np.asarray(np.clip(center + scale * distance, domain.least, domain.greatest))

    return drawn
