"""From a run, and what a project keeps about its backend, to one verdict: a word, its reasons and the exit code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from oracle.conform.announced_failures import Expected
from oracle.conform.baseline import Ratchet
from oracle.conform.run import Run
from oracle.judgement.verdict import Verdict

CODES = {Verdict.RIGHT: 0, Verdict.WRONG: 1, Verdict.INACCURATE: 3}
#: Exit code where nothing, or too little, was judged.
NONE = 2
#: Of the cases that the declared capabilities cover, at least this part must be answered, if nobody says otherwise.
LEAST = 0.5


@dataclass(frozen=True)
class Conclusion:
    """word: right, wrong, inaccurate or none. because: what that rests on. refusal: what lacks where too little was judged."""

    word: str
    because: str
    code: int
    refusal: str = ""

    @property
    def words(self) -> str:
        return f"{self.word} ({self.because})"


def concluded(run: Run, announced: Expected, ratchet: Ratchet, least: int | None, held: bool = False) -> Conclusion:
    """least: so many cases must be right; None for half of those that the declared capabilities cover to be answered. held: there
    is a baseline to compare with."""
    wrong = _wrong(run, announced, ratchet)
    if wrong:
        return Conclusion(str(Verdict.WRONG), "; ".join(wrong), CODES[Verdict.WRONG])
    lost = []
    if run.failures:
        n, of = len(run.failures), len(run.results)
        lost += [f"{n} of {of} cases fail, each where floats lose digits; the same heads are right elsewhere"]
    if ratchet.grown:
        lost += [f"{_many(len(ratchet.grown), 'worst error')} grew"]
    if lost:
        return Conclusion(str(Verdict.INACCURATE), "; ".join(lost), CODES[Verdict.INACCURATE])
    if refusal := too_few(run, least) or (
        "no case of this run is in the baseline" if held and not ratchet.compared else ""
    ):
        return Conclusion("none", refusal, NONE, refusal)
    return Conclusion(str(Verdict.RIGHT), _judged(run), CODES[Verdict.RIGHT])


def _wrong(run: Run, announced: Expected, ratchet: Ratchet) -> list[str]:
    found = []
    if run.failures and run.verdict is Verdict.WRONG:
        found.append(f"{len(run.failures)} of {len(run.results)} cases fail")
    if run.farewell:
        found.append(f"at the end: {run.farewell}")
    if announced.passing:
        found.append(f"{_many(len(announced.passing), 'announced failure')} did not happen")
    if ratchet.lost:
        found.append(f"{_many(len(ratchet.lost), 'answer')} of the baseline did not come")
    return found


def too_few(run: Run, least: int | None) -> str:
    """Why what was judged is too little for a pass, or nothing."""
    if not run.judged:
        return f"0 of {len(run.results)} cases were judged"
    if run.right < (least or 1):
        return f"{run.right} of {len(run.results)} cases were right, and at least {least or 1} must be"
    if least is None and run.judged < LEAST * run.covered:
        return (
            f"{run.judged} of the {run.covered} cases that its capabilities cover were judged, and at least half must be, "
            "or as many as --min-cases says"
        )
    return ""


def _judged(run: Run) -> str:
    known = f", of which {len(run.expected)} fail as announced" if run.expected else ""
    return f"{run.judged} of {len(run.results)} cases judged{known}"


def _many(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"


def problems(announced: Expected, ratchet: Ratchet) -> Sequence[str]:
    """Each entry of the project's files that makes the run fail, in a sentence."""
    passing = [f"expected to fail, and right: {id}; take it off the list" for id in announced.passing]
    return (*passing, *ratchet.lost, *ratchet.grown)
