"""The special points at which an author's code is run: programs go wrong there alone, or take another way.

A letter is 0, close to it, far out, or next to a number of the program; a parameter of the page is small or large; a column is
longer, one-hot, of zeros and ones, of whole numbers, sorted, of one number, all on one side.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from oracle.proofs import nodes as n
from oracle.proofs.coordinates import LIMITS
from oracle.proofs.errors import Resample
from oracle.proofs.own_code import SMALL
from oracle.proofs.scope import Scope, named_in
from oracle.proofs.world import World

#: Where programs go wrong alone: at 0 and close to it, at the ends of domains, beyond a hundred.
SPECIAL = (0.0, 1.0, 1e-4, -1e-4, 0.999, 150.0, -150.0, 3000.0, -3000.0)
#: Farther out and closer in, where what a program adds or cuts off can be seen: compared unless longer floats give another result.
EXPOSING = (1e6, -1e6, 1e-8, 1e-12, 1e-16, 1e-30, 1 - 1e-9)
#: What a parameter of the page is.
OF_PARAMETERS = (0.03, 30.0, 1000.0, -30.0)
#: Columns longer than those of ordinary points.
LONG_COLUMNS = (12, 40)
LONGEST = 200
#: How many entries those have that have a pattern; more where all lie on one side, which few have by chance.
PATTERNED, MANY = 5, 12
Values = list[float]


@dataclass(frozen=True)
class Special:
    """of: the letter, or what is put in. value: of its first entry. pattern: by its name. size: entries, None as the draw has it.

    parameter: whether the letter is one of the page's definition.
    """

    of: str
    value: float = 0.0
    pattern: str = ""
    size: int | None = None
    parameter: bool = False

    @property
    def exposing(self) -> bool:
        """Whether a program may lose digits there that are none of its formula's."""
        return self.parameter or (self.of in ("a", "z", "E") and not self.pattern and self.value not in SPECIAL)

    def put_letter(self, world: World) -> None:
        if self.parameter:
            world.variables[self.of] = world.f.given(self.value)

    def put_columns(self, world: World) -> None:
        """Raises Resample where a domain forbids what is put in."""
        L, expected = world.frame.L, world.expected[0]
        moved = (world.start.a if world.start.a else world.start.z)[L, 0]
        if self.of == "a = E":
            if world.domains[0] != world.domains[1]:
                raise Resample
            expected[:] = moved
        elif self.of in ("above", "below"):
            put_apart(world, moved, expected, self.of)
        elif self.pattern:
            put_pattern(world, expected if self.of == "E" else moved, self.of, self.pattern)
        elif self.of in ("a", "z", "E"):
            (expected if self.of == "E" else moved)[0] = world.f.given(self.value)
        world.forget()


def specials(domains: tuple[str, str], scope: Scope, constants: Sequence[float] = ()) -> Iterator[Special]:
    """constants: of the program, on whose either side it is tried."""
    around = [sign * x for x in beside(constants) for sign in (1, -1)]
    around += [1 - x / 2 for x in (*constants, *(1 - x for x in constants)) if 0 < x < SMALL]
    exposing = [x for x in dict.fromkeys((*EXPOSING, *around)) if x not in SPECIAL]
    letter = {"activation": "z", "head": "z"}.get(scope.kind, "a")
    for value in (*SPECIAL, *exposing):
        if scope.kind != "cost" or inside(domains[0], value):
            yield Special(letter, value)
    for name in parameters(scope):
        yield from (Special(name, value, parameter=True) for value in dict.fromkeys((*OF_PARAMETERS, *around)))
    if scope.kind == "activation":
        return
    yield from (Special("E", value) for value in SPECIAL if inside(domains[1], value))
    if scope.kind == "cost":
        yield Special("a = E")
    lengths = {int(x) + more for x in constants for more in (0, 1) if x == int(x) and 1 < x < LONGEST}
    yield from (Special("n", size=size) for size in sorted({*LONG_COLUMNS, *lengths}))
    yield from (Special(of, pattern=name, size=PATTERNED) for of in (letter, "E") for name in PATTERNS)
    yield from (Special(of, pattern=name, size=MANY) for of in (letter, "E") for name in ONE_SIDED)
    if scope.kind == "cost":
        yield from (Special(of, size=MANY) for of in ("above", "below"))


def beside(constants: Sequence[float]) -> Iterator[float]:
    """On either side of each, and between neighbours."""
    yield from (x * factor for x in constants for factor in (0.5, 2.0))
    known = sorted(constants)
    yield from (math.sqrt(low) * math.sqrt(high) for low, high in itertools.pairwise(known))


def parameters(scope: Scope) -> list[str]:
    """The letters of the page's definition that its readers choose."""
    definition = scope.get("sigma" if scope.kind == "activation" else "C")
    if definition is None:
        return []
    named = named_in(definition.body, scope) | (
        named_in(scope.definitions["sigma"].body, scope) - {*scope.definitions["sigma"].arguments}
        if scope.get("sigma") is not None
        else set()
    )
    own = {argument for each in scope.definitions.values() for argument in each.arguments}
    return sorted(name for name in named - own - {"pi", "n", "e"} if scope.is_variable(n.Symbol(name)))


def inside(domain: str, value: float) -> bool:
    low, high, closed = LIMITS[domain]
    if domain in ("sign", "closed_simplex"):
        return False
    return low <= value <= high if closed else low < value < high


def one_hot(values: Values) -> Values:
    return [float(j == 1) for j in range(len(values))]


def alternating(values: Values) -> Values:
    return [float(j % 2) for j in range(len(values))]


def whole(values: Values) -> Values:
    return [math.copysign(max(1.0, float(round(abs(x)))), x) for x in values]


PATTERNS: dict[str, Callable[[Values], Values]] = {
    "one-hot": one_hot,
    "of zeros and ones": alternating,
    "of zeros": lambda values: [0.0 for _ in values],
    "of ones": lambda values: [1.0 for _ in values],
    "of whole numbers": whole,
    "of one number": lambda values: [values[0] for _ in values],
    "rising": sorted,
    "falling": lambda values: sorted(values, reverse=True),
}
ONE_SIDED: dict[str, Callable[[Values], Values]] = {
    "positive": lambda values: [abs(x) for x in values],
    "negative": lambda values: [-abs(x) for x in values],
}


def put_pattern(world: World, column: Any, letter: str, name: str) -> None:
    """Raises Resample where the domain of the column has no such numbers."""
    values = {**PATTERNS, **ONE_SIDED}[name]([float(x.v.mid()) for x in column])
    domain = "real" if letter == "z" else world.domains[letter == "E"]
    shares = domain == "closed_simplex" and name in ("one-hot", "rising", "falling")
    signs = domain == "sign" and set(values) <= {1.0, -1.0}
    if not (shares or signs or all(inside(domain, x) for x in values)):
        raise Resample
    column[:] = [world.f.given(x) for x in values]


def put_apart(world: World, outputs: Any, expected: Any, side: str) -> None:
    """Every a above its E, or below: where they are not, they are exchanged."""
    if world.domains[0] != world.domains[1] or "closed_simplex" in world.domains:
        raise Resample
    pairs = list(zip(outputs, expected, strict=True))
    for j, (a, e) in enumerate(pairs):
        difference = float(a.v.mid()) - float(e.v.mid())
        if (difference < 0) == (side == "above"):
            outputs[j], expected[j] = e, a
