"""From arguments at which a gradient fails to the simplest ones like them: fewer entries, then short decimals."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.effort.budget import Exhausted
from oracle.search.domains import DOMAINS, Domain, short_values, within
from oracle.search.problem import Arguments, Problem
from oracle.search.shrink_large import are_many, shrink_many
from oracle.search.smaller import first_hot, length_of, shorter

Array = NDArray[Any]
Fails = Callable[[Arguments], bool]

#: Candidates evaluated at most.
MOST_RUNS = 600


def shrink(args: Arguments, fails: Fails, problem: Problem) -> Arguments:
    """The simplest arguments found that still fail: greedy, deterministic.

    fails is called on arguments inside the domains and within the bounds of `problem.lengths` alone, on each at most once; where it
    raises Exhausted, the search ends.
    Arguments that a strategy draws stay as they are.
    """
    search = _Search(args, fails, problem)
    progress = True
    while progress:
        progress = search.advances(shorter)
        if are_many(search.args) and not search.ended:
            return shrink_many(search.args, fails, problem, _plainer, inside)
        progress = search.advances(_plainer) or progress
        progress = search.advances(_plainer_entries) or progress
    return search.args


class _Search:
    """The simplest arguments so far, and all that were tried."""

    def __init__(self, args: Arguments, fails: Fails, problem: Problem) -> None:
        self.args, self.fails, self.problem = args, fails, problem
        self.tried = {_key(args)}
        self.ended = False

    def advances(self, candidates: Callable[[Problem, Arguments], Iterator[Arguments]]) -> bool:
        """Whether simpler arguments were found: the first of the candidates that fails, again and again."""
        advanced = False
        while not self.ended and (simpler := self._first_of(candidates(self.problem, self.args))) is not None:
            self.args, advanced = simpler, True
        return advanced

    def _first_of(self, candidates: Iterator[Arguments]) -> Arguments | None:
        for candidate in candidates:
            if len(self.tried) > MOST_RUNS:
                break
            key = _key(candidate)
            if key in self.tried or not is_simpler(candidate, self.args) or not inside(self.problem, candidate):
                continue
            self.tried.add(key)
            try:
                if self.fails(tuple(x.copy() for x in candidate)):
                    return candidate
            except Exhausted:
                break
        else:
            return None
        self.ended = True
        return None


def inside(problem: Problem, args: Arguments) -> bool:
    """Whether the arguments lie in their domains and have a length that the problem allows."""
    if problem.product is not None:
        *others, cotangent = args
        primal = problem.product.primal
        return inside(primal, tuple(others)) and cotangent.shape == problem.product.shape(tuple(others))
    if problem.lengths is not None and problem.of_vectors:
        low, high = problem.lengths
        if not all(low <= length_of(d, x) <= high for d, x in zip(problem.domains, args, strict=True)):
            return False
    if problem.sizes is not None and problem.sizes.of([x.shape for x in args]) is None:
        return False
    return all(domain.holds(x) for domain, x in zip(problem.domains, args, strict=True))


def is_simpler(args: Arguments, other: Arguments) -> bool:
    """Fewer entries are simpler, whatever they are."""
    fewer, more = (sum(x.size for x in each) for each in (args, other))
    return fewer < more if fewer != more else simplicity(args) < simplicity(other)


def simplicity(args: Arguments) -> tuple[int, int, int, float]:
    """Smaller is simpler: entries; significant digits and decades in all; minus signs; the sum of magnitudes."""
    ranks = [simplicity_of(float(v)) for x in args for v in x.flat]
    return len(ranks), sum(r[0] for r in ranks), sum(r[1] for r in ranks), math.fsum(r[2] for r in ranks)


def simplicity_of(value: float) -> tuple[int, int, float]:
    """Significant digits of the shortest decimal and its distance in decades from 1; whether negative; the magnitude, bounded."""
    if value == 0:
        return 0, 0, 0.0
    decimal = Decimal(repr(value)).normalize()
    digits, decades = len(decimal.as_tuple().digits), abs(decimal.adjusted())
    return 2 * digits + decades, int(value < 0), min(abs(value), 10.0)


def _key(args: Arguments) -> tuple[Any, ...]:
    return tuple((x.shape, x.tobytes()) for x in args)


def _plainer(problem: Problem, args: Arguments) -> Iterator[Arguments]:
    """One argument as a whole plainer: all entries one short number, or all rounded."""
    for k, (domain, x) in enumerate(zip(problem.domains, args, strict=True)):
        for y in _plainer_arrays(domain, x):
            yield (*args[:k], y, *args[k + 1 :])
    yield from _translated(problem, args)


def _translated(problem: Problem, args: Arguments) -> Iterator[Arguments]:
    """Two arguments with the same difference, one of them zero."""
    free = [k for k, domain in enumerate(problem.domains) if domain.kind == "interval"]
    for k in free:
        for other in free:
            if other != k and args[k].shape == args[other].shape:
                moved = list(args)
                moved[k], moved[other] = args[k] - args[other], np.zeros_like(args[other])
                yield tuple(moved)


def _plainer_arrays(domain: Domain, x: Array) -> Iterator[Array]:
    if not x.size or domain.is_made or domain.kind == "orthogonal":
        return
    if domain.is_of_matrices or domain.kind in ("sorted", "whole"):
        yield from _plainer_inside(domain, x)
    elif domain.kind == "sign":
        yield np.ones_like(x)
    elif domain.kind == "one_hot":
        yield first_hot(x.shape)
    elif domain.kind == "simplex":
        n = x.shape[-1]
        yield np.full(x.shape, 1.0 / n)
        yield first_hot(x.shape)
        yield from (_rounded_shares(x, decimals) for decimals in (1, 2, 3, 4, 6))
    else:
        yield from (np.full(x.shape, v) for v in short_values(domain)[:6])
        yield from (np.asarray(np.round(x, decimals)) for decimals in (0, 1, 2, 3))
        rounded = np.frompyfunc(lambda v: float(f"{v:.0e}"), 1, 1)(x)
        yield np.asarray(rounded, dtype=np.float64)


def _plainer_inside(domain: Domain, x: Array) -> Iterator[Array]:
    """Whole arrays of few numbers, and rounded ones, as far as they are inside."""
    if domain.kind == "whole":
        assert domain.whole is not None
        simplest = sorted(domain.whole[:9], key=abs)
        yield from (np.full(x.shape, v, dtype=x.dtype) for v in simplest)
    elif domain.kind == "sorted":
        yield np.broadcast_to(np.arange(1.0, x.shape[-1] + 1), x.shape).copy()
    else:
        yield from (np.broadcast_to(v * np.eye(x.shape[-1]), x.shape).copy() for v in (1.0, 2.0))
        with_ones = np.tril(np.ones(x.shape))
        yield from (with_ones, with_ones + np.eye(x.shape[-1]), with_ones @ with_ones.swapaxes(-1, -2))
    if domain.kind != "whole":
        yield from (np.asarray(np.round(x, decimals)) for decimals in (0, 1, 2, 3))


def _rounded_shares(x: Array, decimals: int) -> Array:
    """Rounded entries of a simplex; the largest along the last axis takes what is left of 1."""
    shares = np.round(x, decimals)
    largest = np.argmax(x, axis=-1)[..., None]
    rest = 1 - (shares.sum(axis=-1, keepdims=True) - np.take_along_axis(shares, largest, axis=-1))
    np.put_along_axis(shares, largest, np.round(rest, decimals), axis=-1)
    return shares


def _plainer_entries(problem: Problem, args: Arguments) -> Iterator[Arguments]:
    """One entry plainer: the shortest number first."""
    for k, (domain, x) in enumerate(zip(problem.domains, args, strict=True)):
        if domain.kind in ("simplex", "one_hot", "orthogonal") or domain.is_made:
            continue
        for i in range(x.size):
            for value in _plainer_values(domain, float(x.flat[i])):
                y = x.copy()
                y.flat[i] = value
                if domain.kind in ("symmetric", "positive_definite"):
                    y.swapaxes(-1, -2)[np.unravel_index(i, x.shape)] = value
                yield (*args[:k], y, *args[k + 1 :])


def _plainer_values(domain: Domain, value: float) -> list[float]:
    """Numbers simpler than the value, the simplest first."""
    if domain.kind == "sign":
        return [1.0]
    if domain.kind == "whole":
        assert domain.whole is not None
        return sorted(
            (v for v in map(float, domain.whole[:9]) if simplicity_of(v) < simplicity_of(value)), key=simplicity_of
        )
    digits = [float(f"{value:.{d}e}") for d in range(6)]
    steps: list[float] = [s * v for v in _round(value) for s in (1.0, math.copysign(1.0, value))] if value else []
    if abs(value) < 2**53:
        nearer = [math.trunc(value) - d * math.copysign(1, value) for d in (1, 2, 3)] if abs(value) > 3 else []
        steps += [math.floor(value), math.ceil(value), math.trunc(value / 2), *nearer]
    decimals = [float(np.round(value, d)) for d in range(4)]
    found = within(domain, (*short_values(DOMAINS["real"]), *short_values(domain), *steps, *decimals, *digits, -value))
    simpler = [v for v in found if simplicity_of(v) < simplicity_of(value)]
    return sorted(simpler, key=simplicity_of)


def _round(value: float) -> list[float]:
    """The decade of a value; where that is more than 1, also 1, 2 and 5 in the decades up to it, or some of them."""
    decade = math.floor(math.log10(abs(value)))
    between = range(decade + 1 if decade > 0 else 0)
    some = sorted({*between[:9], *between[-3:], *between[:: max(1, len(between) // 9)]})
    return [10.0**decade, *(float(f"{digit}e{k}") for k in some for digit in (1, 2, 5))]
