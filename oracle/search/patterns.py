"""Patterns for one argument: each fills a shape with values of an interval, or says None where it has none.

Simplex, one-hot and sign arguments follow the same patterns, through the interval behind them: what fills the positive numbers
is divided by its sum, the largest entry is the hot one, and the signs are taken.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.search.domains import (
    DOMAINS,
    HUGE,
    SATURATION,
    TINY,
    Domain,
    edge_values,
    short_values,
    special_values,
    within,
)
from oracle.search.made_inside import made_inside, whole_numbers

Array = NDArray[Any]
Shape = tuple[int, ...]
Fill = Callable[[Domain, Shape, np.random.Generator, int], Array | None]  # the last: how often it was asked before


def generic(domain: Domain, shape: Shape, rng: np.random.Generator, turn: int = 0) -> Array:
    """Ordinary distinct numbers, well inside."""
    u = rng.uniform(0.0, 1.0, shape)
    if math.isfinite(domain.low) and math.isfinite(domain.high):
        v = 0.08 + 0.84 * u
        return np.clip(domain.low * (1 - v) + domain.high * v, domain.least, domain.greatest)
    size = 0.3 + 2.7 * u
    if math.isfinite(domain.low):
        return np.asarray(domain.low + max(1.0, abs(domain.low)) * size)
    if math.isfinite(domain.high):
        return np.asarray(domain.high - max(1.0, abs(domain.high)) * size)
    return np.asarray(size * rng.choice([-1.0, 1.0], shape))


def _scattered(decades: float, ordinary: float | None = None) -> Fill:
    """Magnitudes, or distances from a finite end, log-uniform over so many decades; every other turn up to the ordinary ones alone,
    since one entry beyond makes a point extreme."""

    def fill(domain: Domain, shape: Shape, rng: np.random.Generator, turn: int = 0) -> Array | None:
        finite = math.isfinite(domain.low), math.isfinite(domain.high)
        most = decades if ordinary is None or turn % 2 else ordinary
        size = 10.0 ** rng.uniform(-most, most if not all(finite) else -0.5, shape)
        sign = rng.choice([-1.0, 1.0], shape)
        if all(finite):
            width = domain.high - domain.low
            values = np.where(sign > 0, domain.low + width * size, domain.high - width * size)
        elif finite[0]:
            values = domain.low + size
        elif finite[1]:
            values = domain.high - size
        else:
            values = sign * size
        return np.clip(values, domain.least, domain.greatest)

    return fill


def _all(value: float) -> Fill:
    def fill(domain: Domain, shape: Shape, rng: np.random.Generator, turn: int = 0) -> Array | None:
        return np.full(shape, value) if within(domain, (value,)) else None

    return fill


def _constant(domain: Domain, shape: Shape, rng: np.random.Generator, turn: int = 0) -> Array | None:
    return np.full(shape, generic(domain, (), rng))


def _sorted(domain: Domain, shape: Shape, rng: np.random.Generator, turn: int = 0) -> Array | None:
    return np.sort(generic(domain, shape, rng), axis=None).reshape(shape)


def _reversed(domain: Domain, shape: Shape, rng: np.random.Generator, turn: int = 0) -> Array | None:
    return np.sort(generic(domain, shape, rng), axis=None)[::-1].reshape(shape).copy()


def _repeated(domain: Domain, shape: Shape, rng: np.random.Generator, turn: int = 0) -> Array | None:
    size = math.prod(shape)
    if size < 2:
        return None
    values = np.resize(generic(domain, ((size + 1) // 2,), rng), size)
    return rng.permutation(values).reshape(shape)


def _nearly_equal(domain: Domain, shape: Shape, rng: np.random.Generator, turn: int = 0) -> Array | None:
    """One number and its neighbours, a few units of rounding apart."""
    center = float(generic(domain, (), rng))
    steps = rng.permutation(np.arange(math.prod(shape)) % 7 - 3).reshape(shape)
    return np.asarray(center + steps * float(np.spacing(center)))


def _cancelling(domain: Domain, shape: Shape, rng: np.random.Generator, turn: int = 0) -> Array | None:
    """Pairs x, −x: sums and means vanish, or nearly."""
    size = math.prod(shape)
    if size < 2 or not domain.least < -1 < 1 < domain.greatest:
        return None
    half = rng.uniform(0.3, 1.0, (size + 1) // 2)
    values = np.stack([half, -half], axis=1).ravel()[:size]
    if size > 2:
        values[-1] = 1e-9
    return values.reshape(shape)


def _one_extreme(domain: Domain, shape: Shape, rng: np.random.Generator, turn: int = 0) -> Array | None:
    """One entry far out, or close to an end, among ordinary ones."""
    values = generic(domain, shape, rng)
    if values.size:
        out = within(domain, (1e7, -1e7, *edge_values(domain)[1:]))
        values.flat[int(rng.integers(values.size))] = out[turn % len(out)] if out else domain.least
    return values


def _one_tiny(domain: Domain, shape: Shape, rng: np.random.Generator, turn: int = 0) -> Array | None:
    values = generic(domain, shape, rng)
    small = within(domain, (1e-10, -1e-10))
    if not small or not values.size:
        return None
    values.flat[int(rng.integers(values.size))] = small[turn % len(small)]
    return values


def _signed(sign: float) -> Fill:
    def fill(domain: Domain, shape: Shape, rng: np.random.Generator, turn: int = 0) -> Array | None:
        values = sign * abs(generic(domain, shape, rng))
        return values if domain.least < 0 < domain.greatest and domain.holds(values) else None

    return fill


def _cycling(choose: Callable[[Domain], Sequence[float]], *, ordinary: bool = False) -> Fill:
    """The chosen values one after the other, going on where the last turn ended; every third entry ordinary where asked."""

    def fill(domain: Domain, shape: Shape, rng: np.random.Generator, turn: int = 0) -> Array | None:
        chosen = choose(domain)
        size = math.prod(shape)
        if not chosen or not size:
            return None
        values = np.take(np.asarray(chosen), np.arange(turn * size, (turn + 1) * size), mode="wrap")
        if ordinary and size > 2:
            values[2::3] = generic(domain, values[2::3].shape, rng)
        return values.reshape(shape)

    return fill


def _closed_ends(domain: Domain) -> Sequence[float]:
    return [end for end, closed in zip(domain.bounds, domain.closed, strict=True) if closed]


#: Pattern → how it fills an interval; the name is what a report says of a point.
FILLS: Mapping[str, Fill] = MappingProxyType(
    {
        "ordinary numbers": generic,
        "many magnitudes": _scattered(8, ordinary=4),
        "extreme magnitudes": _scattered(120),
        "zeros": _all(0.0),
        "ones": _all(1.0),
        "all equal": _constant,
        "sorted": _sorted,
        "reversed": _reversed,
        "repeated entries": _repeated,
        "nearly equal": _nearly_equal,
        "cancelling": _cancelling,
        "one extreme entry": _one_extreme,
        "one tiny entry": _one_tiny,
        "positive": _signed(1.0),
        "negative": _signed(-1.0),
        "short numbers": _cycling(short_values),
        "special values": _cycling(special_values),
        "beside the ends": _cycling(edge_values, ordinary=True),
        "at the ends": _cycling(_closed_ends, ordinary=True),
        "saturation": _cycling(lambda d: within(d, SATURATION)),
        "tiny": _cycling(lambda d: within(d, TINY)),
        "huge": _cycling(lambda d: within(d, HUGE)),
    }
)


def fill(name: str, domain: Domain, shape: Shape, rng: np.random.Generator, turn: int = 0) -> Array | None:
    """An array of the domain after the pattern, or None where the domain has no such values or no such shape."""
    pattern = FILLS[name]
    if domain.kind == "interval":
        return pattern(domain, shape, rng, turn)
    if domain.kind == "sign":
        values = pattern(DOMAINS["real"], shape, rng, turn)
        return None if values is None else np.where(values < 0, -1.0, 1.0)
    if domain.kind == "whole":
        return whole_numbers(name, domain, shape, rng, turn)
    if domain.kind in ("sorted", "repaired") or domain.is_of_matrices:
        values = pattern(DOMAINS["real"], shape, rng, turn)
        return None if values is None else made_inside(domain, values)
    if not shape or not shape[-1]:
        return None
    if domain.kind == "one_hot":
        values = pattern(DOMAINS["real"], shape, rng, turn)
        return None if values is None else hot_at(np.argmax(values, axis=-1), shape)
    behind = DOMAINS["nonnegative" if domain.closed[0] else "positive"]
    values = pattern(behind, shape, rng, turn)
    if values is None or not (values.max(axis=-1) > 0).all():
        return None
    return on_simplex(values, domain)


def on_simplex(weights: Array, domain: Domain) -> Array:
    """Nonnegative weights as shares of their sum along the last axis."""
    shares = weights / weights.max(axis=-1, keepdims=True)  # by the largest first: the sum of huge ones overflows
    shares = shares / shares.sum(axis=-1, keepdims=True)
    return np.maximum(shares, domain.least)


def hot_at(places: NDArray[np.intp], shape: Shape) -> Array:
    """1 at the place along the last axis, 0 elsewhere, in no more memory than that takes."""
    out = np.zeros(shape)
    np.put_along_axis(out, np.asarray(places)[..., None], 1.0, axis=-1)
    return out
