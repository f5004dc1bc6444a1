"""The page's definition against the record of the same name in `manualbp`: value and derivative, in balls."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb

import manualbp
from manualbp import costs, heads
from oracle.balls.arrays import lift
from oracle.balls.ball import to_arb
from oracle.balls.errors import Undecidable
from oracle.proofs import nodes as n
from oracle.proofs.enclosures import BallDual, Enclosures, narrow, working_precision
from oracle.proofs.errors import ProofError, Resample
from oracle.proofs.evaluate import Evaluator
from oracle.proofs.frame import Frame
from oracle.proofs.scope import Scope
from oracle.proofs.shapes import COLUMNS
from oracle.proofs.widths import Typing
from oracle.proofs.world import World

#: Draws a record is compared on; some have no value, and are passed over.
DRAWS = 24
#: Records with constants that are doubles, half an ulp off (√2, 0.01, λ and α): what that leaves open, relative to the value.
ROUNDED_CONSTANTS = frozenset({"hellinger", "sigmoid+hellinger:fused", "leaky_relu", "selu"})
LEFT_OPEN = arb(2) ** -52
OF_ONES_OWN = ": for one of your own write <!-- subject: own {kind} NAME -->"
PARAMETERS: dict[str, tuple[str, Callable[[float], manualbp.Cost]]] = {
    "exponential": ("tau", costs.exponential),
    "huber": ("d", costs.huber),
}


def compare_record(scope: Scope, domains: tuple[str, str]) -> bool:
    """Whether there was a record to compare. Raises ProofError where it is not what the page defines."""
    if scope.kind not in COMPARISONS:
        return False
    compare = COMPARISONS[scope.kind]
    if scope.get("C") is not None:
        Typing(scope, Frame(COLUMNS[0], column=True), {}).scalar(n.Symbol("C"), "C")
    found = 0
    with working_precision():
        for number in range(DRAWS):
            try:
                for what, place, defined, recorded in compare(scope, domains, number):
                    if not same(defined, recorded, scope.name):
                        shown = defined.v.str(8, radius=False), to_arb(recorded).str(8, radius=False)
                        raise ProofError(
                            f"{what} of manualbp is {shown[1]} at {place}, the page's definition says {shown[0]}"
                        )
                    found += 1
            except (Resample, Undecidable):
                continue
    if not found:
        raise ProofError("no draw could compare the page's definition with the record")
    return True


def same(defined: BallDual, recorded: Any, name: str) -> bool:
    """Whether the two balls are narrow and overlap, or differ by no more than a rounded constant explains."""
    record = to_arb(recorded)
    difference = defined.v - record
    if difference.is_finite() and not difference.contains(0):
        return name in ROUNDED_CONSTANTS and bool(abs(difference) < abs(record) * LEFT_OPEN)
    if not narrow(difference, record):
        raise Resample
    return True


Comparison = Iterator[tuple[str, str, BallDual, Any]]


def of_activation(scope: Scope, domains: tuple[str, str], number: int) -> Comparison:
    activation = manualbp.ACTIVATIONS.get(scope.name)
    if activation is None:
        raise ProofError(f"manualbp has no activation {scope.name!r}{OF_ONES_OWN.format(kind='activation')}")
    if scope.get("sigma") is None:
        raise ProofError("the page defines no \\sigma(z)")
    f = Enclosures(random.Random(number), number)
    world = World(Evaluator, f, scope, Frame((1,), column=True))
    z = f.draw()
    point = lift(np.array([float(z.v)]))
    evaluator = world.evaluator()
    place = f"z = {float(z.v):.6g}"
    yield "σ", place, evaluator.of_function("sigma", (z,), 0), activation.sigma(point)[0]
    yield "σ′", place, evaluator.of_function("sigma", (z,), 1), activation.sigma_prime(point)[0]


def cost_world(
    scope: Scope, domains: tuple[str, str], number: int, mood: int | None = None, size: int | None = None
) -> World:
    """mood: how large its numbers are; size: how many entries there are; both as the number of the draw says, if not given."""
    frame = Frame(COLUMNS[number % len(COLUMNS)] if size is None else (size,), column=True)
    f = Enclosures(random.Random(number), number if mood is None else mood)
    world = World(Evaluator, f, scope, frame, domains, direct=True)
    if mood is None and number % 4 == 3 and world.a_kind == world.e_kind and world.start.a:
        world.expected[0][:] = world.start.a[
            world.frame.L, 0
        ]  # where a cost is smallest, and nothing hides behind its size
    return world


def column(values: Any) -> np.ndarray:
    return np.asarray(lift(np.array([[float(v.v.mid())] for v in values])))


def of_cost(scope: Scope, domains: tuple[str, str], number: int) -> Comparison:
    if scope.name not in manualbp.COSTS:
        raise ProofError(f"manualbp has no cost {scope.name!r}{OF_ONES_OWN.format(kind='cost')}")
    if scope.get("C") is None:
        raise ProofError("the page defines no C")
    world = cost_world(scope, domains, number)
    cost = manualbp.COSTS[scope.name]
    if scope.name in PARAMETERS:
        name, make = PARAMETERS[scope.name]
        value = 1.0 if number % 4 == 0 else abs(float(world.variable(name, None).v))
        world.variables[name] = world.f.given(value)
        cost = make(value)
    a, E = lift(column(world.state().a[world.frame.L, 0])), lift(column(world.expected[0]))
    yield from cost_entries(world, ("a",), cost.C(a, E), cost.nabla_a(a, E), cost.name)


def cost_entries(world: World, by: tuple[str], value: Any, slopes: Any, name: str) -> Comparison:
    L = world.frame.L
    try:
        defined = world.cost(0)
    except Resample:
        E = ", ".join(f"{float(e.v.mid()):.3g}" for e in world.expected[0])
        raise ProofError(f"the page's definition says nothing where C of manualbp has a value, at E = ({E})") from None
    yield "C", f"a draw of {name}", defined, value.reshape(-1)[0]
    for j in range(world.frame.width(L)):
        slope = world.f.derivative(world.cost(0, (*by, L, 0, j)))
        yield f"∂C/∂{by[0]}_{j + 1}", f"a draw of {name}", slope, slopes.reshape(-1)[j]


def of_head(scope: Scope, domains: tuple[str, str], number: int) -> Comparison:
    if scope.name not in manualbp.HEADS:
        raise ProofError(f"manualbp has no head {scope.name!r}{OF_ONES_OWN.format(kind='head')}")
    yield from head_entries(manualbp.HEADS[scope.name], scope, domains, number)


def of_softmax(scope: Scope, domains: tuple[str, str], number: int) -> Comparison:
    """The page's C is unknown: a record's takes its place, with an own definition of C by its values."""
    f = Enclosures(random.Random(number), number)
    world = World(Evaluator, f, scope, Frame(COLUMNS[number % len(COLUMNS)], column=True))
    z = lift(column(world.start.z[1, 0]))
    for j, (mine, theirs) in enumerate(zip(world.state().a[1, 0], heads.softmax_sigma(z).reshape(-1), strict=True)):
        yield f"a_{j + 1}", "a draw of softmax", mine, theirs
    E = lift(column(world.expected[0]))
    a = heads.softmax_sigma(z)
    recorded = heads.softmax(costs.QUADRATIC).delta(z, a, E).reshape(-1)
    for j in range(world.frame.width(1)):
        values = world.state(("z", 1, 0, j)).a[1, 0]
        terms = [(x - e) * (x - e) for x, e in zip(values, world.expected[0], strict=True)]
        total = sum(terms[1:], terms[0]) * f.number(Fraction(1, 2))
        yield f"δ_{j + 1}", "a draw of softmax, quadratic cost", f.derivative(total), recorded[j]


def head_entries(head: manualbp.Head, scope: Scope, domains: tuple[str, str], number: int) -> Comparison:
    if scope.get("C") is None:
        raise ProofError("the section defines no C")
    world = cost_world(scope, domains, number)
    z, E = lift(column(world.start.z[world.frame.L, 0])), lift(column(world.expected[0]))
    a = head.sigma(z)
    for j, (mine, theirs) in enumerate(zip(world.state().a[world.frame.L, 0], a.reshape(-1), strict=True)):
        yield f"a_{j + 1}", f"a draw of {head.name}", mine, theirs
    yield from cost_entries(world, ("z",), head.C(z, a, E), head.delta(z, a, E), head.name)


COMPARISONS: dict[str, Callable[[Scope, tuple[str, str], int], Comparison]] = {
    "activation": of_activation,
    "cost": of_cost,
    "head": of_head,
    "softmax": of_softmax,
}
