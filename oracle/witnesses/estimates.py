"""The truth of functions that run on floats alone: an estimate, and what it takes to trust one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.witnesses.differences import START_STEPS
from oracle.witnesses.sides import ERRORS, NOWHERE, Bounds, Sides, both_sides, is_inside, quietly_in_float64

Array = NDArray[Any]
Floats = NDArray[np.float64]

#: First steps of the families of differences that are compared before a gradient is called wrong, and how many must settle.
SCALES, ENOUGH = (1.0, 0.53, 0.62, 0.71, 0.83, 0.91, 1.19, 1.37), 6
#: A little more than the rounding of float32, relative: no value is expected to be coarser.
COARSE = 2.0**-20
#: Random directions along which the slopes must add up.
DIRECTIONS = 3
#: The part of a component's error that they may miss.
PART = 1 / 4
#: Units of rounding of the largest number in play that may hide what a slope does.
SWALLOWED = 64.0
#: Steps finer than those of the differences, in bits below an argument: what happens there alone, they do not see.
FINE_BITS = (24, 28, 32, 36, 40, 44, 48)


@dataclass(frozen=True)
class Settled:
    """A slope by many families of differences, or the least and the greatest at a kink; error: how far apart the families are."""

    low: float
    high: float
    error: float

    def distance(self, value: float) -> float:
        """How far a value is from the nearest between low and high."""
        return max(self.low - value, value - self.high, 0.0)


def settled(
    fn: Callable[..., Any],
    args: Sequence[Array],
    argnum: int,
    bounds: Bounds | None,
    component: int,
    size: float = 0.0,
) -> Settled | None:
    """One component (flat) by differences at many steps; None where too few families settle. size: of the other components, or of
    what is asked about this one.

    One family estimates its own error too low where fn is rough, being noisy or computed in few digits; all do where they agree on
    a rounded argument. So the error is no less than what the smallest step that fn notices can do.
    """
    families = [both_sides(fn, args, argnum, bounds, components=[component], scale=scale) for scale in SCALES]
    kept = [s for s in families if s.is_settled(size)[0]]
    if len(kept) < ENOUGH:
        return None
    right, left, across = (np.array([getattr(s, side)[0] for s in kept]) for side in ("right", "left", "across"))
    errors = max(float(s.right_error[0] + s.left_error[0]) for s in kept)
    middles = sorted((float(np.median(right)), float(np.median(left))))
    spread = max(float(np.ptp(right)), float(np.ptp(left)))
    if middles[1] - middles[0] <= ERRORS * (
        2 * spread + errors
    ):  # one slope: that across, where there is one, is best known
        across = across if np.isfinite(across).all() else right
        middles, spread = [float(np.median(across))] * 2, float(np.ptp(across))
    x, line = float(args[argnum].flat[component]), _line(fn, args, argnum, component)
    grain = _grain(line, x, bounds, max(middles, key=abs))
    return Settled(middles[0], middles[1], max(spread, grain)) if np.isfinite(grain) else None


def adds_up(
    fn: Callable[..., Any],
    args: Sequence[Array],
    argnum: int,
    bounds: Bounds | None,
    sides: Sides,
    component: int,
    off: float,
) -> bool:
    """Whether f′(x; d) is the sum of dₖ times the slope on that side, for random d, both ways: then the axes tell the derivative.

    It is not where entries tie: the median of three equal numbers has slope 0 along each axis, and none of 0. The sum may miss the
    errors of the slopes, or a part of what a component that is `off` by so much would change. Components that do not settle stay
    where they are. False where a directional slope does not settle.
    """
    x, rng, moving = args[argnum], np.random.default_rng(0), sides.is_settled()
    if np.count_nonzero(moving) < 2:
        return True
    size = np.where(x != 0, np.ldexp(1.0, np.frexp(x)[1]), 1.0) * moving
    for _ in range(DIRECTIONS):
        d = rng.uniform(0.5, 1.0, x.shape) * rng.choice([-1.0, 1.0], x.shape) * size
        for e in (_inward(d, x, bounds), _inward(-d, x, bounds)):
            room = (-_room(-e, x, bounds), _room(e, x, bounds))

            def line(s: Array, e: Array = e) -> Any:
                y = x + s[0] * e
                return fn(*_moved(args, argnum, y)) if is_inside(y, x, bounds) else np.nan

            found = both_sides(line, [np.zeros(1)], 0, room)
            if not found.is_settled()[0]:
                return False
            slope, expected, error = _along(found, sides, e, moving)
            if not abs(slope - expected) <= max(ERRORS * error, PART * off * abs(float(e.flat[component]))):
                return False
            if not (sides.is_kink() & moving).any() and not found.is_kink()[0]:
                break  # the other way is the same
    return True


def _along(found: Sides, sides: Sides, e: Array, moving: Array) -> tuple[float, float, float]:
    """The slope along e, what the components add up to, and the errors of both: across where nothing has a kink, which is known
    better, else on the sides to which e goes."""
    if (sides.is_kink() & moving).any() or found.is_kink()[0] or not np.isfinite(found.across[0]):
        slopes, errors = np.where(e > 0, sides.right, sides.left), np.where(e > 0, sides.right_error, sides.left_error)
        slope, error = found.right[0], found.right_error[0]
    else:
        slopes, errors, slope, error = sides.across, sides.across_error, found.across[0], found.across_error[0]
        slopes, errors = (
            np.where(np.isfinite(errors), slopes, sides.right),
            np.where(np.isfinite(errors), errors, sides.right_error),
        )
    return float(slope), float(slopes[moving] @ e[moving]), float(errors[moving] @ np.abs(e[moving]) + error)


def _inward(d: Array, x: Array, bounds: Bounds | None) -> Array:
    """d turned away from the ends of the domain."""
    low, high = bounds or NOWHERE
    return np.where(x <= low, np.abs(d), np.where(x >= high, -np.abs(d), d))


def _room(e: Array, x: Array, bounds: Bounds | None) -> float:
    """How far x + t·e may go: 8 at most."""
    low, high = bounds or NOWHERE
    moving = e != 0
    with np.errstate(all="ignore"):
        rooms = np.where(e > 0, high - x, x - low)[moving] / np.abs(e[moving])
    return float(np.min(rooms, initial=8.0))


def is_fine(
    fn: Callable[..., Any],
    args: Sequence[Array],
    argnum: int,
    bounds: Bounds | None,
    component: int,
    value: float,
    slope: Settled,
) -> bool:
    """Whether steps finer than those of the differences speak for a value, two in a row to one side, and against the slope that the
    differences settle on."""
    x = float(args[argnum].flat[component])
    line, (low, high) = _line(fn, args, argnum, component), bounds or NOWHERE
    middle, here = (slope.low + slope.high) / 2, line(x)
    for sign in (1.0, -1.0):
        in_a_row = 0
        for bits in FINE_BITS:
            h = sign * (2.0 ** np.frexp(x)[1] if x else 1.0) * 2.0**-bits
            if low < x + h < high and x + h != x:
                near = abs((line(x + h) - here) / ((x + h) - x) - value) < 0.25 * abs(value - middle)
                in_a_row = in_a_row + 1 if near else 0
                if in_a_row == 2:
                    return True
    return False


def is_swallowed(args: Sequence[Array], argnum: int, component: int, off: float) -> bool:
    """Whether what a slope that is `off` by so much does over the longest step may be lost beside the largest number in play: fn
    computes with numbers of that size, and rounds them, though its value may be small."""
    x = float(args[argnum].flat[component])
    largest = max(float(np.max(np.abs(a), initial=0.0)) for a in args if a.dtype.kind == "f")
    step = START_STEPS[0] * (2.0 ** np.frexp(x)[1] if x else 1.0)
    return off * step <= SWALLOWED * 2.0**-53 * largest


def _moved(args: Sequence[Array], argnum: int, x: Array) -> list[Array]:
    return [x if n == argnum else a for n, a in enumerate(args)]


def _line(fn: Callable[..., Any], args: Sequence[Array], argnum: int, component: int) -> Callable[[float], float]:
    """fn by one component; NaN where it raises."""

    def line(at: float) -> float:
        y = args[argnum].copy()
        y.flat[component] = at
        try:
            with quietly_in_float64():
                return float(np.asarray(fn(*_moved(args, argnum, y))))
        except Exception:
            return float("nan")

    return line


def _grain(line: Callable[[float], float], x: float, bounds: Bounds | None, slope: float) -> float:
    """What the smallest step that fn notices, both forwards and back, can do to a difference over the largest step with room: by
    that much its value may be off there, and its argument anywhere.

    Where fn notices none, that is what rounding its value to COARSE would hide.
    """
    low, high = bounds or NOWHERE
    magnitude = 2.0 ** np.frexp(x)[1] if x else 1.0
    room_both = min(x - low, high - x) > 0
    room = min(x - low, high - x) if room_both else max(x - low, high - x)
    largest = min(magnitude / 8, room / 2)
    room_both = room_both and low < x - largest and x + largest < high
    here = line(x)
    with np.errstate(all="ignore"):
        bend = abs(line(x + largest) - 2 * here + line(x - largest)) / np.float64(largest) ** 2 if room_both else 0.0
    for bits in range(50, 0, -1):
        step = magnitude * 2.0**-bits
        if low < x - step and x + step < high:
            below, above = line(x - step), line(x + step)
            if below != here != above:
                with np.errstate(all="ignore"):
                    steepest = np.maximum(abs(slope), abs(np.float64(above) - below) / (2 * step))
                    return float(4 * step / largest * steepest + 4 * step * bend)
    return float(COARSE * abs(here) / largest + COARSE * magnitude * bend)
