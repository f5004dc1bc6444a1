"""Does a relation hold in one place? And the sentence with both numbers where it does not."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import numpy as np

from oracle.balls.arrays import precision
from oracle.proofs import nodes as n
from oracle.proofs.confirmed import DEEP, in_balls
from oracle.proofs.coordinates import NOT_MOVED
from oracle.proofs.errors import NoDerivative, ProofError, Punctured, Resample, Undecided
from oracle.proofs.evaluate import Evaluator
from oracle.proofs.places import Place
from oracle.proofs.scope import named_in
from oracle.proofs.statements import Statement


def wrong(statement: Statement, step: int, place: Place) -> ProofError:
    where = f" ({place})" if str(place) else ""
    if statement.kind == "falsehood":
        return ProofError("is true, though it is claimed to be false", statement.line)
    return ProofError(f"false at step {step + 1}{where}: {both(statement, step, place)}", statement.lines[step])


def both(statement: Statement, step: int, place: Place) -> str:
    """The two numbers that the relation does not join; of columns and matrices, the first pair."""
    f, relation = place.evaluator.f, statement.relations[step]
    values = [value_or_none(side, place.evaluator) for side in statement.sides[step : step + 2]]
    if any(value is None for value in values):
        sides = [
            no_value(side, place.evaluator) if value is None else f.shown(np.ravel(value)[0])
            for side, value in zip(statement.sides[step : step + 2], values, strict=True)
        ]
        return f"the left side has {sides[0]}, the right side {sides[1]}"
    pairs = list(zip(*(np.ravel(value) for value in values), strict=True))
    rounded = decimals(statement.sides[step + 1]) if relation == "\\approx" else None
    failing = [(x, y) for x, y in pairs if not related(f, relation, x, y, rounded)] or pairs
    left, right = failing[0]
    apart = f", and they differ by {f.shown(left - right)}" if f.shown(left) == f.shown(right) else ""
    return f"the left side is {f.shown(left)}, the right side {f.shown(right)}{apart}"


def first_failure(statement: Statement, place: Place, everywhere: bool) -> int | None:
    """The first relation that does not hold in this place. everywhere: not where one side has a value and the other none."""
    values = [value_or_none(side, place.evaluator) for side in statement.sides]
    if all(value is None for value in values) or (not everywhere and any(value is None for value in values)):
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
    """None where there is no value. Raises Undecided where floats cannot say so: where they overflow, or have rounded a
    denominator to 0.
    """
    try:
        return evaluator.value(side)
    except Punctured:
        return seen_in_balls(side, evaluator)
    except Undecided:
        raise
    except Resample:
        return None
    except ArithmeticError as error:
        overflows = isinstance(error, OverflowError) or "overflow" in str(error)
        if overflows or has_value_in_balls(side, evaluator):
            raise Undecided from None
        return None


def seen_in_balls(side: n.Node, evaluator: Evaluator) -> Any:
    """The value of a side in whose floats no limit can be taken; None where balls find none either."""
    if evaluator.f.name != "floats":
        raise Undecided
    draw_letters(side, evaluator)
    with precision(DEEP):
        try:
            value = in_balls(Place(evaluator, {}, {}), simple=True).evaluator.value(side)
        except Undecided:
            raise
        except (Resample, ArithmeticError):
            return None
        found = [complex(float(x.v.mid())) for x in np.ravel(value)]
    if not isinstance(value, np.ndarray):
        return found[0]
    return evaluator.world.array(found, value.shape)


def draw_letters(side: n.Node, evaluator: Evaluator) -> None:
    """Draws the letters that no evaluation has come to yet, so that balls see the same."""
    world = evaluator.world
    for name in sorted(named_in(side, world.scope) - {*evaluator.arguments, *NOT_MOVED}):
        if world.scope.is_variable(n.Symbol(name)):
            world.variable(name, None)


def has_value_in_balls(side: n.Node, evaluator: Evaluator) -> bool:
    """Whether a denominator that is 0 in floats is none: 1 − tanh 50."""
    with precision(DEEP):
        try:
            in_balls(Place(evaluator, {}, {})).evaluator.value(side)
        except (Resample, ArithmeticError):
            return False
    return True


def no_value(side: n.Node, evaluator: Evaluator) -> str:
    try:
        evaluator.value(side)
    except NoDerivative:
        return "no derivative, being at a kink or a jump"
    except (Resample, ArithmeticError):
        pass
    return "no value"


def related(f: Any, relation: str, left: Any, right: Any, rounded: Fraction | None) -> bool:
    pairs = list(zip(np.ravel(left), np.ravel(right), strict=True))
    if relation == "\\approx":
        return all(f.close(x, y, rounded or Fraction(0)) for x, y in pairs)
    if relation in ("\\ge", "\\le"):
        sign = 1 if relation == "\\ge" else -1
        return all(f.sign(x - y) * sign >= 0 for x, y in pairs)
    return all(f.equal(x, y) for x, y in pairs)


def decimals(node: n.Node) -> Fraction:
    """Half a unit of the last digit displayed, zeros among them."""
    number = node.body if isinstance(node, n.Negative) else node
    if not isinstance(number, n.Number):
        raise ProofError("\\approx is followed by a number in decimals, and holds to its last digit")
    return Fraction(1, 2 * 10**number.digits)
