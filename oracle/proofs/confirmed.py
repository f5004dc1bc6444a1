"""A draw in floats, seen again in balls: floats lose digits where large numbers cancel, balls do not."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from oracle.proofs.enclosures import Enclosures
from oracle.proofs.evaluate import Evaluator
from oracle.proofs.places import Place
from oracle.proofs.world import World

#: Bits in which a formula is seen once that the field refutes and balls do not: two numbers may differ by e^{-10000}.
DEEP = 1 << 14
#: The largest denominator of a simple fraction, as edges are put at.
SIMPLE = 1000


def in_balls(place: Place, simple: bool = False) -> Place:
    """The same place, all of its numbers and unknown functions in balls. To be used within the working precision.

    simple: a float next to 1/3 is taken for 1/3.
    """
    here = place.evaluator
    world = lifted(here.world, meant if simple else Enclosures.given)
    made = Evaluator(world, here.layers, here.indices, here.arguments, None, here.sample)
    return Place(made, place.layers, place.indices)


def meant(balls: Enclosures, value: float) -> Any:
    fraction = Fraction(value).limit_denominator(SIMPLE)
    return balls.number(fraction) if float(fraction) == value else balls.given(value)


def lifted(world: World, given: Callable[[Enclosures, float], Any]) -> World:
    f = world.f
    balls = Enclosures(f.rng, 0)
    balls.neighbourly, balls.salt, balls.amplitude = False, f.salt, balls.number(Fraction(f.scale)).v
    made = World(Evaluator, balls, world.scope, world.frame, world.domains, world.direct)
    for name in ("w", "b", "z", "a"):
        held = getattr(made.start, name)
        held.clear()
        held.update({key: each(balls, given, values) for key, values in getattr(world.start, name).items()})
    made.expected = [each(balls, given, column) for column in world.expected]
    made.variables = {name: given(balls, value.real) for name, value in world.variables.items() if name != "pi"}
    for key, kept in world.memory.items():
        if isinstance(key, tuple) and key[0] == "vector":
            made.memory[key] = each(balls, given, kept)
    made.forget()
    return made


def each(balls: Enclosures, given: Callable[[Enclosures, float], Any], values: Any) -> Any:
    made = np.empty(values.shape, dtype=object)
    made.reshape(-1)[:] = [given(balls, float(value.real)) for value in values.reshape(-1)]
    return made
