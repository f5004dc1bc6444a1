"""A backend against the vectors: every case asked, judged and counted; then some asked again."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from oracle.backends.session import Kind, Session
from oracle.backends.words import printable
from oracle.conform.reasons import ARITHMETIC, Kept, explanations, kept
from oracle.judgement.verdict import Verdict
from oracle.vectors.judgement import Judgement, judge
from oracle.vectors.record import Vector

#: After so many crashes, silences and the like, the rest is not asked.
MOST_BREAKDOWNS = 3
#: So many cases that were right are asked once more at the end.
REPEATS = 10
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


@dataclass(frozen=True, eq=False)
class Result:
    """One case. judgement: where there was an answer. words: what there is to say. mistakes: that explain a failure. kept: how many
    digits a wrong answer kept."""

    vector: Vector
    outcome: Outcome
    words: str = ""
    judgement: Judgement | None = None
    mistakes: tuple[str, ...] = ()
    kept: Kept = Kept.INCOMPARABLE
    seconds: float = 0.0

    @property
    def id(self) -> str:
        return self.vector.id

    @property
    def failed(self) -> bool:
        return self.outcome in FAILED

    @property
    def arithmetic(self) -> bool:
        """Whether all that is wrong is small beside the largest entries, or a mistake of arithmetic explains it."""
        if not self.comparable:
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


@dataclass(frozen=True, eq=False)
class Run:
    """A backend over many cases. farewell: what was wrong with its end, or nothing."""

    name: str
    version: str
    results: tuple[Result, ...]
    seconds: float
    farewell: str = ""
    #: how many cases the declared capabilities cover
    covered: int = 0
    #: ids of failures that were announced
    expected: frozenset[str] = field(default=frozenset())

    @property
    def counts(self) -> Counter[Outcome]:
        return Counter(r.outcome for r in self.results)

    @property
    def judged(self) -> int:
        """How many cases the backend answered."""
        return sum(r.judgement is not None for r in self.results)

    @property
    def right(self) -> int:
        """How many cases the backend answered rightly."""
        return sum(r.outcome in RIGHT for r in self.results)

    @property
    def failures(self) -> tuple[Result, ...]:
        """Those that nobody announced."""
        return tuple(r for r in self.results if r.failed and r.id not in self.expected)

    @property
    def mistakes(self) -> Counter[str]:
        """How many of the failures look like each standard mistake."""
        return Counter(name for r in self.failures for name in r.mistakes)

    @property
    def verdict(self) -> Verdict:
        """undecided where nothing was right, and nothing failed unannounced; inaccurate where the mathematics is right and floats
        alone lose digits."""
        if self.farewell:
            return Verdict.WRONG
        if not self.failures:
            return Verdict.RIGHT if self.right else Verdict.UNDECIDED
        return Verdict.INACCURATE if all(map(self._digits_alone, self.failures)) else Verdict.WRONG

    def _digits_alone(self, failure: Result) -> bool:
        """Whether a failure is one of arithmetic: by itself; or since digits are at stake in this case, half of them were kept, and
        in the cases of the same head and dtype where none are, of which there must be one, the backend is right but for
        arithmetic."""
        if failure.arithmetic:
            return True
        mine = failure.vector.question
        others = [
            r.outcome in RIGHT or r.arithmetic
            for r in self.results
            if r.ordinary and r.vector.question.head == mine.head and r.vector.question.dtype == mine.dtype
        ]
        lost = failure.comparable and failure.kept is Kept.HALF and not failure.ordinary
        return lost and bool(others) and all(others)


def ask(session: Session, vector: Vector) -> Result:
    """One case, asked and judged."""
    started = time.perf_counter()
    reply = session.ask(vector.question)
    seconds = time.perf_counter() - started
    if reply.answer is None:
        outcome = Outcome(str(reply.kind))
        return Result(vector, outcome, reply.words, seconds=seconds)
    assert reply.kind is Kind.ANSWERED
    found = judge(vector, reply.answer, flush_to_zero=session.capabilities.flush_to_zero)
    result = Result(vector, Outcome(str(found.grade)), found.sentence, found, seconds=seconds)
    if found:
        return result
    mistakes = explanations(vector, reply.answer, found)
    words = found.sentence.partition("; it is what one gets by")[0].removeprefix("wrong, ")
    if mistakes:
        words += f"; it is what one gets by: {mistakes[0]}"
    return replace(result, words=words, mistakes=mistakes, kept=kept(vector, reply.answer, found))


def conform(session: Session, vectors: Sequence[Vector], progress: Callable[[], None] = lambda: None) -> Run:
    """Every vector asked in order, then some of them again. The session is closed at the end."""
    results: list[Result] = []
    breakdowns = 0
    try:
        for vector in vectors:
            if breakdowns >= MOST_BREAKDOWNS and not session.capabilities.refusal(vector.question):
                results.append(Result(vector, Outcome.UNASKED, f"not asked after {breakdowns} breakdowns"))
            else:
                results.append(ask(session, vector))
                breakdowns += results[-1].outcome is Outcome.BROKEN
            progress()
        if breakdowns < MOST_BREAKDOWNS:
            results = ask_again(session, results)
    finally:
        farewell = session.close()
    asked = sum(r.seconds for r in results)
    covered = sum(not session.capabilities.refusal(v.question) for v in vectors)
    return Run(session.name, session.version, tuple(results), asked, printable(farewell), covered)


def ask_again(session: Session, results: Sequence[Result]) -> list[Result]:
    """The results, with those of a few right cases replaced that a second call gets wrong: the first of them, and others over the
    whole run."""
    right = [k for k, r in enumerate(results) if r.outcome in RIGHT]
    chosen = right[:: max(1, len(right) // REPEATS)][:REPEATS]
    found = list(results)
    for k in chosen:
        again = ask(session, results[k].vector)
        if again.failed:
            mistakes = (FIRST_CALL, *again.mistakes) if again.outcome is Outcome.WRONG else ()
            found[k] = replace(again, words=f"right at first, but asked once more: {again.words}", mistakes=mistakes)
            if again.outcome is Outcome.BROKEN:
                break
    return found


def by_head(run: Run) -> dict[tuple[str, str], list[Result]]:
    """The results by (head, dtype), in the order of the cases."""
    rows: dict[tuple[str, str], list[Result]] = defaultdict(list)
    for r in run.results:
        rows[r.vector.question.head, r.vector.question.dtype].append(r)
    return dict(rows)
