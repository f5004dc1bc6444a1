"""What rounding costs where every component of a gradient depends on all entries of its argument, as singular vectors do.

A program of linear algebra is right for a matrix whose entries are each off by a rounding of the largest one, and no better: a
small component beside large ones has as few digits as that leaves it. Where components do not depend on one another's entries
nothing is excused so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.arrays import as_object_array, lift_arb, precision
from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.balls.jaxpr import evaluate
from oracle.judgement.verdict import SLACK
from oracle.witnesses.certified import FIRST_BITS
from oracle.witnesses.function import TRACED, Function
from oracle.witnesses.large import too_large_for_arb

Array = NDArray[Any]

#: Components for which it is measured, and the random corners at which each is looked at.
MOST_COMPONENTS, CORNERS = 16, 4


def cost_of_all_entries(
    function: Function, point: Sequence[Array], bits: int, beyond: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """How far each component `beyond` moves where the entries of its argument are off by half a unit of the largest one, at random
    corners: an estimate from below. 0 where it does not depend on other entries than its own, or that is not known."""
    cost = np.zeros(beyond.shape)
    x = point[function.argnum]
    if function.level != TRACED or x.size < 2 or np.count_nonzero(beyond) > MOST_COMPONENTS or too_large_for_arb(point):
        return cost
    program, rng = function.traced(point).gradient, np.random.default_rng(0)
    half = float(np.max(np.abs(x))) * 2.0**-bits

    def gradient(moved: Array) -> Array:
        return evaluate(program, [moved if n == function.argnum else a for n, a in enumerate(point)])[-1]

    try:
        with precision(FIRST_BITS):
            exact = lift_arb(x)
            here = gradient(exact)
            for k in map(tuple, np.argwhere(beyond)):
                depends = False
                for _ in range(CORNERS):
                    steps = half * rng.choice([-1.0, 1.0], x.shape)
                    others = np.where(
                        np.arange(x.size).reshape(x.shape) == np.ravel_multi_index(k, x.shape), 0.0, steps
                    )
                    by_others, by_all = (gradient(as_object_array(exact + lift_arb(s)))[k] for s in (others, steps))
                    depends |= not (by_others - here[k]).contains(0)
                    cost[k] = max(cost[k], *(float(abs(g - here[k]).mid()) for g in (by_others, by_all)))
                cost[k] *= depends
    except (Undecidable, UnsupportedPrimitive):
        return np.zeros(beyond.shape)
    return SLACK * np.where(np.isfinite(cost), cost, 0.0)
