"""An author's own definition against the functions in the Python file beside the page: value and derivative, at ordinary points."""

from __future__ import annotations

import random
from functools import partial
from typing import Any

from oracle.balls.errors import Undecidable
from oracle.proofs.conditions import holds
from oracle.proofs.enclosures import Enclosures, working_precision
from oracle.proofs.errors import ProofError, Resample
from oracle.proofs.evaluate import Evaluator
from oracle.proofs.frame import Frame
from oracle.proofs.kinks import slope
from oracle.proofs.own_code import agree, values
from oracle.proofs.records import cost_world
from oracle.proofs.scope import Scope
from oracle.proofs.section import declarations
from oracle.proofs.world import World

#: Points that are tried; where letters are declared positive, most are passed over.
DRAWS = 48
#: Moods of draws whose numbers lie between 0.1 and 20: what programs in floats are asked.
ORDINARY = (0, 5, 7)


def compare_own(scope: Scope, domains: tuple[str, str]) -> bool:
    """An author's definition against the functions in the file beside the page, if there is one."""
    wanted = "sigma" if scope.kind == "activation" else "C"
    if scope.get(wanted) is None:
        raise ProofError(f"the page defines no {wanted}")
    if scope.own is None or scope.own.file is None:
        return False
    points: list[dict[str, Any]] = []
    expected: list[tuple[float, list[float]]] = []
    with working_precision():
        for number in range(DRAWS):
            try:
                point, here = own_draw(scope, domains, number)
            except (Resample, Undecidable, ArithmeticError):
                continue
            points.append(point)
            expected.append(here)
    if not points:
        raise ProofError("no draw could compare the page's definition with the file beside it")
    for point, (value, slopes), (got, got_slopes) in zip(points, expected, values(scope, points), strict=True):
        letters = ("z",) if scope.kind == "activation" else ("z" if scope.kind == "head" else "a", "E")
        named = zip((*letters, *point["parameters"]), (*point["columns"], *point["parameters"].values()), strict=True)
        at = ", ".join(f"{name} = {short(value)}" for name, value in named)
        compared = (scope.name, [value], got), (f"{scope.name}_grad", slopes, got_slopes)
        for name, mine, theirs in compared:
            if not agree(mine, theirs):
                raise ProofError(
                    f"{name} of {scope.own.file.name} is {short(theirs)} at {at}: the page's definition says {short(mine)}"
                )
    return True


def short(value: float | list[float]) -> str:
    """To seven digits; of a column, the first entries."""
    if not isinstance(value, list):
        return f"{value:.7g}"
    return "(" + ", ".join(f"{x:.7g}" for x in value[:4]) + (", …)" if len(value) > 4 else ")")


def own_draw(scope: Scope, domains: tuple[str, str], number: int) -> tuple[dict[str, Any], tuple[float, list[float]]]:
    """A point, and the value and the slopes of the page's definition there. Raises Resample where it has none, as at a kink."""
    parameters: dict[str, Any] = {}
    if scope.kind == "activation":
        f = Enclosures(random.Random(number), ORDINARY[number % len(ORDINARY)], direct=True)
        world = World(Evaluator, f, scope, Frame((1,), column=True))
        z = f.given(round(float(f.draw().v), 6))
        slopes = [world.evaluator().of_function("sigma", (z,), 1)]
        value = world.evaluator().of_function("sigma", (z,), 0)
        columns = [[float(z.v)]]
    else:
        by = "a" if scope.kind == "cost" else "z"
        world = cost_world(scope, domains, number, ORDINARY[number % len(ORDINARY)])
        L = world.frame.L
        value = world.cost(0)
        slopes = [slope(world.f, partial(world.cost, 0, (by, L, 0, j))) for j in range(world.frame.width(L))]
        start = world.state().a[L, 0] if by == "a" else world.start.z[L, 0]
        columns = [[float(v.v.mid()) for v in start], [float(v.v.mid()) for v in world.expected[0]]]
    if not holds(tuple(declarations(scope)), world.evaluator()):
        raise Resample
    parameters = {name: float(v.v.mid()) for name, v in world.variables.items() if name != "pi"}
    return {"columns": columns, "parameters": parameters}, (float(value.v.mid()), [float(s.v.mid()) for s in slopes])
