"""Where a gradient is wrong, by a threshold: it is found by bisection between a wrong point and a right one, with fresh calls.

Many quantities tell a few wrong rows from a few right ones. The one that decides is the one whose value, on several paths from
wrong to right, is the same where the verdict turns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.candidate import CannotJudge
from oracle.diagnosis.evidence import Evidence, Floats, Mask
from oracle.diagnosis.inside import Inside
from oracle.diagnosis.numbers import simplest_decimal
from oracle.diagnosis.places import Place, is_where
from oracle.judge import judge_point
from oracle.verdict import Verdict

Array = NDArray[Any]
Args = tuple[Array, ...]
#: Whether a component is wrong at other arguments; None where that is not to be had.
IsWrong = Callable[[Evidence, Args, int], bool | None]

#: Paths from wrong to right that are bisected, tries to find them, and halvings of each.
PATHS, TRIES, HALVINGS = 3, 8, 44


@dataclass(frozen=True)
class Quantity:
    """A number of one component at one point: of its arguments at all (args, k)."""

    words: str
    of: Callable[[Args, int], float]


@dataclass(frozen=True)
class Turn:
    """Where a path turns from wrong to right: the arguments on both sides, and the component that was watched."""

    wrong: Args
    right: Args
    component: int


def threshold_place(
    evidence: Evidence,
    wrong: Mask,
    neutral: Mask,
    parameters: Mapping[str, float],
    inside: Inside,
    is_wrong: IsWrong | None = None,
) -> Place | None:
    """The quantity and the threshold beyond which the wrong rows lie."""
    candidates = [(q, v) for q, v in _tabulated(evidence) if _separates(evidence, v, wrong, neutral)]
    if not candidates:
        return None
    turns = _turns(evidence, wrong, neutral, inside, is_wrong or exceeds)
    if len(turns) < 2:
        return None
    for quantity, values in candidates:
        interval = _shared(quantity, turns)
        if interval is None:
            continue
        limit = simplest_decimal(*interval)
        for sign, rows in (
            ("<", values < limit),
            (">", values > limit),
            ("≤", values <= limit),
            ("≥", values >= limit),
        ):
            if is_where(evidence, rows, wrong, neutral):
                return Place(f"where {quantity.words} {sign} {_words(limit, parameters)}", rows)
    return None


def _tabulated(evidence: Evidence) -> Iterator[tuple[Quantity, Floats]]:
    for quantity in quantities(evidence):
        values = np.empty_like(evidence.got)
        with np.errstate(all="ignore"):
            for row, (n, k) in enumerate(zip(evidence.point, evidence.index, strict=True)):
                values[row] = quantity.of(evidence.cases[int(n)].args, int(k))
        yield quantity, values


def quantities(evidence: Evidence) -> list[Quantity]:
    """What a branch is likely to ask: an entry, its size, its distance from another argument's, sums and extremes."""
    names, x = evidence.names, evidence.argnum
    beside = sorted((j for j, v in enumerate(evidence.values) if v is not None), key=lambda j: j != x)
    found: list[Quantity] = []
    for j in beside:
        found += [Quantity(names[j], partial(_entry, j)), Quantity(f"|{names[j]}|", partial(_size, j))]
    for j in (j for j in beside if j != x):
        found += [
            Quantity(f"{names[x]} − {names[j]}", partial(_difference, x, j)),
            Quantity(f"|{names[x]} − {names[j]}|", partial(_distance, x, j)),
            Quantity(f"{names[x]}·{names[j]}", partial(_product, x, j)),
        ]
    for j, name in enumerate(names):
        found += [Quantity(words.format(name), partial(_whole, j, reduce)) for words, reduce in REDUCTIONS.items()]
    return found


REDUCTIONS: Mapping[str, Callable[[Array], Any]] = {
    "the smallest entry of {}": np.min,
    "the largest entry of {}": np.max,
    "the largest |entry| of {}": lambda v: np.max(np.abs(v)),
    "the sum of {}": np.sum,
    "‖{}‖": lambda v: np.sqrt(np.sum(v * v)),
    "‖{}‖²": lambda v: np.sum(v * v),
}


def _entry(j: int, args: Args, k: int) -> float:
    return float(args[j].flat[k]) if args[j].size > 1 else float(args[j].flat[0])


def _size(j: int, args: Args, k: int) -> float:
    return abs(_entry(j, args, k))


def _difference(i: int, j: int, args: Args, k: int) -> float:
    return _entry(i, args, k) - _entry(j, args, k)


def _distance(i: int, j: int, args: Args, k: int) -> float:
    return abs(_difference(i, j, args, k))


def _product(i: int, j: int, args: Args, k: int) -> float:
    return _entry(i, args, k) * _entry(j, args, k)


def _whole(j: int, reduce: Callable[[Array], Any], args: Args, k: int) -> float:
    return float(reduce(args[j])) if args[j].size else float("nan")


def _separates(evidence: Evidence, values: Floats, wrong: Mask, neutral: Mask) -> bool:
    """Whether all wrong rows lie on one side of all right ones."""
    right = ~wrong & ~neutral
    if not wrong.any() or not right.any() or np.isnan(values[wrong | right]).any():
        return False
    return bool(values[wrong].max() < values[right].min() or values[wrong].min() > values[right].max())


def exceeds(evidence: Evidence, args: Args, k: int) -> bool | None:
    """Whether grad is wrong in component k; None where that is not to be had."""
    try:
        found = judge_point(evidence.function, evidence.grad, args)
    except CannotJudge:
        return None
    if found.verdict is Verdict.UNDECIDED or found.error is None or found.allowed is None:
        return None
    return found.verdict is not Verdict.RIGHT and not bool(found.error.flat[k] <= np.ravel(found.allowed)[k])


def _turns(evidence: Evidence, wrong: Mask, neutral: Mask, inside: Inside, is_wrong: IsWrong) -> list[Turn]:
    """Where a few paths turn, each from another wrong row."""
    turns: list[Turn] = []
    rows = np.flatnonzero(wrong)
    for row in rows[:: max(1, len(rows) // TRIES)][:TRIES]:
        args, k = evidence.cases[int(evidence.point[row])].args, int(evidence.index[row])
        for end in _ends(evidence, args, k, wrong, neutral):
            if inside(end) and is_wrong(evidence, end, k) is False:
                turn = _bisect(evidence, args, end, k, inside, is_wrong)
                if turn is not None:
                    turns.append(turn)
                break
        if len(turns) == PATHS:
            break
    return turns


def _ends(evidence: Evidence, args: Args, k: int, wrong: Mask, neutral: Mask) -> Iterator[Args]:
    """Points that may be right: one entry moved, one argument, all of them; towards rows that are right."""
    right = np.flatnonzero(~wrong & ~neutral)
    x = evidence.argnum
    order = right[np.argsort(np.abs(evidence.x[right] - _entry(x, args, k)), kind="stable")]
    for row in order[:: max(1, len(order) // 3)][:3]:
        moved = args[x].copy()
        moved.flat[k] = evidence.x[row]
        yield tuple(moved if j == x else a for j, a in enumerate(args))
    same = [
        r
        for r in order
        if evidence.index[r] == k and _shapes(evidence.cases[int(evidence.point[r])].args) == _shapes(args)
    ]
    for row in same[:2]:
        other = evidence.cases[int(evidence.point[row])].args
        yield tuple(other[j] if j == x else a for j, a in enumerate(args))
        yield other


def _shapes(args: Sequence[Array]) -> list[tuple[int, ...]]:
    return [a.shape for a in args]


def _bisect(evidence: Evidence, low: Args, high: Args, k: int, inside: Inside, is_wrong: IsWrong) -> Turn | None:
    """low is wrong in component k, high right; both close in on the turn."""
    for _ in range(HALVINGS):
        middle = tuple(_halfway(a, b) for a, b in zip(low, high, strict=True))
        if all(np.array_equal(m, a) for m, a in zip(middle, low, strict=True)) or not inside(middle):
            break
        answer = is_wrong(evidence, middle, k)
        if answer is None:
            return None
        low, high = (middle, high) if answer else (low, middle)
    return Turn(low, high, k)


def _halfway(a: Array, b: Array) -> Array:
    """Between two arrays; by ratio where all that moves is far apart and of one sign."""
    moves = a != b
    if a.dtype.kind != "f" or not moves.any():
        return a
    p, q = a[moves], b[moves]
    with np.errstate(all="ignore"):
        by_ratio = np.all(p * q > 0) and np.all(np.maximum(np.abs(p / q), np.abs(q / p)) > 8)
        out = a.copy()
        out[moves] = np.sign(p) * np.sqrt(np.abs(p)) * np.sqrt(np.abs(q)) if by_ratio else p / 2 + q / 2
    return out


def _shared(quantity: Quantity, turns: Sequence[Turn]) -> tuple[float, float] | None:
    """The interval in which the quantity turns on every path."""
    low, high = -np.inf, np.inf
    with np.errstate(all="ignore"):
        for turn in turns:
            ends = sorted((quantity.of(turn.wrong, turn.component), quantity.of(turn.right, turn.component)))
            room = 1e-9 * max(abs(ends[0]), abs(ends[1]))
            low, high = max(low, ends[0] - room), min(high, ends[1] + room)
    if not low <= high or (high - low) > 0.1 * max(abs(low), abs(high), 1e-9):
        return None
    return float(low), float(high)


def _words(limit: float, parameters: Mapping[str, float]) -> str:
    """A threshold, with the name that the code gives it."""
    names = [name for name, value in parameters.items() if value == limit]
    return f"{limit:g} (= {names[0]})" if names else f"{limit:.12g}"
