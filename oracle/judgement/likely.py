"""What the worst case of rounding excuses, and what is likely does not: said beside a right verdict, never instead of it.

Roundings that are independent cost a long sum no more than √n of them would, but for a probability of some 1e-21 (Higham and Mary
2019). An error beyond that is a sum whose roundings lean to one side, or a mistake too small for the worst case to tell.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from oracle.candidate.asking import BITS
from oracle.judgement.point import Finding
from oracle.judgement.verdict import Verdict
from oracle.witnesses.function import TRACED, Function
from oracle.witnesses.large import allowance
from oracle.witnesses.large_enclosure import LargeEnclosure

#: λ of the bound.
LAMBDA = 10.0


def unlikely(function: Function, findings: Sequence[Finding]) -> str | None:
    """The sentence on the right answer at a large point whose error is the largest part of what is allowed, where no independent
    roundings explain it; None where they do."""
    shares = [(share, f) for f in findings if (share := _share_of_allowed(f)) > 0]
    if function.level != TRACED or not shares:
        return None
    _, found = max(shares, key=lambda pair: pair[0])
    assert found.got is not None
    assert found.error is not None
    assert isinstance(found.truth, LargeEnclosure)
    off = allowance(function.traced(found.args), found.args, BITS[found.got.dtype.name], LAMBDA)
    if off is None:
        return None
    beyond = found.error - found.truth.floats.radius > off
    if not beyond.any():
        return None
    at = np.unravel_index(int(np.argmax(np.where(beyond, found.error / off, 0.0))), found.error.shape)
    times, place = found.error[at] / off[at], [int(k) for k in at]
    return (
        f"the worst case of rounding explains the error of {np.count_nonzero(beyond):,} of {beyond.size:,} components at a point "
        f"of {found.got.dtype.name}, and independent roundings do not (√n bound): at {place} it is {times:.2g} times what they "
        "may cost, as of a sum that rounds to one side, or of a mistake of that size"
    )


def _share_of_allowed(found: Finding) -> float:
    """The largest part of what is allowed that an error is; 0 where nothing is to be told."""
    narrow = found.got is not None and found.got.dtype.name in BITS and found.got.dtype != np.float64
    if found.verdict is not Verdict.RIGHT or not narrow or not isinstance(found.truth, LargeEnclosure):
        return 0.0
    if found.error is None or found.allowed is None:
        return 0.0
    return float(np.max(found.error / np.maximum(found.allowed, np.finfo(np.float64).tiny), initial=0.0))
