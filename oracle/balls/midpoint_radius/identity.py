"""Which numbers are one and the same: the greatest of an array *is* one of its entries, and no radius can say so.

Labels are given when a choice is made (max, sort), to what it is made among, and go where the numbers go. So x == max(x), by which
JAX finds the entry that a maximum follows, is decided, and x − max(x) is exactly 0 there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from oracle.balls.midpoint_radius.array import MidRad

Labels = NDArray[np.int64]
NONE = -1


@dataclass
class Given:
    """How many labels an evaluation has given, and which to constants: equal ones are one number, wherever they stand."""

    count: int = 0
    constants: dict[float, int] = field(default_factory=dict)


_given: ContextVar[Given | None] = ContextVar("oracle_balls_labels", default=None)


@contextmanager
def labelling() -> Iterator[None]:
    """One evaluation, whose labels are its own."""
    token = _given.set(Given())
    try:
        yield
    finally:
        _given.reset(token)


def labels_of(x: MidRad) -> Labels:
    """The labels of x, given now if it has none; −1 everywhere outside of an evaluation."""
    if x.labels is None:
        given = _given.get()
        if given is None:
            return np.full(x.shape, NONE, dtype=np.int64)
        x.labels = np.arange(given.count, given.count + x.size, dtype=np.int64).reshape(x.shape)
        given.count += x.size
    return x.labels


def fresh(shape: tuple[int, ...]) -> Labels:
    """Labels of new numbers, each like itself alone; −1 outside of an evaluation."""
    return labels_of(MidRad(np.zeros(shape), np.zeros(shape)))


def label_constant(x: MidRad) -> MidRad:
    """A single number from outside, labelled as every equal one; what is no number is like nothing, and its midpoint is 0."""
    given = _given.get()
    if given is not None and x.radius < np.inf:
        value = float(x.midpoint)
        if value not in given.constants:
            given.constants[value] = given.count
            given.count += 1
        x.labels = np.asarray(given.constants[value], dtype=np.int64)
    return x


def same(x: MidRad, y: MidRad) -> NDArray[np.bool_]:
    """Where both are one and the same real number."""
    if x is y:
        return x.known
    if x.labels is None or y.labels is None:
        return np.zeros(np.broadcast_shapes(x.shape, y.shape), dtype=bool)
    return np.asarray((x.labels == y.labels) & (x.labels != NONE) & x.known & y.known)
