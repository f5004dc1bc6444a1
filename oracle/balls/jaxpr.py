"""Evaluates a jaxpr in ball arithmetic: every result encloses the value of the program over the real numbers.

No XLA and no compilation: the equations are walked one by one, on object arrays of `flint.arb`. What the tables do not
know raises `UnsupportedPrimitive`; a decision that the balls leave open raises `Undecidable`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from oracle.balls.arrays import as_object_array, constants, lift_arb
from oracle.balls.equation import Array, Equation, Handler, is_float_dtype
from oracle.balls.errors import UnsupportedPrimitive
from oracle.balls.primitives_control import CONTROL, ControlHandler, Flagged
from oracle.balls.primitives_elementwise import ELEMENTWISE
from oracle.balls.primitives_indexing import INDEXING
from oracle.balls.primitives_reduction import REDUCTION
from oracle.balls.primitives_shape import SHAPE
from oracle.balls.primitives_sort import SORT
from oracle.balls.watch import current_watch

PLAIN: Mapping[str, Handler] = {**ELEMENTWISE, **SHAPE, **REDUCTION, **SORT, **INDEXING}


@dataclass(frozen=True)
class Tables:
    """The handlers of an evaluation; tests replace one to see that a wrong one is caught.

    constants: literals that stand for a real number which is no float, with that number at the precision in force.
    """

    plain: Mapping[str, Handler] = field(default_factory=lambda: PLAIN)
    control: Mapping[str, ControlHandler] = field(default_factory=lambda: CONTROL)
    constants: Mapping[float, Callable[[], Any]] = field(default_factory=dict)


TABLES = Tables()


def supported_primitives() -> frozenset[str]:
    """The names of all primitives that have an enclosure."""
    return frozenset(PLAIN) | frozenset(CONTROL)


def represent(value: ArrayLike, dtype: Any, lift: Callable[[ArrayLike], Array] = lift_arb) -> Array:
    """A number from outside, exactly: object array of balls where `dtype` is a float type, else the NumPy array."""
    array = value if isinstance(value, np.ndarray) else np.asarray(value)
    if is_float_dtype(dtype):
        return lift(array)
    if np.dtype(dtype).kind not in "iub":
        raise UnsupportedPrimitive("constant", f"dtype {dtype}")
    return array


def evaluate(
    closed: Any, args: Sequence[ArrayLike], *, active: Sequence[bool] | None = None, tables: Tables = TABLES
) -> list[Array]:
    """The results of a closed jaxpr at `args`: object arrays of `arb` for floats, NumPy arrays for integers and
    booleans.

    args: one array per input, of floats (taken exactly), integers, `Ball` or `arb`; active: whether each input is one
    that derivatives are taken by (default: all), so that only decisions that move with those can tie.
    Raises UnsupportedPrimitive, Undecidable.
    """
    inputs = [represent(a, v.aval.dtype) for a, v in zip(args, closed.jaxpr.invars, strict=True)]
    flags = [True] * len(inputs) if active is None else list(active)
    results, _ = _evaluate(closed, inputs, flags, tables)
    watch = current_watch()
    if watch is not None:
        watch.active = True
    return results


@functools.lru_cache(maxsize=512)
def live_equations(jaxpr: Any) -> tuple[Any, ...]:
    """The equations that the results depend on, in order; a tie in any other is no tie of the result."""
    needed = {atom for atom in jaxpr.outvars if not hasattr(atom, "val")}
    live = []
    for eqn in reversed(jaxpr.eqns):
        if any(variable in needed for variable in eqn.outvars):
            live.append(eqn)
            needed.update(atom for atom in eqn.invars if not hasattr(atom, "val"))
    return tuple(reversed(live))


def _evaluate(program: Any, operands: Sequence[Array], active: Sequence[bool], tables: Tables) -> Flagged:
    """Results of an open or closed jaxpr, and whether each moves with the active inputs."""
    jaxpr, consts = (program.jaxpr, program.consts) if hasattr(program, "consts") else (program, ())
    values: dict[Any, Array] = {}
    moving: set[Any] = set()

    def read(atom: Any) -> Array:
        if hasattr(atom, "val"):  # a literal
            if tables.constants and np.ndim(atom.val) == 0 and float(atom.val) in tables.constants:
                return as_object_array(tables.constants[float(atom.val)]())
            return represent(atom.val, atom.aval.dtype, constants)
        return values[atom]

    for variable, constant in zip(jaxpr.constvars, consts, strict=True):
        values[variable] = represent(constant, variable.aval.dtype, constants)
    for variable, operand, flag in zip(jaxpr.invars, operands, active, strict=True):
        values[variable] = operand
        if flag:
            moving.add(variable)

    for eqn in live_equations(jaxpr):
        inputs = [read(atom) for atom in eqn.invars]
        flags = [not hasattr(atom, "val") and atom in moving for atom in eqn.invars]
        equation = Equation(eqn.primitive.name, eqn.params, [v.aval for v in eqn.outvars])
        outputs, flags_out = _apply(equation, inputs, flags, tables)
        for variable, output, flag in zip(eqn.outvars, outputs, flags_out, strict=True):
            values[variable] = output
            if flag:
                moving.add(variable)
    results = [read(atom) for atom in jaxpr.outvars]
    return results, [not hasattr(atom, "val") and atom in moving for atom in jaxpr.outvars]


def _apply(equation: Equation, inputs: list[Array], flags: list[bool], tables: Tables) -> Flagged:
    if equation.name in tables.control:
        return tables.control[equation.name](lambda p, o, a: _evaluate(p, o, a, tables), equation, inputs, flags)
    handler = tables.plain.get(equation.name)
    if handler is None:
        raise UnsupportedPrimitive(equation.name)
    watch = current_watch()
    if watch is not None:
        watch.active = any(flags)
    outputs = handler(equation, *inputs)
    outputs = [as_object_array(x) for x in outputs] if isinstance(outputs, list) else [as_object_array(outputs)]
    return outputs, [any(flags)] * len(outputs)
