"""Digits thrown away on the way: a result, or an argument, that went through a narrower dtype."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.candidate import BITS, CannotJudge, ask
from oracle.diagnosis.evidence import TINY, Evidence
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


def narrow_intermediate(evidence: Evidence, inside: Inside) -> str | None:
    """Errors of the size of a narrower dtype's rounding, where either grad does not notice smaller changes of an argument, or it
    is right at arguments of so few bits that nothing is rounded."""
    if not enough(evidence, evidence.wrong):
        return None
    off = np.abs(evidence.got - evidence.true)
    for name in ("float32", "bfloat16", "float16"):
        unit = 2.0 ** -BITS[name]
        with np.errstate(all="ignore"):
            size = off / (unit * np.abs(evidence.true) + evidence.allowed * unit / evidence.unit + TINY)
        if not 1 / UNITS <= np.max(size) <= UNITS:
            continue
        for j, argument in enumerate(evidence.names):
            if _is_deaf_to(evidence, j, unit, inside):
                return f"It does not notice changes of {argument} below the rounding of {name}: a {name} intermediate"
        if _right_at_rounded(evidence, name, inside) or _right_at_rounded(evidence, "bfloat16", inside):
            return f"It is right at arguments of few bits, and elsewhere wrong by the rounding of {name}: a {name} intermediate"
    return None


def _is_deaf_to(evidence: Evidence, j: int, unit: float, inside: Inside) -> bool:
    """Whether grad gives the very same result when an argument moves by much less than a narrow unit, and more than its own."""
    trials = 0
    for n in np.unique(evidence.point[evidence.wrong]):
        case = evidence.cases[int(n)]
        if case.args[j].dtype.kind != "f":
            return False
        moved = [a * (1 + unit * 2.0**-18) if i == j else a for i, a in enumerate(case.args)]
        if not inside(moved):
            continue
        try:
            answer = ask(evidence.grad, moved, evidence.argnum).value
        except CannotJudge:
            return False
        if answer is None or not np.array_equal(answer, np.asarray(case.got)):
            return False
        trials += 1
        if trials == TRIALS:
            break
    return trials >= 3


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
