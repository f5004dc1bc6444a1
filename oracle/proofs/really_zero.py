"""Is a formula 0 where floats find it smallest? 1 + (x³ − 10^12)² is small beside its values around 10^4, and never 0.

With the exact value v at that point, the gradient g and the second derivatives H, a formula that comes down to 0 close by has
v = ½ gᵀ H⁻¹ g, or up to twice as much if it is flatter than a parabola; one that stays above 0 has more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from flint import arb

from oracle.proofs.confirmed import in_balls
from oracle.proofs.coordinates import Coordinate, put
from oracle.proofs.enclosures import BallDual, working_precision
from oracle.proofs.errors import ProofError, Resample
from oracle.proofs.evaluate import Evaluator
from oracle.proofs.meetings import Meeting
from oracle.proofs.places import Place

#: The step of second derivatives, and what the two sides of the equation may differ by.
STEP = arb(2) ** -200
SPARE = 1.001


def really_zero(edge: Meeting, here: Evaluator, moved: Sequence[Coordinate], at: Sequence[float]) -> bool:
    """Whether the two sides of the edge meet here, or so close by that no float tells. False if balls cannot say."""
    try:
        with working_precision():
            there = in_balls(Place(here, {}, {})).evaluator
            value, slopes = derivatives(edge, there, moved, [arb(x) for x in at])
            if value.contains(0):
                return True
            bent = []
            for k in range(len(moved)):
                beside = [arb(x) + (STEP if i == k else 0) for i, x in enumerate(at)]
                others = derivatives(edge, there, moved, beside)[1]
                bent.append([float(((x - y) / STEP).mid()) for x, y in zip(others, slopes, strict=True)])
            unit = max(abs(slope).mid() for slope in slopes)
            if not unit > 0:
                return False
            g = np.array([float((slope / unit).mid()) for slope in slopes])
            decrement = float(g @ np.linalg.pinv(np.array(bent)) @ g)
            return bool(abs(value) / (unit * unit) <= SPARE * abs(decrement))
    except (ProofError, Resample, ArithmeticError, KeyError, IndexError, TypeError, ValueError):
        return False


def derivatives(edge: Meeting, here: Any, moved: Sequence[Coordinate], at: Sequence[Any]) -> tuple[Any, list[Any]]:
    """What is left minus right, and its derivatives by what is moved."""
    found = []
    for k in range(len(moved)):
        for i, (coordinate, x) in enumerate(zip(moved, at, strict=True)):
            put(here.world, coordinate, BallDual(x, arb(int(i == k))))
        found.append(here.scalar(edge.left) - here.scalar(edge.right))
    return found[0].v, [dual.d for dual in found]
