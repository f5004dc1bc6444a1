"""Arrays of balls: in from floats (exactly), out to floats (rounded on purpose), and the precision they are computed
at.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from flint import arb, ctx
from numpy.typing import ArrayLike, NDArray

from oracle.balls.ball import Ball, to_arb
from oracle.balls.ball_array import as_balls

Array = NDArray[Any]
_to_ball = np.frompyfunc(Ball, 1, 1)
_to_arb = np.frompyfunc(to_arb, 1, 1)


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Ball arithmetic rounds to `bits` bits inside the block; the precision before it is restored.

    python-flint keeps one precision for the whole process: threads that compute with balls must take turns.
    """
    if bits < 2:
        raise ValueError(f"bits must be at least 2, got {bits}")
    before = ctx.prec
    ctx.prec = bits
    try:
        yield
    finally:
        ctx.prec = before


def as_object_array(value: object) -> Array:
    """An object array as it is; anything else (a 0-d result that NumPy unwrapped) as a 0-d object array."""
    if isinstance(value, np.ndarray):
        return value
    array = np.empty((), dtype=object)
    array[()] = value
    return array


def _real_array(x: ArrayLike, name: str) -> Array:
    array = np.asarray(x)
    if array.dtype.kind in "fiub" or array.dtype == object:
        return array
    if array.dtype.kind == "V":  # the extension floats of ml_dtypes: bfloat16 and smaller
        return array.astype(np.float64)
    raise TypeError(f"{name} must hold real numbers, got dtype {array.dtype}")


def lift(x: ArrayLike) -> Array:
    """The exact balls of an array of floats (any width), integers or balls, as a `BallArray` of the same shape."""
    return as_balls(as_object_array(_to_ball(_real_array(x, "x"))))


def lift_arb(x: ArrayLike) -> Array:
    """As `lift`, but to bare `flint.arb` elements, which the jaxpr interpreter computes with."""
    return as_object_array(_to_arb(_real_array(x, "x")))


@functools.lru_cache(maxsize=4096)
def _constant(value: float) -> Any:
    return to_arb(value)


def constants(x: ArrayLike) -> Array:
    """As `lift_arb`, with one shared element for equal numbers: two equal constants are the same number, hence never a
    tie.
    """
    array = _real_array(x, "x")
    return as_object_array(np.frompyfunc(_constant, 1, 1)(array)) if array.dtype.kind == "f" else lift_arb(array)


def half_ulp(x: ArrayLike, bits: int) -> Array:
    """½ ulp of x in a format of `bits` significant bits and unbounded exponent: 2^(e−bits−1) for 2^(e−1) ≤ |x| < 2^e;
    0 at 0.

    Object array of exact `arb`, since it may lie below the smallest float.
    """
    _, exponent = np.frexp(np.asarray(x, dtype=np.float64))
    half = np.frompyfunc(lambda v, e: arb(2) ** (int(e) - bits - 1) if v != 0 else arb(0), 2, 1)
    return as_object_array(half(np.asarray(x, dtype=np.float64), exponent))


def widen(x: ArrayLike, *, bits: int, ulps: float = 0.5) -> Array:
    """Balls around the floats x of radius `ulps` units in the last place of a `bits`-bit format; zeros stay exact."""
    factor = arb(2 * ulps)
    balls = np.frompyfunc(lambda v, r: Ball(arb(v, r * factor)), 2, 1)
    return as_balls(as_object_array(balls(np.asarray(x, dtype=np.float64).astype(object), half_ulp(x, bits))))


def midpoints(balls: Array) -> NDArray[np.float64]:
    """The midpoints, correctly rounded to float64 (±∞ beyond its range)."""
    return np.vectorize(lambda b: float(to_arb(b).mid()), otypes=[np.float64])(balls) if balls.size else _empty(balls)


def radii(balls: Array) -> NDArray[np.float64]:
    """The radii, rounded up to float64; ∞ where a ball is unbounded or NaN."""
    return (
        np.vectorize(lambda b: round_up(to_arb(b).rad()), otypes=[np.float64])(balls) if balls.size else _empty(balls)
    )


def magnitudes(balls: Array) -> NDArray[np.float64]:
    """Upper bounds of the absolute values, rounded up to float64."""
    bound = np.vectorize(lambda b: round_up(to_arb(b).abs_upper()), otypes=[np.float64])
    return bound(balls) if balls.size else _empty(balls)


def _empty(balls: Array) -> NDArray[np.float64]:
    return np.zeros(balls.shape, dtype=np.float64)


def round_up(x: Any) -> float:
    """The least float64 ≥ x for an exact, nonnegative arb; ∞ for NaN."""
    if x.is_nan():
        return float("inf")
    nearest = float(x)
    return nearest if arb(nearest) >= x else float(np.nextafter(nearest, np.inf))


def contains(balls: Array, x: ArrayLike) -> NDArray[np.bool_]:
    """Whether each ball holds the number beside it; NaN is held by none, and an unknown ball (NaN) holds nothing."""
    values = lift_arb(x)
    if balls.shape != values.shape:
        raise ValueError(f"x has shape {values.shape}, the balls have shape {balls.shape}")

    def holds(ball: object, value: Any) -> bool:
        enclosure = to_arb(ball)
        return bool(not enclosure.is_nan() and not value.is_nan() and enclosure.contains(value))

    return np.asarray(np.frompyfunc(holds, 2, 1)(balls, values), dtype=bool)
