"""A derivative at a kink: it exists where both sides agree, in value and in slope.

Where |x|, max, min or cases meet a tie that the infinitesimal moves across, they note it and take the side of `direction`; what is
differentiated is then computed from both sides. A tie that it does not move across is flat, as that of (x − 1)² > 0 at 1, or
constant; so is the root of a 0 that it does not move. Only a step tells which: the values beside have to lie on the slope.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from oracle.proofs.errors import NoDerivative, Punctured, Resample

#: Of the quotient over half the step: at a kink it misses the derivative by as much, at a jump by more. And what rounding may miss.
SHRINKS = 0.95
NOISE = 1e-8


class Sided:
    """The part of an arithmetic that remembers kinks. direction: +1 or −1, the side taken at one; met: whether there was one.

    neighbourly: whether a and E of a draw are close to each other. flat: whether there was a flat or constant tie; steps: sizes of
    steps away from one, of arithmetics that take some; shift: the step that is to be taken, relative to the size of what moves;
    step: the one that was. blur: what rounding may have left of a 0, at an edge that no float meets exactly. limits: whether limits
    of quotients can be taken; a shift of None then means no step and no derivative.
    """

    direction = 1
    met = False
    neighbourly = False
    steps: tuple[float, ...] = ()
    limits = False
    shift: Any = 0.0
    step = 0.0
    blur = 0.0
    flat = False
    has_derivative: Callable[[Any], bool]
    derivative: Callable[[Any], Any]
    sign: Callable[[Any], int]

    def shares(self, parts: list[Any]) -> list[Any]:
        """Numbers whose sum is 1."""
        return parts

    def side(self, difference: Any) -> int:
        """The sign of a difference; at a tie, that of the side to which the infinitesimal moves."""
        sign = self.sign(difference)
        if sign:
            return sign
        if not self.has_derivative(difference):
            self.flat = True
            return 0
        self.met = True
        return self.direction * self.sign(self.derivative(difference))


def slope(f: Any, compute: Callable[[], Any]) -> Any:
    """The derivative of what is computed, a number or an array. Raises NoDerivative where the two sides of a kink differ."""
    outside = f.met, f.flat, f.shift
    f.met, f.flat, f.shift = False, False, 0.0
    try:
        right = sided(f, compute)
    finally:
        f.met, f.flat, f.shift = outside
    if not isinstance(right, np.ndarray):
        return f.derivative(right)
    made = np.empty(right.shape, right.dtype)
    made.reshape(-1)[:] = [f.derivative(x) for x in right.reshape(-1)]
    return made


def sided(f: Any, compute: Callable[[], Any]) -> Any:
    """What is computed, once its derivative is known to be one."""
    try:
        right = compute()
        if f.met:
            check_other_side(f, compute, right)
    except Punctured:
        if not f.limits:
            raise
        from oracle.proofs.punctures import limit

        return limit(f, compute)
    if f.flat:
        check_beside(f, compute, right)
    return right


def check_other_side(f: Any, compute: Callable[[], Any], right: Any) -> None:
    f.direction = -f.direction
    try:
        left = compute()
    finally:
        f.direction = -f.direction
    for x, y in zip(np.ravel(left), np.ravel(right), strict=True):
        if not (f.equal(f.value(x), f.value(y)) and f.equal(f.derivative(x), f.derivative(y))):
            raise NoDerivative


def check_beside(f: Any, compute: Callable[[], Any], here: Any) -> None:
    """Where a function has a derivative, its quotients come closer to it as the step shrinks."""
    for sign in (1, -1) if f.steps else ():
        try:
            errors = [quotient_errors(f, compute, here, sign * step) for step in f.steps]
        except (Resample, ArithmeticError):  # beyond the end of a domain
            continue
        if any(near > SHRINKS * far for far, near in zip(*errors, strict=True) if far > NOISE):
            raise NoDerivative


def quotient_errors(f: Any, compute: Callable[[], Any], here: Any, shift: float) -> list[float]:
    """By how much each difference quotient misses the derivative, relative to the larger of the value and 1."""
    f.shift = shift
    try:
        beside = compute()
    finally:
        f.shift = 0.0
    pairs = zip(np.ravel(beside), np.ravel(here), strict=True)
    return [
        abs((x.real - y.real) / f.step - f.derivative(y).real) / max(1.0, abs(y.real)) if f.step else 0.0
        for x, y in pairs
    ]
