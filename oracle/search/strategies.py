"""Hypothesis strategies for the arguments of a problem, for property tests and for a second phase of the search."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from oracle.search.constants import mine
from oracle.search.domains import DOMAINS, Domain, short_values, special_values, within
from oracle.search.lengths import shapes_at
from oracle.search.made_inside import made_inside
from oracle.search.patterns import fill, hot_at, on_simplex
from oracle.search.patterns_between import neighbours
from oracle.search.problem import Arguments, Problem

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

Array = NDArray[Any]
Shape = tuple[int, ...]

LONGEST = 9

#: Magnitudes drawn at most, so that a square or a product of two does not overflow by itself.
HEADROOM = 1e150


def arguments(problem: Problem) -> SearchStrategy[Arguments]:
    """Tuples of arrays inside the domains: vectors of one common length from 1 to 9 (within `lengths`), or the given shapes.

    Short, special and mined values, any float between ±1e150, repeated entries, and ties between arguments. Shrinks to one entry
    and short numbers.
    """
    from hypothesis import reject
    from hypothesis import strategies as st

    constants = mine(problem.fn, problem.grad).thresholds()[:8]
    low, high = problem.lengths or (1, LONGEST)
    lengths = st.integers(low, max(low, min(high, LONGEST)))

    @st.composite
    def draw_arguments(draw: DrawFn) -> Arguments:
        length = draw(lengths)
        shapes = shapes_at(problem, length, (length,), draw(st.integers(0, 99)) if problem.sizes is not None else 0)
        pairs = zip(problem.domains, shapes, strict=True)
        args = [draw(arrays(domain, shape, constants)) for domain, shape in pairs]
        for k, domain in enumerate(problem.domains[1:], start=1):
            if domain.kind == "interval" and args[k].shape == args[k - 1].shape and draw(st.integers(0, 3)) == 3:
                tied = np.where(draw(_masks(args[k].shape)), args[k - 1], args[k])
                args[k] = np.where(domain.contains(tied), tied, args[k])
        if not all(d.holds(x) for d, x in zip(problem.domains, args, strict=True)):
            reject()
        return tuple(args)

    return draw_arguments()


def _masks(shape: Shape) -> SearchStrategy[Array]:
    from hypothesis.extra import numpy as npst

    return npst.arrays(np.bool_, shape)


def arrays(domain: Domain, shape: Shape, constants: tuple[float, ...] = ()) -> SearchStrategy[Array]:
    """Arrays of one shape inside a domain; constants: numbers whose neighbours are drawn too."""
    from hypothesis import strategies as st
    from hypothesis.extra import numpy as npst

    if domain.kind == "drawn":
        drawn: SearchStrategy[Array] = domain.strategy
        return drawn.map(lambda x: np.asarray(x, dtype=np.float64))
    if domain.kind == "sign":
        return npst.arrays(np.float64, shape, elements=st.sampled_from([1.0, -1.0]))
    if domain.whole is not None:
        return npst.arrays(np.int64, shape, elements=st.sampled_from(domain.whole))
    if domain.kind in ("sorted", "repaired") or domain.is_of_matrices:
        real = arrays(DOMAINS["real"], shape, constants)
        plain = fill("ordinary numbers", domain, shape, np.random.default_rng(0))
        if plain is None:
            raise ValueError(f"domain {domain.name!r} has no arrays of the shape {shape}")
        return real.map(lambda x: plain if (found := made_inside(domain, x)) is None else found)
    if domain.has_columns and (not shape or not shape[-1]):
        raise ValueError(f"domain {domain.name!r} needs entries along a last axis, got the shape {shape}")
    if domain.kind == "one_hot":
        places = npst.arrays(np.intp, shape[:-1], elements=st.integers(0, shape[-1] - 1))
        return places.map(lambda hot: hot_at(hot, shape))
    if domain.kind == "simplex":
        behind = DOMAINS["nonnegative" if domain.closed[0] else "positive"]
        weights = arrays(behind, shape, constants).filter(lambda w: bool((w.max(axis=-1) > 0).all()))
        return weights.map(lambda w: on_simplex(w, domain)).filter(domain.holds)
    element = _elements(domain, constants)
    return npst.arrays(np.float64, shape, elements=element, fill=element)


def _elements(domain: Domain, constants: tuple[float, ...]) -> SearchStrategy[float]:
    from hypothesis import strategies as st

    near = within(domain, (v for c in constants for v in (c, -c, *neighbours(c))))
    low, high = max(domain.least, -HEADROOM), min(domain.greatest, HEADROOM)
    choices = [st.sampled_from(values) for values in (short_values(domain), special_values(domain), near) if values]
    if math.isfinite(low) and low <= high:
        choices.insert(1, st.floats(low, high))
    return st.one_of(*choices)
