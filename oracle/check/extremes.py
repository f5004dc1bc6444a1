"""Digits lost at extreme arguments: a note in the report, no verdict, unless they are asked for or nothing else was compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.check.run import Run
from oracle.judgement.point import Finding
from oracle.judgement.verdict import Verdict
from oracle.search.shrink import simplicity

#: Arguments of so many entries at most are shown whole.
SHOWN = 4


def lost_at_extremes(run: Run) -> list[Finding]:
    """The findings `inaccurate` that make no verdict, as their arguments are extreme and ordinary ones were compared too."""
    compared = (f for f in run.findings if f.verdict in (Verdict.RIGHT, Verdict.INACCURATE))
    if not any(run.decides(f.args) for f in compared):
        return []
    return [f for f in run.findings if f.verdict is Verdict.INACCURATE and not run.decides(f.args)]


def extremes_noted(lost: Sequence[Finding], run: Run, arguments: Sequence[str]) -> tuple[str, ...]:
    """The note on them: how many, the simplest, and how to let them decide."""
    if not lost:
        return ()
    extreme = sum(not run.decides(f.args) for f in run.findings)
    f = min(lost, key=lambda found: simplicity(found.args))
    where = ", ".join(f"{name} = {_shown(a)}" for name, a in zip(arguments, f.args, strict=True))
    numbers = ""
    if f.component is not None and f.truth is not None and f.got is not None:
        index = f"[{', '.join(map(str, f.component))}]" if f.component else ""
        expected = float(f.truth.midpoint()[f.component])
        numbers = f": gradient{index} got {float(f.got[f.component]):.6g}, expected {expected:.6g}"
    example = run.problem.example
    if example is not None and example.reach is not None:
        return (
            f"away from the given arguments: digits are lost at {len(lost)} of {extreme} points, such as {where}{numbers}",
        )
    return (
        f"at extreme arguments: digits are lost at {len(lost)} of {extreme} points beyond ordinary magnitudes, "
        f"such as {where}{numbers}; extremes=True (--extremes) lets them decide",
    )


def _shown(a: NDArray[Any]) -> str:
    if a.size <= SHOWN:
        return str(a.tolist())
    return f"{a.size} numbers up to {np.max(np.abs(a)):.3g}"
