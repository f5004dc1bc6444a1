"""One-sided derivatives f′(x; d) = lim (f(x + t·d) − f(x))/t for t ↓ 0, from values in balls and nothing else.

No automatic differentiation and no round-off: the only error is that of a finite step, and the step shrinks as the
precision grows, until two steps that differ by 2³² agree to a relative 2⁻⁸⁰. The difference of the two quotients
bounds the error of the finer one wherever the quotient behaves like any power of t down to t^(1/32). A step that turns
a decision the other way than at x has crossed a branch, and is refused.
Quotients that only ever shrink with the step, as √t does, enclose 0 and are told from no number: the limit is 0.
A function whose only feature near x is smooth and far smaller than 2⁻¹⁶⁸·min(|x|, 1) (2⁻¹⁶⁸ where x is zero) is seen
without it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb, ctx
from numpy.typing import NDArray

from oracle.balls.arrays import as_object_array, lift, lift_arb, precision
from oracle.balls.ball import to_arb
from oracle.balls.errors import Undecidable
from oracle.balls.jaxpr import evaluate
from oracle.balls.reuse import Kept, reusing
from oracle.balls.taken_out import none_taken_out
from oracle.balls.watch import Watch, watch_ties
from oracle.witnesses.enclosure import is_settled
from oracle.witnesses.tracing import Array, Traced

PRECISIONS = (400, 1200, 3600)
STEP_RATIO_BITS = 32
EXTRA_BITS, MOST_EXTRA = 256, 4096
TINY = arb(2) ** -200

CROSSED = "every step crosses a branch"
LEFT_DOMAIN = "the step leaves the domain"
NO_VALUE = "the function has no finite value beside the point"

Real = Any
Domains = Sequence[tuple[float, float] | None]
Direction = Sequence[tuple[int, int, float]]  # (argument, flat index, weight) of every component that moves
Program = Traced | Callable[..., Any]


@dataclass(frozen=True)
class Slope:
    """value: a ball that holds the one-sided derivative, or None; outside: whether that is because f has no value
    there.
    """

    value: Real
    bits: int
    outside: bool = False
    reason: str = ""


def value_in_balls(program: Program, args: Sequence[Array]) -> Real:
    """f(args) as one ball: the jaxpr of a trace, or any array code run on arrays of `Ball`."""
    if isinstance(program, Traced):
        return evaluate(program.value, args)[0].item()
    with none_taken_out():
        result = program(*(lift(a) if a.dtype.kind in "fO" else a for a in args))
    return to_arb(as_object_array(result).item())


class Point:
    """f around one point x: values at x + t·d and the decisions that led to them; f(x) once per precision."""

    def __init__(self, program: Program, args: Sequence[Array], domains: Domains | None) -> None:
        if domains is not None and len(domains) != len(args):
            raise ValueError(
                f"domains has {len(domains)} entries for {len(args)} arguments; give one each, None for any"
            )
        self.program = program
        self.args = [lift_arb(a) if a.dtype.kind == "f" else a for a in args]
        self.floats = args
        self.domains = domains
        self._here: dict[int, tuple[Real, Watch]] = {}
        self._kept: dict[int, Kept] = {}

    def here(self, bits: int) -> tuple[Real, Watch]:
        if bits not in self._here:
            value, watch = self._value(self.args)
            if not value.is_finite():
                raise Undecidable("the value of the function is not finite here, so it has no derivative")
            self._here[bits] = value, watch
        return self._here[bits]

    def is_known(self, bits: int) -> bool:
        return bits in self._here

    def moved(self, direction: Direction, t: Real) -> tuple[Real, Watch] | None:
        """f(x + t·d); None where that point is outside the domains."""
        args = list(self.args)
        for argnum in {argnum for argnum, _, _ in direction}:
            args[argnum] = args[argnum].copy()
        for argnum, index, weight in direction:
            moved = args[argnum].flat[index] + t * arb(weight)
            bounds = self.domains[argnum] if self.domains is not None else None
            if bounds is not None and not (arb(bounds[0]) <= moved and moved <= arb(bounds[1])):
                return None
            args[argnum].flat[index] = moved
        return self._value(args)

    def inward(self, argnum: int, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """`weights` in proportion to the components of an argument, turned away from the edge of its domain."""
        x = self.floats[argnum].ravel()
        weights = weights * np.where(x == 0, 1.0, np.abs(x))
        bounds = self.domains[argnum] if self.domains is not None else None
        if bounds is not None:
            weights = np.where(x <= bounds[0], np.abs(weights), np.where(x >= bounds[1], -np.abs(weights), weights))
        return np.where(np.isfinite(weights) & (weights != 0), weights, 1.0)

    def scale(self, direction: Direction) -> Real:
        """A power of two no larger than 1, nor than any moving component other than zero, over its weight: a sum of exponentials
        of huge numbers still changes within 1."""
        exponents = []
        for argnum, index, weight in direction:
            x = self.floats[argnum].flat[index]
            exponents.append((min(int(np.frexp(x)[1]) - 1, 0) if x else 0) - int(np.frexp(weight)[1]))
        return arb(2) ** min(exponents)

    def extra_bits(self, scale: Real, bits: int) -> int:
        """How many bits, beyond those of a value of the size of the step's scale, f(x) or an argument takes up: so many more
        must be carried to see the difference. A multiple of EXTRA_BITS, so that few values of f(x) are computed."""
        largest = [self.here(bits)[0].abs_upper(), *(arb(float(np.max(np.abs(a), initial=0.0))) for a in self.floats)]
        excess = max(_exponent(size) for size in largest) - _exponent(scale)
        return -(-min(excess, MOST_EXTRA) // EXTRA_BITS) * EXTRA_BITS if excess > EXTRA_BITS // 4 else 0

    def _value(self, args: Sequence[Array]) -> tuple[Real, Watch]:
        kept = self._kept.setdefault(ctx.prec, Kept())
        with watch_ties(keep_trail=True) as watch, reusing(kept):
            return value_in_balls(self.program, args), watch


def _exponent(size: Real) -> int:
    """e where 2^(e−1) ≤ size < 2^e; 0 for 0."""
    mantissa, exponent = size.man_exp()
    return int(exponent) + int(mantissa).bit_length()


def crosses_branch(here: Watch, there: Watch) -> bool:
    """Whether a decision that is clear at x went the other way at the end of the step."""
    if len(here.trail) != len(there.trail):
        return not here.tied_at  # past a tie the two may run through different code
    pairs = enumerate(zip(here.trail, there.trail, strict=True))
    return any(a[1] is not None and a != b and k not in here.tied_at for k, (a, b) in pairs)


def slope(point: Point, direction: Direction) -> Slope:
    """f′(x; d), or why there is none. Raises Undecidable where f(x) itself is undecidable or not finite."""
    reason, sizes, latest = "", [], None
    for bits in PRECISIONS:
        with precision(bits):
            try:
                quotients = _quotients(point, direction, bits)
            except Undecidable as error:
                if bits == PRECISIONS[-1] and not point.is_known(bits):
                    raise
                reason = f"a decision stays open beside the point: {error}"
                continue
            if isinstance(quotients, str):
                reason = quotients
                if reason == LEFT_DOMAIN:
                    break
                continue
            coarse, fine = quotients
            latest = arb(fine.mid(), fine.rad() + abs(coarse - fine).abs_upper())
            sizes.append(abs(fine).mid())
            if is_settled(latest):
                return Slope(latest, bits)
            reason = "the one-sided differences do not settle"
    if reason == LEFT_DOMAIN or (reason == NO_VALUE and latest is None):
        return Slope(None, bits, outside=True, reason=reason)
    if len(sizes) > 1 and sizes[-1] > 2 * sizes[0]:
        reason = "the one-sided differences grow without bound as the step shrinks: no finite derivative"
    elif latest is not None and abs(latest) < TINY:
        return Slope(arb(0, abs(latest).abs_upper()) if latest.contains(0) else latest, PRECISIONS[-1])
    return Slope(None, PRECISIONS[-1], reason=reason)


def _quotients(point: Point, direction: Direction, bits: int) -> tuple[Real, Real] | str:
    """Difference quotients with the coarse and the fine step, or what prevents them."""
    scale = point.scale(direction)
    extra = point.extra_bits(scale, bits)
    if extra:
        with precision(bits + extra):
            return _quotients_by(point, direction, scale, bits, bits + extra)
    return _quotients_by(point, direction, scale, bits, bits)


def _quotients_by(point: Point, direction: Direction, scale: Real, bits: int, precise: int) -> tuple[Real, Real] | str:
    start, watch = point.here(precise)
    coarse_step = scale * arb(2) ** -(bits // 2 - STEP_RATIO_BITS)
    quotients = []
    for step in (coarse_step, coarse_step * arb(2) ** -STEP_RATIO_BITS):
        end = point.moved(direction, step)
        if end is None:
            return LEFT_DOMAIN
        value, watch_there = end
        if not value.is_finite():
            return NO_VALUE
        if crosses_branch(watch, watch_there):
            return CROSSED
        quotients.append((value - start) / step)
    return quotients[0], quotients[1]
