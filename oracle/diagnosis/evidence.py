"""The evidence: every component of every judged point in one row each, so that a pattern is fitted to all of them at once."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.candidate.asking import BITS
from oracle.judgement.point import Finding
from oracle.judgement.verdict import Verdict
from oracle.witnesses.function import Function

Array = NDArray[Any]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

#: Points that a diagnosis looks at; where there are more, wrong and right ones alternate from the front.
MOST_POINTS = 60
#: Components of one point; a longer one is left out while shorter ones are there.
MOST_COMPONENTS = 400
#: Units of rounding that a pattern may miss by, beyond what the judge allows.
UNITS = 16.0
#: Units of rounding by which a result may leave the interval at a kink.
KINK_UNITS = 64.0
#: Below this size a difference in balls may not tell a derivative from 0.
BLUR = 1e-50
#: A result loses up to so many units more where arguments are large: e^x loses x of them.
MOST_LOSS = 1000.0
#: Beyond this size, or below its inverse, a number is extreme.
FAR = 1e75
TINY = 4 * float(np.finfo(np.float64).tiny)
#: 2^−bits from which on a dtype is narrow, float32 the first; and from which on the judge's own allowance is nearly all that a
#: pattern may use, since UNITS of them would be a good part of the number.
NARROW, VERY_NARROW = 2.0**-24, 2.0**-11
UNITS_OF_VERY_NARROW = 2.0
#: What a cotangent is called that has no name of the user's.
THE_COTANGENT = {name: "the cotangent" for name in ("c", "cotangent", "the_cotangent")}
#: The least distance between two numbers of a dtype, by its unit.
LEAST_STEP = {2.0**-24: 2.0**-149, 2.0**-11: 2.0**-24, 2.0**-8: 2.0**-133}


@dataclass(frozen=True, eq=False)
class Evidence:
    """Rows, one a component: what was got and is true, how far they may differ, whether they do, and where it stands.

    unit: 2^−bits of the dtype that came back. point: the number of the case; index: the flat position in it; size: its length n.
    values: each argument beside the component, None where its shape does not broadcast to the gradient's, and of a cotangent, which
    is no part of anybody's formula but as a factor: it is the weight. names: the arguments'.
    """

    function: Function
    grad: Callable[..., Any]
    names: tuple[str, ...]
    cases: tuple[Finding, ...]
    got: Floats
    true: Floats
    allowed: Floats
    unit: Floats
    wrong: Mask
    kink: Mask
    point: NDArray[np.int64]
    index: NDArray[np.int64]
    size: Floats
    values: tuple[Floats | None, ...]
    weight: Floats | None = None

    @property
    def argnum(self) -> int:
        return self.function.argnum

    @property
    def x(self) -> Floats:
        """The argument that grad differentiates by."""
        found = self.values[self.argnum]
        assert found is not None
        return found

    def only(self, keep: Mask) -> Evidence:
        """The same with some of the rows."""
        rows = {
            name: getattr(self, name)[keep]
            for name in ("got", "true", "allowed", "unit", "wrong", "kink", "point", "index", "size")
        }
        weight = None if self.weight is None else self.weight[keep]
        return replace(self, values=tuple(v if v is None else v[keep] for v in self.values), weight=weight, **rows)

    def whole(self) -> Evidence:
        """The points that are there with all their components."""
        keep = np.zeros(len(self.got), dtype=bool)
        for low, high in self.spans:
            keep[low:high] = high - low == self.size[low]
        return self if keep.all() else self.only(keep)

    @property
    def comparable(self) -> Mask:
        """Rows with a number on both sides, and one right answer."""
        return np.isfinite(self.got) & np.isfinite(self.true) & ~self.kink

    @cached_property
    def shapes(self) -> list[tuple[int, ...]]:
        """The gradient's shape at each point."""
        return [np.asarray(case.got).shape for case in self.cases]

    @cached_property
    def neutral(self) -> Mask:
        """Rows that would be right whatever factor the gradient is wrong by: it is zero there, and so is the truth."""
        small = self.allowed + TINY
        return (np.abs(self.got) <= small) & (np.abs(self.true) <= small)

    @cached_property
    def invisible(self) -> Mask:
        """Rows that are right, but would count as right with an error of the usual size too."""
        return ~self.wrong & (self.allowed >= 0.5 * self.usual_error * np.abs(self.true))

    @cached_property
    def usual_error(self) -> float:
        """The median relative error of the wrong rows, at most 1."""
        with np.errstate(all="ignore"):
            relative = (np.abs(self.got - self.true) / np.abs(self.true))[self.wrong]
        relative = relative[np.isfinite(relative)]
        return min(1.0, float(np.median(relative))) if len(relative) else 1.0

    def told_apart(self, slack: Floats) -> Mask:
        """Rows where the truth itself would not do: what fits here has explained something."""
        return self.comparable & (np.abs(self.got - self.true) > slack)

    @cached_property
    def extreme(self) -> Mask:
        """Rows with an argument so huge or tiny that a formula written in another way may overflow."""
        out = np.zeros(len(self.got), dtype=bool)
        for v in self.values:
            if v is not None:
                out |= (np.abs(v) > FAR) | ((v != 0) & (np.abs(v) < 1 / FAR))
        return out

    @cached_property
    def slack(self) -> Floats:
        """What a pattern that adds something to the truth may miss by."""
        return self.allowed + self.rounding * (np.abs(self.got) + np.abs(self.true)) + TINY

    @cached_property
    def slack_elsewhere(self) -> Floats:
        """What a pattern may miss by that asks for the truth at other arguments, where more may be lost."""
        return np.where(self.unit < VERY_NARROW, 4.0, 1.0) * self.slack

    @cached_property
    def rounding(self) -> Floats:
        """The relative rounding that a formula of these arguments may cost."""
        largest = np.zeros(len(self.cases))
        for n, case in enumerate(self.cases):
            largest[n] = max(
                (float(np.max(np.abs(a), initial=0.0)) for a in case.args if a.dtype.kind in "fiu"), default=0.0
            )
        with np.errstate(divide="ignore"):
            exponent = np.abs(np.log(np.abs(self.got)))
        loss = np.minimum(largest[self.point], MOST_LOSS) + np.where(np.isfinite(exponent), exponent, 0.0)
        return self.units_of(UNITS * (1 + loss))

    def units_of(self, count: float | Floats) -> Floats:
        """So many units of rounding, as a part of a number; of a very narrow dtype as many as may be."""
        return np.where(self.unit < VERY_NARROW, count, UNITS_OF_VERY_NARROW) * self.unit

    @cached_property
    def step(self) -> Floats:
        """The distance between the numbers of the dtype at got; 0 for float64, where it is nobody's measure."""
        least = np.array([LEAST_STEP.get(float(u), 0.0) for u in self.unit])
        return np.where(least > 0, np.maximum(np.ldexp(self.unit, np.frexp(self.got)[1]), least), 0.0)

    @cached_property
    def slack_of_a_multiple(self) -> Floats:
        """What a pattern that multiplies the truth may miss by: the truth's own rounding is multiplied too."""
        with np.errstate(all="ignore"):
            growth = np.where(self.true != 0, np.abs(self.got / self.true), 1.0)
        growth = np.where(np.isfinite(growth), np.maximum(growth, 1.0), 1.0)
        return self.allowed * growth + self.rounding * np.abs(self.got) + TINY

    def each(self, reduce: Callable[[Array], Any], rows: Floats) -> Floats:
        """A number of each point, from its rows, beside each of them. The rows of a point stand together."""
        out = np.empty_like(rows)
        for low, high in self.spans:
            out[low:high] = reduce(rows[low:high])
        return out

    @cached_property
    def spans(self) -> list[tuple[int, int]]:
        """From where to where the rows of each point go."""
        edges = np.flatnonzero(np.diff(self.point)) + 1
        ends = [0, *(int(e) for e in edges), len(self.point)]
        return [(low, high) for low, high in itertools.pairwise(ends) if low < high]


def is_usable(finding: Finding) -> bool:
    """Whether a finding holds numbers that can be compared."""
    return not finding.complaint and finding.got is not None and finding.truth is not None and finding.error is not None


def gather(function: Function, grad: Callable[..., Any], findings: Sequence[Finding]) -> Evidence:
    """The rows of the usable findings, at most MOST_POINTS of them."""
    cases = tuple(_choose([f for f in findings if is_usable(f)]))
    columns: dict[str, list[Any]] = {
        k: [] for k in ("got", "true", "allowed", "unit", "wrong", "kink", "point", "index", "size")
    }
    values: list[list[Floats] | None] = [[] for _ in (cases[0].args if cases else ())]
    for n, case in enumerate(cases):
        got, truth = np.asarray(case.got), case.truth
        assert truth is not None
        error, allowed = held_to(case)
        columns["got"].append(got.astype(np.float64).ravel())
        near_zero = np.abs(got.astype(np.float64).ravel()) < BLUR
        blurred = np.asarray(truth.straddles).ravel() & near_zero  # the witness cannot tell the truth from 0 there
        columns["true"].append(np.where(blurred, np.nan, truth.midpoint().ravel()))
        columns["allowed"].append(allowed)
        columns["unit"].append(np.full(got.size, 2.0 ** -BITS[got.dtype.name]))
        columns["wrong"].append(~(error <= allowed) & ~blurred & (case.verdict is not Verdict.RIGHT))
        columns["kink"].append(np.asarray(truth.kink).ravel())
        columns["point"].append(np.full(got.size, n))
        columns["index"].append(np.arange(got.size))
        columns["size"].append(np.full(got.size, float(got.size)))
        for j, argument in enumerate(case.args):
            if values[j] is not None:
                values[j] = _beside(argument, got.shape, values[j])
    rows: dict[str, Any] = {k: np.concatenate(v) if v else np.empty(0) for k, v in columns.items()}
    rows["wrong"], rows["kink"] = rows["wrong"].astype(bool), rows["kink"].astype(bool)
    rows["point"], rows["index"] = rows["point"].astype(np.int64), rows["index"].astype(np.int64)
    beside = tuple(None if v is None else np.concatenate(v) if v else np.empty(0) for v in values)
    names = argument_names(function.fn, len(beside))
    if not function.of_cotangent or not beside:
        return Evidence(function, grad, names, cases, values=beside, **rows)
    weight, named = beside[-1], (*names[:-1], THE_COTANGENT.get(names[-1], names[-1]))
    return Evidence(function, grad, named, cases, values=(*beside[:-1], None), weight=weight, **rows)


def held_to(finding: Finding) -> tuple[Floats, Floats]:
    """error and allowed of a usable finding, flat: at a kink no more than rounding is allowed, and nothing where a result that is
    wrong for its zeros alone is 0."""
    assert finding.got is not None
    assert finding.truth is not None
    got = finding.got.astype(np.float64).ravel()
    error = np.asarray(finding.error, dtype=np.float64).ravel()
    allowed = np.broadcast_to(np.asarray(finding.allowed, dtype=np.float64), finding.got.shape).ravel()
    allowed = np.where(np.isfinite(allowed), allowed, 0.0)
    kink = np.asarray(finding.truth.kink).ravel()
    allowed = np.where(kink, KINK_UNITS * 2.0 ** -BITS[finding.got.dtype.name] * np.abs(got), allowed)
    if finding.verdict is not Verdict.RIGHT and np.all(error <= allowed):
        allowed = np.where(got == 0, 0.0, allowed)
    return error, allowed


def _beside(argument: Array, shape: tuple[int, ...], so_far: Any) -> list[Floats] | None:
    try:
        return [*so_far, np.broadcast_to(np.asarray(argument, dtype=np.float64), shape).ravel()]
    except ValueError:
        return None


def _choose(findings: list[Finding]) -> list[Finding]:
    short = [f for f in findings if np.asarray(f.got).size <= MOST_COMPONENTS] or findings[:4]
    if len(short) <= MOST_POINTS:
        return short
    wrong = [f for f in short if f.verdict is not Verdict.RIGHT]
    right = [f for f in short if f.verdict is Verdict.RIGHT]
    half = MOST_POINTS // 2
    few_right = min(len(right), max(half, MOST_POINTS - len(wrong)))
    return _spread(wrong, MOST_POINTS - few_right) + _spread(right, few_right)


def _spread(findings: list[Finding], count: int) -> list[Finding]:
    """So many of them, evenly from the whole list."""
    if len(findings) <= count:
        return findings
    return [findings[int(k)] for k in np.linspace(0, len(findings) - 1, count)]


def argument_names(fn: Callable[..., Any], count: int) -> tuple[str, ...]:
    """What the function calls its arguments; "argument 0" and so on where it does not say."""
    try:
        parameters = list(inspect.signature(fn).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)][:count]
    return tuple(names) if len(names) == count else tuple(f"argument {k}" for k in range(count))
