"""Evaluates a jaxpr in midpoint–radius arrays: every result encloses the value of the program over the real numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from flint import arb
from numpy.typing import ArrayLike

from oracle.balls.arrays import precision, round_up
from oracle.balls.cost import operations
from oracle.balls.errors import UnsupportedPrimitive
from oracle.balls.jaxpr import COMPARISONS, PLAIN, STAIRCASES
from oracle.balls.midpoint_radius import arithmetic
from oracle.balls.midpoint_radius.array import Condition, MidRad, Value, exactly
from oracle.balls.midpoint_radius.conditions import COMPARED, LOGIC
from oracle.balls.midpoint_radius.control import CONTROL_FLOW
from oracle.balls.midpoint_radius.decisions import DECISIONS, as_number
from oracle.balls.midpoint_radius.functions import FUNCTIONS
from oracle.balls.midpoint_radius.identity import label_constant, labelling
from oracle.balls.midpoint_radius.products import PRODUCTS
from oracle.balls.midpoint_radius.reduction import REDUCTION
from oracle.balls.midpoint_radius.sorting import SORTING
from oracle.balls.midpoint_radius.structure import MADE, MOVED, STRUCTURE
from oracle.balls.primitives.equation import Equation, is_float_dtype, is_key_dtype
from oracle.balls.walk import Arithmetic, Flags, Plan, Values, walk
from oracle.balls.watch import current_watch
from oracle.effort import budget

Handler = Callable[..., Any]

HANDLERS: Mapping[str, Handler] = MappingProxyType(
    {
        "add": arithmetic.add,
        "add_any": arithmetic.add,
        "sub": arithmetic.sub,
        "mul": arithmetic.mul,
        "div": arithmetic.div,
        "rem": arithmetic.remainder,
        "neg": arithmetic.neg,
        "abs": arithmetic.absolute,
        "square": arithmetic.square,
        "one_minus_square": arithmetic.one_minus_square,
        "integer_pow": arithmetic.integer_pow,
        "pow": arithmetic.power,
        "polynomial": arithmetic.polynomial,
        **FUNCTIONS,
        **DECISIONS,
        **LOGIC,
        **REDUCTION,
        **PRODUCTS,
        **STRUCTURE,
        **SORTING,
    }
)
#: Where some operands are conditions and none is an array of numbers.
OF_CONDITIONS: Mapping[str, Handler] = MappingProxyType(
    {
        **LOGIC,
        **COMPARED,
        **MOVED,
        **{name: HANDLERS[name] for name in ("select_n", "convert_element_type", "dot_general", "sort")},
    }
)
#: As many of these operations take about as long as one on a single ball; in products of matrices many more.
OF_ONE_BALL, IN_PRODUCTS = 256, 4096
Constants = Mapping[float, Callable[[], Any]]


def evaluate(
    closed: Any,
    args: Sequence[ArrayLike | MidRad],
    *,
    active: Sequence[bool] | None = None,
    constants: Constants = MappingProxyType({}),
    handlers: Mapping[str, Handler] = HANDLERS,
) -> list[Value]:
    """The results of a closed jaxpr at `args`, floats taken exactly: `MidRad` for floats, `Condition` for booleans of which some
    are open, else NumPy arrays.

    args may be `MidRad` themselves; active: whether each is one that derivatives are taken by (default: all), so that only
    decisions that move with those can tie (`oracle.balls.watch.watch_ties`); constants: literals that stand for a real number which
    is no float; handlers: tests replace one to see that a wrong one is caught. Raises Undecidable, where a branch or a whole number
    stays open, UnsupportedPrimitive.
    """
    inputs = [_represented(a, v.aval.dtype) for a, v in zip(args, closed.jaxpr.invars, strict=True)]
    flags = [True] * len(inputs) if active is None else list(active)
    with np.errstate(all="ignore"), labelling():
        results, _ = _walk(closed, inputs, flags, constants, handlers)
    watch = current_watch()
    if watch is not None:
        watch.active, watch.both_move = True, (True, True)
    return results


def _walk(
    program: Any, operands: Values, active: Flags, constants: Constants, handlers: Mapping[str, Handler]
) -> tuple[Values, Flags]:
    def apply(equation: Equation, inputs: Values, flags: Flags) -> tuple[Sequence[Value], Flags]:
        if equation.name in CONTROL_FLOW:

            def inner(program: Any, operands: Any, active: Any) -> Any:
                return _walk(program, operands, active, constants, handlers)

            flags = [bool(flag) for flag in flags]
            return CONTROL_FLOW[equation.name](inner, equation, inputs, flags)
        return _applied(equation, inputs, flags, handlers)

    return walk(program, operands, active, Arithmetic(lambda plan: _literals(plan, constants), _represented, apply))


def _applied(
    equation: Equation, inputs: Values, flags: Flags, handlers: Mapping[str, Handler]
) -> tuple[Sequence[Value], Flags]:
    handler = _handler(equation, inputs, handlers)
    budget.work(operations(equation, inputs) // (IN_PRODUCTS if equation.name in PRODUCTS else OF_ONE_BALL))
    moves = any(flags)
    watch = current_watch()
    ties = 0
    if watch is not None:
        watch.active, ties = moves, len(watch.ties)
        watch.both_move = (bool(flags[0]), bool(flags[1])) if equation.name in COMPARISONS else (True, True)
    found = handler(equation, *inputs)
    outputs = found if isinstance(found, list) else [found]
    outputs = [x if isinstance(x, MidRad | Condition) else np.asarray(x) for x in outputs]
    still = equation.name in STAIRCASES and not any(isinstance(x, Condition) for x in outputs)
    if watch is not None and still and len(watch.ties) == ties:
        return outputs, [False] * len(outputs)
    return outputs, [moves] * len(outputs)


def _handler(equation: Equation, inputs: Values, handlers: Mapping[str, Handler]) -> Handler:
    """That of these arrays; of whole numbers among themselves that of arrays of balls, which is NumPy's."""
    name = equation.name
    if any(isinstance(x, MidRad) for x in inputs):
        if name in handlers:
            return handlers[name]
    elif any(isinstance(x, Condition) for x in inputs):
        if name in OF_CONDITIONS:
            return OF_CONDITIONS[name]
    elif name in MADE and any(_is_float(aval) for aval in equation.results):
        return MADE[name]
    elif name in ("convert_element_type", "dot_general") and any(_is_float(aval) for aval in equation.results):
        return handlers[name]
    elif name in PLAIN and not any(_is_float(aval) for aval in equation.results):
        return PLAIN[name]
    elif name == "select_n":
        return handlers[name]
    raise UnsupportedPrimitive(name, "midpoint-radius arrays")


def _is_float(aval: Any) -> bool:
    return is_float_dtype(aval.dtype)


def _literals(plan: Plan, constants: Constants) -> list[tuple[int, Value]]:
    literals = []
    for at, value, dtype in plan.literals:
        number = _represented(value, dtype)
        if isinstance(number, MidRad) and number.ndim == 0:
            if float(number.midpoint) in constants:
                number = _around(float(number.midpoint), constants[float(number.midpoint)])
            number = label_constant(number)
        literals.append((at, number))
    return literals


def _around(nearest: float, number: Callable[[], Any]) -> MidRad:
    with precision(200):
        off = abs(number() - arb(nearest)).abs_upper()
    return MidRad(np.asarray(nearest), np.asarray(round_up(off)))


def _represented(value: Any, dtype: Any) -> Value:
    """A number from outside, exactly: `MidRad` where `dtype` is a float, else the NumPy array."""
    if isinstance(value, MidRad | Condition):
        return value
    if is_key_dtype(dtype):
        from oracle.balls.primitives.by_jax import as_keys

        return as_keys(value)
    if is_float_dtype(dtype):
        return as_floats(value)
    if np.dtype(dtype).kind not in "iub":
        raise UnsupportedPrimitive("constant", f"dtype {dtype}")
    return np.asarray(value)


def as_floats(value: Any) -> MidRad:
    array = np.asarray(value)
    return as_number(array) if array.dtype.kind in "iub" else exactly(array.astype(np.float64))
