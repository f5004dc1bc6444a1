"""Is the statement true? Every relation of a chain, for every layer and index, on every network drawn."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from oracle.balls.arrays import precision
from oracle.proofs.confirmed import DEEP, in_balls
from oracle.proofs.draws import ATTEMPTS, Draws
from oracle.proofs.edges import edge_draws
from oracle.proofs.enclosures import working_precision
from oracle.proofs.errors import NoDerivative, OnEdge, ProofError, Resample
from oracle.proofs.frame import Frame
from oracle.proofs.places import FEW, Place, can_change, places
from oracle.proofs.relations import first_failure, wrong
from oracle.proofs.scope import Definition, Scope, layer_variables
from oracle.proofs.shapes import frames, small_frames
from oracle.proofs.statement_kinds import compares_sizes, is_rational, may_cancel
from oracle.proofs.statements import Statement
from oracle.proofs.widths import NUMBERS, Typing

#: Draws for each frame: in balls they are of every size.
ROUNDS = 2
ROUNDS_IN_BALLS = 3
#: Bits where an e^x is lost in those, as e^{-20000} beside 1.
DEEPER = (1 << 17,)
ORDER = ("\\ge", "\\le", "\\approx")


@dataclass
class Truth:
    """tested: equalities evaluated. exact: whether each also holds over the prime field; inexact: the relation that failed there.
    shallow: why a network was passed over, being too shallow. everywhere: see `check_truth`. told: equalities of balls in which
    every e^x counted.
    """

    tested: int = 0
    exact: bool = True
    inexact: int | None = None
    shallow: ProofError | None = None
    everywhere: bool = True
    kink: Place | None = None
    told: int = 0


def check_definition(definition: Definition, draws: Draws) -> None:
    """Raises ProofError where shapes or widths in the body of a definition do not fit."""
    for frame in frames(draws.scope, [definition.body]):
        typing = Typing(draws.scope, frame, {}, arguments=frozenset(definition.arguments))
        shape = typing.shape(definition.body)
        typing.settled()
        if shape not in NUMBERS and (definition.arguments or definition.indices or definition.name == "C"):
            raise ProofError(f"{definition.name} is a number, but its definition has shape {shape}", definition.line)


def check_truth(draws: Draws, statement: Statement, everywhere: bool = True) -> Truth:
    """As `tried`; what is false is shown on the smallest network where it is false."""
    try:
        return tried(draws, statement, everywhere)
    except OnEdge:
        raise  # it is true of draws at random, on small networks too
    except ProofError as error:
        if everywhere and error.message.startswith("false at"):
            raise smallest(draws, statement, error) from None
        raise


def smallest(draws: Draws, statement: Statement, error: ProofError) -> ProofError:
    roots = [*statement.sides, *(side for c in statement.conditions for side in c.sides)]
    for frame in small_frames(draws.scope, roots, statement.conditions):
        for number in range(0, 2 * ATTEMPTS, ATTEMPTS):
            try:
                tested_in(draws, "floats", frame, number, statement, Truth())
            except ProofError as found:
                if found.message.startswith("false at"):
                    return found
    return error


def tried(draws: Draws, statement: Statement, everywhere: bool = True) -> Truth:
    """In floats, then over the prime field; what the field does not confirm is settled in balls.

    everywhere: whether both sides have to have a value where one has. Raises ProofError with the step and the place where a
    relation does not hold.
    """
    truth = Truth(exact=not set(statement.relations) & set(ORDER), everywhere=everywhere)
    in_floats = equalities_in(draws, "floats", statement, truth) + on_edges(draws, statement, truth)
    if truth.shallow and (not in_floats or statement.kind != "falsehood"):
        raise truth.shallow
    rounds = 1 if draws.scope.layered else ROUNDS  # one draw decides, where no order makes branches
    truth.exact = truth.exact and equalities_in(draws, "exact", statement, truth, rounds) > 0 and truth.inexact is None
    if not (in_floats and truth.exact):
        settle(draws, statement, truth)
    if not truth.tested:
        nowhere = f"vacuous: the condition holds {'on no network' if draws.scope.layered else 'for no numbers that are tried'}"
        raise ProofError(nowhere if statement.conditions else "has a value on no draw", statement.line)
    return truth


def equalities_in(draws: Draws, arithmetic: str, statement: Statement, truth: Truth, rounds: int = ROUNDS) -> int:
    """The number of equalities tested on all frames; over the field, up to the first that does not hold."""
    tested = 0
    for frame, number in draw_numbers(draws.scope, statement, rounds):
        tested += tested_in(draws, arithmetic, frame, number, statement, truth)
        if truth.inexact is not None and arithmetic == "exact":
            break
    truth.tested += tested
    return tested


def on_edges(draws: Draws, statement: Statement, truth: Truth, deep: bool = False) -> int:
    """Tests where conditions begin and branches meet, on two frames. deep: in balls, for floats do not see what e^{-701} adds
    beyond a threshold at 700.
    """
    roots = [*statement.sides, *(side for c in statement.conditions for side in c.sides)]
    tested = 0
    for frame in itertools.islice(frames(draws.scope, roots, 1, conditions=statement.conditions), 2):
        for edge in edge_draws(draws, frame, statement):
            try:
                with np.errstate(divide="raise", over="raise", invalid="raise"):
                    for place in places(draws, "floats", frame, statement, **edge.draw):
                        if deep:
                            tested += tested_deep(statement, place, truth)
                        else:
                            tested += tested_on_edge(statement, place, truth, doubted=edge.between)
            except (Resample, ArithmeticError):
                continue
            except ProofError as error:
                if "does not exist in a network" not in error.message:
                    raise
    truth.tested += tested
    return tested


def tested_deep(statement: Statement, place: Place, truth: Truth) -> int:
    """In balls, of as many bits as it takes that no e^x is lost."""
    tested = 0
    for bits in (DEEP, *DEEPER):
        with precision(bits):
            seen = in_balls(place)
            tested = tested_on_edge(statement, seen, truth, doubted=False)
            if not seen.evaluator.f.lost:
                break
    return tested


def tested_on_edge(statement: Statement, place: Place, truth: Truth, doubted: bool) -> int:
    """doubted: where nothing meets, what fails in floats has to fail in balls as well."""
    try:
        failed = first_failure(statement, place, truth.everywhere)
    except NoDerivative:
        truth.kink = truth.kink or place
        return 0
    except Resample:
        return 0
    if failed is not None and doubted and not fails_in_balls(statement, place):
        return 0
    if failed is not None:
        found = wrong(statement, failed, place)
        raise OnEdge(found.message, found.line)
    return len(statement.relations)


def settle(draws: Draws, statement: Statement, truth: Truth) -> None:
    """A rational formula has the field's verdict; anything else is tested in balls, on draws of every size."""
    if truth.inexact is not None and is_rational(draws.scope, statement):
        raise ProofError(
            f"false at step {truth.inexact + 1}: the sides agree to ten digits, and not exactly (over a prime field)",
            statement.lines[truth.inexact],
        )
    on_edges(draws, statement, replace(truth, everywhere=False), deep=True)
    with working_precision():
        seen = equalities_in(draws, "balls", statement, truth, ROUNDS_IN_BALLS)
        if compares_sizes(statement):
            seen += equalities_in(draws, "far", statement, truth, ROUNDS_IN_BALLS)
    if truth.inexact is not None and truth.tested and not seen and statement.conditions:
        raise ProofError(
            "its conditions hold on edges that were looked for, and on no draw: bound letters by numbers, as 29 < x < 31",
            statement.line,
        )
    if truth.inexact is not None:
        with precision(DEEP):
            frame, number = next(draw_numbers(draws.scope, statement, 1))
            tested_in(draws, "balls", frame, number + DEEP * ATTEMPTS, statement, truth)
        deepen(draws, statement, truth)


def deepen(draws: Draws, statement: Statement, truth: Truth) -> None:
    """Where every draw has an e^x that is lost beside other numbers, more bits tell. Raises ProofError where none do."""
    frame, number = next(draw_numbers(draws.scope, statement, 1))
    for k, bits in enumerate(DEEPER, start=2):
        if truth.told:
            return
        with precision(bits):
            tested_in(draws, "balls", frame, number + k * DEEP * ATTEMPTS, statement, truth)
    if not truth.told and truth.tested:
        raise ProofError(
            "where this is to hold, an e^x is so small or so large that no test can tell it from 0 or from infinity: prove it for "
            "other numbers, or as a limit",
            statement.line,
        )


def draw_numbers(scope: Scope, statement: Statement, rounds: int = ROUNDS) -> Iterator[tuple[Frame, int]]:
    roots = [*statement.sides, *(side for c in statement.conditions for side in c.sides)]
    for k, frame in enumerate(frames(scope, roots, conditions=statement.conditions)):
        for number in range(rounds if k < FEW else 1):
            yield frame, (rounds * k + number) * ATTEMPTS


def tested_in(draws: Draws, arithmetic: str, frame: Frame, first: int, statement: Statement, truth: Truth) -> int:
    """Tests one frame: takes the first draw on which every side has a value and the condition holds somewhere."""
    for number in range(first, first + ATTEMPTS):
        try:
            with np.errstate(divide="raise", over="raise", invalid="raise"):
                count = 0
                for place in places(draws, arithmetic, frame, statement, number=number):
                    failed = first_failure(statement, place, truth.everywhere and arithmetic == "floats")
                    if failed is not None and arithmetic == "floats" and not confirmed(draws, statement, place):
                        raise Resample
                    if failed is not None and arithmetic != "exact":
                        raise wrong(statement, failed, place)
                    if failed is not None:
                        truth.inexact = failed
                        return count
                    count += len(statement.relations)
                    truth.told += arithmetic in ("balls", "far") and not place.evaluator.f.lost
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


def confirmed(draws: Draws, statement: Statement, place: Place) -> bool:
    """Whether what fails in floats fails in balls as well, where large numbers can have cancelled."""
    if "\\approx" in statement.relations or not may_cancel(draws.scope, statement):
        return True
    return fails_in_balls(statement, place)


def fails_in_balls(statement: Statement, place: Place) -> bool:
    with precision(DEEP):
        try:
            return first_failure(statement, in_balls(place), everywhere=True) is not None
        except Resample:
            return True


def is_false(draws: Draws, statement: Statement) -> bool:
    """Whether a well-typed equation fails somewhere where both of its sides have a value."""
    as_equation = replace(statement, relations=("=",))
    try:
        check_truth(draws, as_equation, everywhere=False)
    except ProofError as error:
        if error.message.startswith("false at"):
            return True
        raise
    return False
