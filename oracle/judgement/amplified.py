"""What rounded numbers do to a gradient in few bits: the constants in fn's code, and the arguments beside them.

A constant that is no number of the dtype moves every answer to the same side, by a unit times its amplification.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from flint import arb
from numpy.typing import NDArray

from oracle.balls.arrays import as_object_array, half_ulp, lift_arb, midpoints, precision
from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.balls.jaxpr import TABLES, evaluate
from oracle.balls.watch import watch_ties
from oracle.witnesses.certified import FIRST_BITS
from oracle.witnesses.function import TRACED, Function
from oracle.witnesses.rule_constants import literals_of

Array = NDArray[Any]
Floats = NDArray[np.float64]

#: Corners at which an argument is off entry by entry, beside those at which it is off as a whole.
CORNERS = 4


class Amplified(NamedTuple):
    """How far each component of the gradient moves: the sum over the literals of the code that are no number of so many bits, each
    off by half a unit in its last place; and the most where one of the arguments is off by a relative unit. ∞ where unknown."""

    by_constants: Floats
    by_arguments: Floats


def amplified(function: Function, point: Sequence[Array], bits: int) -> Amplified:
    """Nothing by constants, and all by arguments, where fn is not traced: then nothing is known of either."""
    shape = point[function.argnum].shape
    unknown = np.full(shape, np.inf)
    if function.level != TRACED:
        return Amplified(np.zeros(shape), unknown)
    program = function.traced(point).gradient

    def gradient(args: Sequence[Array], constants: Mapping[float, Callable[[], Any]] | None = None) -> Array:
        with watch_ties():
            return evaluate(program, args, tables=replace(TABLES, constants=constants or {}))[-1]

    constants, arguments = np.zeros(shape), np.zeros(shape)
    try:
        with precision(FIRST_BITS):
            exact = [lift_arb(a) if a.dtype.kind == "f" else a for a in point]
            here = gradient(exact)
            for c in literals_of(program):
                if not _fits(c, bits):
                    off = arb(c) + half_ulp(np.asarray(c), bits).item()
                    constants += np.abs(
                        midpoints(as_object_array(gradient(exact, {c: functools.partial(arb, off)}) - here))
                    )
            for steps in _corners(point, bits):
                moved = [_scaled(a, s) if s is not None else a for a, s in zip(exact, steps, strict=True)]
                arguments = np.maximum(arguments, np.abs(midpoints(as_object_array(gradient(moved) - here))))
    except (Undecidable, UnsupportedPrimitive):
        return Amplified(np.zeros(shape), unknown)
    return Amplified(constants, np.where(np.isfinite(arguments), arguments, np.inf))


def _corners(point: Sequence[Array], bits: int) -> Iterator[list[Floats | None]]:
    """By which part of itself each entry is off: one argument as a whole, up and down, or each of its entries by itself."""
    rng, unit = np.random.default_rng(0), 2.0**-bits
    for n, a in enumerate(point):
        if a.dtype.kind != "f":
            continue
        whole = [np.full(a.shape, unit), np.full(a.shape, -unit)]
        for part in (*whole, *(unit * rng.choice([-1.0, 1.0], a.shape) for _ in range(CORNERS))):
            yield [part if m == n else None for m in range(len(point))]


def _scaled(x: Array, part: Floats) -> Array:
    return as_object_array(x * lift_arb(1 + part))


def _fits(constant: float, bits: int) -> bool:
    """Whether the constant is a number of so many bits."""
    mantissa, _ = np.frexp(constant)
    return not np.isfinite(constant) or float(np.ldexp(mantissa, bits)).is_integer()
