"""Random worlds, drawn anew where a draw has no value or a condition does not hold."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from oracle.proofs import nodes as n
from oracle.proofs.complex_step import Floats
from oracle.proofs.coordinates import Fixed, put
from oracle.proofs.enclosures import Enclosures
from oracle.proofs.evaluate import Evaluator
from oracle.proofs.field import Exact
from oracle.proofs.frame import Frame
from oracle.proofs.imposed import impose
from oracle.proofs.scope import Scope
from oracle.proofs.statements import Statement
from oracle.proofs.world import World

#: How many draws may fail a condition, or have no value, before it is said to hold nowhere.
ATTEMPTS = 60
#: How large numbers are, in quarters of the attempts: some conditions hold far out alone.
SCALES = (1.0, 5.0, 60.0, 0.03)


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
        fixed: Fixed = (),
        direct: bool = False,
    ) -> World:
        """number: of the draw; ("edge", 0) and ("edge", 1) are one around which edges are looked for, and its mirror image.

        fixed: coordinates with their values, whatever is drawn or imposed. direct: a is drawn itself.
        """
        key = arithmetic, frame, number, conditions, fixed, direct
        if key not in self.made:
            drawn = (
                number if isinstance(number, int) else (number[0], 0)
            )  # a mirrored draw is the first with other signs
            rng = random.Random(f"{arithmetic} {frame.widths} {frame.samples} {drawn}")
            made = arithmetic_of(arithmetic, rng, number)
            world = World(Evaluator, made, self.scope, frame, self.domains, direct)
            world.sums = self.once(("sums", frame), dict)
            world.bring_close()
            impose(conditions, world)
            for coordinate, value in fixed:
                put(world, coordinate, world.f.number(value))
            self.made[key] = world
        return self.made[key]


def arithmetic_of(name: str, rng: random.Random, number: Any) -> Any:
    if name == "floats":
        whole = isinstance(number, int)
        scale = SCALES[number % ATTEMPTS * len(SCALES) // ATTEMPTS] if whole else 1.0
        return Floats(rng, scale, mirrored=not whole and number[1] == 1)
    if name == "exact":
        return Exact(rng)
    return Enclosures(rng, sum(divmod(number, ATTEMPTS)), far=name == "far")
