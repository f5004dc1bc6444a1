"""Fresh calls of grad along paths from wrong arguments to right ones, and where the verdict turns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.candidate.asking import CannotJudge
from oracle.diagnosis.evidence import Evidence, Mask, held_to, is_usable
from oracle.diagnosis.fresh_domains import Inside
from oracle.diagnosis.quantities import entry
from oracle.judgement.point import judge_point
from oracle.judgement.verdict import Verdict

Array = NDArray[Any]
Args = tuple[Array, ...]
#: Whether a component is wrong at other arguments; None where that is not to be had.
IsWrong = Callable[[Evidence, Args, int], bool | None]

#: Rows from which a path is tried, and halvings of a path.
TRIES, HALVINGS = 8, 48


@dataclass(frozen=True)
class Turn:
    """Where a path turns from wrong to right: the arguments on both sides, and the component that was watched."""

    wrong: Args
    right: Args
    component: int


def limited(is_wrong: IsWrong, points: int) -> IsWrong:
    """The same, but silent after so many points: some functions take long to judge."""
    left = iter(range(points))

    def ask(evidence: Evidence, args: Args, k: int) -> bool | None:
        if next(left, None) is None:
            return None
        return is_wrong(evidence, args, k)

    return ask


def _stands_out(evidence: Evidence, turn: Turn) -> bool:
    """Whether the error just on the wrong side is far beyond what is allowed, or no number at all."""
    found = judge_point(evidence.function, evidence.grad, turn.wrong, tells=False)
    if not is_usable(found):
        return False
    error, allowed = held_to(found)
    return not error[turn.component] <= 100 * allowed[turn.component]


def exceeds(evidence: Evidence, args: Args, k: int) -> bool | None:
    """Whether grad is wrong in component k; None where that is not to be had."""
    try:
        found = judge_point(evidence.function, evidence.grad, args, tells=False)
    except CannotJudge:
        return None
    if found.verdict is Verdict.UNDECIDED or not is_usable(found):
        return None
    assert found.truth is not None
    errors, limits = held_to(found)
    error, allowed = float(errors[k]), float(limits[k])
    if not error <= allowed:
        if found.verdict is not Verdict.RIGHT:
            return True
        if found.convention:  # so little beyond a switch that it is excused: neither side of a turn
            return None
    visible = allowed < 0.5 * evidence.usual_error * abs(float(found.truth.midpoint().flat[k]))
    return False if visible else None


@dataclass(frozen=True)
class Search:
    """Fresh calls along paths from wrong rows to right ones."""

    evidence: Evidence
    wrong: Mask
    inside: Inside
    is_wrong: IsWrong

    def turns(self, right: Mask, paths: int, accept: Callable[[Args, int], bool] = lambda args, k: True) -> list[Turn]:
        """Where so many paths to acceptable ends turn, each from another point; ordinary and short ones first."""
        found: list[Turn] = []
        rows = np.flatnonzero(self.wrong)
        order = np.lexsort((self.evidence.size[rows], self.evidence.extreme[rows]))
        _, firsts = np.unique(self.evidence.point[rows[order]], return_index=True)
        for row in (*rows[order][np.sort(firsts)], *rows[order])[:TRIES]:
            args, k = self.evidence.cases[int(self.evidence.point[row])].args, int(self.evidence.index[row])
            for end in _ends(self.evidence, args, k, right):
                if accept(end, k) and self.inside(end) and self.is_wrong(self.evidence, end, k) is False:
                    turn = self._bisect(args, end, k)
                    found += [turn] if turn is not None else []
                    break
            if len(found) == paths:
                break
        return found

    def jumps(self, turns: Sequence[Turn]) -> bool:
        """Whether the error is there at once beyond the turns; one that grows from nothing may begin before it is seen."""
        return all(
            self.is_wrong(self.evidence, t.wrong, t.component) is True and _stands_out(self.evidence, t) for t in turns
        )

    def _bisect(self, low: Args, high: Args, k: int) -> Turn | None:
        """low is wrong in component k, high right; both close in on the turn."""
        for _ in range(HALVINGS):
            middle = tuple(_halfway(a, b) for a, b in zip(low, high, strict=True))
            if _is_close(low, high) or not self.inside(middle):
                break
            answer = self.is_wrong(self.evidence, middle, k)
            if answer is None:  # it may be wrong and not be seen
                return None
            low, high = (middle, high) if answer else (low, middle)
        return Turn(low, high, k)


def _ends(evidence: Evidence, args: Args, k: int, right: Mask) -> Iterator[Args]:
    """Points that may be right: one entry moved, one argument, all of them; towards rows that are right."""
    rows = np.flatnonzero(right)
    x = evidence.argnum
    with np.errstate(over="ignore"):
        order = rows[np.argsort(np.abs(evidence.x[rows] - entry(x, args, k)), kind="stable")]
    for row in order[:: max(1, len(order) // 3)][:3]:
        moved = args[x].copy()
        moved.flat[k] = evidence.x[row]
        yield tuple(moved if j == x else a for j, a in enumerate(args))
    shapes = [a.shape for a in args]
    same = [
        r
        for r in order
        if evidence.index[r] == k and [a.shape for a in evidence.cases[int(evidence.point[r])].args] == shapes
    ]
    for row in same[:2]:
        other = evidence.cases[int(evidence.point[row])].args
        yield tuple(other[j] if j == x else a for j, a in enumerate(args))
        yield other


def _is_close(low: Args, high: Args) -> bool:
    """Whether nothing that moves is apart by more than the last few digits."""
    return all(
        np.all(np.abs(a - b) <= 1e-15 * np.maximum(np.abs(a), np.abs(b))) for a, b in zip(low, high, strict=True)
    )


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
