"""What `manualbp verify` found: the failure, if there is one, and what was counted on the way."""

from __future__ import annotations

from dataclasses import dataclass, field

from oracle.judgement.verdict import Verdict
from oracle.verify.blame import Blame
from oracle.verify.campaign.campaign import Tally
from oracle.verify.examination import Examination
from oracle.verify.sampled_cases import Sample


@dataclass(frozen=True)
class Failure:
    """A wrong or inaccurate case: its number in the campaign (None: an edge case), what it was, the smallest like it, and who is
    to blame."""

    number: int | None
    found: Examination
    smallest: Examination
    blame: Blame


@dataclass
class Verification:
    """The result of `verify`."""

    cases: int
    seed: int
    tally: Tally
    sample: Sample
    edges: int = 0
    settled: int = 0
    unsettled: int = 0
    failed: tuple[str, int] | None = None  # ("edge" or "case", its number)
    failure: Failure | None = None
    lost: list[str] = field(default_factory=list)  # parts whose processes died or hung, twice
    suspicious: int = 0
    loop_per_second: float | None = None
    seconds: float = 0.0

    @property
    def certified(self) -> int:
        """How many random cases are right for sure, by enclosures in float64 or in arb."""
        return self.tally.certified + self.settled

    @property
    def verdict(self) -> Verdict:
        """wrong or inaccurate where a case is, undecided where witnesses conflict, or a case stayed open or was
        lost, else right."""
        if self.failure is not None:
            return self.failure.found.verdict
        return Verdict.UNDECIDED if self.sample.conflicts or self.unsettled or self.lost else Verdict.RIGHT
