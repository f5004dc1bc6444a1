"""The points at which a gradient is tried: deterministic for an rng, the cheap and telling ones first."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, cycle, islice
from typing import Any

import numpy as np

from oracle.search.around import AS_GIVEN, around
from oracle.search.constants import Mined, mine, mine_jaxpr
from oracle.search.cotangents import KINDS
from oracle.search.lengths import ladder, shapes_at, unusual, unusual_sizes
from oracle.search.plan import ORDINARY, further, planned
from oracle.search.problem import Arguments, Problem, Product
from oracle.search.strategy_points import drawn_points

EXAMPLES = 90
#: How many entries a short argument has, and each with named sizes.
SHORT, SMALL = range(2, 21), range(2, 61)

#: After so many candidates in a row without a new point the domains hold no more.
PATIENCE = 400
#: With so many cotangents the arguments that were given are asked about.
OF_THE_GIVEN = 4


@dataclass(frozen=True, eq=False)
class Point:
    """args: one array for each argument, inside its domain, of float64 or of the integers that a strategy draws; why: which
    pattern they follow."""

    args: Arguments
    why: str

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        return tuple(a.shape for a in self.args)


def points(problem: Problem, rng: np.random.Generator, examples: int = EXAMPLES) -> Iterator[Point]:
    """Up to so many distinct points inside the domains, fewer where the domains hold fewer; of named sizes, where so many are asked
    for as usually, as many more as there are sizes of kernels to try.

    The first ones show most mistakes; more examples add lengths and patterns without end. Raises ValueError for bad `lengths`.
    """
    if problem.product is not None:
        return _with_cotangents(points(problem.product.primal, rng, examples), problem.product, rng)
    ladder(problem)  # bad bounds are reported before anything is tried
    if any(domain.kind == "drawn" for domain in problem.domains):
        made: Iterator[tuple[Arguments, str]] = drawn_points(problem, rng, examples)
    else:
        mined = constants_of(problem)
        sizes = unusual_sizes(problem, mined.integers()[:8])
        made = _planned(problem, rng, mined, sizes)
        examples += len(sizes) * (examples >= EXAMPLES)
    if problem.example is not None:  # where there are few, half of them go further than about what was given
        made = chain(islice(around(problem, problem.example, rng), max(1, examples // 2)), made)
    return islice(_distinct(made, [domain.keeps_dtype for domain in problem.domains]), examples)


def _with_cotangents(primal: Iterator[Point], product: Product, rng: np.random.Generator) -> Iterator[Point]:
    """The points of the other arguments, each with a cotangent of another kind."""
    for point, draw in zip(_several_times(primal), cycle(KINDS), strict=False):
        last = np.asarray(draw(product.shape(point.args), rng))
        yield Point(product.settled((*point.args, last)), point.why)


def _several_times(primal: Iterator[Point]) -> Iterator[Point]:
    """The arguments that were given are asked about with cotangents of several kinds."""
    for point in primal:
        yield from [point] * (OF_THE_GIVEN if point.why == AS_GIVEN else 1)


def ordinary_points(problem: Problem, count: int) -> Iterator[Arguments]:
    """Up to so many points of ordinary numbers at short lengths, always the same, where no domain is drawn from."""
    made = points(problem, np.random.default_rng(0))
    ordinary = (p.args for p in made if p.why == ORDINARY)
    short = SHORT if problem.sizes is None else SMALL
    return islice((args for args in ordinary if problem.shapes or max(a.size for a in args) in short), count)


def constants_of(problem: Problem) -> Mined:
    """The constants in the code of fn and grad, and in the jaxpr of fn where JAX can trace it."""
    found = mine(problem.fn, problem.grad)
    traced = Mined()
    closed = _value_jaxpr(problem)
    if closed is not None:
        mine_jaxpr(closed, traced)
    return found.merged(traced)


def _value_jaxpr(problem: Problem) -> Any:
    """The jaxpr of fn at short shapes, or None where it has none: another part of the oracle says why."""
    from oracle.search.branches import value_jaxpr

    shapes = shapes_at(problem, 3, ladder(problem))
    return value_jaxpr(problem.fn, shapes)


def _planned(
    problem: Problem, rng: np.random.Generator, mined: Mined, sizes: Sequence[tuple[int, int | None]]
) -> Iterator[tuple[Arguments, str]]:
    allowed = ladder(problem, mined.integers()[:8])
    constants = mined.thresholds()
    turns: Counter[str] = Counter()
    for step in chain(planned(constants, unusual(allowed), sizes), further(constants, allowed)):
        shapes = shapes_at(problem, step.length, allowed, turns[step.words], step.lead)
        args = step.recipe(problem, shapes, rng, turns[step.words])
        turns[step.words] += 1
        yield (args or (), step.words)


def _distinct(made: Iterator[tuple[Arguments, str]], drawn: Sequence[bool]) -> Iterator[Point]:
    seen: set[tuple[Any, ...]] = set()
    idle = 0
    for args, why in made:
        key = tuple((a.shape, hashlib.blake2b(a.tobytes()).digest()) for a in args)
        if not args or key in seen:
            idle += 1
            if idle > PATIENCE:
                return
            continue
        idle = 0
        seen.add(key)
        dtypes = [a.dtype if own else np.float64 for a, own in zip(args, drawn, strict=True)]
        yield Point(tuple(np.array(a, dtype=d, order="C") for a, d in zip(args, dtypes, strict=True)), why)
