"""What a candidate does with right numbers in an unusual guise: other layouts, objects used again, answers kept, many calls.

All of it happens at points at which the candidate was found right, so that only its conduct can differ. Another layout may change
the order of a sum: an answer is held to the truth, not to the bits of the first one.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from oracle.candidate.asking import BITS, CannotJudge, Misconduct, as_array
from oracle.candidate.layouts import LAYOUTS
from oracle.effort.counting import counted
from oracle.judgement.lookalikes import stale
from oracle.judgement.point import Finding, measured
from oracle.judgement.verdict import Verdict, distance
from oracle.witnesses.function import ON_FLOATS, Function
from oracle.witnesses.truth import Truth, truth

Array = NDArray[Any]

#: An opaque answer may round in ways that no evaluation of ours shows, by so many units of its largest component.
UNITS = 4096.0
#: Larger points are not asked again.
MOST_ENTRIES = 4096
#: Entries of an answer that tell one order of them from another.
ENOUGH = 4
#: Answers that are held while as many others are asked for: a ring of fewer buffers is seen.
KEPT = 8
#: Calls in a row at one point; fewer where a call takes much, counted in calls of functions that it makes.
MOST_CALLS, MOST_EFFORT = 640, 60_000
#: Calls of code that JAX runs, which keeps nothing of its arguments unless asked to.
CALLS_OF_JAX = 16


class Conduct(NamedTuple):
    """wrong: the first misconduct, as a finding; notes: what it refuses; warnings: what it silently gets wrong where a refusal
    would be right; a sentence each."""

    wrong: Finding | None
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def examine(
    function: Function, grad: Callable[..., Any], findings: Sequence[Finding], labels: Sequence[int] = ()
) -> Conduct:
    """Asks for the answers at right points once more, in other guises. labels: arguments that may as well be integers."""
    right = [f for f in findings if f.verdict is Verdict.RIGHT and _size(f) <= MOST_ENTRIES]
    if not right:
        return Conduct(None)
    asking = _Asking(function, grad)
    telling = max(right, key=_tells)
    by_jax = asking.is_jax(telling)
    notes: list[str] = []
    cautions: list[str] = []
    found = _in_other_layouts(asking, telling, by_jax, notes)
    found = found or _labels_as_integers(asking, telling, labels, notes)
    if not by_jax:
        _whole_numbers_as_integers(asking, telling, cautions)
    pair = _pair(right)
    if found is None and pair is not None:
        found = _used_again(asking, *pair) or (None if by_jax else _kept(asking, *pair))
    if found is None and not by_jax:
        found = _asked_beside(asking, telling)
    if found is None:
        found = _many_times(asking, min(right, key=_cost), CALLS_OF_JAX if by_jax else MOST_CALLS)
    return Conduct(found, tuple(notes), tuple(cautions))


class _Asking(NamedTuple):
    function: Function
    grad: Callable[..., Any]

    def __call__(self, args: Sequence[Array]) -> Any:
        with np.errstate(all="ignore"), warnings.catch_warnings(record=True):  # torch warns of a read-only array
            return self.grad(*args)

    def is_jax(self, finding: Finding) -> bool:
        return _is_jax(self([a.copy() for a in finding.args])) if "jax" in sys.modules else False

    def complaint(self, result: Any, finding: Finding, words: str) -> Finding | None:
        """A finding where the result is no right answer at the point of the finding."""
        value = as_array(result)
        got = np.asarray(finding.got)
        if value.shape == got.shape and np.array_equal(value, got, equal_nan=True):
            return None
        if value.shape != got.shape or value.dtype.name not in BITS:
            what = f"the shape {value.shape}" if value.shape != got.shape else f"the dtype {value.dtype}"
            return _misconduct(finding, f"{words} it returns {what}")
        value = value.copy()
        limit = self._limit(finding, got)
        with np.errstate(all="ignore"):
            numbers, before = value.astype(np.float64), got.astype(np.float64)
            rounding = UNITS * 2.0 ** -BITS[got.dtype.name] * np.max(np.abs(before), initial=0.0)
            apart = ~(np.abs(numbers - before) <= (rounding if BITS[got.dtype.name] > 11 else 0.0))
            assert finding.truth is not None
            beyond = apart & ~(distance(numbers, finding.truth) <= limit)
        if not beyond.any():
            return None
        at = tuple(int(k) for k in np.argwhere(beyond)[0])
        which = f"component [{', '.join(map(str, at))}] is" if at else "it is"
        return _misconduct(finding, f"{words} it answers otherwise: {which} {numbers[at]:.17g}, not {before[at]:.17g}")

    def _limit(self, finding: Finding, got: Array) -> NDArray[np.float64]:
        assert finding.truth is not None
        known = Truth(finding.truth, np.zeros(got.shape))
        if self.function.level == ON_FLOATS:
            known = truth(self.function, finding.args)
        return measured(self.function, finding.args, BITS[got.dtype.name], got, known)


def _misconduct(finding: Finding, complaint: str) -> Finding:
    return replace(finding, verdict=Verdict.WRONG, component=None, complaint=complaint, how="how it behaved")


def _in_other_layouts(asking: _Asking, point: Finding, by_jax: bool, notes: list[str]) -> Finding | None:
    """Each layout by itself; all in one for code that JAX runs, which copies what it is given."""
    for words, layout in list(LAYOUTS.items())[: 1 if by_jax else None]:
        given = [layout(a) for a in point.args]
        try:
            found = asking.complaint(asking(given), point, f"given its arguments {words},")
        except (CannotJudge, Misconduct) as error:
            notes.append(f"given its arguments {words}, {error}")
            continue
        except Exception as error:
            notes.append(f"given its arguments {words}, grad raises {type(error).__name__}: {_first_line(error)}")
            continue
        if found is not None:
            return found
        for n, (a, before) in enumerate(zip(given, point.args, strict=True)):
            if not np.array_equal(a, before, equal_nan=True):
                return _misconduct(point, f"given its arguments {words}, it changes its argument {n}")
    return None


def _labels_as_integers(asking: _Asking, point: Finding, labels: Sequence[int], notes: list[str]) -> Finding | None:
    """One-hot vectors and signs are whole numbers, and many a program keeps them as such."""
    if not labels:
        return None
    words = "given its labels as integers,"
    try:
        given = [a.astype(np.int64) if n in labels else a.copy() for n, a in enumerate(point.args)]
        return asking.complaint(asking(given), point, words)
    except Exception as error:
        notes.append(f"{words} grad raises {type(error).__name__}: {_first_line(error)}")
        return None


def _whole_numbers_as_integers(asking: _Asking, point: Finding, cautions: list[str]) -> None:
    """Nobody differentiates by an integer; but whoever passes whole numbers in an integer array may be answered in one."""
    argnum = asking.function.argnum
    whole = [np.round(a) if n == argnum else a for n, a in enumerate(point.args)]
    if np.max(np.abs(whole[argnum]), initial=0.0) > 2.0**31 or not asking.function.inside(whole):
        return
    try:
        expected = as_array(asking([a.copy() for a in whole])).astype(np.float64)
        got = as_array(asking([a.astype(np.int64) if n == argnum else a.copy() for n, a in enumerate(whole)]))
    except Exception:  # as jax.grad does
        return
    truncated = np.trunc(expected)
    if got.shape == expected.shape and np.any(truncated != expected) and np.array_equal(got, truncated):
        cautions.append(f"given argument {argnum} as integers, grad truncates its answer: pass floats")


def _used_again(asking: _Asking, first: Finding, second: Finding) -> Finding | None:
    """The same array objects with other numbers in them: what is kept by the identity of an array is not what it holds."""
    given = [a.copy() for a in first.args]
    try:
        as_array(asking(given)).copy()
        for a, new in zip(given, second.args, strict=True):
            a[...] = new
        return asking.complaint(
            asking(given), second, "given arrays that it was given before, with other numbers in them,"
        )
    except (CannotJudge, Misconduct):
        return None


def _kept(asking: _Asking, first: Finding, second: Finding) -> Finding | None:
    """Several answers, held while as many others are asked for: each still says what it said."""
    held: list[tuple[Array, Array]] = []
    try:
        for finding in (*[first] * KEPT, *[second] * KEPT):
            given = [a.copy() for a in finding.args]
            value = as_array(asking(given))
            if not any(np.shares_memory(value, a) for a in given):
                held.append((value, value.copy()))
    except (CannotJudge, Misconduct):
        return None
    if all(np.array_equal(value, before, equal_nan=True) for value, before in held):
        return None
    return _misconduct(first, "it overwrites an earlier answer: arrays that it returned are used again")


def _asked_beside(asking: _Asking, point: Finding) -> Finding | None:
    found = stale(asking.function, asking.grad, point.args)
    if found is None:
        return None
    finding, words = found
    return _misconduct(finding, f"it gives the answer that it gave at another point, {words}")


def _many_times(asking: _Asking, point: Finding, most: int) -> Finding | None:
    """The cheapest point, as often as is cheap."""
    _, effort = counted(lambda: asking([a.copy() for a in point.args]))
    for _ in range(min(most, MOST_EFFORT // max(effort, 1))):
        try:
            found = asking.complaint(asking([a.copy() for a in point.args]), point, "after hundreds of calls")
        except (CannotJudge, Misconduct):
            return None
        if found is not None:
            return found
    return None


def _pair(right: Sequence[Finding]) -> tuple[Finding, Finding] | None:
    """Two points of one shape with different answers, the most telling shape first."""
    by_telling = sorted(right, key=_tells, reverse=True)
    for finding in by_telling:
        for other in by_telling:
            same_shapes = all(
                a.shape == b.shape and a.dtype == b.dtype for a, b in zip(finding.args, other.args, strict=True)
            )
            if same_shapes and not np.array_equal(np.asarray(finding.got), np.asarray(other.got), equal_nan=True):
                return finding, other
    return None


def _tells(finding: Finding) -> tuple[int, int]:
    """Distinct entries of the answer, up to as many as tell one order from another, and then as few as can be."""
    return min(len(np.unique(np.asarray(finding.got, dtype=np.float64))), ENOUGH), -_size(finding)


def _size(finding: Finding) -> int:
    return sum(a.size for a in finding.args)


def _cost(finding: Finding) -> tuple[bool, int]:
    """Nonzero answers first, then few entries."""
    return not np.any(np.asarray(finding.got, dtype=np.float64)), _size(finding)


def _is_jax(result: Any) -> bool:
    return type(result).__module__.partition(".")[0] in ("jax", "jaxlib")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [""])[0][:100]
