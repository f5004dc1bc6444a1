"""Control flow: calls, branches and loops. A branch that is open is Undecidable: nobody takes the hull of two programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.balls.midpoint_radius.array import Condition, MidRad, Value
from oracle.balls.midpoint_radius.decisions import select_n
from oracle.balls.midpoint_radius.functions import gaussian
from oracle.balls.midpoint_radius.structure import on_each
from oracle.balls.primitives.control import CALLS, CONTROL, Evaluate, is_frexp, is_split_gaussian, scan_counts
from oracle.balls.primitives.equation import Equation, is_float_dtype

Values = Sequence[Value]
Flags = Sequence[Any]
Flagged = tuple[list[Value], list[Any]]
Handler = Callable[[Evaluate, Equation, Values, Flags], Flagged]


def _call(evaluate: Evaluate, equation: Equation, operands: Values, active: Flags) -> Flagged:
    if is_frexp(equation):
        raise UnsupportedPrimitive(equation.name, "frexp")
    if is_split_gaussian(equation):
        return [gaussian(operands[0])], [active[0]]
    for key in ("jaxpr", "call_jaxpr", "fun_jaxpr"):
        if key in equation.params:
            return evaluate(equation.params[key], operands, active)
    raise UnsupportedPrimitive(equation.name, "no inner jaxpr")


def _cond(evaluate: Evaluate, equation: Equation, operands: Values, active: Flags) -> Flagged:
    if isinstance(operands[0], Condition):
        raise Undecidable("a branch")
    return CONTROL["cond"](evaluate, equation, operands, active)


def _while(evaluate: Evaluate, equation: Equation, operands: Values, active: Flags) -> Flagged:
    params = equation.params
    split = params["cond_nconsts"] + params["body_nconsts"]
    asked, done = list(operands[: params["cond_nconsts"]]), list(operands[params["cond_nconsts"] : split])
    asked_active, done_active = list(active[: params["cond_nconsts"]]), list(active[params["cond_nconsts"] : split])
    carry, moving = list(operands[split:]), list(active[split:])
    while True:
        (go_on,), (steered,) = evaluate(params["cond_jaxpr"], asked + carry, asked_active + moving)
        if isinstance(go_on, Condition):
            raise Undecidable("whether a loop goes on")
        moving = [flag or steered for flag in moving]
        if not go_on.any():
            return carry, moving
        after, now = evaluate(params["body_jaxpr"], done + carry, done_active + moving)
        carry = [_where(go_on, new, old) for new, old in zip(after, carry, strict=True)] if go_on.ndim else after
        moving = [before or flag for before, flag in zip(moving, now, strict=True)]


def _where(go_on: Any, new: Value, old: Value) -> Value:
    """new where the condition, over the leading axes, holds."""
    which = np.broadcast_to(go_on.reshape(go_on.shape + (1,) * (new.ndim - go_on.ndim)), new.shape)
    return select_n(Equation("select_n", {}, []), which, old, new)


def _scan(evaluate: Evaluate, equation: Equation, operands: Values, active: Flags) -> Flagged:
    params = equation.params
    const_count, carry_count = scan_counts(params)
    split = const_count + carry_count
    consts, carry, xs = list(operands[:const_count]), list(operands[const_count:split]), operands[split:]
    moving = list(active[const_count:split])
    outputs: list[list[Value]] = []
    output_moving: list[Any] = [False] * (len(equation.results) - carry_count)
    steps = range(params["length"])
    for k in reversed(steps) if params["reverse"] else steps:
        rows = [_row(x, k) for x in xs]
        results, now = evaluate(
            params["jaxpr"], [*consts, *carry, *rows], [*active[:const_count], *moving, *active[split:]]
        )
        carry = results[:carry_count]
        outputs.append(results[carry_count:])
        moving = [a or b for a, b in zip(moving, now[:carry_count], strict=True)]
        output_moving = [a or b for a, b in zip(output_moving, now[carry_count:], strict=True)]
    if params["reverse"]:
        outputs.reverse()
    stacked = [
        _stacked([ys[i] for ys in outputs]) if outputs else _nothing(aval)
        for i, aval in enumerate(equation.results[carry_count:])
    ]
    return [*carry, *stacked], [*moving, *output_moving]


def _row(x: Value, k: int) -> Value:
    if isinstance(x, MidRad | Condition):
        (row,) = on_each(lambda equation, a: np.asarray(a[k, ...]))(Equation("row", {}, []), x)
        return row
    return np.asarray(x[k, ...])


def _stacked(values: Sequence[Value]) -> Value:
    if any(isinstance(v, MidRad | Condition) for v in values):
        (whole,) = on_each(lambda equation, *rows: np.stack(rows))(Equation("stack", {}, []), *values)
        return whole
    return np.stack(values)


def _nothing(aval: Any) -> Value:
    if is_float_dtype(aval.dtype):
        return MidRad(np.zeros(aval.shape), np.zeros(aval.shape), exact=True)
    return np.empty(aval.shape, dtype=aval.dtype)


CONTROL_FLOW: dict[str, Handler] = {
    **dict.fromkeys(CALLS, _call),
    "cond": _cond,
    "while": _while,
    "scan": _scan,
    **{name: CONTROL[name] for name in ("platform_index", "custom_linear_solve", "debug_print", "debug_callback")},
}
