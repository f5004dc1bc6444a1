"""A torch candidate's own backward, or torch's, run on balls: written down as it runs at the point, and translated.

It is held against the candidate's answer, there and a step aside, up to the rounding that its own operations explain.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

from numpy.typing import NDArray

from oracle.balls.arrays import lift_arb, precision
from oracle.balls.jaxpr import evaluate

Array = NDArray[Any]


def torch_on_balls(grad: Callable[..., Any], point: Sequence[Array], bits: int) -> tuple[Array, int] | None:
    """grad evaluated on balls of so many bits, and the bits of its narrowest floats; None where it is no torch code."""
    if "torch" not in sys.modules:
        return None
    from oracle.witnesses.torch_lift import candidate

    lift = candidate(grad)
    if lift is None:
        return None
    way = lift.way(point, getattr(grad, "entry", 0), None)
    with precision(bits):
        (balls,) = evaluate(way.value, point)
        return lift_arb(balls), way.bits
