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
from flint import acb
from numpy.typing import ArrayLike

from oracle.balls.arrays import as_object_array, constants, lift_arb
from oracle.balls.cost import operations
from oracle.balls.errors import UnsupportedPrimitive
from oracle.balls.primitives.by_jax import as_keys
from oracle.balls.primitives.complex_numbers import ALONG_REALS, COMPLEX, COMPLEX_FROM_REAL, REAL_ON_CUT
from oracle.balls.primitives.control import CALLS, CONTROL, ControlHandler, Flagged
from oracle.balls.primitives.convolution import CONVOLUTION
from oracle.balls.primitives.elementwise import ELEMENTWISE
from oracle.balls.primitives.equation import (
    Array,
    Equation,
    Handler,
    elementwise,
    is_complex,
    is_float_dtype,
    is_key_dtype,
    is_real,
)
from oracle.balls.primitives.fourier import FOURIER
from oracle.balls.primitives.identities import IDENTITIES
from oracle.balls.primitives.indexing import INDEXING
from oracle.balls.primitives.linear_algebra import LINEAR_ALGEBRA
from oracle.balls.primitives.random_numbers import RANDOM_NUMBERS
from oracle.balls.primitives.reduction import REDUCTION
from oracle.balls.primitives.shape import SHAPE
from oracle.balls.primitives.sorting import SORT
from oracle.balls.primitives.special_functions import SPECIAL_FUNCTIONS
from oracle.balls.primitives.spectra import SPECTRA
from oracle.balls.primitives.windows import WINDOWS
from oracle.balls.reuse import kept_for
from oracle.balls.walk import Arithmetic, Plan, walk
from oracle.balls.watch import current_watch
from oracle.effort import budget

PLAIN: Mapping[str, Handler] = {
    **ELEMENTWISE,
    **SHAPE,
    **REDUCTION,
    **SORT,
    **INDEXING,
    **COMPLEX_FROM_REAL,
    **RANDOM_NUMBERS,
    **SPECTRA,
    **SPECIAL_FUNCTIONS,
    **CONVOLUTION,
    **WINDOWS,
    **FOURIER,
    **LINEAR_ALGEBRA,
}

#: The primitives whose handlers take complex operands as they take real ones are in both.
WITH_COMPLEX: Mapping[str, Handler] = {
    **COMPLEX,
    **LINEAR_ALGEBRA,
    **FOURIER,
    **SPECTRA,
    **CONVOLUTION,
    "reduce_window_sum": WINDOWS["reduce_window_sum"],
}


@dataclass(frozen=True)
class Tables:
    """The handlers of an evaluation; tests replace one to see that a wrong one is caught.

    plain, complex: of real operands (and integers), and where an operand is complex;
    constants: literals that stand for a real number which is no float, with that number at the precision in force.
    """

    plain: Mapping[str, Handler] = field(default_factory=lambda: PLAIN)
    complex: Mapping[str, Handler] = field(default_factory=lambda: WITH_COMPLEX)
    control: Mapping[str, ControlHandler] = field(default_factory=lambda: CONTROL)
    constants: Mapping[float, Callable[[], Any]] = field(default_factory=dict)


TABLES = Tables()
COMPARISONS = ("lt", "le", "gt", "ge", "eq", "ne")
STAIRCASES = ("floor", "ceil", "round", "sign", "lt", "le", "gt", "ge", "eq", "ne", "is_finite", "argmax", "argmin")


def supported_primitives() -> frozenset[str]:
    """The names of all primitives that have an enclosure."""
    return frozenset(PLAIN) | frozenset(WITH_COMPLEX) | frozenset(CONTROL)


def represent(value: ArrayLike, dtype: Any, lift: Callable[[ArrayLike], Array] = lift_arb) -> Array:
    """A number from outside, exactly: an array of balls where `dtype` is a float or complex type, of keys where it is one of
    keys, else the NumPy array."""
    if is_key_dtype(dtype):
        return as_keys(value)
    array = value if isinstance(value, np.ndarray) else np.asarray(value)
    if is_float_dtype(dtype):
        return lift(array)
    if np.dtype(dtype).kind == "c":
        return array if array.dtype == object else elementwise(acb, 2)(lift(array.real), lift(array.imag))
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
        watch.active, watch.both_move = True, (True, True)
    return results


def _evaluate(program: Any, operands: Sequence[Array], active: Sequence[bool], tables: Tables) -> Flagged:
    """Results of an open or closed jaxpr, and whether each moves with the active inputs."""
    arithmetic = Arithmetic(
        _literals if not tables.constants else lambda plan: _with_constants(plan, tables),
        lambda value, dtype: represent(value, dtype, constants),
        lambda equation, inputs, flags: _apply(equation, inputs, flags, tables),
    )
    return walk(program, operands, active, arithmetic)


@functools.lru_cache(maxsize=512)
def _literals(plan: Plan) -> list[tuple[int, Array]]:
    """The literals, exactly; shared by all walks."""
    literals = [(at, represent(value, dtype, constants)) for at, value, dtype in plan.literals]
    for _, array in literals:
        array.flags.writeable = False
    return literals


def _with_constants(plan: Plan, tables: Tables) -> list[tuple[int, Array]]:
    """The literals, those that stand for a number which is no float at that number."""
    literals = []
    for (at, array), (_, value, _) in zip(_literals(plan), plan.literals, strict=True):
        stands_for = None if np.ndim(value) or np.imag(value) else tables.constants.get(float(np.real(value)))
        if stands_for is not None:
            exact = stands_for()
            array = as_object_array(acb(exact) if is_complex(array) else exact)
        literals.append((at, array))
    return literals


def _apply(equation: Equation, inputs: list[Array], flags: list[Any], tables: Tables) -> Flagged:
    if equation.name in tables.control:
        flags = flags if equation.name in CALLS else [bool(flag) for flag in flags]
        return tables.control[equation.name](lambda p, o, a: _evaluate(p, o, a, tables), equation, inputs, flags)
    complex_numbers = any(is_complex(x) for x in inputs)
    handler = (tables.complex if complex_numbers else tables.plain).get(equation.name)
    if handler is None:
        raise UnsupportedPrimitive(equation.name, "complex numbers" if complex_numbers else "")
    budget.work(operations(equation, inputs))
    watch = current_watch()
    if watch is not None:
        watch.active = any(flags) and not (ALONG_REALS in flags and equation.name in REAL_ON_CUT and 1 not in flags)
        watch.both_move = (bool(flags[0]), bool(flags[1])) if equation.name in COMPARISONS else (True, True)
    ties = len(watch.ties) if watch is not None else 0
    kept = None if complex_numbers else kept_for(equation.name, inputs)
    apply = functools.partial(handler, equation)
    outputs = apply(*inputs) if kept is None else kept.result(equation, inputs, apply)
    outputs = [as_object_array(x) for x in outputs] if isinstance(outputs, list) else [as_object_array(outputs)]
    if watch is not None and watch.made is not None:
        outputs = watch.made(equation.name, outputs)
    if watch is not None and len(watch.ties) == ties and _is_staircase(equation, inputs):
        return outputs, [False] * len(outputs)
    return outputs, [_motion(equation, inputs, flags)] * len(outputs)


def _is_staircase(equation: Equation, operands: Sequence[Array]) -> bool:
    """Whether the results are constant wherever no decision ties: so no later decision on them is a tie either."""
    if any(is_complex(x) for x in operands):
        return equation.name in ("eq", "ne", "is_finite")
    if equation.name == "convert_element_type":
        return is_real(operands[0]) and np.dtype(equation.results[0].dtype).kind in "iub"
    return equation.name in STAIRCASES


def _motion(equation: Equation, inputs: Sequence[Array], flags: Sequence[int]) -> int:
    """Whether the results move: not at all, at all, or ALONG_REALS."""
    name = equation.name
    if name == "convert_element_type" and np.dtype(equation.results[0].dtype).kind == "c" and not is_complex(inputs[0]):
        return ALONG_REALS if flags[0] else False
    if ALONG_REALS in flags and (name in SHAPE or name in ("neg", "conj", *IDENTITIES)):
        return ALONG_REALS if all(flag in (0, ALONG_REALS) for flag in flags) else True
    if name == "imag" and flags[0] == ALONG_REALS:
        return False
    return any(flags)
