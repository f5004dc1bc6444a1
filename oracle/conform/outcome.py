"""What came of one case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from oracle.conform.reasons import ARITHMETIC, Kept
from oracle.vectors.judgement import Judgement
from oracle.vectors.record import Answer, Vector

FIRST_CALL = "right on the first call only"
#: Where these lie in wait, a right formula in floats may lose its digits.
DIGITS_AT_STAKE = frozenset({"cancellation", "saturation", "subnormal"})


class Outcome(StrEnum):
    """accurate, stable: right. wrong: judged so. skipped, errored: the backend said so. broken: it crashed, hung or spoke garbage.
    unasked: it had broken too often."""

    ACCURATE = "accurate"
    STABLE = "stable"
    WRONG = "wrong"
    SKIPPED = "skipped"
    ERRORED = "errored"
    BROKEN = "broken"
    UNASKED = "unasked"


RIGHT = (Outcome.ACCURATE, Outcome.STABLE)
FAILED = (Outcome.WRONG, Outcome.ERRORED, Outcome.BROKEN, Outcome.UNASKED)


def spread(cases: Sequence[int], most: int) -> list[int]:
    """So many of them, from the first to the last."""
    if len(cases) <= most:
        return list(cases)
    return [cases[k * (len(cases) - 1) // (most - 1)] for k in range(most)]


@dataclass(frozen=True, eq=False)
class Result:
    """One case. judgement, answer: where there was an answer. words: what there is to say. mistakes: that explain a failure, tested
    across the cases of a run. kept: how many digits a wrong answer kept. mathematics: whether a mistake of mathematics explains it
    that may cost few digits, such as a clamp. excused: what was declared of the backend's arithmetic and makes the answer right;
    the allowance of the vector then holds it, as it does where that was not enough."""

    vector: Vector
    outcome: Outcome
    words: str = ""
    judgement: Judgement | None = None
    mistakes: tuple[str, ...] = ()
    kept: Kept = Kept.INCOMPARABLE
    seconds: float = 0.0
    answer: Answer | None = None
    mathematics: bool = False
    excused: str = ""

    @property
    def id(self) -> str:
        return self.vector.id

    @property
    def failed(self) -> bool:
        return self.outcome in FAILED

    @property
    def arithmetic(self) -> bool:
        """Whether all that is wrong is small beside the largest entries, or a mistake of arithmetic explains it."""
        if not self.comparable or self.mathematics:
            return False
        return self.kept is Kept.NEARLY_ALL or bool(self.mistakes and ARITHMETIC.issuperset(self.mistakes))

    @property
    def comparable(self) -> bool:
        """Whether it is a wrong answer of the right shapes and dtype, given at the first call as at the second."""
        return self.outcome is Outcome.WRONG and self.kept is not Kept.INCOMPARABLE and FIRST_CALL not in self.mistakes

    @property
    def ordinary(self) -> bool:
        """Whether nothing here puts digits at stake."""
        return DIGITS_AT_STAKE.isdisjoint(self.vector.flags)
