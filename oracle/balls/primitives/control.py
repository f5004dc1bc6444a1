"""Control flow: calls, branches and loops, each of whose decisions must be decided.

These handlers see, beside every operand, whether it moves with the inputs, and say the same of every result: a decision
between constants is no tie.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from oracle.balls import real_functions as real
from oracle.balls.errors import UnsupportedPrimitive
from oracle.balls.primitives.bits import bitcast, frexp, ldexp
from oracle.balls.primitives.equation import Array, Equation, elementwise, representation

Flagged = tuple[list[Array], list[Any]]  # the results, and whether each moves (`complex_numbers.ALONG_REALS`, too)
Evaluate = Callable[[Any, Sequence[Array], Sequence[bool]], Flagged]
ControlHandler = Callable[[Evaluate, Equation, Sequence[Array], Sequence[bool]], Flagged]


def is_split_gaussian(equation: Equation) -> bool:
    """Whether this is e^(−x²) as JAX 0.12 writes it in the derivatives of erf and erfc, x being split by its bits."""
    program = equation.params.get("call_jaxpr")
    program = getattr(program, "jaxpr", program)
    name = getattr(getattr(program, "debug_info", None), "func_name", "")
    equations = getattr(program, "eqns", ())
    return name == "exp_neg_sq" and any(eqn.primitive.name == "bitcast_convert_type" for eqn in equations)


def is_frexp(equation: Equation) -> bool:
    """Whether this is x = m 2^e as JAX takes it from the bits of x."""
    program = equation.params.get("call_jaxpr")
    name = getattr(getattr(getattr(program, "jaxpr", program), "debug_info", None), "func_name", "")
    return name in ("frexp", "_frexp") and len(equation.results) == 2


def _call(evaluate: Evaluate, equation: Equation, operands: Sequence[Array], active: Sequence[bool]) -> Flagged:
    if is_frexp(equation):
        return frexp(operands[0]), [active[0]] * 2
    if is_split_gaussian(equation):
        return [elementwise(lambda x: real.exp(-x * x), 1)(operands[0])], [active[0]]
    for key in ("jaxpr", "call_jaxpr", "fun_jaxpr"):
        if key in equation.params:
            return evaluate(equation.params[key], operands, active)
    raise UnsupportedPrimitive(equation.name, "no inner jaxpr")


def _hi_primitive(evaluate: Evaluate, equation: Equation, operands: Sequence[Array], active: Sequence[bool]) -> Flagged:
    """A primitive that says itself what it is made of, as `jax.numpy.searchsorted` is one since JAX 0.12."""
    primitive = equation.params["_prim"]
    name = type(primitive).__name__  # these two are made of the bits of x
    if name == "Frexp":
        return frexp(operands[0]), [active[0]] * 2
    if name == "Ldexp":
        return [ldexp(*operands)], [active[0]]
    return evaluate(_expanded(primitive, tuple(map(str, primitive.in_avals_flat))), operands, active)


@lru_cache(maxsize=256)
def _expanded(primitive: Any, shapes: tuple[str, ...]) -> Any:
    """Its jaxpr at the shapes that it was made for, which JAX leaves out where it compares primitives; float64 where they are."""
    import jax

    def flat(*args: Any) -> Any:
        return primitive.expand(*jax.tree.unflatten(primitive.in_tree, args))

    with jax.enable_x64(True):
        return jax.make_jaxpr(flat)(*(jax.ShapeDtypeStruct(v.shape, v.dtype) for v in primitive.in_avals_flat))


def _cond(evaluate: Evaluate, equation: Equation, operands: Sequence[Array], active: Sequence[bool]) -> Flagged:
    """The branch that the index names, clamped into range. All results move if the index does."""
    branches = equation.params["branches"]
    index = min(max(int(operands[0]), 0), len(branches) - 1)
    results, moving = evaluate(branches[index], operands[1:], active[1:])
    return results, [flag or active[0] for flag in moving]


def _where(condition: Array, new: Array, old: Array) -> Array:
    """new where the condition, over the leading axes, holds: under vmap each lane stops by itself."""
    return np.where(condition.reshape(condition.shape + (1,) * (new.ndim - condition.ndim)), new, old)


def _while(evaluate: Evaluate, equation: Equation, operands: Sequence[Array], active: Sequence[bool]) -> Flagged:
    cond_count, body_count = equation.params["cond_nconsts"], equation.params["body_nconsts"]
    split = cond_count + body_count
    cond_consts, body_consts, carry = (
        list(operands[:cond_count]),
        list(operands[cond_count:split]),
        list(operands[split:]),
    )
    cond_active, body_active = list(active[:cond_count]), list(active[cond_count:split])
    moving = list(active[split:])
    while True:
        (go_on,), (steered,) = evaluate(equation.params["cond_jaxpr"], cond_consts + carry, cond_active + moving)
        moving = [flag or steered for flag in moving]
        if not go_on.any():
            return carry, moving
        after, now = evaluate(equation.params["body_jaxpr"], body_consts + carry, body_active + moving)
        carry = [_where(go_on, new, old) for new, old in zip(after, carry, strict=True)] if go_on.ndim else after
        moving = [before or after for before, after in zip(moving, now, strict=True)]


def scan_counts(params: Mapping[str, Any]) -> tuple[int, int]:
    """How many operands are constants, and how many are carried; JAX 0.12 says it by the shapes of three trees."""
    if "num_consts" in params:
        return params["num_consts"], params["num_carry"]
    consts, carry, _ = params["ft_in"].unpack()
    return len(list(consts)), len(list(carry))


def _scan(evaluate: Evaluate, equation: Equation, operands: Sequence[Array], active: Sequence[bool]) -> Flagged:
    params = equation.params
    const_count, carry_count = scan_counts(params)
    split = const_count + carry_count
    consts, carry, xs = list(operands[:const_count]), list(operands[const_count:split]), list(operands[split:])
    moving = list(active[const_count:split])
    steps = range(params["length"])
    outputs: list[list[Array]] = []
    output_moving = [False] * (len(equation.results) - carry_count)
    for k in reversed(steps) if params["reverse"] else steps:
        results, now = evaluate(
            params["jaxpr"],
            [*consts, *carry, *(np.asarray(x[k, ...]) for x in xs)],
            [*active[:const_count], *moving, *active[split:]],
        )
        carry, ys = results[:carry_count], results[carry_count:]
        moving = [a or b for a, b in zip(moving, now[:carry_count], strict=True)]
        output_moving = [a or b for a, b in zip(output_moving, now[carry_count:], strict=True)]
        outputs.append(ys)
    if params["reverse"]:
        outputs.reverse()
    stacked = [
        np.stack([ys[i] for ys in outputs]) if outputs else np.empty(aval.shape, representation(aval.dtype))
        for i, aval in enumerate(equation.results[carry_count:])
    ]
    return [*carry, *stacked], [*moving, *output_moving]


def _custom_linear_solve(
    evaluate: Evaluate, equation: Equation, operands: Sequence[Array], active: Sequence[bool]
) -> Flagged:
    """What `solve` returns for the right-hand sides: its operands stand after those of `matvec` and `vecmat`."""
    counts = equation.params["const_lengths"]
    first = counts.matvec + counts.vecmat
    rest = first + counts.solve + counts.transpose_solve
    taken = [*range(first, first + counts.solve), *range(rest, len(operands))]
    return evaluate(equation.params["jaxprs"].solve, [operands[k] for k in taken], [active[k] for k in taken])


def _reduce(evaluate: Evaluate, equation: Equation, operands: Sequence[Array], active: Sequence[bool]) -> Flagged:
    """Entries along the axes combined by a program, one after the other, beginning with the given first values."""
    count = len(operands) // 2
    axes = tuple(equation.params["dimensions"])
    combine = equation.params["jaxpr"]
    lines = [_lines(x, axes) for x in operands[:count]]
    moving = [a or b for a, b in zip(active[:count], active[count:], strict=True)]
    values = [np.broadcast_to(first, line.shape[:-1]) for first, line in zip(operands[count:], lines, strict=True)]
    shape = values[0].shape
    results = [np.empty(shape, dtype=line.dtype) for line in lines]
    for index in np.ndindex(shape):
        carry = [np.asarray(v[index]) for v in values]
        for k in range(lines[0].shape[-1]):
            carry, now = evaluate(combine, [*carry, *(line[(*index, k, ...)] for line in lines)], moving * 2)
            moving = [a or b for a, b in zip(moving, now, strict=True)]
        for result, value in zip(results, carry, strict=True):
            result[index] = value.item() if value.dtype == object else value
    return results, moving


def _lines(x: Array, axes: Sequence[int]) -> Array:
    kept = [axis for axis in range(x.ndim) if axis not in axes]
    return np.transpose(x, (*kept, *axes)).reshape(*(x.shape[axis] for axis in kept), -1)


def _nothing(evaluate: Evaluate, equation: Equation, operands: Sequence[Array], active: Sequence[bool]) -> Flagged:
    """What only prints has no result."""
    return [], []


def _platform_index(
    evaluate: Evaluate, equation: Equation, operands: Sequence[Array], active: Sequence[bool]
) -> Flagged:
    """Which implementation of one and the same function: the default one."""
    platforms = equation.params["platforms"]
    default = [k for k, names in enumerate(platforms) if names is None or "cpu" in names]
    if not default:
        raise UnsupportedPrimitive(equation.name, f"platforms {platforms}")
    return [np.asarray(default[0], dtype=np.int32)], [False]


CALLS = [
    "jit",
    "pjit",
    "closed_call",
    "core_call",
    "core_closed_call",
    "named_call",
    "xla_call",
    "remat",
    "remat2",
    "checkpoint",
    "custom_jvp_call",
    "custom_jvp_call_jaxpr",
    "custom_vjp_call",
    "custom_vjp_call_jaxpr",
    "composite",
]

CONTROL: dict[str, ControlHandler] = {
    **dict.fromkeys(CALLS, _call),
    "call_hi_primitive": _hi_primitive,
    "cond": _cond,
    "while": _while,
    "scan": _scan,
    "platform_index": _platform_index,
    "custom_linear_solve": _custom_linear_solve,
    "reduce": _reduce,
    "bitcast_convert_type": bitcast,
    "debug_print": _nothing,
    "debug_callback": _nothing,
}
