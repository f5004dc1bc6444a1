"""A derivative at a kink: it exists where both sides agree, in value and in slope.

Where |x|, max, min or cases meet a tie that the infinitesimal moves across, they note it and take the side of `direction`; what is
differentiated is then computed from both sides.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from oracle.proofs.errors import NoDerivative


class Sided:
    """The part of an arithmetic that remembers kinks. direction: +1 or −1, the side taken at one; met: whether there was one.

    neighbourly: whether a and E of a draw are close to each other.
    """

    direction = 1
    met = False
    neighbourly = False
    has_derivative: Callable[[Any], bool]
    derivative: Callable[[Any], Any]
    sign: Callable[[Any], int]

    def shares(self, parts: list[Any]) -> list[Any]:
        """Numbers whose sum is 1."""
        return parts

    def side(self, difference: Any) -> int:
        """The sign of a difference; at a tie, that of the side to which the infinitesimal moves."""
        sign = self.sign(difference)
        if sign or not self.has_derivative(difference):
            return sign
        self.met = True
        return self.direction * self.sign(self.derivative(difference))


def slope(f: Any, compute: Callable[[], Any]) -> Any:
    """The derivative of what is computed, a number or an array. Raises NoDerivative where the two sides of a kink differ."""
    outside, f.met = f.met, False
    right = compute()
    met, f.met = f.met, outside
    if met:
        f.direction = -f.direction
        try:
            left = compute()
        finally:
            f.direction, f.met = -f.direction, outside
        for x, y in zip(np.ravel(left), np.ravel(right), strict=True):
            if not (f.equal(f.value(x), f.value(y)) and f.equal(f.derivative(x), f.derivative(y))):
                raise NoDerivative
    if not isinstance(right, np.ndarray):
        return f.derivative(right)
    made = np.empty(right.shape, right.dtype)
    made.reshape(-1)[:] = [f.derivative(x) for x in right.reshape(-1)]
    return made
