"""Is the statement true? Every relation of a chain, for every layer and index, on every network drawn."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from oracle.proofs import nodes as n
from oracle.proofs.conditions import about_layers, check_spoken_of, holds, speaks_of
from oracle.proofs.draws import Draws, frames
from oracle.proofs.errors import ProofError, Resample
from oracle.proofs.evaluate import Evaluator
from oracle.proofs.frame import Frame
from oracle.proofs.grammar import constant
from oracle.proofs.scope import Scope, bound_indices, free_indices, layer_variables
from oracle.proofs.statements import Statement
from oracle.proofs.widths import Typing

#: How many draws may fail a condition, or have no value, before it is said to hold nowhere.
ATTEMPTS = 60
#: Draws for each frame.
ROUNDS = 2


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
        scope = self.evaluator.world.scope
        if scope.layered and (self.layers or self.indices):
            said.append(f"widths {frame.widths}")
        if not self.evaluator.f.exact:
            values = self.evaluator.world.variables.items()
            said += [f"{name} = {value.real:.4g}" for name, value in values if name != "pi"]
        return ", ".join(said)


@dataclass
class Truth:
    """tested: equalities evaluated. exact: whether each also holds over the prime field; inexact: the relation that failed there.
    shallow: why a network was passed over, being too shallow.
    """

    tested: int = 0
    exact: bool = True
    inexact: int | None = None
    shallow: ProofError | None = None


def places(
    draws: Draws,
    arithmetic: str,
    frame: Frame,
    statement: Statement,
    kind: type[Evaluator] = Evaluator,
    number: int = 0,
) -> Iterator[Place]:
    """Every choice of layers and indices that meets the conditions, in one draw."""
    letters = draws.once(("letters", statement), lambda: letters_of(statement))
    world = draws.world(arithmetic, frame, number, statement.conditions)
    for chosen in itertools.product(range(1, frame.L + 1), repeat=len(letters)):
        layers = dict(zip(letters, chosen, strict=True))
        sample = 0 if frame.samples == 1 else None
        start = Evaluator(world, layers, {}, {}, None, sample)
        if not layers_allowed(statement, start):
            continue
        key = "typed", statement, frame, chosen
        ranges = draws.once(key, partial(typed, draws.scope, frame, layers, statement))
        names = sorted(ranges)
        for found in itertools.product(*(range(ranges[name]) for name in names)):
            indices = dict(zip(names, found, strict=True))
            here = start.changed(indices=indices)
            if holds(statement.conditions, here):
                yield Place(here, layers, indices)


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


def check_truth(draws: Draws, statement: Statement) -> Truth:
    """Raises ProofError with the step and the place where a relation does not hold."""
    truth = Truth()
    for arithmetic in ("floats", "exact"):
        used = 0
        for frame, number in draw_numbers(draws.scope, statement):
            tested = tested_in(draws, arithmetic, frame, number, statement, truth)
            used += tested
        if used == 0 and arithmetic == "floats" and truth.shallow:
            raise truth.shallow
        if used == 0 and arithmetic == "floats":
            raise ProofError("vacuous: the condition holds on no network", statement.line)
        if used == 0:
            truth.exact = False
        truth.tested += used
        if not truth.exact:
            break
    return truth


def draw_numbers(scope: Scope, statement: Statement) -> Iterator[tuple[Frame, int]]:
    roots = [*statement.sides, *(side for c in statement.conditions for side in c.sides)]
    for k, frame in enumerate(frames(scope, roots)):
        for number in range(ROUNDS):
            yield frame, (ROUNDS * k + number) * ATTEMPTS


def tested_in(draws: Draws, arithmetic: str, frame: Frame, first: int, statement: Statement, truth: Truth) -> int:
    """Tests one frame: takes the first draw on which every side has a value and the condition holds somewhere."""
    for number in range(first, first + ATTEMPTS):
        try:
            with np.errstate(divide="raise", over="raise", invalid="raise"):
                count = 0
                for place in places(draws, arithmetic, frame, statement, number=number):
                    failed = first_failure(statement, place)
                    if failed is not None and arithmetic == "floats":
                        raise wrong(statement, failed, place)
                    if failed is not None:
                        truth.exact, truth.inexact = False, failed
                        return count
                    count += len(statement.relations)
            if count or not statement.conditions:
                return count
            if not can_change(statement):
                return 0
        except (Resample, ArithmeticError):
            continue
        except ProofError as error:
            if "does not exist in a network" in error.message and not layer_variables(*statement.sides):
                truth.shallow = error
                return 0  # too shallow for L − 2
            raise
    return 0


def everywhere(
    draws: Draws, statement: Statement, test: Callable[[Place], bool], plain_points: int = 2, most: int | None = None
) -> int:
    """In how many places of one draw for each frame the test passes; 0 as soon as it fails in one, or where there is none."""
    roots = [*statement.sides, *(side for c in statement.conditions for side in c.sides)]
    found = tested = 0
    for k, frame in enumerate(frames(draws.scope, roots, plain_points)):
        for number in range(k * ATTEMPTS, (k + 1) * ATTEMPTS):
            try:
                count = 0
                with np.errstate(divide="raise", over="raise", invalid="raise"):
                    for place in places(draws, "floats", frame, statement, number=number):
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


def wrong(statement: Statement, step: int, place: Place) -> ProofError:
    where = f" ({place})" if str(place) else ""
    if statement.kind == "falsehood":
        return ProofError("is true, though it is claimed to be false", statement.line)
    return ProofError(f"false at step {step + 1}{where}", statement.lines[step])


def first_failure(statement: Statement, place: Place) -> int | None:
    """The first relation that does not hold in this place: where one side has a value and the other none, it does not."""
    values = [value_or_none(side, place.evaluator) for side in statement.sides]
    if all(value is None for value in values) or (place.evaluator.f.exact and any(value is None for value in values)):
        raise Resample
    for step, (left, right) in enumerate(itertools.pairwise(values)):
        if left is None or right is None:
            if left is not right:
                return step
            continue
        relation = statement.relations[step]
        rounded = decimals(statement.sides[step + 1]) if relation == "\\approx" else None
        if not related(place.evaluator.f, relation, left, right, rounded):
            return step
    return None


def value_or_none(side: n.Node, evaluator: Evaluator) -> Any:
    try:
        return evaluator.value(side)
    except (Resample, ArithmeticError):
        return None


def related(f: Any, relation: str, left: Any, right: Any, rounded: Fraction | None) -> bool:
    pairs = list(zip(np.ravel(left), np.ravel(right), strict=True))
    if relation == "\\approx":
        return all(f.exact or abs(x.real - y.real) <= float(rounded or 0) for x, y in pairs)
    if relation in ("\\ge", "\\le"):
        sign = 1 if relation == "\\ge" else -1
        return f.exact or all(f.sign(x - y) * sign >= 0 for x, y in pairs)
    return all(f.equal(x, y) for x, y in pairs)


def decimals(node: n.Node) -> Fraction:
    """Half a unit of the last digit displayed."""
    value = constant(node)
    if value is None:
        raise ProofError("\\approx is followed by a number")
    places, scaled = 0, value
    while scaled.denominator != 1 and places < 60:
        places, scaled = places + 1, scaled * 10
    return Fraction(1, 2 * 10**places)


def is_false(draws: Draws, statement: Statement) -> bool:
    """Whether a well-typed equation fails somewhere, in floats."""
    as_equation = replace(statement, relations=("=",))
    try:
        check_truth(draws, as_equation)
    except ProofError as error:
        if error.message.startswith("false at"):
            return True
        raise
    return False
