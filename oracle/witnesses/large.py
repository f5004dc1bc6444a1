"""The truth at a large point: the jaxpr of `jax.grad` in midpoint–radius arrays, which take a thousandth of the time of arb.

Where they leave something open (a tie, a branch, a primitive that they do not know, a radius that says nothing, differences that do
not agree) there is no answer here, and arb is asked as far as the size allows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.balls.midpoint_radius.array import MidRad
from oracle.balls.midpoint_radius.interpreter import evaluate
from oracle.balls.midpoint_radius.rounding import Rounding, bounding
from oracle.balls.walk import primitives_of
from oracle.balls.watch import watch_ties
from oracle.witnesses.large_enclosure import LargeEnclosure
from oracle.witnesses.slopes import Domains
from oracle.witnesses.tracing import Array, Traced, as_arguments

#: From so many entries of all arguments on a point is large: there both arithmetics take some ten milliseconds, and a smaller one
#: is better served by more digits.
LARGE = 600
#: Up to so many entries arb is asked where midpoint–radius arrays leave something open: some seconds.
FOR_ARB = 2000
#: A gradient whose radius is more than this part of its largest component is not known.
SHARP = 2.0**-24
#: The step of differences, relative to the entries that move.
STEP = 2.0**-17
#: Arguments so many units in the last place from the switch of a branch may take either way.
FLIP_ULPS = 4.0
#: A rule that agrees with differences at so many points is one.
COMPARED = 8
#: Where these are, a derivative is what somebody says it is.
SAID = frozenset({"custom_jvp_call", "custom_vjp_call", "custom_vjp_call_jaxpr", "stop_gradient"})


def entries(args: Sequence[Array]) -> int:
    return sum(a.size for a in args)


def is_large(args: Sequence[Array]) -> bool:
    return entries(args) >= LARGE


def too_large_for_arb(args: Sequence[Array]) -> bool:
    return entries(args) > FOR_ARB


def enclosed(record: Traced, args: Sequence[Array], domains: Domains | None = None) -> LargeEnclosure | None:
    """∂f/∂args[n] of a trace by one argument, in midpoint–radius arrays; None where they do not tell."""
    arrays = as_arguments(args)
    active = [n in record.argnums for n in range(len(arrays))]
    try:
        with watch_ties() as watch:
            value, gradient = evaluate(record.gradient, arrays, active=active, constants=record.constants)
    except (Undecidable, UnsupportedPrimitive):
        return None
    if watch.ties or not isinstance(gradient, MidRad) or not np.isfinite(value.radius):
        return None
    largest = float(np.max(np.abs(gradient.midpoint), initial=0.0))
    if not np.max(gradient.radius, initial=0.0) <= SHARP * largest:
        return None
    if _to_be_compared(record):
        if not _agrees(record, arrays, value, gradient, domains):
            return None
        record.compared.append(True)
    return LargeEnclosure(gradient)


def allowance(
    record: Traced, args: Sequence[Array], bits: int, likely: float | None = None
) -> NDArray[np.float64] | None:
    """What programs of so many bits may be off by, along the branches of these arguments: every operation is rounded, sums in any
    order, the arguments off by half a unit. likely: the λ of what they are off by but for a probability (`Rounding`). None where
    that is not known."""
    return _reach(record, args, bits, 0.5, Rounding(2.0**-bits, any_order=True, follows=True, likely=likely))


def reach_of_branches(record: Traced, args: Sequence[Array], bits: int) -> NDArray[np.float64] | None:
    """How far off the derivative may be that such a program finds, whichever way the branches go that its rounding, or arguments
    off by FLIP_ULPS units, leave open. None where that is not known."""
    return _reach(record, args, bits, FLIP_ULPS, Rounding(2.0**-bits, any_order=True))


def _reach(
    record: Traced, args: Sequence[Array], bits: int, ulps: float, rounding: Rounding
) -> NDArray[np.float64] | None:
    unit = 2.0**-bits
    arrays = as_arguments(args)
    wide: list[Any] = [MidRad(a, np.abs(a) * (2 * ulps * unit)) if a.dtype.kind == "f" else a for a in arrays]
    try:
        with bounding(rounding), watch_ties():
            *_, gradient = evaluate(record.gradient, wide, constants=record.constants)
    except (Undecidable, UnsupportedPrimitive):
        return None
    if not isinstance(gradient, MidRad) or not np.isfinite(gradient.radius).all():
        return None
    return gradient.radius + unit * np.abs(gradient.midpoint)


def _to_be_compared(record: Traced) -> bool:
    """Whether differences are asked: at the first point of a trace, and at several where its derivative is said by a rule."""
    if len(record.compared) >= COMPARED:
        return False
    return not record.compared or bool(SAID & primitives_of(record.value.jaxpr))


def _agrees(record: Traced, args: Sequence[Array], value: MidRad, gradient: MidRad, domains: Domains | None) -> bool:
    """False where g·d, in a random direction d, differs from the central difference of f by more than what the forward and the
    backward one differ by, and their rounding; True where a step leaves the domains or its value is not known."""
    (argnum,) = record.argnums
    direction = _inward(args[argnum], domains[argnum] if domains is not None else None)
    steps = [_value(record, args, argnum, sign * STEP * direction, domains) for sign in (1.0, -1.0)]
    if any(f is None for f in steps):
        return True
    forth, back = (f for f in steps if f is not None)
    here = float(value.midpoint), float(value.radius)
    with np.errstate(all="ignore"):
        forward, backward = (forth[0] - here[0]) / STEP, (here[0] - back[0]) / STEP
        rounding = (forth[1] + here[1] + back[1]) / STEP
        along = float(np.sum(gradient.midpoint * direction))
        unsure = float(np.sum((gradient.radius + 2.0**-48 * np.abs(gradient.midpoint)) * np.abs(direction)))
        off = abs((forward + backward) / 2 - along)
    return bool(off <= abs(forward - backward) + rounding + unsure)


def _inward(x: Array, bounds: tuple[float, float] | None) -> NDArray[np.float64]:
    """A random direction, each entry in proportion to its own, away from an end of the domain."""
    rng = np.random.default_rng(0)
    weights = rng.uniform(0.5, 1.0, x.shape) * rng.choice([-1.0, 1.0], x.shape)
    weights = weights * np.where(x == 0, 1.0, np.abs(x))
    if bounds is not None:
        near = STEP * np.abs(weights)
        weights = np.where(
            x - near <= bounds[0], np.abs(weights), np.where(x + near >= bounds[1], -np.abs(weights), weights)
        )
    return np.asarray(weights, dtype=np.float64)


def _value(
    record: Traced, args: Sequence[Array], argnum: int, step: NDArray[np.float64], domains: Domains | None
) -> tuple[float, float] | None:
    """f and its radius at x + step; None where that leaves the domain, or is not known."""
    moved: list[Any] = list(args)
    moved[argnum] = args[argnum] + step
    bounds = domains[argnum] if domains is not None else None
    if bounds is not None and not np.all((moved[argnum] >= bounds[0]) & (moved[argnum] <= bounds[1])):
        return None
    try:
        with watch_ties():
            (found,) = evaluate(record.value, moved, constants=record.constants)
    except (Undecidable, UnsupportedPrimitive):
        return None
    if not isinstance(found, MidRad) or not np.isfinite(found.radius):
        return None
    return float(found.midpoint), float(found.radius)
