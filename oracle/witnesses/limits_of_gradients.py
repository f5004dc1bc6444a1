"""Limits of gradients near a point: what Clarke's generalised gradient is the convex hull of.

f is smooth at almost every point near x. The gradient at x + ε·d for a tiny ε is one of the pieces that meet at x; in balls
ε = 2⁻³⁰⁰ is exact, and what is left of it in the gradient is far below the last place of a float.
(F. H. Clarke, Optimization and Nonsmooth Analysis, 1983, theorem 2.5.1.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from flint import arb
from numpy.typing import NDArray

from oracle.balls.arrays import as_object_array, lift_arb, midpoints, precision
from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.balls.jaxpr import evaluate
from oracle.balls.watch import watch_ties
from oracle.witnesses.enclosure import Enclosure
from oracle.witnesses.slopes import PRECISIONS, Domains, Point, Program, value_in_balls
from oracle.witnesses.tracing import Array, Traced, as_arguments

Floats = NDArray[np.float64]

#: ε is so many bits below the smallest number in play, the step that verifies a gradient at x + ε·d so many below ε.
NEAR_BITS, STEP_BITS = 300, 200
#: Bits kept below the last step, and more where a component is not known by them; most bits that are carried at all.
SPARE_BITS, MORE_BITS, MOST_BITS = 128, 1200, 6000
#: A component is known if it has the bits of a float and some, or is below all floats.
KNOWN_BITS, BELOW = 64, arb(2) ** -1100
#: A gradient agrees with a difference of values if they share so many bits.
AGREE_BITS = 60
#: A component outside of 2^±so many bits is looked at again, nearer: it may vanish or grow without bound as ε shrinks.
ORDINARY_BITS = 100
#: Arguments with more components are not differentiated by differences, one component after the other.
MOST_BY_DIFFERENCES = 24
#: Units of rounding within which a limit is the derivative itself.
SAME_UNITS = 4.0
#: Parts by which a direction is moved off the places where something ties along it.
OFF = 2.0**-12


@dataclass(eq=False)
class Limits:
    """The limits found so far, one a row of `found`, each with the direction that led to it; looks: how many directions were tried.

    program: a trace, or array code that runs on balls; args: all arguments; argnum: the one that moves; bounds: (low, high) of its
    domain, or None: no step leaves it.
    """

    program: Program
    args: Sequence[Array]
    argnum: int
    bounds: tuple[float, float] | None = None
    found: list[Floats] = field(default_factory=list)
    directions: list[Floats] = field(default_factory=list)
    looks: int = 0
    _known: set[bytes] = field(default_factory=set)
    _here: dict[int, Any] = field(default_factory=dict)

    @property
    def x(self) -> Array:
        return self.args[self.argnum]

    @property
    def rows(self) -> Floats:
        """The limits as a matrix, one a row."""
        return np.array(self.found, dtype=np.float64).reshape(len(self.found), self.x.size)

    def look(self, direction: Floats) -> bool:
        """Looks along a direction (flat, one weight a component). Whether that led to a new limit."""
        self.looks += 1
        d = self._inward(direction)
        if d is None:
            return False
        limit = self._limit(d)
        if limit is None or limit.tobytes() in self._known:
            return False
        self._known.add(limit.tobytes())
        self.found.append(limit)
        self.directions.append(d)
        return True

    def explore(self) -> None:
        """Looks along directions that know nothing of a candidate: index order up and down, all ones, random ones."""
        if not self.looks:
            for direction in general_directions(self.x.size):
                self.look(direction)

    def _inward(self, direction: Floats) -> Floats | None:
        """The direction scaled to 1, turned away from the edges of the domain."""
        d = np.asarray(direction, dtype=np.float64)
        largest = float(np.max(np.abs(d), initial=0.0))
        if not np.isfinite(largest) or largest == 0:
            return None
        d = d / largest
        if self.bounds is not None:
            low, high = self.bounds
            x = self.x.ravel()
            d = np.where(x <= low, np.abs(d), np.where(x >= high, -np.abs(d), d))
        return d

    def _limit(self, d: Floats) -> Floats | None:
        """The gradient at x + ε·d, rounded to floats, 0 where it vanishes with ε; None where there is none."""
        exponent = _smallest_exponent(self.args) - NEAR_BITS
        near = self._gradient(d, exponent)
        if near is None:
            return None
        with np.errstate(divide="ignore"):
            size = np.abs(np.log2(np.abs(near)))
        strange = (near != 0) & (size > ORDINARY_BITS)
        if strange.any():
            nearer = self._gradient(d, exponent - NEAR_BITS)
            if nearer is None:
                return None
            with np.errstate(all="ignore"):
                ratio = np.abs(nearer / near)
            if np.any(strange & (ratio > 2.0 ** (ORDINARY_BITS / 2))):
                return None  # it grows without bound
            near = np.where(strange & ~(ratio > 2.0 ** -(ORDINARY_BITS / 2)), 0.0, near)
        return near + 0.0 if np.isfinite(near).all() else None

    def _gradient(self, d: Floats, exponent: int) -> Floats | None:
        """The gradient at x + 2^exponent · d in as many bits as its components need."""
        step = exponent - STEP_BITS
        bits = _largest_exponent(self.args) - step + SPARE_BITS
        try:
            bits += _exponent(self._value_here(bits))
            while bits <= MOST_BITS:
                with precision(bits):
                    moved = as_object_array(lift_arb(self.x) + _scaled(d, exponent).reshape(self.x.shape))
                    balls = self._gradient_at(moved, step, self._value_here(bits))
                if balls is None:
                    return None
                if all(_is_known(ball) for ball in balls):
                    return midpoints(balls)
                bits += MORE_BITS
        except (Undecidable, UnsupportedPrimitive):
            pass
        return None

    def _value_here(self, bits: int) -> Any:
        if bits not in self._here:
            with precision(bits):
                self._here[bits] = self._value(lift_arb(self.x))
        return self._here[bits]

    def _gradient_at(self, moved: Array, step: int, here: Any) -> Array | None:
        with watch_ties() as watch:
            value = self._value(moved)
        jump = abs(value - here)
        if not jump.is_finite() or jump > arb(2) ** (step + STEP_BITS + 2 * ORDINARY_BITS):
            return None
        along = np.random.default_rng(1).uniform(0.5, 1.0, self.x.size)
        ways = [self._inward(along)]
        if watch.ties:  # the gradient there may be that of a branch which holds at one point alone
            ways.append(self._inward(-along))
        quotients = [(d, self._quotient(moved, value, d, step)) for d in ways if d is not None]
        if isinstance(self.program, Traced):
            active = [n == self.argnum for n in range(len(self.args))]
            balls = evaluate(self.program.gradient, self._arguments(moved), active=active)[-1].ravel()
            if all(_agrees(balls, d, quotient) for d, quotient in quotients):
                return balls
        if self.x.size > MOST_BY_DIFFERENCES:
            return None
        units = np.eye(self.x.size)
        balls = as_object_array(np.array([self._quotient(moved, value, u, step) for u in units], dtype=object))
        return balls if all(_agrees(balls, d, quotient) for d, quotient in quotients) else None

    def _quotient(self, at: Array, value: Any, d: Floats, step: int) -> Any:
        there = as_object_array(at + _scaled(d, step).reshape(at.shape))
        return (self._value(there) - value) / arb(2) ** step

    def _value(self, x: Array) -> Any:
        return value_in_balls(self.program, self._arguments(x))

    def _arguments(self, x: Array) -> list[Array]:
        return [x if n == self.argnum else a for n, a in enumerate(self.args)]


def limits_at(
    program: Program, args: Sequence[Array], argnum: int, bounds: Domains | None, known: Enclosure
) -> Limits | None:
    """The limits at a point, explored, if what is known of the gradient there is no proof that f is differentiable and some
    decision is met on its boundary; None else, and where no gradient near by could be had."""
    if known.rigorous.all() or not (known.kink.any() or _meets_a_boundary(program, args)):
        return None
    limits = Limits(program, args, argnum, bounds[argnum] if bounds is not None else None)
    limits.explore()
    return limits if limits.found else None


def _meets_a_boundary(program: Program, args: Sequence[Array]) -> bool:
    point = Point(program, as_arguments(args), None)
    try:
        with precision(PRECISIONS[0]):
            _, watch = point.here(PRECISIONS[0])
    except (Undecidable, UnsupportedPrimitive):
        return True
    return bool(watch.ties) or any(outcome is None for _, outcome in watch.trail)


def widened(known: Enclosure, limits: Limits) -> Enclosure:
    """The enclosure with each component's interval as wide as the limits, a kink where they differ."""
    if not limits.found:
        return known
    lower, upper, kink = known.lower.copy(), known.upper.copy(), known.kink.copy()
    starts, stops = midpoints(known.lower), midpoints(known.upper)
    low, high = (ends(limits.rows, axis=0).reshape(known.shape) for ends in (np.min, np.max))
    for k in np.ndindex(known.shape):
        least, most = float(starts[k]), float(stops[k])
        same = SAME_UNITS * 2.0**-53 * max(abs(least), abs(most), abs(low[k]), abs(high[k]))
        if low[k] < least - same:
            lower[k], kink[k] = arb(float(low[k])), True
        if high[k] > most + same:
            upper[k], kink[k] = arb(float(high[k])), True
    return Enclosure(lower, upper, kink, known.rigorous & ~kink, known.bits)


def general_directions(n: int) -> Iterator[Floats]:
    """Index order up and down, all ones, both ways each and off the axes a little; and random ones, both ways."""
    rng = np.random.default_rng(0)
    up = np.arange(1.0, n + 1)
    for d in (up, up[::-1], np.ones(n)):
        for sign in (1.0, -1.0):
            yield sign * d + OFF * rng.normal(size=n)
    for _ in range(2):
        d = rng.normal(size=n)
        yield d
        yield -d


def _is_known(ball: Any) -> bool:
    return bool(ball.is_finite() and (ball.rel_accuracy_bits() >= KNOWN_BITS or abs(ball) < BELOW))


def _agrees(balls: Array, d: Floats, quotient: Any) -> bool:
    """Whether Σ gₖ dₖ is the difference quotient along d."""
    if not quotient.is_finite() or not all(ball.is_finite() for ball in balls):
        return False
    parts = [ball * arb(float(weight)) for ball, weight in zip(balls, d, strict=True)]
    size = sum((abs(part) for part in parts), arb(0)) + abs(quotient)
    return bool(abs(sum(parts, arb(0)) - quotient) <= size * arb(2) ** -AGREE_BITS)


def _scaled(d: Floats, exponent: int) -> Array:
    return as_object_array(np.frompyfunc(lambda v: arb(float(v)) * arb(2) ** exponent, 1, 1)(d))


def _smallest_exponent(args: Sequence[Array]) -> int:
    """Of the smallest number that is not 0, and of 1."""
    found = [0]
    for a in args:
        if a.dtype.kind == "f" and np.any(a):
            found.append(int(np.min(np.frexp(a[a != 0])[1])))
    return min(found)


def _largest_exponent(args: Sequence[Array]) -> int:
    return max([0, *(int(np.max(np.frexp(a)[1])) for a in args if a.dtype.kind == "f" and a.size)])


def _exponent(value: Any) -> int:
    """e where |value| < 2^e, at least 0."""
    mantissa, exponent = abs(value).mid().man_exp() if value.is_finite() else (0, 0)
    return max(0, int(exponent) + int(mantissa).bit_length())
