"""How the drop-ins ask, and what they make of a report that leaves the question open."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from oracle.check.leaf_problems import Question
from oracle.check.report import Report
from oracle.judgement.verdict import Verdict

#: Points of each of a few arrays.
POINTS = 60
#: Digits are asked for at the given arguments alone: a textbook formula may lose them elsewhere.
AT_THE_GIVEN = 0.0


def asked(part: float = 1.0, domains: Any = None) -> Question:
    """The question of a drop-in, with a part of the points where another mode was asked with all of them; domains: of each
    array. The models know no limit on the time of a call, and a busy machine is no reason to fail a test."""
    return Question(domains, examples=max(1, round(part * POINTS)), reach=AT_THE_GIVEN, timeout=None)


def passes(report: Report, name: str, model: Callable[[], object]) -> bool:
    """Whether a test may pass: where the report is right, or it leaves the question open and the model, asked itself, has nothing
    against it; then a warning says so."""
    if report.verdict is not Verdict.UNDECIDED:
        return bool(report)
    try:
        if model() is False:
            return False
    except Exception:  # whatever it raises, it does not pass
        return False
    warnings.warn(
        f"{name}: {report.name}: undecided ({report.how}); the model's own check has nothing against it", stacklevel=3
    )
    return True
