"""The candidate's own code run on balls, as array code or by its jaxpr: its mathematics without its rounding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.arrays import lift, lift_arb, precision
from oracle.judgement.own_program import Program, program_of
from oracle.judgement.own_torch import torch_on_balls
from oracle.witnesses import Enclosure

Array = NDArray[Any]

#: Precision at which a gradient that runs on balls is compared with the truth.
EXACT_BITS = 400


@dataclass(frozen=True, eq=False)
class OwnRun:
    """balls: what the code makes of the exact arguments; bits: of the floats in which its constants are kept; program: by which it
    was run, None where the code itself runs on arrays of balls."""

    balls: Array
    bits: int = 53
    program: Program | None = None


def on_balls(
    grad: Callable[..., Any], point: Sequence[Array], got: Array, error: NDArray[np.float64], where: NDArray[np.bool_]
) -> OwnRun | None:
    """grad evaluated on balls, or None where it does not run on them. got: its answer, off by `error` at the components `where`: a
    jaxpr that does not err so in floats is not what the candidate runs."""
    try:
        with precision(EXACT_BITS), np.errstate(all="ignore"):
            result = np.asarray(grad(*(lift(a) if a.dtype.kind == "f" else a for a in point)))
            if result.dtype == object and result.shape == got.shape:
                return _if_finite(OwnRun(lift_arb(result)))
    except Exception:
        pass
    own = _as_torch(grad, point, got.shape)
    if own is not None:
        return _if_finite(own)
    program = program_of(grad, point)
    if program is None:
        return None
    try:
        own = _if_finite(OwnRun(program.on_balls(point, EXACT_BITS), program.bits, program))
        return (
            own if own is not None and own.balls.shape == got.shape and program.says(point, got, error, where) else None
        )
    except Exception:  # of any kind: no enclosure, a decision that stays open, a program that does not run by itself
        return None


def _if_finite(own: OwnRun) -> OwnRun | None:
    return own if all(ball.is_finite() for ball in own.balls.flat) else None


def _as_torch(grad: Callable[..., Any], point: Sequence[Array], shape: tuple[int, ...]) -> OwnRun | None:
    try:
        found = torch_on_balls(grad, point, EXACT_BITS)
    except Exception:  # of any kind: it has no translation, or a decision stays open
        return None
    return OwnRun(*found) if found is not None and found[0].shape == shape else None


def ball_distance(balls: Array, enclosure: Enclosure) -> NDArray[np.float64]:
    """How far apart the balls are from the right answers at least; 0 where they overlap."""

    def apart(ball: Any, low: Any, high: Any) -> float:
        if ball < low:
            return float((low - ball).abs_lower())
        return float((ball - high).abs_lower()) if ball > high else 0.0

    with precision(EXACT_BITS):
        return np.asarray(np.frompyfunc(apart, 3, 1)(balls, enclosure.lower, enclosure.upper), dtype=np.float64)
