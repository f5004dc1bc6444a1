"""The right derivative of the wrong thing: arguments exchanged, another argument, an argument moved by an epsilon."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.candidate.asking import CannotJudge, ask
from oracle.diagnosis.evidence import Evidence, Floats, Mask
from oracle.diagnosis.fresh_domains import Inside
from oracle.diagnosis.number_names import Interval, in_digits, name_of
from oracle.witnesses.function import Function
from oracle.witnesses.truth import truth

Array = NDArray[Any]
#: Points at which a pattern that needs fresh calls is tried, and different shapes among them.
TRIALS, SHAPES = 8, 3
#: An argument moved by more than this is no epsilon.
LARGEST = 0.5


def exchanged(evidence: Evidence, inside: Inside) -> str | None:
    """grad with two arguments exchanged is right."""
    count = len(evidence.names) - evidence.function.of_product
    for i in range(count):
        for j in range(i + 1, count):
            if _right_when_exchanged(evidence, i, j, inside):
                return f"The arguments are exchanged: grad with {evidence.names[i]} and {evidence.names[j]} swapped is right"
    return None


def _right_when_exchanged(evidence: Evidence, i: int, j: int, inside: Inside) -> bool:
    repaired = 0
    for n in some_points(evidence):
        args = list(evidence.cases[n].args)
        if args[i].shape != args[j].shape:
            return False
        args[i], args[j] = args[j], args[i]
        if not inside(args):
            continue
        try:
            answer = ask(evidence.grad, args, evidence.argnum).value
        except CannotJudge:
            return False
        rows = evidence.point == n
        if answer is None or not _agrees(evidence, rows, answer.astype(np.float64).ravel()):
            return False
        repaired += bool(np.any(evidence.told_apart(2 * evidence.slack)[rows]))
    return repaired >= 2


def by_another_argument(evidence: Evidence) -> str | None:
    """got = ± the derivative with respect to another argument."""
    for j in range(len(evidence.names) - evidence.function.of_product):
        if j == evidence.argnum:
            continue
        signs, slack_everywhere = {1.0, -1.0}, 2 * evidence.slack
        function = replace(evidence.function, argnum=j, traces={})
        seen = 0
        for n in some_points(evidence, SHAPES):
            case = evidence.cases[n]
            if case.args[j].shape != evidence.shapes[n] or case.args[j].dtype.kind != "f":
                return None
            other = truth_at(function, case.args)
            if other is None:
                signs = set()
                break
            rows = evidence.point == n
            other = other[evidence.index[rows]]
            slack = slack_everywhere[rows]
            signs = {s for s in signs if np.all(np.abs(evidence.got[rows] - s * other) <= slack)}
            seen += bool(np.any(evidence.told_apart(slack_everywhere)[rows]))
        if seen >= 2 and signs:
            return f"It is {'' if 1.0 in signs else 'minus '}the derivative with respect to {evidence.names[j]}"
    return None


def moved_argument(evidence: Evidence, parameters: Mapping[str, float], inside: Inside) -> str | None:
    """got = the derivative at an argument plus ε; ε is solved for at one point and held against the others."""
    for j, name in _named(evidence):
        epsilon = _solve(evidence, j, inside)
        if epsilon is None:
            continue
        named = name_of(epsilon, parameters) or in_digits(epsilon)
        if abs(named.value) > LARGEST or not _fits_when_moved(evidence, j, named.value, inside):
            continue
        return f"It is the derivative at {name} + {named.value:g}: an epsilon of {named.value:g} is added to {name}"
    return None


#: Other arguments at which grad may have been taken by mistake.
OTHERS: Mapping[str, Callable[[Array], Array]] = {
    "2·{}": lambda v: v * 2,
    "{}/2": lambda v: v / 2,
    "−{}": lambda v: -v,
    "|{}|": np.abs,
    "{}²": lambda v: v * v,
    "{} rolled by one": lambda v: np.roll(v.ravel(), 1).reshape(v.shape),
    "{} rolled by minus one": lambda v: np.roll(v.ravel(), -1).reshape(v.shape),
    "{} reversed": lambda v: v.ravel()[::-1].reshape(v.shape),
    "{} sorted": lambda v: np.sort(v.ravel()).reshape(v.shape),
    "{} transposed": lambda v: np.swapaxes(v, -1, -2) if v.ndim > 1 and v.shape[-1] == v.shape[-2] else v,
}


def at_other_arguments(evidence: Evidence, inside: Inside) -> str | None:
    """got = the derivative where one argument is another: twice as large, negative, rolled."""
    for j, name in _named(evidence):
        for words, change in OTHERS.items():
            if _fits_at(evidence, lambda args, j=j, f=change: _changed(args, j, f), inside):  # type: ignore[misc]
                return f"It is the derivative at {words.format(name)} instead of {name}"
    return None


def axes_exchanged(evidence: Evidence, inside: Inside) -> str | None:
    """got = the derivative of the transposed matrices, transposed back: fn and grad reduce over different axes."""
    seen = 0
    for n in some_points(evidence):
        args = evidence.cases[n].args
        if any(a.ndim > 2 for a in args) or args[evidence.argnum].ndim != 2:
            return None
        turned = [np.ascontiguousarray(a.T) for a in args]
        if not inside(turned):
            continue
        found = truth_at(evidence.function, turned)
        if found is None:
            return None
        rows = evidence.point == n
        back = found.reshape(turned[evidence.argnum].shape).T.ravel()[evidence.index[rows]]
        room = evidence.slack_elsewhere[rows] + evidence.rounding[rows] * np.abs(back)
        if not np.all(np.abs(evidence.got[rows] - back) <= room):
            return None
        seen += bool(np.any(evidence.told_apart(evidence.slack_elsewhere)[rows]))
    if seen < 3:
        return None
    return "It is the derivative with rows and columns exchanged: a reduction over the wrong axis"


def _named(evidence: Evidence) -> list[tuple[int, str]]:
    """The arguments, but the cotangent: of that `cotangents.py` speaks."""
    return list(enumerate(evidence.names[: len(evidence.names) - evidence.function.of_cotangent]))


def _fits_at(evidence: Evidence, change: Callable[[Sequence[Array]], list[Array]], inside: Inside) -> bool:
    """Whether got is the truth at changed arguments, at a few points, two wrong ones among them."""
    repaired = 0
    for n in some_points(evidence):
        rows = evidence.point == n
        args = evidence.cases[n].args
        moved = change(args)
        if all(np.array_equal(a, b) for a, b in zip(args, moved, strict=True)):
            continue
        found = truth_at(evidence.function, moved) if inside(moved) else None
        if found is None:
            continue
        off = np.abs(evidence.got[rows] - found[evidence.index[rows]])
        if not np.all(
            off <= evidence.slack_elsewhere[rows] + evidence.rounding[rows] * np.abs(found[evidence.index[rows]])
        ):
            return False
        repaired += bool(np.any(evidence.told_apart(evidence.slack_elsewhere)[rows]))
    return repaired >= 3


def _changed(args: Sequence[Array], j: int, f: Callable[[Array], Array]) -> list[Array]:
    return [np.ascontiguousarray(f(a)) if n == j and a.dtype.kind == "f" else a for n, a in enumerate(args)]


def _solve(evidence: Evidence, j: int, inside: Inside) -> Interval | None:
    """ε where truth(x + ε) = got in the component that is off most, by secants."""
    with np.errstate(all="ignore"):
        excess = np.where(evidence.wrong, np.abs(evidence.got - evidence.true) / evidence.slack, 0.0)
    if not len(excess) or excess.max() < 100:
        return None
    row = int(np.argmax(excess))
    args, k, got = evidence.cases[int(evidence.point[row])].args, int(evidence.index[row]), evidence.got[row]
    if args[j].dtype.kind != "f" or not args[j].size:
        return None
    scale = float(np.min(np.abs(args[j]))) or 1.0
    before, off_before = 0.0, float(evidence.true[row] - got)
    here = 1e-6 * scale
    for _ in range(12):
        moved = _moved(args, j, here)
        found = truth_at(evidence.function, moved) if inside(moved) else None
        if found is None or not np.isfinite(found[k]):
            return None
        off = float(found[k] - got)
        slope = (off - off_before) / (here - before) if here != before else 0.0
        if off == 0 or slope == 0:
            break
        before, off_before, here = here, off, here - off / slope
        if abs(here - before) <= 1e-9 * abs(here):
            break
    if here == 0 or slope == 0 or abs(here) > LARGEST:
        return None
    half = abs(float(evidence.slack[row]) / slope) + 4 * float(np.spacing(np.max(np.abs(args[j]))))
    return Interval(here - half, here + half) if half < 0.2 * abs(here) else None


def _fits_when_moved(evidence: Evidence, j: int, epsilon: float, inside: Inside) -> bool:
    seen = 0
    for n in some_points(evidence):
        moved = _moved(evidence.cases[n].args, j, epsilon)
        found = truth_at(evidence.function, moved) if inside(moved) else None
        rows = evidence.point == n
        if found is None:
            continue
        found = found[evidence.index[rows]]
        slack = evidence.slack[rows] + np.abs(found - evidence.true[rows]) * 1e-6
        if not np.all(np.abs(evidence.got[rows] - found) <= slack):
            return False
        seen += bool(np.any(evidence.told_apart(evidence.slack)[rows]))
    return seen >= 2


def _moved(args: Sequence[Array], j: int, by: float) -> list[Array]:
    return [a + by if n == j else a for n, a in enumerate(args)]


def truth_at(function: Function, args: Sequence[Array]) -> Floats | None:
    """The middle of the enclosure, flat; None where there is none."""
    try:
        return truth(function, args).enclosure.midpoint().ravel()
    except (Undecidable, UnsupportedPrimitive, ValueError, TypeError):
        return None


def _agrees(evidence: Evidence, rows: Mask, values: Floats) -> bool:
    return bool(np.all(np.abs(values[evidence.index[rows]] - evidence.true[rows]) <= 2 * evidence.slack[rows]))


def some_points(evidence: Evidence, shapes: int | None = None) -> list[int]:
    """The numbers of a few points, wrong ones first, at no more than so many shapes."""
    wrong = [int(n) for n in np.unique(evidence.point[evidence.wrong])]
    right = [n for n in range(len(evidence.cases)) if n not in set(wrong)]
    chosen: list[int] = []
    known: set[tuple[int, ...]] = set()
    for n in (*wrong[:: max(1, len(wrong) // TRIALS)][:TRIALS], *right[:: max(1, len(right) // 4)][:4]):
        shape = evidence.shapes[n]
        if shapes is not None and shape not in known and len(known) == shapes:
            continue
        known.add(shape)
        chosen.append(n)
    return chosen
