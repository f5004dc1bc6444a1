"""What the constants of fn are rounded by: π/2 as it is written, and what fn makes of such numbers without its arguments.

cos(π/2) is 6e-17 where π/2 is a float, and who differentiates by hand writes 0; the last weight of a window, 1 − cos 2π, is 0 in
floats and 1.5e-32 in more digits. Neither is a mistake. A float of few digits, such as 0.5, is meant as it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from flint import arb
from numpy.typing import NDArray

from oracle.balls.allowance import EXACT
from oracle.balls.arrays import as_object_array, precision, radii
from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.balls.jaxpr import TABLES, evaluate
from oracle.balls.primitives.by_jax import Key
from oracle.balls.primitives.equation import is_real
from oracle.balls.walk import every_equation
from oracle.balls.watch import current_watch, watch_ties
from oracle.judgement.verdict import SLACK
from oracle.witnesses.certified import FIRST_BITS
from oracle.witnesses.function import TRACED, Function

Array = NDArray[Any]


def cost_of_constants(function: Function, point: Sequence[Array], bits: int) -> NDArray[np.float64]:
    """How far the gradient may be off where the numbers that fn is written with, and what it computes of these alone, are rounded
    to so many bits; 0 where that is not known."""
    nothing = np.zeros(point[function.argnum].shape)
    if function.level != TRACED:
        return nothing
    record = function.traced(point)
    unit = 2.0**-bits

    def made(name: str, results: list[Any]) -> list[Any]:
        watch = current_watch()
        if name in EXACT or watch is None or watch.active:
            return results
        return [as_object_array(_half_a_unit(r, unit)) if is_real(r) else r for r in results]

    written = {value: _meant(value, unit) for value in _long(record.gradient) if value not in record.constants}
    tables = replace(TABLES, constants={**record.constants, **written})
    try:
        with precision(FIRST_BITS), watch_ties(made=made):
            results = evaluate(record.gradient, point, tables=tables)
    except (Undecidable, UnsupportedPrimitive):
        return nothing
    cost = radii(results[-1])
    return SLACK * np.where(np.isfinite(cost), cost, 0.0)


def _long(closed: Any) -> Iterator[float]:
    """The literals that no float32 holds: what is meant by them has more digits than they."""
    for eqn in every_equation(closed):
        for atom in eqn.invars:
            value = getattr(atom, "val", None)
            if value is not None and not np.ndim(value) and np.asarray(value).dtype.kind == "f":
                with np.errstate(over="ignore"):
                    if np.isfinite(value) and float(np.float32(value)) != float(value):
                        yield float(value)


def _meant(value: float, unit: float) -> Callable[[], Any]:
    return lambda: arb(value, abs(value) * unit)


def _half_a_unit(balls: Array, unit: float) -> Any:
    """Keys of random numbers are whole numbers, and round nothing."""
    return np.frompyfunc(lambda x: x if isinstance(x, Key) else x + arb(0, x.abs_upper() * unit), 1, 1)(balls)
