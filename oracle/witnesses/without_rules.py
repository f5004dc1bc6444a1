"""A traced function without the derivative rules in it: every `custom_jvp` and `custom_vjp` is its forward code again.

So its derivative is that of the value as it is coded, also where a rule belongs to another formula of the same function (the
rule of `log_ndtr` is exact, its value a truncated series). A gamma sample and ζ get their exact slopes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from oracle.balls.walk import every_equation
from oracle.witnesses.exact_slopes import EXACT

Rules = Mapping[str, Callable[..., Any]]

_RULES = ("custom_jvp_call", "custom_vjp_call", "custom_jvp_call_jaxpr", "custom_vjp_call_jaxpr")
_CALLS = (*_RULES, "jit", "pjit", "closed_call", "core_call", "remat", "remat2", "checkpoint")
_PROGRAMS = ("jaxpr", "call_jaxpr", "fun_jaxpr")


def has_rules(closed: Any) -> bool:
    """Whether a rule, or a function whose slope JAX approximates, is in this jaxpr or in one inside."""
    return any(eqn.primitive.name in (*_RULES, *EXACT) for eqn in every_equation(closed))


def rules_of_others(closed: Any, holding: str = "") -> tuple[str, ...]:
    """The names of the functions whose rules are in this jaxpr and are a user's or another library's, not JAX's; holding: only of
    those in whose code there is a primitive of this name."""
    rules = (eqn for eqn in every_equation(closed) if eqn.primitive.name in _RULES and not _is_of_jax(eqn))
    if holding:
        rules = (eqn for eqn in rules if any(e.primitive.name == holding for e in every_equation(_program(eqn))))
    return tuple(dict.fromkeys(str(getattr(_debug_info(eqn), "func_name", None) or "a function") for eqn in rules))


def _program(eqn: Any) -> Any:
    return next(eqn.params[key] for key in _PROGRAMS if key in eqn.params)


def _debug_info(eqn: Any) -> Any:
    program = _program(eqn)
    return getattr(getattr(program, "jaxpr", program), "debug_info", None)


def _is_of_jax(eqn: Any) -> bool:
    import jax

    home = os.path.dirname(jax.__file__) + os.sep
    return str(getattr(_debug_info(eqn), "func_filename", None) or "").startswith(home)


class Treatment(NamedTuple):
    """instead: by the name of a primitive, a function in its place; keeps: whether the rule of an equation stays."""

    instead: Rules = MappingProxyType({})
    keeps: Callable[[Any], bool] = lambda eqn: False


def without_rules(
    closed: Any, instead: Rules = MappingProxyType({}), *, of_others_alone: bool = False
) -> Callable[..., Any]:
    """The function of a closed jaxpr with one result, to be traced and differentiated anew.

    instead: by the name of a primitive, a function in its place, which may have a derivative rule of its own; inside of loops and
    branches the primitives stay. JAX's own rules stay where those `of_others_alone` go.
    """
    treatment = Treatment(instead, _is_of_jax) if of_others_alone else Treatment(instead)

    def function(*args: Any) -> Any:
        (result,) = _run(closed.jaxpr, closed.consts, args, treatment)
        return result

    return function


def _run(jaxpr: Any, consts: Sequence[Any], args: Sequence[Any], treatment: Treatment) -> list[Any]:
    values: dict[Any, Any] = dict(zip(jaxpr.constvars, consts, strict=True))
    values.update(zip(jaxpr.invars, args, strict=True))

    def read(atom: Any) -> Any:
        return atom.val if hasattr(atom, "val") else values[atom]

    for eqn in jaxpr.eqns:
        results = _apply(eqn, [read(atom) for atom in eqn.invars], treatment)
        values.update(zip(eqn.outvars, results, strict=True))
    return [read(atom) for atom in jaxpr.outvars]


def _apply(eqn: Any, operands: list[Any], treatment: Treatment) -> Sequence[Any]:
    name = eqn.primitive.name
    if name in treatment.instead:
        return [treatment.instead[name](*operands)]
    if name in _RULES and treatment.keeps(eqn):
        return _with_its_rule(eqn, operands)
    if name in _CALLS:
        program = next(eqn.params[key] for key in _PROGRAMS if key in eqn.params)
        return _run(getattr(program, "jaxpr", program), getattr(program, "consts", ()), operands, treatment)
    if name in EXACT:
        return [EXACT[name](eqn, *operands)]
    inner = treatment._replace(instead={})
    results = eqn.primitive.bind(*operands, **{key: _rewritten(value, inner) for key, value in eqn.params.items()})
    return results if eqn.primitive.multiple_results else [results]


def _with_its_rule(eqn: Any, operands: list[Any]) -> Sequence[Any]:
    bound = eqn.primitive.get_bind_params(eqn.params)
    if isinstance(bound, dict):  # JAX 0.10: the functions are among the parameters
        results: Sequence[Any] = eqn.primitive.bind(*operands, **bound)
        return results
    functions, parameters = bound
    results = eqn.primitive.bind(*functions, *operands, **parameters)
    return results


def _rewritten(parameter: Any, treatment: Treatment) -> Any:
    """A program inside (the body of a loop, a branch) without its rules; anything else as it is."""
    import jax

    if isinstance(parameter, tuple) and not hasattr(parameter, "_fields"):
        return tuple(_rewritten(part, treatment) for part in parameter)
    if not (hasattr(parameter, "jaxpr") and hasattr(parameter, "consts") and has_rules(parameter)):
        return parameter
    specs = [jax.ShapeDtypeStruct(v.aval.shape, v.aval.dtype) for v in parameter.jaxpr.invars]
    return jax.make_jaxpr(lambda *args: _run(parameter.jaxpr, parameter.consts, args, treatment))(*specs)
