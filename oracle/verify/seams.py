"""A case that stands at a seam which no precision tells from beside it: |a − E| = 1 where a saturates, at which two formulas of one
function meet. Its truth is that of the branch which its floats take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from flint import arb
from numpy.typing import NDArray

from oracle.balls.arrays import as_object_array, lift, lift_arb, magnitudes, precision, radii, widen
from oracle.balls.errors import Undecidable
from oracle.balls.jaxpr import evaluate
from oracle.balls.watch import Decision, watch_ties
from oracle.witnesses import Enclosure, Traced
from oracle.witnesses.enclosure import derivative

#: Far above the digits that floats are compared with, far below those that the seam would take.
BITS = 1600

Arrays = Sequence[NDArray[Any]]


def at_the_seam(record: Traced, args: Arrays, bits: int) -> tuple[tuple[Enclosure, ...], list[NDArray[np.float64]]]:
    """Value and derivatives on the branches that floats of so many bits take where it is open which, and what rounding to these may
    cost each. Raises Undecidable where that is open all the same."""
    exact = [lift(a) for a in args]
    truth, trail = _guided(record.gradient, exact, BITS, _of_floats(record.gradient, exact, bits))
    if not all(v.is_finite() for array in truth for v in array.flat):
        raise Undecidable("what is computed there is no number")
    rounded, _ = _guided(record.gradient, exact, bits, trail)
    widened, _ = _guided(record.gradient, [widen(a, bits=bits) for a in args], BITS, trail)
    allowances = [
        np.fmax(radii(r), radii(w)) + 2.0**-bits * magnitudes(c)
        for r, w, c in zip(rounded, widened, truth, strict=True)
    ]
    return tuple(derivative(v, rigorous=False, bits=BITS) for v in truth), allowances


def _of_floats(program: Any, args: Arrays, bits: int) -> list[Decision]:
    """What is decided where every number on the way is a float."""
    dtype = np.float32 if bits == 24 else np.float64

    def as_floats(name: str, results: list[Any]) -> list[Any]:
        each = np.frompyfunc(lambda v: arb(float(dtype(float(v.mid())))) if isinstance(v, arb) else v, 1, 1)
        return [as_object_array(each(r)) if np.asarray(r).dtype.kind == "O" else r for r in results]

    with precision(bits), watch_ties(keep_trail=True, made=as_floats) as watch:
        evaluate(program, args)
    return watch.trail


def _guided(
    program: Any, args: Arrays, bits: int, trail: Sequence[Decision]
) -> tuple[list[NDArray[Any]], Sequence[Decision]]:
    """Results, and what was decided; the trail answers what is open."""
    with precision(bits), watch_ties(guide=trail) as watch:
        return [lift_arb(as_object_array(v)) for v in evaluate(program, args)], watch.trail
