"""An approximation whose code stops where its terms no longer count: a series that ends at once near 0 is a constant there.

The slope of such a value is one of its steps, and no derivative of what it approximates; JAX's own rule may be. Larger steps tell.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from flint import arb

from oracle.balls.arrays import precision
from oracle.balls.errors import Undecidable
from oracle.witnesses.slopes import Direction, Point, Real
from oracle.witnesses.tracing import Array

BITS = 200
#: Steps over which a series that stops by the last bit of a float has had several terms, and a smooth function is straight.
STEPS = (2.0**-10, 2.0**-11)
#: The parts to which slopes over such steps agree, and beyond which a slope is another one.
LIKE, UNLIKE = arb(2) ** -6, arb(2) ** -4


def is_staircase(point: Point, argnums: Sequence[int], by_rule: Sequence[Array], as_coded: Sequence[Array]) -> bool:
    """Whether differences over steps of about a thousandth agree with each other and with the gradient by rule, and the gradient of
    the value as it is coded with none of them, in a random direction."""
    rng = np.random.default_rng(0)
    direction: list[tuple[int, int, float]] = []
    rule, coded = arb(0), arb(0)
    with precision(BITS):
        for argnum, r, c in zip(argnums, by_rule, as_coded, strict=True):
            sizes = np.fmax(1.0, np.abs(point.floats[argnum].ravel()))
            for k, weight in enumerate(sizes * rng.uniform(0.5, 1.0, sizes.size) * rng.choice([-1, 1], sizes.size)):
                direction.append((argnum, k, float(weight)))
                rule += r.flat[k] * arb(float(weight))
                coded += c.flat[k] * arb(float(weight))
        try:
            wide, narrow = (_difference(point, direction, step) for step in STEPS)
        except Undecidable:
            return False
        if wide is None or narrow is None:
            return False
        size = abs(narrow)
        return bool(
            abs(wide - narrow) < LIKE * size
            and abs(rule - narrow) < LIKE * size
            and abs(coded - narrow) > UNLIKE * size
        )


def _difference(point: Point, direction: Direction, step: float) -> Real | None:
    """(f(x + t d) − f(x − t d)) / 2t; None where that leaves the domains."""
    t = arb(step)
    after, before = point.moved(direction, t), point.moved(direction, -t)
    return None if after is None or before is None else (after[0] - before[0]) / (2 * t)
