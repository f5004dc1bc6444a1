"""Points a small step beside one, at which a translation is held against its code once more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
#: The step aside, relative to the distance of neighbouring entries, or to an entry.
STEP = 2.0**-16


def aside(given: Sequence[Array], argnum: int, bounds: tuple[float, float] | None) -> list[list[Array]]:
    """The differentiated argument a small step towards itself with its entries moved on (which stays in any convex domain that
    does not tell its entries apart), or a little larger or smaller within its bounds."""
    x = given[argnum] if argnum < len(given) else np.zeros(0)
    found = []
    if x.ndim and x.dtype.kind == "f":
        mixed = x + STEP * (np.roll(x, 1) - x)
        if np.any(mixed != x):
            found.append(mixed)
    weights = 1 + STEP * np.cos(np.arange(x.size)).reshape(x.shape)
    for step in (weights, 2 - weights):
        moved = np.where(x == 0, STEP * (step - 1), x * step)
        if bounds is None or bool(np.all((moved > bounds[0]) & (moved < bounds[1]))):
            found.append(moved)
    return [[m if n == argnum else a for n, a in enumerate(given)] for m in found]
