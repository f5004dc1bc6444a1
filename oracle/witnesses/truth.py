"""The truth at a point, by the best witness that the function allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.balls.taken_out import TakenOut
from oracle.witnesses import Enclosure, ball_differences, certified
from oracle.witnesses.certified import Changing
from oracle.witnesses.enclosure import derivative
from oracle.witnesses.function import ON_BALLS, ON_FLOATS, TRACED, Function
from oracle.witnesses.large import enclosed, is_large, too_large_for_arb
from oracle.witnesses.limits_of_gradients import Limits, limits_at, widened
from oracle.witnesses.sides import Sides, both_sides
from oracle.witnesses.users_code import compiled, raising_is_undecidable

Array = NDArray[Any]
#: Where neither arithmetic says anything.
TOO_LARGE = "float64 leaves its enclosure open here, and it is too large for more digits: declare smaller shapes"
Bounds = Sequence[tuple[float, float] | None]


@dataclass(frozen=True, eq=False)
class Truth:
    """The enclosure of the gradient, and for a float witness its estimated error (0 elsewhere).

    limits: where f is not differentiable, the limits of gradients near by; each component's interval is that of these. sides: what
    differences in floats say, where they are all there is; a component that they do not settle is NaN ± ∞."""

    enclosure: Enclosure
    estimated_error: NDArray[np.float64]
    limits: Limits | None = None
    sides: Sides | None = None


def truth(function: Function, args: Sequence[Array], *, explored: bool = True, in_arb: bool = False) -> Truth:
    """The gradient at a point; at a kink with the limits of gradients near by, unless these are not to be `explored`: then by the
    one-sided derivatives alone. A large point is enclosed in midpoint–radius arrays where they tell, and not to be asked in_arb.
    Raises Undecidable or UnsupportedPrimitive where the witness has none."""
    if function.changing:
        raise Undecidable(function.changing)
    if function.level == TRACED and is_large(args):
        enclosure = enclosed(function.traced(args), args, function.bounds) if not in_arb else None
        if enclosure is not None:
            return Truth(enclosure, np.zeros(enclosure.shape))
        if too_large_for_arb(args):
            raise Undecidable(TOO_LARGE)
    if function.level == ON_FLOATS:
        return _estimated(function, args)
    if function.level == ON_BALLS:
        try:
            with raising_is_undecidable():
                (found,) = ball_differences(
                    function.fn, args, (function.argnum,), domains=function.bounds, on_balls=True
                )
        except TakenOut as error:
            function.level, function.why = ON_FLOATS, f"{function.why}; {error}"
            return truth(function, args, explored=explored)
    else:
        try:
            (found,) = certified(function.traced(args), args, (function.argnum,), domains=function.bounds)
        except Changing as error:
            function.changing = str(error)
            raise
        except UnsupportedPrimitive as error:
            function.level, function.why = function.otherwise, f"{error}"
            if function.lift is None:
                function.fn = compiled(function.fn)
            function.lift = None
            return truth(function, args, explored=explored)
    if not explored:
        return Truth(found, np.zeros(found.shape))
    with raising_is_undecidable():
        limits = limits_at(_program(function, args), args, function.argnum, function.bounds, found)
    if limits is not None:
        found = widened(found, limits)
    return Truth(found, np.zeros(found.shape), limits)


def _program(function: Function, args: Sequence[Array]) -> Any:
    """What a witness in balls runs."""
    return function.traced(args) if function.level == TRACED else function.fn


def _estimated(function: Function, args: Sequence[Array]) -> Truth:
    """By differences in floats: a kink where the sides differ, NaN ± ∞ where they do not settle."""
    from oracle.balls.arrays import lift_arb

    sides = both_sides(function.fn, args, function.argnum, function.bounds[function.argnum])
    low, high, error = sides.ends()
    if low.size and not np.isfinite(low).any():
        raise Undecidable(f"fn raised {sides.raised} nearby" if sides.raised else "differences in floats do not settle")
    enclosure = replace(derivative(lift_arb(low), rigorous=False, bits=53), upper=lift_arb(high), kink=sides.is_kink())
    return Truth(enclosure, error, sides=sides)
