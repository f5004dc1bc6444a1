"""What the check could have seen: the standard mistakes, applied to a gradient at the points that were tried."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.candidate.asking import BITS
from oracle.diagnosis.standard_mistakes import MISTAKES, Mistake, Point
from oracle.judgement.allowances import measured
from oracle.judgement.point import Finding
from oracle.judgement.verdict import Verdict, distance
from oracle.search.domains import Domain
from oracle.witnesses.function import ON_FLOATS, Function
from oracle.witnesses.truth import Truth, truth

Array = NDArray[Any]
#: Points at which the allowance is measured for one mistake before it counts as unseen.
MOST_MEASURED = 24
#: Points at which the truth is asked for once more, with two arguments exchanged, where grad is no help.
MOST_EXCHANGED = 8


@dataclass(frozen=True)
class Power:
    """seen: the standard mistakes that would have been found at the points tried. unseen: those that would not, with the reason."""

    seen: tuple[str, ...]
    unseen: tuple[str, ...]
    text: str


def power(
    function: Function,
    grad: Callable[..., Any],
    findings: Sequence[Finding],
    *,
    domains: Sequence[Domain] | None = None,
) -> Power:
    """Applies each standard mistake to the gradient at the judged points, and asks whether any result would exceed what rounding
    explains there. domains: two arguments are exchanged only where they stay inside."""
    usable = [f for f in findings if not f.complaint and f.got is not None and f.truth is not None]
    exchanged = _exchanged(function, grad, usable, domains, all(f.verdict is Verdict.RIGHT for f in findings))
    points = [
        Point(f, _right_value(f), np.asarray(f.args[function.argnum]), swapped)
        for f, swapped in zip(usable, exchanged, strict=True)
    ]
    with np.errstate(all="ignore"):  # what is huge may overflow when it is doubled
        seen, unseen = _sorted_out(function, points)
    count = len(seen) + len(unseen)
    text = f"Of {count} standard mistakes, {len(seen)} would have been seen at the {len(points)} points compared"
    if unseen:
        text += "; unseen: " + "; ".join(unseen)
    return Power(tuple(seen), tuple(unseen), text)


def _sorted_out(function: Function, points: Sequence[Point]) -> tuple[list[str], list[str]]:
    """The applicable mistakes: those that would be seen, and the others with their reasons."""
    limits: dict[int, NDArray[np.float64]] = {}
    seen, unseen = [], []
    for name, mistake in MISTAKES.items():
        if not _is_applicable(name, function, points):
            continue
        if _would_be_seen(function, points, mistake, limits):
            seen.append(name)
        else:
            unseen.append(f"{name} ({_reason(name, points, mistake)})")
    return seen, unseen


def _right_value(finding: Finding) -> Array:
    got = np.asarray(finding.got)
    if finding.verdict is Verdict.RIGHT:
        return got
    assert finding.truth is not None
    with np.errstate(over="ignore"):
        return finding.truth.midpoint().astype(got.dtype)


def _exchanged(
    function: Function,
    grad: Callable[..., Any],
    findings: Sequence[Finding],
    domains: Sequence[Domain] | None,
    is_right: bool,
) -> list[Array | None]:
    """The right result of each point with two arguments exchanged: that of grad if it is right everywhere, else the truth at
    the first few points where it can be had. None elsewhere, and where that leaves the domains."""
    left = MOST_EXCHANGED
    results: list[Array | None] = []
    for finding in findings:
        result, args = None, _with_exchanged(function, finding, domains)
        if args is not None and (is_right or left > 0):
            result = _of_grad(grad, args, finding) if is_right else _of_truth(function, args, finding)
            left -= result is not None
        results.append(result)
    return results


def _with_exchanged(function: Function, finding: Finding, domains: Sequence[Domain] | None) -> tuple[Array, ...] | None:
    """The arguments with two exchanged; None where that leaves the domains."""
    if len(finding.args) < 2 + function.of_product:
        return None
    args = list(finding.args)
    other = 1 if function.argnum == 0 else 0
    args[function.argnum], args[other] = args[other], args[function.argnum]
    first, second = args[function.argnum], args[other]
    if first.shape != second.shape or first.dtype != second.dtype or not _inside(function, args, domains):
        return None
    return tuple(args)


def _of_grad(grad: Callable[..., Any], args: Sequence[Array], finding: Finding) -> Array | None:
    try:
        with np.errstate(all="ignore"):
            result = np.asarray(grad(*(a.copy() for a in args)))
    except Exception:  # grad may refuse what nobody asked it to take
        return None
    return result if result.shape == np.asarray(finding.got).shape else None


def _of_truth(function: Function, args: Sequence[Array], finding: Finding) -> Array | None:
    if all(np.array_equal(a, b) for a, b in zip(args, finding.args, strict=True)):
        return None
    try:
        return truth(function, args).enclosure.midpoint().astype(np.asarray(finding.got).dtype)
    except (Undecidable, UnsupportedPrimitive):
        return None


def _inside(function: Function, args: Sequence[Array], domains: Sequence[Domain] | None) -> bool:
    if domains is not None:
        return all(d.holds(a) for d, a in zip(domains, args, strict=True))
    return all(b is None or bool(((a > b[0]) & (a < b[1])).all()) for a, b in zip(args, function.bounds, strict=False))


def _would_be_seen(
    function: Function, points: Sequence[Point], mistake: Mistake, limits: dict[int, NDArray[np.float64]]
) -> bool:
    """The points where it stands out most are asked first."""
    standing_out: list[tuple[float, int, Array]] = []
    for n, point in enumerate(points):
        mutated = mistake(point, points[: n + 1])
        if mutated is None:
            continue
        with np.errstate(all="ignore"):
            mutated = mutated.astype(point.value.dtype)
            change = np.abs(mutated.astype(np.float64) - point.value.astype(np.float64))
            excess = np.where(np.isnan(change), np.inf, change) / np.maximum(_floor(point), 1e-320)
        most = float(np.max(excess, initial=0.0))
        if most > 1:
            standing_out.append((most, n, mutated))
    standing_out.sort(key=lambda entry: -entry[0])
    for _, n, mutated in standing_out[:MOST_MEASURED]:
        if n not in limits:
            limits[n] = _limit(function, points[n])
        enclosure = points[n].finding.truth
        assert enclosure is not None
        if np.any(~(distance(mutated.astype(np.float64), enclosure) <= limits[n])):
            return True
    return False


def _floor(point: Point) -> NDArray[np.float64]:
    """The least that rounding may cost there."""
    return 2.0 ** -BITS[point.value.dtype.name] * np.abs(point.value.astype(np.float64))


def _limit(function: Function, point: Point) -> NDArray[np.float64]:
    """What a right gradient may be off by, as the judge measures it."""
    finding = point.finding
    if (finding.verdict is not Verdict.RIGHT or function.level == ON_FLOATS) and finding.allowed is not None:
        return np.asarray(finding.allowed)
    assert finding.truth is not None
    known = Truth(finding.truth, np.zeros(point.value.shape))
    try:
        return measured(function, point.args, BITS[point.value.dtype.name], point.value, known)
    except (Undecidable, UnsupportedPrimitive):
        return np.full(point.value.shape, np.inf)


def _is_applicable(name: str, function: Function, points: Sequence[Point]) -> bool:
    """A vector has no transpose, one argument nothing to be exchanged with, and float32 cannot be rounded to float32."""
    if name == "transposed":
        return any(p.value.ndim > 1 for p in points)
    if name == "arguments exchanged":
        return any(len(p.args) > 1 + function.of_product for p in points)
    return name != "rounded to float32" or any(BITS[p.value.dtype.name] > 24 for p in points)


def _reason(name: str, points: Sequence[Point], mistake: Mistake) -> str:
    """Why a mistake would have stayed unseen."""
    if not points:
        return "no point had a truth to compare with"
    changes = [mistake(p, points[: n + 1]) for n, p in enumerate(points)]
    if name == "transposed" and all(c is None for c in changes):
        return "no gradient tried was a square matrix"
    if name == "arguments exchanged" and all(c is None for c in changes):
        return "exchanged, they differ in shape or dtype, leave their domains or have no known derivative"
    if name in NEEDS_LENGTH and all(p.value.size < 2 for p in points):
        return "every length tried was 1"
    if not any(np.any(p.value) for p in points):
        return "the gradient is 0 at every point tried"
    if name == "clipped at 1000" and all(np.all(np.abs(p.value.astype(np.float64)) <= 1e3) for p in points):
        return "no component tried was larger than 1000"
    if name == "the first result at every call" and len({p.value.shape for p in points}) == len(points):
        return "every point tried had a shape of its own"
    if all(c is None or np.array_equal(c.astype(p.value.dtype), p.value) for c, p in zip(changes, points, strict=True)):
        return "it changes nothing at the points tried"
    return "it is smaller than what rounding explains at every point tried"


NEEDS_LENGTH = {
    "n times as large",
    "1/n times as large",
    "rolled by one",
    "reversed",
    "every component the mean of all",
}
