"""The candidate's own code run on arrays of balls: its mathematics without its rounding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.arrays import lift, lift_arb, precision
from oracle.judgement.own_torch import torch_on_balls
from oracle.witnesses import Enclosure

Array = NDArray[Any]

#: Precision at which a gradient that runs on balls is compared with the truth.
EXACT_BITS = 400


def on_balls(grad: Callable[..., Any], point: Sequence[Array], shape: tuple[int, ...]) -> Array | None:
    """grad evaluated on arrays of balls, or None where it does not run on them."""
    try:
        with precision(EXACT_BITS), np.errstate(all="ignore"):
            result = np.asarray(grad(*(lift(a) if a.dtype.kind == "f" else a for a in point)))
            if result.dtype != object or result.shape != shape:
                return None
            balls: Array | None = lift_arb(result)
    except Exception:
        balls = _as_torch(grad, point, shape)
    if balls is None:
        return None
    return balls if all(ball.is_finite() for ball in balls.flat) else None


def _as_torch(grad: Callable[..., Any], point: Sequence[Array], shape: tuple[int, ...]) -> Array | None:
    try:
        balls = torch_on_balls(grad, point, EXACT_BITS)
    except Exception:  # of any kind: it has no translation, or a decision stays open
        return None
    return balls if balls is not None and balls.shape == shape else None


def ball_distance(balls: Array, enclosure: Enclosure) -> NDArray[np.float64]:
    """How far apart the balls are from the right answers at least; 0 where they overlap."""

    def apart(ball: Any, low: Any, high: Any) -> float:
        if ball < low:
            return float((low - ball).abs_lower())
        return float((ball - high).abs_lower()) if ball > high else 0.0

    with precision(EXACT_BITS):
        return np.asarray(np.frompyfunc(apart, 3, 1)(balls, enclosure.lower, enclosure.upper), dtype=np.float64)
