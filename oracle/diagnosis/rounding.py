"""Digits thrown away on the way: a result, or an argument, that went through a narrower dtype."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.candidate import BITS, CannotJudge
from oracle.diagnosis.evidence import Evidence
from oracle.diagnosis.fit import enough
from oracle.diagnosis.inside import Inside
from oracle.judge import judge_point
from oracle.verdict import Verdict

Array = NDArray[Any]
#: A narrow computation is off by so many of its units of rounding at most, times what the arguments' rounding costs.
UNITS = 64.0
TRIALS = 6


def narrow_result(evidence: Evidence, parameters: Mapping[str, float]) -> str | None:
    """Every result is a number of a narrower dtype, and the errors are of the size of its rounding."""
    own = float(np.min(evidence.unit)) if len(evidence.unit) else 0.0
    if not enough(evidence, evidence.wrong):
        return None
    with np.errstate(all="ignore"):
        off = np.abs(evidence.got - evidence.true)
        for name in ("float16", "bfloat16", "float32"):
            unit = 2.0 ** -BITS[name]
            small = off <= UNITS * (unit * np.abs(evidence.true) + evidence.allowed * unit / evidence.unit) + 1e-7 * (
                name == "float16"
            )
            if (
                unit > own * 8
                and np.array_equal(_rounded(evidence.got, name), evidence.got)
                and np.all(small | evidence.neutral)
            ):
                return f"Every result is a {name} number: it is computed in, or passes through, {name}"
    return None


def narrow_arguments(evidence: Evidence, inside: Inside) -> str | None:
    """Right wherever the arguments are numbers of a narrower dtype, and elsewhere off by no more than their rounding."""
    if not enough(evidence, evidence.wrong):
        return None
    for name in ("float32", "bfloat16", "float16"):  # the widest first: a float16 number is a float32 number too
        unit = 2.0 ** -BITS[name]
        with np.errstate(all="ignore"):
            off = np.abs(evidence.got - evidence.true)
            reach = UNITS * (unit * np.abs(evidence.true) + evidence.allowed * unit / evidence.unit)
        if np.all(off <= reach) and _right_at_rounded(evidence, name, inside):
            return f"It is right at {name} arguments, and elsewhere wrong by their rounding: a {name} intermediate"
    return None


def _right_at_rounded(evidence: Evidence, name: str, inside: Inside) -> bool:
    trials = 0
    for n in np.unique(evidence.point[evidence.wrong]):
        args: Sequence[Array] = [_rounded(a, name) if a.dtype.kind == "f" else a for a in evidence.cases[int(n)].args]
        if not inside(args):
            continue
        try:
            found = judge_point(evidence.function, evidence.grad, args)
        except CannotJudge:
            continue
        if found.verdict is not Verdict.RIGHT:
            return False
        trials += 1
        if trials == TRIALS:
            break
    return trials >= 2


def _rounded(x: Array, name: str) -> Array:
    with np.errstate(all="ignore"):
        if name == "bfloat16":
            bits = x.astype(np.float32).view(np.uint32)
            return (
                ((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000)
                .astype(np.uint32)
                .view(np.float32)
                .astype(np.float64)
            )
        return x.astype(name).astype(np.float64)
