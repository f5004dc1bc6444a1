"""What midpoint–radius arrays say of one gradient: an `Enclosure` of millions of components."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from flint import arb
from numpy.typing import ArrayLike, NDArray

from oracle.balls.arrays import as_object_array
from oracle.balls.midpoint_radius.array import MidRad
from oracle.witnesses.enclosure import Array, Enclosure

_ball = np.frompyfunc(lambda m, r: arb(m, r) if np.isfinite(r) else arb("nan"), 2, 1)


class LargeEnclosure(Enclosure):
    """The derivative, component by component, as midpoints and radii in float64; balls are made of them when they are asked for.

    A function that has a kink at the point has none of these: kinks are for arb.
    """

    def __init__(self, floats: MidRad) -> None:
        vars(self).update(
            floats=floats,
            kink=np.zeros(floats.shape, dtype=bool),
            rigorous=np.ones(floats.shape, dtype=bool),
            bits=53,
        )

    floats: MidRad

    @cached_property
    def lower(self) -> Array:
        return as_object_array(_ball(self.floats.midpoint, self.floats.radius))

    @property
    def upper(self) -> Array:
        return self.lower

    @property
    def shape(self) -> tuple[int, ...]:
        return self.floats.shape

    @property
    def between(self) -> bool:
        return False

    @property
    def straddles(self) -> NDArray[np.bool_]:
        return (np.abs(self.floats.midpoint) <= self.floats.radius) & (self.floats.radius > 0)

    def midpoint(self) -> NDArray[np.float64]:
        """The midpoints, which are no derivatives rounded correctly: those are within a radius."""
        return self.floats.midpoint

    def relative_radius(self) -> NDArray[np.float64]:
        size, radius = np.abs(self.floats.midpoint), self.floats.radius
        with np.errstate(divide="ignore", invalid="ignore"):
            relative = np.nextafter(radius / size, np.inf)
        return np.where(radius == 0, 0.0, np.where(size <= radius, np.inf, relative))

    def contains(self, x: ArrayLike) -> NDArray[np.bool_]:
        values = np.asarray(x, dtype=np.float64)
        if values.shape != self.shape:
            raise ValueError(f"x has shape {values.shape}, the enclosure has shape {self.shape}")
        return (values >= self.floats.lower) & (values <= self.floats.upper)
