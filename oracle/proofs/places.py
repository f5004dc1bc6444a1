"""Where a statement is tested: every draw, layer and index that meets its conditions."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from oracle.proofs import nodes as n
from oracle.proofs.conditions import about_layers, check_spoken_of, holds, speaks_of
from oracle.proofs.coordinates import Fixed
from oracle.proofs.draws import ATTEMPTS, Draws
from oracle.proofs.errors import ProofError, Resample
from oracle.proofs.evaluate import Evaluator
from oracle.proofs.frame import Frame
from oracle.proofs.scope import Scope, bound_indices, free_indices, layer_variables
from oracle.proofs.shapes import frames
from oracle.proofs.statements import Statement
from oracle.proofs.transfer import rests_on
from oracle.proofs.widths import Typing

#: Frames that a reason is tested on: over the truth of the step itself all of them have decided.
FEW = 4
#: How many entries of a column are shown.
SHOWN = 4


@dataclass(frozen=True)
class Place:
    """Where a test takes place: a world, with layers and indices chosen."""

    evaluator: Evaluator
    layers: dict[str, int]
    indices: dict[str, int]

    def __str__(self) -> str:
        frame = self.evaluator.world.frame
        said = [f"{name} = {value}" for name, value in self.layers.items()]
        said += [f"{name} = {value + 1}" for name, value in self.indices.items()]
        world = self.evaluator.world
        if world.scope.layered and (self.layers or self.indices or world.states or world.costs):
            said.append(f"widths {frame.widths}")
        if frame.samples > 1 or (world.scope.layered and world.costs):
            said.append(f"m = {frame.samples}")
        if not world.f.exact:
            values = world.variables.items()
            said += [f"{name} = {world.f.shown(value)}" for name, value in values if name != "pi"]
        if frame.column and world.scope.columnar and not world.f.exact:
            moved = ("a", world.start.a) if world.direct else ("z", world.start.z)
            columns = ((moved[0], moved[1][frame.L, 0]), ("E", world.expected[0]))
            said += [f"{name} = {listed(world.f, column)}" for name, column in columns]
        return ", ".join(said)


def listed(f: Any, column: Any) -> str:
    """The first entries."""
    return f"({', '.join(f.shown(x) for x in column[:SHOWN])}{', …' if len(column) > SHOWN else ''})"


def places(
    draws: Draws,
    arithmetic: str,
    frame: Frame,
    statement: Statement,
    kind: type[Evaluator] = Evaluator,
    number: Any = 0,
    fixed: Fixed = (),
    vanishes: bool = False,
    blur: float = 0.0,
) -> Iterator[Place]:
    """Every choice of layers and indices that meets the conditions, in one draw."""
    letters = draws.once(("letters", statement), lambda: letters_of(statement))
    world = draws.world(arithmetic, frame, number, statement.conditions, fixed, directly(draws, statement))
    if world.f.blur != blur:
        world.forget()
    world.vanishes, world.f.blur = vanishes, blur
    sample = 0 if frame.samples == 1 else None

    def allowed() -> list[tuple[int, ...]]:
        """The layers for which the statement is meant: they hang on the sizes alone."""
        chosen = itertools.product(range(1, frame.L + 1), repeat=len(letters))
        evaluators = ((c, Evaluator(world, dict(zip(letters, c, strict=True)), {}, {}, None, sample)) for c in chosen)
        return [c for c, here in evaluators if layers_allowed(statement, here)]

    for chosen in draws.once(("layers", statement, frame), allowed):
        layers = dict(zip(letters, chosen, strict=True))
        start = Evaluator(world, layers, {}, {}, None, sample)
        key = "typed", statement, frame, chosen
        ranges = draws.once(key, partial(typed, draws.scope, frame, layers, statement))
        names = sorted(ranges)
        for found in itertools.product(*(range(ranges[name]) for name in names)):
            indices = dict(zip(names, found, strict=True))
            here = start.changed(indices=indices)
            if holds(statement.conditions, here):
                yield Place(here, layers, indices)


def directly(draws: Draws, statement: Statement) -> bool:
    """Whether a may be drawn itself: on a page about a column, where nothing is said of the z that it comes from."""
    if not draws.scope.columnar:
        return False
    spoken = [*statement.sides, *(side for c in statement.conditions for side in c.sides)]
    key = "directly", statement
    return bool(draws.once(key, lambda: not speaks_of_inputs(spoken, draws.scope)))


def speaks_of_inputs(formulas: list[n.Node], scope: Scope) -> bool:
    named = {x.name for side in formulas for x in n.walk(side) if isinstance(x, n.Symbol | n.Call)}
    bodies = {name for name in rests_on(formulas, scope) if scope.get(name) is not None}
    named |= {
        x.name for name in bodies for x in n.walk(scope.definitions[name].body) if isinstance(x, n.Symbol | n.Call)
    }
    return bool(named & {"z", "delta", "sigma"})


def letters_of(statement: Statement) -> list[str]:
    """The letters that stand for layers. Raises ProofError where an index is both bound and free."""
    roots = statement.sides
    clash = bound_indices(*roots) & set().union(*(free_indices(root) for root in roots))
    if clash:
        raise ProofError(f"index {min(clash)} is bound by a sum and used outside it")
    letters = layer_variables(*roots) | layer_variables(*statement.conditions)
    both = letters & (bound_indices(*roots) | set().union(*(free_indices(root) for root in roots)))
    if both:
        raise ProofError(f"{min(both)} stands for a layer and for an index")
    return sorted(letters)


def layers_allowed(statement: Statement, evaluator: Evaluator) -> bool:
    """Whether the conditions on layers hold; where none speaks of a layer, it runs from 2 to L."""
    about = [c for c in statement.conditions if about_layers(c, evaluator.layers)]
    bounded = {name for c in about for name in speaks_of(c)}
    if any(value < 2 for name, value in evaluator.layers.items() if name not in bounded):
        return False
    try:
        return holds(about, evaluator)
    except (KeyError, IndexError):  # n_{i+1} of a layer that is not there
        return False
    except ProofError as error:
        if "does not exist" in error.message:
            return False
        raise


def typed(scope: Scope, frame: Frame, layers: dict[str, int], statement: Statement) -> dict[str, int]:
    """The widths of the free indices. Raises ProofError where shapes or widths do not fit."""
    typing = Typing(scope, frame, layers)
    shapes = [typing.shape(side) for side in statement.sides]
    ranges = typing.settled()
    for condition in statement.conditions:
        conditional = Typing(scope, frame, layers)
        conditional.of_comparison(condition)
        for index, width in conditional.settled().items():
            if ranges.get(index, width) != width:
                raise ProofError(f"index {index} would run over widths {sorted({width, ranges[index]})}")
    for step, (left, right) in enumerate(itertools.pairwise(shapes)):
        if left != right and not (np.prod(left) == 1 and np.prod(right) == 1):
            raise ProofError(f"step {step + 1} equates shapes {left} and {right}", statement.lines[step])
    check_spoken_of(statement.conditions, set(ranges) | {*layers}, everything_named(statement, scope))
    return ranges


def everything_named(statement: Statement, scope: Scope) -> set[str]:
    roots = [*statement.sides, *(d.body for d in scope.definitions.values())]
    names = {node.name for root in roots for node in n.walk(root) if isinstance(node, n.Symbol | n.Call)}
    return names | {"L", "m", "infty"}


def everywhere(
    draws: Draws,
    statement: Statement,
    test: Callable[[Place], bool],
    plain_points: int = 2,
    most: int | None = None,
    arithmetic: str = "floats",
) -> int:
    """In how many places of one draw for each frame the test passes; 0 as soon as it fails in one, or where there is none."""
    roots = [*statement.sides, *(side for c in statement.conditions for side in c.sides)]
    found = tested = 0
    few = draws.once(
        ("few frames", statement, plain_points),
        lambda: list(itertools.islice(frames(draws.scope, roots, plain_points, statement.conditions), FEW)),
    )
    for k, frame in enumerate(few):
        for number in range(k * ATTEMPTS, (k + 1) * ATTEMPTS):
            try:
                count = 0
                with np.errstate(divide="raise", over="raise", invalid="raise"):
                    for place in places(draws, arithmetic, frame, statement, number=number):
                        if not test(place):
                            return 0
                        count += 1
                found += count
                if count or not can_change(statement):
                    tested += bool(count)
                    break
            except (Resample, ArithmeticError):
                continue
            except ProofError as error:
                if "does not exist in a network" in error.message:
                    break  # a network too shallow for L − 2
                raise
        if tested == most:
            break
    return found


def can_change(statement: Statement) -> bool:
    """Whether another draw can meet the condition: not if it is about layers and indices alone."""
    symbols = [node for c in statement.conditions for node in n.walk(c) if isinstance(node, n.Symbol | n.Call)]
    letters = layer_variables(*statement.sides) | {"L"} | set().union(*(free_indices(s) for s in statement.sides))
    return any(not (isinstance(s, n.Symbol) and s.name in letters and not s.index and not s.layer) for s in symbols)
