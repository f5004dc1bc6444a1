"""What the examination of one case finds, equation by equation."""

from __future__ import annotations

from dataclasses import dataclass

from oracle.judgement.verdict import Comparison, Verdict
from oracle.verify.breakdown import Breakdown
from oracle.verify.case import Case
from oracle.witnesses import Enclosure


@dataclass(frozen=True, eq=False)
class Step:
    """One array of the backward pass: which equation yields it, in which layer, how it compares, and by which way it was computed
    ("": plain `gradients`)."""

    equation: str
    layer: int
    comparison: Comparison
    truth: Enclosure
    way: str = ""

    @property
    def symbol(self) -> str:
        """The array as it is written."""
        symbols = {"C": "C", "BP3": f"∂C/∂W^{self.layer}", "BP4": f"∂C/∂b^{self.layer}"}
        return f"{symbols.get(self.equation, f'δ^{self.layer}')} {self.way}".rstrip()


@dataclass(frozen=True, eq=False)
class Examination:
    """The verdict on a case.

    steps: plain `gradients`, in the order of the backward pass. first_wrong: the first step, of these or of another way, that
    rounding does not explain, or what kept the pass from yielding arrays to compare.
    at_kink: some z lies exactly on a kink of its activation. There the cost of a network need not have a derivative, and where it
    has one, backpropagation need not find it (max(0, x) − max(0, −x) = x at 0, for which σ′(0) = 0 gives 0): what is judged
    is BP1–BP4 with the stated convention for σ′.
    """

    case: Case
    steps: tuple[Step, ...]
    verdict: Verdict
    first_wrong: Step | Breakdown | None
    at_kink: bool = False
