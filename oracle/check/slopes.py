"""Whether the slope of fn, whose gradient is judged, is one: what JAX makes of fn is held against differences of its values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.arrays import precision
from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.check.report import Report
from oracle.check.second_order import Second
from oracle.judgement.verdict import Verdict
from oracle.search.problem import Arguments
from oracle.witnesses import Enclosure, trace
from oracle.witnesses.ball_differences import directional_derivative
from oracle.witnesses.slopes import value_in_balls

Array = NDArray[Any]

NO_SLOPE = "the first derivative of fn as JAX forms it is not that of its values there, so what is expected is no second derivative"
BITS = 200


def unless_no_slope(question: Second, report: Report) -> Report:
    """The report; `undecided` in place of an accusation where fn has another slope than the one that is differentiated."""
    if report.verdict not in (Verdict.WRONG, Verdict.INACCURATE) or report.complaint or report.counterexample is None:
        return report
    if _is_slope(question, report.counterexample):
        return report
    return replace(
        report, verdict=Verdict.UNDECIDED, how=NO_SLOPE, component=None, expected=None, got=None, counterexample=None
    )


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
