"""A stated accuracy: part of the question, where fn or its gradient is an approximation by what it is; never a default."""

from __future__ import annotations

from numbers import Real
from typing import Any

from oracle.candidate.asking import CannotJudge

#: What is stated has to leave three digits, and the digits of floats need no statement.
LEAST, MOST = 1e-15, 1e-3


def checked_accuracy(accuracy: Any) -> float:
    """The accuracy, 0 for None. Raises CannotJudge."""
    if accuracy is None:
        return 0.0
    if not isinstance(accuracy, Real) or isinstance(accuracy, bool) or not LEAST <= float(accuracy) <= MOST:
        raise CannotJudge(
            f"accuracy = {accuracy!r}: give how much of its largest component the gradient may be off by, from {LEAST:g} to "
            f"{MOST:g}, or None"
        )
    return float(accuracy)


def stated(accuracy: float | None) -> tuple[str, ...]:
    """What a report says of it, in its first lines."""
    words = "of the largest component, there or as it ordinarily is, as stated"
    return (f"to an accuracy of {accuracy:g} {words}",) if accuracy else ()
