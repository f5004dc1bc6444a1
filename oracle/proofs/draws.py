"""Random worlds, drawn anew where a draw has no value or a condition does not hold."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from oracle.proofs import nodes as n
from oracle.proofs.complex_step import Floats
from oracle.proofs.conditions import impose
from oracle.proofs.enclosures import Enclosures
from oracle.proofs.evaluate import Evaluator
from oracle.proofs.field import Exact
from oracle.proofs.frame import Frame
from oracle.proofs.scope import Scope
from oracle.proofs.statements import Statement
from oracle.proofs.world import World

#: How many draws may fail a condition, or have no value, before it is said to hold nowhere.
ATTEMPTS = 60


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

    def world(
        self,
        arithmetic: str,
        frame: Frame,
        number: Any,
        conditions: tuple[n.Comparison, ...] = (),
        fixed: tuple[tuple[str, Fraction], ...] = (),
    ) -> World:
        """number: of the draw. fixed: variables with their values, whatever is drawn or imposed."""
        key = arithmetic, frame, number, conditions, fixed
        if key not in self.made:
            rng = random.Random(f"{arithmetic} {frame.widths} {frame.samples} {number}")
            world = World(Evaluator, arithmetic_of(arithmetic, rng, number), self.scope, frame, self.domains)
            impose(conditions, world)
            world.variables.update({name: world.f.number(value) for name, value in fixed})
            self.made[key] = world
        return self.made[key]


def arithmetic_of(name: str, rng: random.Random, number: int) -> Any:
    if name == "floats":
        return Floats(rng)
    if name == "exact":
        return Exact(rng)
    return Enclosures(rng, sum(divmod(number, ATTEMPTS)), far=name == "far")
