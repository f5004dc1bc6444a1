"""What a witness in balls says about one gradient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb
from numpy.typing import ArrayLike, NDArray

from oracle.balls.arrays import lift_arb, midpoints, precision, round_up

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Enclosure:
    """The right answers for one gradient, component by component.

    lower, upper: object arrays of `arb`. Where there is a derivative both are the same ball, which holds it; at a
    `kink` they hold the smaller and the larger one-sided derivative, and everything between is right.
    rigorous: True where the ball is proved (the jaxpr of the gradient in ball arithmetic), False where it comes from
    one-sided differences in balls: free of rounding error, and of truncation error as far as two very different steps
    can tell.
    bits: the precision that settled it.
    """

    lower: Array
    upper: Array
    kink: NDArray[np.bool_]
    rigorous: NDArray[np.bool_]
    bits: int

    @property
    def shape(self) -> tuple[int, ...]:
        return self.lower.shape

    @property
    def between(self) -> bool:
        """Whether there may be right answers between two ends."""
        return self.lower is not self.upper

    @property
    def straddles(self) -> NDArray[np.bool_]:
        """Where zero is enclosed without being the answer for sure: the precision ran out on a number too small to
        tell.
        """
        return (
            _each(lambda low, high: bool(low.contains(0) and not low.is_zero()), self.lower, self.upper, bool)
            & ~self.kink
        )

    def midpoint(self) -> NDArray[np.float64]:
        """The derivative, correctly rounded to float64; at a kink the middle of the interval."""
        return midpoints(_halfway(self.lower, self.upper))

    def relative_radius(self) -> NDArray[np.float64]:
        """radius/|midpoint| of the balls, rounded up: 0 where exact, ∞ where zero is enclosed and is not the exact
        answer.
        """
        return np.maximum(_relative(self.lower), _relative(self.upper))

    def contains(self, x: ArrayLike) -> NDArray[np.bool_]:
        """Whether each number lies in [lower, upper]; NaN never does. Raises ValueError for another shape."""
        values = lift_arb(x)
        if values.shape != self.shape:
            raise ValueError(f"x has shape {values.shape}, the enclosure has shape {self.shape}")
        inside = np.frompyfunc(lambda v, low, high: bool(not v.is_nan() and not v < low and not v > high), 3, 1)
        return np.asarray(inside(values, self.lower, self.upper), dtype=bool)


def derivative(balls: Array, *, rigorous: bool, bits: int) -> Enclosure:
    """The enclosure of a derivative without kinks."""
    return Enclosure(balls, balls, np.zeros(balls.shape, bool), np.full(balls.shape, rigorous), bits)


def _each(function: Any, lower: Array, upper: Array, dtype: Any) -> Any:
    return np.asarray(np.frompyfunc(function, 2, 1)(lower, upper), dtype=dtype)


def _halfway(lower: Array, upper: Array) -> Array:
    with precision(4096):  # exact for all but absurdly unequal ends
        return _each(lambda low, high: low if low is high else (low.mid() + high.mid()) / 2, lower, upper, object)


def _relative(balls: Array) -> NDArray[np.float64]:
    def relative(ball: Any) -> float:
        if ball.is_exact():
            return 0.0 if ball.is_finite() else np.inf
        return np.inf if ball.contains(0) else round_up((ball.rad() / abs(ball.mid())).abs_upper())

    with precision(64):
        return np.asarray(np.frompyfunc(relative, 1, 1)(balls), dtype=np.float64)


RELATIVE_BITS = 80
NEGLIGIBLE = arb(2) ** -1200


def is_settled(ball: Any) -> bool:
    """Whether a ball says all that a float64 can ask: relative radius ≤ 2⁻⁸⁰, or exact zero, or wholly below 2⁻¹²⁰⁰."""
    return bool(ball.is_finite() and (ball.rel_accuracy_bits() >= RELATIVE_BITS or abs(ball) < NEGLIGIBLE))
