"""What the last statement above a quotation defines, such as r_j := a_j − E_j, and its values at ordinary points.

C, a and σ of a record's own page are compared with the record.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from oracle.balls.errors import Undecidable
from oracle.proofs import nodes as n
from oracle.proofs.compare_own import DRAWS, drawn
from oracle.proofs.domains import domains_of
from oracle.proofs.enclosures import working_precision
from oracle.proofs.errors import ProofError, Resample
from oracle.proofs.own_code import agree
from oracle.proofs.scope import Definition, Scope
from oracle.proofs.statements import Statement
from oracle.proofs.world import World

#: Points at which the line is compared.
POINTS = 6
#: The parts of a subject, of which a quotation is compared with the record itself.
PARTS = ("C", "a", "sigma")
Column = list[float]


def defined_above(since: Sequence[Statement], scope: Scope) -> Definition | None:
    """What the last statement above the quotation is about, if that is a number, a column or a function that the page defines."""
    told = [statement for statement in since if statement.kind != "falsehood"]
    left = told[-1].sides[0] if told else None
    if not isinstance(left, n.Symbol | n.Call) or (isinstance(left, n.Call) and left.primes):
        return None
    definition = scope.get(left.name)
    if definition is None or scope.given or scope.kind not in ("network", "activation", "cost", "head"):
        return None
    if definition.name in PARTS and not scope.layered:
        return None
    return None if len(definition.indices) > 1 or len(definition.arguments) > 2 else definition


def check_any(attempts: Iterable[Callable[[], None]]) -> None:
    """Raises ProofError, that of the last attempt, where each of them does."""
    refusal: ProofError | None = None
    for attempt in attempts:
        try:
            return attempt()
        except ProofError as error:
            refusal = error
    if refusal is not None:
        raise refusal


def check_computes(
    definition: Definition, expected: Sequence[Sequence[Column]], computed: Sequence[list[Column]]
) -> None:
    """Raises ProofError where no choice of arguments, the same at all points, gives what was computed there.

    expected: by point, the values for each choice. computed: by point, what the line gave, each time it ran.
    """
    ran = [(mine, found) for mine, found in zip(expected, computed, strict=True) if found]
    choices = range(min((len(mine) for mine, _ in ran), default=0))
    if not any(all(any(agree(mine[k], x) for x in found) for mine, found in ran) for k in choices):
        raise ProofError(f"the quoted code does not compute {definition.name}, which is defined right above it")


def expected_values(definition: Definition, scope: Scope) -> tuple[list[dict[str, Any]], list[list[Column]]]:
    """Points, and what is defined there, by choice of arguments; none where it has letters of which the code knows nothing."""
    points, values = list[dict[str, Any]](), list[list[Column]]()
    with working_precision():
        for number in range(DRAWS):
            try:
                world, point, _ = drawn(scope, domains_of(scope), number)
                name_the_argument(world, scope, point)
                before = set(world.variables)
                here = [[float(x.v.mid()) for x in value] for value in choices_of(definition, world, point)]
            except (Resample, Undecidable, ArithmeticError):
                continue
            if set(world.variables) - before - {"pi"}:
                return [], []
            points.append(point)
            values.append(here)
            if len(points) == POINTS:
                break
    return points, values


def name_the_argument(world: World, scope: Scope, point: dict[str, Any]) -> None:
    """On a page about σ(z), a bare z is where σ is asked."""
    sigma = scope.get("sigma")
    if scope.kind == "activation" and sigma is not None:
        world.variables[sigma.arguments[0]] = world.f.given(point["columns"][0][0])


def choices_of(definition: Definition, world: World, point: dict[str, Any]) -> Iterator[Sequence[Any]]:
    """The value of a number or column; of a function, its values at the columns that code may give it, entry by entry."""
    here = world.evaluator(sample=0)
    if not definition.arguments:
        yield list(np.ravel(here.value(n.Symbol(definition.name))))
        return
    for columns in itertools.permutations(columns_of(world, point), len(definition.arguments)):
        try:
            yield [here.of_function(definition.name, x, 0) for x in zip(*columns, strict=True)]
        except (Resample, Undecidable, ArithmeticError):
            yield []


def columns_of(world: World, point: dict[str, Any]) -> list[list[Any]]:
    """The argument of σ; of a cost, a and E, and what costs are made of: differences, products, quotients; of a head, z too."""
    f = world.f
    if len(point["columns"]) == 1:
        return [[f.given(point["columns"][0][0])]]
    a, E = list(world.state().a[world.frame.L, 0]), list(world.expected[0])
    z = [] if world.start.a else [list(world.start.z[world.frame.L, 0])]
    pairs = list(zip(a, E, strict=True))
    one = f.number(Fraction(1))
    made = [a, E, *z, [x - y for x, y in pairs], [y - x for x, y in pairs], [x * y for x, y in pairs]]
    made.append([one - x * y for x, y in pairs])
    for tops in (pairs, [(y, x) for x, y in pairs]):
        if all(f.sign(bottom) for _, bottom in tops):
            made.append([top / bottom for top, bottom in tops])
    return made
