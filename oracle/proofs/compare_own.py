"""An author's own definition against the functions in the Python file beside the page: value and derivative, at ordinary points."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from functools import partial
from typing import Any

from oracle.balls.errors import Undecidable
from oracle.proofs.conditions import holds
from oracle.proofs.enclosures import Enclosures, working_precision
from oracle.proofs.errors import ProofError, Resample
from oracle.proofs.evaluate import Evaluator
from oracle.proofs.frame import Frame
from oracle.proofs.kinks import slope
from oracle.proofs.own_code import CLOSE_AT_MOST_POINTS, SMALL, Computed, agree, constants, values
from oracle.proofs.own_special import Special, specials
from oracle.proofs.records import cost_world
from oracle.proofs.scope import Scope
from oracle.proofs.section import declarations
from oracle.proofs.world import World

#: Points that are tried; where letters are declared positive, most are passed over.
DRAWS = 48
#: Moods of draws whose numbers lie between 0.1 and 20: what programs in floats are asked.
ORDINARY = (0, 5, 7)
#: How many entries of a column are shown.
SHOWN = 4
#: What longer floats give is another result if it differs by this share of what is to be explained.
EXPLAINED = 0.125
#: Beside 1, longer floats do not hold it either: what has lost digits before has lost all of them here.
SHORT = 1e-17
#: Beyond it floats overflow.
LARGEST = 1e100


def compare_own(scope: Scope, domains: tuple[str, str]) -> bool:
    """An author's definition against the functions in the file beside the page, if there is one."""
    wanted = "sigma" if scope.kind == "activation" else "C"
    if scope.get(wanted) is None:
        raise ProofError(f"the page defines no {wanted}")
    if scope.own is None or scope.own.file is None:
        return False
    points: list[tuple[dict[str, Any], bool]] = []
    numbers = constants(scope.own)
    expected: list[tuple[float, list[float]]] = []
    with working_precision():
        ordinary = [(k, None) for k in range(DRAWS)]
        for number, special in [*ordinary, *((2 * k, s) for k, s in enumerate(specials(domains, scope, numbers)))]:
            try:
                point, here = own_draw(scope, domains, number, special)
            except (Resample, Undecidable, ArithmeticError):
                continue
            exposing = special is not None and special.exposing
            tiny = exposing and special is not None and abs(special.value) < SHORT
            points.append(({**point, "long": exposing or special is None, "tiny": tiny}, special is not None))
            expected.append(here)
    if not points:
        raise ProofError("no draw could compare the page's definition with the file beside it")
    compare_all(scope, points, expected)
    return True


def compare_all(scope: Scope, points: Sequence[tuple[dict[str, Any], bool]], expected: Sequence[Any]) -> None:
    """Raises ProofError where the file differs from what is expected."""
    assert scope.own is not None
    assert scope.own.file is not None
    file, rough, lossy = scope.own.file.name, dict[str, list[str]](), set[str]()
    computed = values(scope, [point for point, _ in points])
    for (point, special), (value, slopes), (got, got_slopes) in zip(points, expected, computed, strict=True):
        letters = ("z",) if scope.kind == "activation" else ("z" if scope.kind == "head" else "a", "E")
        named = zip((*letters, *point["parameters"]), (*point["columns"], *point["parameters"].values()), strict=True)
        column = len(point["columns"][0])
        long = [f"n = {column}"] if column > SHOWN else []
        at = ", ".join([*long, *(f"{name} = {short(value)}" for name, value in named)])
        for name, mine, theirs in ((scope.name, [value], got), (f"{scope.name}_grad", slopes, got_slopes)):
            shown = theirs.numbers or [LARGEST] if special else []
            if not all(abs(x) < LARGEST for x in (*mine, *shown)):
                continue  # too large for floats: that is `manualbp check`'s
            if theirs.changed:
                raise ProofError(f"{name} of {file} overwrites its argument, which is the caller's: work on a copy")
            if not agree(mine, theirs.numbers, least=SMALL if special else 0.0):
                if name in lossy and point["tiny"]:
                    continue
                has_values = bool(special) or all(map(math.isfinite, theirs.numbers))
                if point["long"] and has_values and not explains_nothing(mine, theirs):
                    lossy |= {name} if special else set()
                    continue  # digits are `manualbp check`'s
                got_here, said_here = apart(theirs.numbers, mine)
                raise ProofError(f"{name} of {file} is {got_here} at {at}: the page's definition says {said_here}")
            if theirs.complex or theirs.shape not in shapes_of(name, scope, column):
                what = "a complex number" if theirs.complex else f"an array of the shape {theirs.shape}"
                raise ProofError(f"{name} of {file} returns {what} where its argument has the shape ({column},)")
            if not special and not agree(mine, theirs.numbers, CLOSE_AT_MOST_POINTS):
                rough.setdefault(name, []).append(at)
    for name, places in rough.items():
        if 2 * len(places) > sum(not special for _, special in points):
            raise ProofError(
                f"{name} of {file} is off in the seventh to ninth digit at most points, such as {places[0]}"
            )


def explains_nothing(mine: Sequence[float], theirs: Computed) -> bool:
    """Whether longer floats give what the program gives: that it differs from the page is no rounding."""
    if theirs.lost is None or len(mine) != len(theirs.numbers):
        return False
    differing = [(abs(x - y), lost) for x, y, lost in zip(mine, theirs.numbers, theirs.lost, strict=True)]
    difference, lost = max(differing)
    return lost <= EXPLAINED * difference


def shapes_of(name: str, scope: Scope, column: int) -> tuple[tuple[int, ...], ...]:
    """Which shapes the result may have: a number, or a column like the argument."""
    return ((column,),) if name.endswith("_grad") or scope.kind == "activation" else ((), (1,))


def ordinary_points(scope: Scope, domains: tuple[str, str]) -> list[dict[str, Any]]:
    """Some points at which programs are run, and nothing is compared."""
    found = []
    with working_precision():
        for number in range(DRAWS):
            try:
                found.append(own_draw(scope, domains, number)[0])
            except (Resample, Undecidable, ArithmeticError):
                continue
    return found


def apart(one: list[float], other: list[float]) -> tuple[str, str]:
    """Both as they are shown; where that looks the same, the entry in which they are farthest apart, to all digits."""
    shown = short(one), short(other)
    if shown[0] != shown[1] or len(one) != len(other):
        return shown
    k = max(range(len(one)), key=lambda k: abs(one[k] - other[k]))
    return tuple(f"{values[k]!r} in entry {k + 1}" for values in (one, other))  # type: ignore[return-value]


def short(value: float | list[float]) -> str:
    """To seven digits; of a column, the first entries."""
    if not isinstance(value, list):
        return f"{value:.7g}"
    return "(" + ", ".join(f"{x:.7g}" for x in value[:SHOWN]) + (", …)" if len(value) > SHOWN else ")")


def own_draw(
    scope: Scope, domains: tuple[str, str], number: int, special: Special | None = None
) -> tuple[dict[str, Any], tuple[float, list[float]]]:
    """A point, and the value and the slopes of the page's definition there. Raises Resample where it has none, as at a kink."""
    return drawn(scope, domains, number, special)[1:]


def drawn(
    scope: Scope, domains: tuple[str, str], number: int, special: Special | None = None
) -> tuple[World, dict[str, Any], tuple[float, list[float]]]:
    """The world of a point, with the same."""
    parameters: dict[str, Any] = {}
    if scope.kind == "activation":
        f = Enclosures(random.Random(number), ORDINARY[number % len(ORDINARY)])
        world = World(Evaluator, f, scope, Frame((1,), column=True))
        if special is not None:
            special.put_letter(world)
        z = f.given(special.value if special and special.of == "z" else round(float(f.draw().v), 6))
        slopes = [world.evaluator().of_function("sigma", (z,), 1)]
        value = world.evaluator().of_function("sigma", (z,), 0)
        columns = [[float(z.v)]]
    else:
        by = "a" if scope.kind == "cost" else "z"
        world = cost_world(scope, domains, number, ORDINARY[number % len(ORDINARY)], special.size if special else None)
        L = world.frame.L
        if special is not None:
            special.put_letter(world)
            special.put_columns(world)
        value = world.cost(0)
        slopes = [slope(world.f, partial(world.cost, 0, (by, L, 0, j))) for j in range(world.frame.width(L))]
        start = world.state().a[L, 0] if by == "a" else world.start.z[L, 0]
        columns = [[float(v.v.mid()) for v in start], [float(v.v.mid()) for v in world.expected[0]]]
    if not holds(tuple(declarations(scope)), world.evaluator()):
        raise Resample
    parameters = {name: float(v.v.mid()) for name, v in world.variables.items() if name != "pi"}
    point = {"columns": columns, "parameters": parameters}
    return world, point, (middle(value.v), [middle(s.v) for s in slopes])


def middle(ball: Any) -> float:
    """0 if that is in the ball."""
    return 0.0 if ball.contains(0) else float(ball.mid())
