"""The witness that knows no automatic differentiation: differences of values in balls, from both sides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from oracle.balls.arrays import precision
from oracle.balls.errors import Undecidable
from oracle.witnesses.enclosure import Enclosure, derivative
from oracle.witnesses.slopes import Domains, Point, slope
from oracle.witnesses.tracing import Array, Traced, as_arguments, traced


def ball_differences(
    fn: Callable[..., Any] | Traced,
    args: Sequence[ArrayLike],
    argnums: Sequence[int] = (0,),
    *,
    domains: Domains | None = None,
    on_balls: bool = False,
) -> tuple[Enclosure, ...]:
    """(f(x + h e_k) − f(x))/h and (f(x) − f(x − h e_k))/h for every component k, in balls, for ever smaller h until
    they settle.

    Where both sides agree their common ball is the derivative (its radius covers the central difference); where not, a
    kink.
    domains: one (low, high) per argument, or None; no step leaves them, and a side that f is not defined on does not
    count.
    on_balls: fn is array code that runs on object arrays of `Ball`, and is not traced.
    Raises Undecidable where a component has no finite derivative or f(x) is undecidable or not finite;
    UnsupportedPrimitive.
    """
    arrays = as_arguments(args)
    if not on_balls:
        fn = traced(fn, arrays, argnums)
    argnums = fn.argnums if isinstance(fn, Traced) else tuple(argnums)
    point = Point(fn, arrays, domains)
    return tuple(two_sided(point, argnum, range(arrays[argnum].size)) for argnum in argnums)


def directional_derivative(
    fn: Callable[..., Any] | Traced,
    args: Sequence[ArrayLike],
    direction: Sequence[ArrayLike],
    argnums: Sequence[int] = (0,),
    *,
    domains: Domains | None = None,
    on_balls: bool = False,
) -> Enclosure:
    """f′(x; d) = lim (f(x + t·d) − f(x))/t for t ↓ 0, as a 0-d enclosure; direction: one array per argnum, shaped as
    the argument.

    A subgradient g of a function with kinks satisfies −f′(x; −d) ≤ g·d ≤ f′(x; d) for every d.
    Raises Undecidable as `ball_differences` does, and where the step leaves the domain; ValueError for a shape that
    does not fit.
    """
    arrays = as_arguments(args)
    if not on_balls:
        fn = traced(fn, arrays, argnums)
    argnums = fn.argnums if isinstance(fn, Traced) else tuple(argnums)
    moves = []
    for argnum, part in zip(argnums, direction, strict=True):
        weights = np.asarray(part, dtype=np.float64)
        if weights.shape != arrays[argnum].shape:
            raise ValueError(f"direction has shape {weights.shape} for args[{argnum}] of shape {arrays[argnum].shape}")
        moves += [(argnum, k, float(w)) for k, w in enumerate(weights.flat) if w]
    if not moves:
        raise ValueError("direction is zero; give one that moves")
    found = slope(Point(fn, arrays, domains), moves)
    if found.value is None:
        raise Undecidable(f"directional derivative: {found.reason}")
    balls = np.empty((), dtype=object)
    balls[()] = found.value
    return derivative(balls, rigorous=False, bits=found.bits)


def two_sided(point: Point, argnum: int, components: Iterable[int], known: Enclosure | None = None) -> Enclosure:
    """The derivatives by the given components (flat indices) of one argument, from both sides; the others are taken
    from `known`.
    """
    shape = point.floats[argnum].shape
    if known is None:
        blank: Array = np.empty(shape, dtype=object)
        known = Enclosure(blank, blank, np.zeros(shape, bool), np.zeros(shape, bool), 0)
    lower, upper = known.lower.copy(), known.upper.copy()
    kink, rigorous, bits = known.kink.copy(), known.rigorous.copy(), known.bits
    for k in components:
        low, high, used = _from_both_sides(point, argnum, k)
        lower.flat[k], upper.flat[k] = low, high
        kink.flat[k], rigorous.flat[k] = low is not high, False
        bits = max(bits, used)
    return Enclosure(lower, upper, kink, rigorous, bits)


def _from_both_sides(point: Point, argnum: int, k: int) -> tuple[Any, Any, int]:
    """Twice the derivative, or the ends of the kink in order; and the precision used."""
    right, left = slope(point, [(argnum, k, 1.0)]), slope(point, [(argnum, k, -1.0)])
    index = tuple(int(i) for i in np.unravel_index(k, point.floats[argnum].shape))
    for side in (right, left):
        if side.value is None and not side.outside:
            raise Undecidable(f"component {index} of args[{argnum}]: {side.reason}")
    bits = max(right.bits, left.bits)
    with precision(bits):
        slopes = [right.value] if right.value is not None else []
        slopes += [-left.value] if left.value is not None else []
        if not slopes:
            raise Undecidable(f"component {index} of args[{argnum}]: neither side counts: {right.reason}")
        if len(slopes) == 1:
            return slopes[0], slopes[0], bits
        if slopes[0].overlaps(slopes[1]):
            both = slopes[0].union(slopes[1])
            return both, both, bits
    low, high = sorted(slopes, key=lambda s: s.mid())
    return low, high, bits
