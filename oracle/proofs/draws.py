"""The networks that a statement is tested on: several shapes, mostly of distinct widths, drawn anew where a draw has no value."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from oracle.proofs import nodes as n
from oracle.proofs.complex_step import Floats
from oracle.proofs.conditions import impose
from oracle.proofs.enclosures import Enclosures
from oracle.proofs.evaluate import Evaluator
from oracle.proofs.field import Exact
from oracle.proofs.frame import Frame
from oracle.proofs.scope import Scope, layer_variables, samples
from oracle.proofs.statements import Statement
from oracle.proofs.world import World

#: How many draws may fail a condition, or have no value, before it is said to hold nowhere.
ATTEMPTS = 60
#: One with equal widths, so that a square matrix is met, one of width 1, one that is wide, one that is deep.
NETWORKS: tuple[tuple[int, ...], ...] = (
    (2, 4, 3, 5),
    (3, 2),
    (3, 3, 3),
    (2, 3, 1, 4, 2),
    (4, 9),
    (1, 2, 1, 2, 1, 2, 1, 6),
)
COLUMNS: tuple[tuple[int, ...], ...] = ((3,), (1,), (4,), (2,), (7,))
#: By network, so that no number of samples is the only one.
SAMPLES = (3, 2, 4, 5, 2, 3)
MINI_BATCHES = ((2, 3), (3, 2), (1, 4), (4, 1), (2, 2), (1, 3))


@dataclass
class Draws:
    """Worlds by arithmetic, frame, conditions imposed and number; each is made once."""

    scope: Scope
    domains: tuple[str, str] = ("real", "real")
    made: dict[Any, World] = field(default_factory=dict)
    memory: dict[Any, tuple[Any, Any]] = field(default_factory=dict)

    def once(self, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        """What `make` makes, kept for the next time. Statements are told apart by identity: comparing trees takes too long."""
        short = tuple(id(part) if isinstance(part, Statement) else part for part in key)
        if short not in self.memory:
            self.memory[short] = make(), key  # the key is kept, so that its identity stays its own
        return self.memory[short][0]

    def world(self, arithmetic: str, frame: Frame, number: int, conditions: tuple[n.Comparison, ...] = ()) -> World:
        key = arithmetic, frame, number, conditions
        if key not in self.made:
            rng = random.Random(f"{arithmetic} {frame.widths} {frame.samples} {number}")
            world = World(Evaluator, arithmetic_of(arithmetic, rng, number), self.scope, frame, self.domains)
            impose(conditions, world)
            self.made[key] = world
        return self.made[key]


def arithmetic_of(name: str, rng: random.Random, number: int) -> Any:
    if name == "floats":
        return Floats(rng)
    return Exact(rng) if name == "exact" else Enclosures(rng, sum(divmod(number, ATTEMPTS)))


def frames(scope: Scope, roots: Sequence[n.Node], plain_points: int = 5) -> Iterator[Frame]:
    """The frames for a statement made of these formulas."""
    if not scope.layered:
        for widths in COLUMNS[:plain_points] if scope.columnar else COLUMNS[:1] * plain_points:
            yield Frame(widths, column=True)
        return
    if not uses_network(scope, roots):
        yield from (Frame(widths) for widths in (NETWORKS[0],) * plain_points)
        return
    for k, widths in enumerate(NETWORKS):
        count, mini_batches = batch(roots, k)
        yield Frame(widths, count, mini_batches=mini_batches)


def uses_network(scope: Scope, roots: Sequence[n.Node]) -> bool:
    for root in roots:
        for node in n.walk(root):
            if isinstance(node, n.Width) or (isinstance(node, n.Symbol) and scope.means(node)):
                return True
            if isinstance(node, n.Symbol | n.Call):
                definition = scope.get(node.name)
                if definition is not None and uses_network(scope, [definition.body]):
                    return True
    return bool(layer_variables(*roots))


def batch(roots: Sequence[n.Node], network: int = 0) -> tuple[int, tuple[int, int] | None]:
    """How many samples a statement needs: one, several where it speaks of them, as many as numerals name; and P and Q."""
    symbols = [node for root in roots for node in n.walk(root) if isinstance(node, n.Symbol)]
    if any(s.name == "C" and len(s.index) == 2 for s in symbols):
        P, Q = MINI_BATCHES[network]
        return P * Q, (P, Q)
    named = samples(*roots)
    numerals = [int(s) for s in named if s.isdigit()]
    if numerals:
        return max(numerals), None
    if named or any(s.name == "m" for s in symbols):
        return SAMPLES[network], None
    return 1, None
