"""Whether the slope of fn, whose gradient is judged, is one: what JAX makes of fn is held against differences of its values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.arrays import precision
from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.check.report import Report
from oracle.check.second_order import Second
from oracle.judgement.verdict import Verdict
from oracle.search.points import ordinary_points
from oracle.search.problem import Arguments
from oracle.witnesses import Enclosure, trace
from oracle.witnesses.ball_differences import directional_derivative
from oracle.witnesses.slopes import value_in_balls

Array = NDArray[Any]

NO_SLOPE = "the first derivative of fn as JAX forms it is not that of its values there, so what is expected is no second derivative"
BITS = 200
#: Points at which the slope is looked at where nothing is wrong.
POINTS = 2


def unless_no_slope(question: Second, report: Report) -> Report:
    """The report; `undecided` in place of any verdict that rests on another slope than that of the values of fn.

    An accusation is looked at where it is made, what is right at a few ordinary points.
    """
    if report.complaint or report.verdict is Verdict.UNDECIDED:
        return report
    at = [report.counterexample] if report.counterexample is not None else list(_ordinary(question))
    if all(_is_slope(question, args) for args in at):
        return report
    return replace(
        report, verdict=Verdict.UNDECIDED, how=NO_SLOPE, component=None, expected=None, got=None, counterexample=None
    )


def _ordinary(question: Second) -> Iterator[Arguments]:
    product = question.problem.product
    assert product is not None
    for args in islice(ordinary_points(question.primal, 8 * POINTS), POINTS):
        yield product.settled((*args, np.ones(product.shape(args))))


def _is_slope(question: Second, args: Arguments) -> bool:
    """True where nothing is proved to the contrary."""
    assert question.problem.product is not None
    *given, last = args
    direction = np.ones_like(last) if question.problem.product.again else last
    if not np.any(direction):
        return True
    try:
        own = trace(question.problem.fn, args, (question.problem.argnum,))
        known = _known(question, given, direction)
        with precision(BITS):
            value = value_in_balls(own, args)
    except (Undecidable, UnsupportedPrimitive):
        return True
    except Exception:  # no function of tracers: its slope is that of its values
        return True
    return bool(known.lower.item().overlaps(value)) or bool(known.upper.item().overlaps(value))


def _known(question: Second, given: Sequence[Array], direction: Array) -> Enclosure:
    """The slope by differences of the values of fn, traced or run on balls."""
    argnum = question.problem.argnum
    try:
        program: Any = trace(question.primal.fn, given, (argnum,))
    except Exception:
        return directional_derivative(question.primal.fn, given, [direction], (argnum,), on_balls=True)
    return directional_derivative(program, given, [direction], (argnum,))
