"""Digits thrown away on the way: a result, or an argument, that went through a narrower dtype."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.candidate.asking import BITS, CannotJudge, ask
from oracle.diagnosis.evidence import TINY, Evidence
from oracle.diagnosis.fitting import enough
from oracle.diagnosis.fresh_domains import Inside
from oracle.judgement.point import judge_point
from oracle.judgement.verdict import Verdict

Array = NDArray[Any]
#: A narrow computation is off by so many of its units of rounding at most, times what the arguments' rounding costs.
UNITS, FEW_UNITS = 64.0, 8.0
#: Where many arguments have few bits the usual error is a small part of a unit.
MANY_EXACT = 4096.0
#: The part of the components that must be wrong, and differ from one another, before rounding is suspected.
MOST = 0.5
TRIALS = 6
#: Decimals are told from the numbers of a narrow dtype where they lie so many times as far apart.
COARSER = 8.0
#: What is asked about an argument's changes: by so many units of the dtype itself at least, by a few narrow units, and by many.
OWN_UNITS, STEP_UNITS, MUCH_UNITS = 16.0, 4.0, 16.0


def narrow_result(evidence: Evidence, parameters: Mapping[str, float]) -> str | None:
    """Every result is a number of a narrower dtype, and the errors are of the size of its rounding."""
    if not _looks_like_rounding(evidence) or len(np.unique(evidence.got)) < MOST * len(np.unique(evidence.true)):
        return None
    own = float(np.min(evidence.unit))
    with np.errstate(all="ignore"):
        off = np.abs(evidence.got - evidence.true)
        for name in ("float16", "bfloat16", "float32"):
            unit = 2.0 ** -BITS[name]
            small = off <= FEW_UNITS * (
                unit * np.abs(evidence.true) + evidence.allowed * unit / evidence.unit
            ) + 1e-7 * (name == "float16")
            if (
                unit > own * 8
                and np.array_equal(_rounded(evidence.got, name), evidence.got)
                and np.all(small | evidence.neutral)
            ):
                return f"Every result is a {name} number: it is computed in, or passes through, {name}"
    return None


def _looks_like_rounding(evidence: Evidence) -> bool:
    """Whether most components are wrong: rounding spares few."""
    return enough(evidence, evidence.wrong) and bool(np.mean(evidence.wrong[~evidence.neutral]) >= MOST)


def printed(evidence: Evidence, parameters: Mapping[str, float]) -> str | None:
    """Every result is a decimal of few places, or of few significant digits, and the truth rounded to it."""
    if not _looks_like_rounding(evidence) or len(np.unique(evidence.got)) < MOST * len(np.unique(evidence.true)):
        return None
    got, off = evidence.got, np.abs(evidence.got - evidence.true)
    room, half = 8 * evidence.slack, evidence.step / 2
    if not enough(evidence, evidence.wrong & evidence.told_apart(room)):
        return None
    with np.errstate(all="ignore"):
        for places in range(1, 13):
            near = off <= 0.5001 * 10.0**-places + room
            coarse = 10.0**-places > COARSER * evidence.step
            if (
                near.all()
                and np.all(np.abs(np.round(got, places) - got) <= half)
                and enough(evidence, evidence.wrong & coarse)
            ):
                return f"Every result is rounded to {places} decimal places"
        for digits in range(2, 16):
            near = off <= 5.001 * 10.0**-digits * np.abs(evidence.true) + room
            coarse = 10.0**-digits * np.abs(got) > COARSER * evidence.step
            printed_as = np.array([float(f"{g:.{digits}g}") for g in got])
            if near.all() and np.all(np.abs(printed_as - got) <= half) and enough(evidence, evidence.wrong & coarse):
                return f"Every result is rounded to {digits} significant digits"
    return None


def narrow_intermediate(evidence: Evidence, inside: Inside) -> str | None:
    """Errors of the size of a narrower dtype's rounding, where either grad does not notice smaller changes of an argument, or it
    is right at arguments of so few bits that nothing is rounded."""
    if not _looks_like_rounding(evidence):
        return None
    off = np.abs(evidence.got - evidence.true)
    own = float(np.max(evidence.unit))
    for name in ("float32", "float16", "bfloat16"):
        unit = 2.0 ** -BITS[name]
        if unit <= 8 * own:
            continue
        with np.errstate(all="ignore"):
            size = off / (unit * np.abs(evidence.true) + evidence.allowed * unit / evidence.unit + TINY)
        if not 1 / MANY_EXACT <= np.median(size[evidence.wrong]) <= UNITS:
            continue
        for j, argument in enumerate(evidence.names):
            if _is_deaf_to(evidence, j, name, inside):
                return f"It does not notice changes of {argument} below the rounding of {name}: a {name} intermediate"
        fewer = ("bfloat16",) if name == "float32" else ()
        if any(_right_at_rounded(evidence, bits, inside) for bits in (name, *fewer)):
            return f"It is right at arguments of few bits, and elsewhere wrong by the rounding of {name}: a {name} intermediate"
    return None


def _is_deaf_to(evidence: Evidence, j: int, name: str, inside: Inside) -> bool:
    """Whether grad gives the very same result when an argument moves by much less than a narrow unit, and more than its own."""
    trials, unit = 0, 2.0 ** -BITS[name]
    little = max(unit * 2.0**-18, OWN_UNITS * float(np.max(evidence.unit)))
    for n in np.unique(evidence.point[evidence.wrong]):
        case = evidence.cases[int(n)]
        if case.args[j].dtype.kind != "f":
            return False
        moved = [
            [a * (1 + by) if i == j else a for i, a in enumerate(case.args)]
            for by in (little, STEP_UNITS * unit, MUCH_UNITS * unit)
        ]
        if not all(map(inside, moved)):
            continue
        try:
            after, stepped, further = (ask(evidence.grad, args, evidence.argnum).value for args in moved)
        except CannotJudge:
            return False
        if after is None or not np.array_equal(after, np.asarray(case.got)):
            return False
        if stepped is None or further is None or np.array_equal(further, after):  # it does not depend on it here
            return False
        if name == "float16" and np.any((stepped == after) & (further != after)):  # bfloat16 does not notice either
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
