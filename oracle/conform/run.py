"""A backend against the vectors: every case asked, judged and counted; then some asked again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from oracle.backends.session import Session
from oracle.backends.words import printable
from oracle.conform.asking import ask, asked
from oracle.conform.names import named
from oracle.conform.outcome import FIRST_CALL, RIGHT, Outcome, Result, spread
from oracle.conform.reasons import Kept
from oracle.conform.state import states, summed
from oracle.judgement.verdict import Verdict
from oracle.vectors.record import Vector

__all__ = ["FIRST_CALL", "Outcome", "Result", "Run", "ask", "conform"]
#: After so many crashes, silences and the like, the rest is not asked.
MOST_BREAKDOWNS = 3
#: So many cases that were right are asked once more at the end, and so many that were wrong.
REPEATS = 10


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
    #: what was made for this run, in a sentence
    drawn: str = ""
    #: ids of failures that were announced, with the reasons
    expected: Mapping[str, str] = field(default_factory=dict)

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
    def excused(self) -> Counter[str]:
        """How many answers are right by what was declared of the backend's arithmetic alone."""
        return Counter(r.excused for r in self.results if r.excused)

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


def conform(session: Session, vectors: Sequence[Vector], progress: Callable[[], None] = lambda: None) -> Run:
    """Every vector asked in order, then some of them again; what is wrong is named. The session is closed at the end."""
    results, farewell = ask_all(session, vectors, lambda result: progress())
    return concluded_run(session, vectors, results, farewell)


def ask_all(session: Session, vectors: Sequence[Vector], note: Callable[[Result], None]) -> tuple[list[Result], str]:
    """Every vector asked in order, then some of them again, and what was wrong with the end of the session, which is closed.

    note: is told of every first answer.
    """
    results: list[Result] = []
    breakdowns = 0
    try:
        for vector in vectors:
            if breakdowns >= MOST_BREAKDOWNS and not session.capabilities.refusal(vector.question):
                results.append(Result(vector, Outcome.UNASKED, f"not asked after {breakdowns} breakdowns"))
            else:
                results.append(asked(session, vector))
                breakdowns += results[-1].outcome is Outcome.BROKEN
            note(results[-1])
        if breakdowns < MOST_BREAKDOWNS:
            results = ask_again(session, results)
    finally:
        farewell = session.close()
    return results, printable(farewell)


def concluded_run(session: Session, vectors: Sequence[Vector], results: Sequence[Result], farewell: str) -> Run:
    """The run of these results, in the order of the vectors, with names for what is wrong."""
    seconds = sum(r.seconds for r in results)
    covered = sum(not session.capabilities.refusal(v.question) for v in vectors)
    return Run(session.name, session.version, tuple(named(results)), seconds, farewell, covered)


def ask_again(session: Session, results: Sequence[Result]) -> list[Result]:
    """The results, with those of a few right cases replaced that a second call gets wrong: the first of them, and others over the
    whole run; and with a name for those that are wrong since the backend remembers."""
    found = list(results)
    for k in spread([k for k, r in enumerate(results) if r.outcome in RIGHT], REPEATS):
        again = ask(session, results[k].vector)
        if again.failed:
            kind = (name,) if (name := summed(again, results[k].answer)) else again.mistakes
            mistakes = (FIRST_CALL, *kind) if again.outcome is Outcome.WRONG else ()
            found[k] = replace(again, words=f"right at first, but asked once more: {again.words}", mistakes=mistakes)
            if again.outcome is Outcome.BROKEN:
                return found
    wrong = spread(
        [k for k, r in enumerate(found) if r.outcome is Outcome.WRONG and FIRST_CALL not in r.mistakes], REPEATS
    )
    twice = {k: (asked(session, found[k].vector), asked(session, found[k].vector)) for k in wrong}
    return states(found, results, twice)


def by_head(run: Run) -> dict[tuple[str, str], list[Result]]:
    """The results by (head, dtype), in the order of the cases."""
    rows: dict[tuple[str, str], list[Result]] = defaultdict(list)
    for r in run.results:
        rows[r.vector.question.head, r.vector.question.dtype].append(r)
    return dict(rows)
