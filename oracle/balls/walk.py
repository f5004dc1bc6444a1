"""The walk over a jaxpr, whatever arithmetic it is evaluated in: equation by equation, after a plan that is made once."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from oracle.balls.primitives.equation import Equation

Values = list[Any]
Flags = list[Any]  # whether each value moves with the inputs that derivatives are taken by


@dataclass(frozen=True, eq=False)
class Plan:
    """A jaxpr made ready to be walked often: its variables and literals are numbered, one place each.

    literals: (place, value, dtype); constvars: (place, dtype); steps: one for each live equation, with the places of its operands
    and results, and those that nothing after it needs.
    """

    places: int
    literals: Sequence[tuple[int, Any, Any]]
    constvars: Sequence[tuple[int, Any]]
    inputs: Sequence[int]
    steps: Sequence[tuple[Equation, Sequence[int], Sequence[int], Sequence[int]]]
    results: Sequence[int]


@dataclass(frozen=True)
class Arithmetic:
    """How values are represented, and what an equation makes of them.

    literals: (place, value) for those of a plan; constant: a captured array in its representation; apply: an equation, its operands
    and whether each moves → its results, and whether each of them does.
    """

    literals: Callable[[Plan], Sequence[tuple[int, Any]]]
    constant: Callable[[Any, Any], Any]
    apply: Callable[[Equation, Values, Flags], tuple[Sequence[Any], Flags]]


def walk(program: Any, operands: Sequence[Any], active: Sequence[Any], arithmetic: Arithmetic) -> tuple[Values, Flags]:
    """Results of an open or closed jaxpr, and whether each moves with the active inputs."""
    jaxpr, consts = (program.jaxpr, program.consts) if hasattr(program, "consts") else (program, ())
    plan = plan_of(jaxpr)
    values: Values = [None] * plan.places
    moving: Flags = [False] * plan.places
    for at, value in arithmetic.literals(plan):
        values[at] = value
    for (at, dtype), constant in zip(plan.constvars, consts, strict=True):
        values[at] = arithmetic.constant(constant, dtype)
    for at, operand, flag in zip(plan.inputs, operands, active, strict=True):
        values[at], moving[at] = operand, flag
    for equation, sources, targets, done in plan.steps:
        outputs, flags = arithmetic.apply(equation, [values[k] for k in sources], [moving[k] for k in sources])
        for at, output, flag in zip(targets, outputs, flags, strict=True):
            values[at], moving[at] = output, flag
        for at in done:
            values[at] = None
    return [values[k] for k in plan.results], [moving[k] for k in plan.results]


@functools.lru_cache(maxsize=512)
def plan_of(jaxpr: Any) -> Plan:
    """The plan of an open jaxpr, made once."""
    places: dict[Any, int] = {}
    literals: list[tuple[int, Any, Any]] = []

    def place(atom: Any) -> int:
        if not hasattr(atom, "val"):
            return places.setdefault(atom, len(places))
        at = places.setdefault(object(), len(places))
        literals.append((at, atom.val, atom.aval.dtype))
        return at

    constvars = [(place(variable), variable.aval.dtype) for variable in jaxpr.constvars]
    inputs = [place(variable) for variable in jaxpr.invars]
    steps = [
        (
            Equation(eqn.primitive.name, eqn.params, [v.aval for v in eqn.outvars], eqn.primitive),
            [place(atom) for atom in eqn.invars],
            [place(variable) for variable in eqn.outvars],
        )
        for eqn in live_equations(jaxpr)
    ]
    results = [place(atom) for atom in jaxpr.outvars]
    return Plan(len(places), literals, constvars, inputs, _with_last_uses(steps, results), results)


def _with_last_uses(
    steps: Sequence[tuple[Equation, Sequence[int], Sequence[int]]], results: Sequence[int]
) -> Sequence[tuple[Equation, Sequence[int], Sequence[int], Sequence[int]]]:
    """Each step with the places that nothing after it needs: what lies there is as large as the arguments."""
    needed = set(results)
    known = []
    for equation, sources, targets in reversed(steps):
        done = {*sources, *targets} - needed
        needed |= done
        known.append((equation, sources, targets, tuple(done)))
    return tuple(reversed(known))


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


def every_equation(jaxpr: Any) -> Iterator[Any]:
    """The equations of an open or closed jaxpr, and of the jaxprs inside it: of calls, loops, branches and rules."""
    for eqn in getattr(jaxpr, "jaxpr", jaxpr).eqns:
        yield eqn
        for parameter in eqn.params.values():
            for inner in parameter if isinstance(parameter, tuple | list) else (parameter,):
                if hasattr(inner, "eqns") or hasattr(inner, "jaxpr"):
                    yield from every_equation(inner)


@functools.lru_cache(maxsize=512)
def primitives_of(jaxpr: Any) -> frozenset[str]:
    """The names of the primitives of an open or closed jaxpr, those of the jaxprs inside it included."""
    return frozenset(eqn.primitive.name for eqn in every_equation(jaxpr))
