"""The arrays: midpoints and radii of real numbers, and conditions that some of them leave open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from oracle.balls.midpoint_radius.rounding import SLOP, TINY, U

Floats = NDArray[np.float64]


class MidRad:
    """Real numbers, each within `radius` of its `midpoint`.

    radius ∞: nothing is known, be it no number at all; the midpoint is 0 then. midpoint ±∞ with radius 0: an exact infinity.
    labels: equal ones, but −1, are of numbers that are one and the same (`identity.py`); exact: whether every radius is known to
    be 0. extremes, some: what is known of an extreme of it that no radius proves (`open_extremes.py`).
    """

    __slots__ = ("exact", "extremes", "labels", "midpoint", "radius", "some")

    def __init__(
        self, midpoint: Floats, radius: Floats, *, exact: bool = False, labels: NDArray[np.int64] | None = None
    ) -> None:
        self.midpoint, self.radius, self.exact, self.labels = midpoint, radius, exact, labels
        self.extremes: dict[tuple[int, ...], NDArray[np.int64]] | None = None
        self.some: Some | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        return self.midpoint.shape

    @property
    def ndim(self) -> int:
        return self.midpoint.ndim

    @property
    def size(self) -> int:
        return self.midpoint.size

    @property
    def lower(self) -> Floats:
        """Floats below every number, or equal; exact numbers themselves."""
        return self.midpoint if self.exact else _outward(self, -1)

    @property
    def upper(self) -> Floats:
        """Floats above every number, or equal; exact numbers themselves."""
        return self.midpoint if self.exact else _outward(self, 1)

    @property
    def magnitude(self) -> Floats:
        """Upper bounds of the absolute values."""
        return np.abs(self.midpoint) if self.exact else (np.abs(self.midpoint) + self.radius) * SLOP

    @property
    def known(self) -> NDArray[np.bool_]:
        """Where it is a real number for sure."""
        return np.isfinite(self.midpoint) & np.isfinite(self.radius)


@dataclass(frozen=True, eq=False)
class Some:
    """In which lines along `axes` one entry is true at least, or is 1."""

    axes: tuple[int, ...]
    lines: NDArray[np.bool_]


class Condition:
    """Booleans, of which those that are `open` may as well be the other."""

    __slots__ = ("open", "some", "value")

    def __init__(self, value: NDArray[np.bool_], open: NDArray[np.bool_], some: Some | None = None) -> None:
        self.value, self.open, self.some = value, open, some

    @property
    def shape(self) -> tuple[int, ...]:
        return self.value.shape

    @property
    def ndim(self) -> int:
        return self.value.ndim

    @property
    def size(self) -> int:
        return self.value.size


Value = Any  # MidRad for floats, Condition for booleans of which some are open, else a NumPy array


def _outward(x: MidRad, sign: int) -> Floats:
    """m ± r, and a float further for the rounding of this sum."""
    end = x.midpoint + sign * x.radius
    return np.where(x.radius == 0, x.midpoint, end + sign * (2 * U * np.abs(end) + 2.0**-1074))


def exactly(x: ArrayLike) -> MidRad:
    """Floats as they are; NaN is unknown."""
    midpoint = np.asarray(x, dtype=np.float64)
    if np.isnan(midpoint).any():
        return enclosing(midpoint, np.zeros(midpoint.shape), infinite=lambda: np.isinf(midpoint))
    return MidRad(midpoint, np.zeros(midpoint.shape), exact=True)


def enclosing(
    midpoint: ArrayLike, radius: ArrayLike, infinite: Callable[[], NDArray[np.bool_]] | None = None
) -> MidRad:
    """m ± r, and unknown where either is no finite number; infinite: says, if asked, where the midpoint is an exact infinity."""
    m, r = np.asarray(midpoint, dtype=np.float64), np.asarray(radius, dtype=np.float64)
    if r.shape != m.shape:
        r = np.broadcast_to(r, m.shape)
    if np.isfinite(np.add.reduce(m, axis=None) + np.add.reduce(r, axis=None)):
        return MidRad(m, r)
    known = np.isfinite(m) & np.isfinite(r)
    if infinite is not None:
        endless = infinite() & np.isinf(m)
        return MidRad(np.where(known | endless, m, 0.0), np.where(endless, 0.0, np.where(known, r, np.inf)))
    return MidRad(np.where(known, m, 0.0), np.where(known, r, np.inf))


def hull(low: Floats, high: Floats) -> MidRad:
    """What holds everything between the ends; unknown where an end is infinite."""
    m = low + (high - low) / 2
    width = np.maximum(high - m, m - low)
    return enclosing(m, np.where(width == 0, 0.0, width * SLOP + TINY))


def united(x: MidRad, y: MidRad) -> MidRad:
    """What holds either."""
    return hull(np.minimum(x.lower, y.lower), np.maximum(x.upper, y.upper))


def chosen(where: NDArray[np.bool_], x: MidRad, y: MidRad) -> MidRad:
    """x where it is so, and y elsewhere."""
    m, r = np.where(where, x.midpoint, y.midpoint), np.where(where, x.radius, y.radius)
    labels = None
    if x.labels is not None or y.labels is not None:
        none = np.int64(-1)
        labels = np.where(where, none if x.labels is None else x.labels, none if y.labels is None else y.labels)
    return MidRad(m, r, exact=x.exact and y.exact, labels=labels)
