"""An extreme that is open is one of the entries all the same: however many equal it, one does.

JAX shares the derivative of a maximum among the entries that equal it, and divides by their number. Where several are within their
radii of the greatest, as neurons with equal weights are, it is open which do; that their number is 1 at least is what is kept here,
on its way from the extreme over the comparison to the sum.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from oracle.balls.midpoint_radius.array import Condition, MidRad, Some, Value, hull
from oracle.balls.midpoint_radius.identity import NONE, Labels


def note_extreme(x: MidRad, axes: Sequence[int], labels: Labels) -> None:
    """The labels of the extremes of x along these axes."""
    x.extremes = {**(x.extremes or {}), tuple(axes): labels}


def of_equality(x: MidRad, y: MidRad, equal: Value) -> Value:
    """x == y, where y may be the extremes of x: then one of each line is."""
    if not isinstance(equal, Condition) or x.extremes is None or y.labels is None or y.ndim != x.ndim:
        return equal
    for axes, labels in x.extremes.items():
        meant = (np.expand_dims(labels, axes) == y.labels) & (y.labels != NONE)
        lines = np.all(meant & np.isfinite(x.radius), axis=axes)  # what may be no number equals nothing
        if lines.any():
            return Condition(equal.value, equal.open, Some(axes, lines))
    return equal


def of_sum(x: MidRad, axes: Sequence[int], total: MidRad) -> MidRad:
    """The sum of what is 0 or 1 along these axes: 1 at least, where one is."""
    if x.some is None or x.some.axes != tuple(axes):
        return total
    raised = x.some.lines & (total.lower < 1)
    if not raised.any():
        return total
    least = hull(np.where(raised, 1.0, total.lower), np.maximum(total.upper, 1.0))
    return MidRad(
        np.where(raised, least.midpoint, total.midpoint),
        np.where(raised, least.radius, total.radius),
        labels=total.labels,
    )
