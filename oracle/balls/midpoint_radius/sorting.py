"""Sorting: the k-th smallest number lies between the k-th smallest of the lower ends and that of the upper ones.

Where another operand is carried along, the order itself must be proved; equal keys tie there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.balls.midpoint_radius.array import Condition, MidRad, Value, hull
from oracle.balls.midpoint_radius.decisions import note_ties
from oracle.balls.midpoint_radius.identity import NONE, labels_of
from oracle.balls.primitives.equation import Equation

Order = NDArray[np.intp]


def _proved(key: MidRad, order: Order, axis: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Between neighbours in this order: where it is proved, and where both are exactly equal."""
    low, high = (np.moveaxis(np.take_along_axis(a, order, axis), axis, -1) for a in (key.lower, key.upper))
    r = np.moveaxis(np.take_along_axis(key.radius, order, axis), axis, -1)
    level = (low[..., 1:] == high[..., :-1]) & (r[..., 1:] == 0) & (r[..., :-1] == 0)
    return high[..., :-1] < low[..., 1:], level


def _taken(x: Value, order: Order, axis: int) -> Value:
    if isinstance(x, Condition):
        raise Undecidable("open conditions are sorted")
    if not isinstance(x, MidRad):
        return np.take_along_axis(x, order, axis)
    labels = None if x.labels is None else np.take_along_axis(x.labels, order, axis)
    m, r = (np.take_along_axis(a, order, axis) for a in (x.midpoint, x.radius))
    return MidRad(m, r, exact=x.exact, labels=labels)


def _ordered(key: Value, axis: int, shows: bool) -> Order:
    """The stable order of a key. Raises Undecidable where it is not proved and shows."""
    if not isinstance(key, MidRad):
        return np.argsort(key, axis=axis, kind="stable")
    order = np.argsort(key.midpoint, axis=axis, kind="stable")
    if shows:
        proved, level = _proved(key, order, axis)
        if not np.all(proved | level):
            raise Undecidable("sort")
        note_ties("sort", level)
    return order


def sort(equation: Equation, *operands: Value) -> list[Value]:
    axis, num_keys = equation.params["dimension"], equation.params["num_keys"]
    if num_keys != 1:
        raise UnsupportedPrimitive(equation.name, f"{num_keys} keys")
    key, *others = operands
    if others or not isinstance(key, MidRad):
        order = _ordered(key, axis, shows=True)
        return [_taken(x, order, axis) for x in operands]
    order = np.argsort(key.midpoint, axis=axis, kind="stable")
    proved, level = _proved(key, order, axis)
    labels_of(key)
    found = _taken(key, order, axis)
    if proved.all():
        return [found]
    if (proved | level).all():
        return [MidRad(found.midpoint, found.radius, exact=key.exact, labels=np.full(key.shape, NONE, np.int64))]
    return [hull(np.sort(key.lower, axis=axis), np.sort(key.upper, axis=axis))]


def top_k(equation: Equation, x: MidRad) -> list[Value]:
    """The k largest along an axis in descending order, and their places; among equals the first comes first."""
    axis, k = equation.params.get("axis", x.ndim - 1), equation.params["k"]
    labels_of(x)
    upside_down = MidRad(-x.midpoint, x.radius, exact=x.exact)
    order = np.argsort(upside_down.midpoint, axis=axis, kind="stable")
    proved, level = _proved(upside_down, order, axis)
    if not np.all(proved | level):  # all of them: what comes late by its midpoint may be wide
        raise Undecidable("top_k")
    note_ties("sort", level[..., :k])
    order = np.take(order, range(k), axis=axis)
    return [_taken(x, order, axis), order.astype(equation.results[1].dtype)]


SORTING: dict[str, Callable[..., Any]] = {"sort": sort, "top_k": top_k}
