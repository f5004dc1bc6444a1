"""A derivative where one point of a function is given by itself: of e^{−1/x²} for x ≠ 0, and 0 at 0.

The formula of beside has no value there, so that the derivative is what the difference quotients come to. In balls the steps are so
small that what is left is smaller than the distance at which two balls count for equal.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from flint import arb

from oracle.balls.arrays import precision
from oracle.proofs.errors import NoDerivative, Resample, Undecided

#: Bits: quotients over the smaller step lose as many as it has, once for the difference and once more within a formula.
BITS = 1 << 14
#: The steps: what the quotients over them differ by bounds what is left.
STEPS = (arb(2) ** -700, arb(2) ** -1400)
ENOUGH = arb(2) ** -510
#: By how much a quotient without a limit is larger over the smaller step; that of x ln |x| is twice as large.
GROWS = 1.2


def limit(f: Any, compute: Callable[[], Any]) -> Any:
    """What is computed, with the limits of its quotients for derivatives. Raises NoDerivative where the two sides differ."""
    lost = f.lost
    with precision(BITS):
        here = at(f, compute, None)
        sides = []
        for sign in (1, -1):
            try:
                both = [at(f, compute, sign * step) for step in STEPS]
            except (Resample, ArithmeticError):  # beyond the end of a domain
                continue
            three = zip(np.ravel(here), np.ravel(both[0]), np.ravel(both[1]), strict=True)
            sides.append([one_sided(x, far, near, sign) for x, far, near in three])
        f.lost = lost  # e^{−1/x²} so close to 0 is meant to be lost
        if not sides:
            raise Resample
        if not all(one.overlaps(other) for one, other in zip(sides[0], sides[-1], strict=True)):
            raise NoDerivative
        found = [type(x)(x.v, slope) for x, slope in zip(np.ravel(here), sides[0], strict=True)]
    if not isinstance(here, np.ndarray):
        return found[0]
    made = np.empty(here.shape, here.dtype)
    made.reshape(-1)[:] = found
    return made


def at(f: Any, compute: Callable[[], Any], shift: Any) -> Any:
    """What is computed a step away; at None where it is, without a derivative."""
    kept, f.shift = f.shift, shift
    try:
        return compute()
    finally:
        f.shift = kept


def one_sided(here: Any, far: Any, near: Any, sign: int) -> Any:
    """The limit of a quotient, as a ball. Raises NoDerivative where it grows, Undecided where it moves on too slowly to tell."""
    quotients = [(beside.v - here.v) / (sign * step) for beside, step in zip((far, near), STEPS, strict=True)]
    left = abs(quotients[0] - quotients[1]).upper()
    if left <= ENOUGH or left <= ENOUGH * abs(quotients[1]).upper():
        return quotients[1] + arb(0, 2 * left)
    if abs(quotients[1]).lower() > GROWS * abs(quotients[0]).upper():
        raise NoDerivative
    raise Undecided
