"""One check under way: what was found at the points that were tried, and how one more is judged by what is known from them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.candidate.asking import BITS, Answer, CannotJudge, Raised, ask
from oracle.candidate.guard import Guarded
from oracle.candidate.jax_arrays import OnJaxArrays
from oracle.check.along_repair import unless_only_outside
from oracle.check.budgets import for_a_point, for_search
from oracle.effort.budget import Budget, Exhausted, spending
from oracle.judgement.narrow import Arithmetic
from oracle.judgement.point import Finding, judge_point
from oracle.judgement.verdict import Verdict
from oracle.search.around import AS_GIVEN
from oracle.search.problem import Arguments, Problem
from oracle.witnesses.function import Function
from oracle.witnesses.large import is_large, too_large_for_arb
from oracle.witnesses.prepare import prepare
from oracle.witnesses.truth import truth

Array = NDArray[Any]

EXAMPLES = 90
#: Points at which the arithmetic of a candidate is looked at.
MOST_ORDINARY, FEW_ORDINARY = 6, 2  # of thousands of entries each
TOO_MUCH = "it takes more calls of fn, or operations, than one point may: declare shorter lengths or smaller shapes"
#: Points at which fn may raise before it is given up.
MOST_RAISING = 12


@dataclass(eq=False)
class Run:
    """One check under way."""

    problem: Problem
    rng: np.random.Generator
    database: Any
    name: str
    function: Function | None = None
    extremes: bool = False
    arithmetic: Arithmetic | None = None
    bits: str = "float64"
    findings: list[Finding] = field(default_factory=list)
    whys: list[str] = field(default_factory=list)
    sizes: list[float] = field(default_factory=list)
    coverage: Any = None
    raised: list[Raised] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    in_guise: Finding | None = None
    stopped: bool = False
    searching: bool = False
    asked: int = EXAMPLES
    budget: Budget = field(default_factory=for_search)

    def try_at(self, args: Arguments, why: str) -> None:
        """One more point: its finding among the others, where there is one. Raises Raised where fn or grad raises too often."""
        try:
            found = self._found(args)
        except Raised as error:  # here; elsewhere it may not
            found = Finding(args, Verdict.UNDECIDED, how=str(error))
            self.raised.append(error)
            if len(self.raised) >= MOST_RAISING and len(self.raised) > len(self.findings):
                raise self.raised[0] from None
        if found is None:
            return
        self.findings.append(found)
        self.whys.append(why)
        if self.function is not None and self.function.changing:  # what was found so far was found of another function
            how = f"no truth to hold it against: {self.function.changing}"
            self.findings = [
                f if f.complaint else replace(f, verdict=Verdict.UNDECIDED, truth=None, component=None, how=how)
                for f in self.findings
            ]
        if found.truth is not None:
            self.sizes.append(float(np.max(np.abs(found.truth.midpoint()), initial=0.0)))

    def _found(self, args: Arguments) -> Finding | None:
        """None where the arguments, in the candidate's precision, leave their domains."""
        if self.function is None:
            function = prepare(self.problem.fn, args, self.problem.argnum, [d.bounds for d in self.problem.domains])
            function.inside, function.of_product = self._inside, self.problem.product is not None
            function.accuracy, function.at_least = self.problem.accuracy, self.problem.at_least
            if self.problem.product is not None:
                function.settled = self.problem.product.settled
                by_another = (
                    self.problem.argnum < len(self.problem.domains) - 1
                )  # of a value it is by the cotangent itself
                function.of_cotangent = by_another and not self.problem.product.again
            self.sizes = self._ordinary_sizes(function) if self.problem.accuracy else []
            first = self._first_answer(args)
            self.function = function
            self.bits = first.value.dtype.name if first.value is not None else "float64"
        rounded = self.representable(args)
        return None if rounded is None else self._judged(rounded)

    def _first_answer(self, args: Arguments) -> Answer:
        """What grad says at first: of arrays of JAX where it takes no others."""
        try:
            return ask(self.problem.grad, args, self.problem.argnum, self._inside)
        except Raised:
            grad = self.problem.grad
            if "jax" not in sys.modules or not isinstance(grad, Guarded):
                raise
            on_jax = grad.of(OnJaxArrays)
            try:
                found = ask(on_jax, args, self.problem.argnum, self._inside)
            except CannotJudge:
                found = None
            if found is None:
                raise
            self.problem = replace(self.problem, grad=on_jax)
            return found

    def _judged(self, args: Arguments) -> Finding:
        try:
            with spending(for_a_point()):
                return self.judged(args)
        except Exhausted:
            if self.budget.is_spent:
                raise
            return Finding(args, Verdict.UNDECIDED, how=TOO_MUCH)

    def representable(self, args: Arguments) -> Arguments | None:
        """The arguments in the candidate's precision and that of the example, or None where that leaves a domain."""
        example = self.problem.example
        if self.bits == "float64" and example is None:
            return args
        own = example.dtypes if example is not None else ("float64",) * len(args)
        with np.errstate(over="ignore", under="ignore"):
            rounded = tuple(_to_bits(_to_bits(a, dtype), self.bits) for a, dtype in zip(args, own, strict=True))
        inside = all(np.isfinite(a).all() and self._holds(n, a) for n, a in enumerate(rounded))
        return rounded if inside else None

    def _holds(self, number: int, a: Array) -> bool:
        """Whether an argument, in the precision in which it is asked, lies in its domain."""
        example = self.problem.example
        own = example.dtypes[number] if example is not None else "float64"
        bits = min(BITS.get(self.bits, 53), BITS.get(own, 53))
        return self.problem.domains[number].holds(a, 2.0 ** (1 - bits))

    def _inside(self, args: Sequence[Array]) -> bool:
        """Whether all arguments lie in their domains; of what is drawn or repaired only between which numbers it was."""
        for n, (domain, a) in enumerate(zip(self.problem.domains, args, strict=True)):
            if not self._holds(n, a):
                return False
            if domain.is_made and a.size:
                seen = [f.args[n] for f in self.findings if f.args[n].size]
                if not seen or np.min(a) < min(map(np.min, seen)) or np.max(a) > max(map(np.max, seen)):
                    return False
        return True

    def judged(self, args: Arguments) -> Finding:
        """One point judged, with what is known from the others: the size of the gradient, and in which dtype it computes. A large
        one that is tried after the first wrong one need not tell wrong mathematics from lost digits."""
        assert self.function is not None
        if self.arithmetic is None:
            self.arithmetic = Arithmetic(self.function, self.problem.grad, self._ordinary)
        tells = not (is_large(args) and self.searching and self.wrong() is not None)
        found = judge_point(self.function, self.problem.grad, args, self.scale(), self.arithmetic, tells=tells)
        argnum = self.problem.argnum
        return unless_only_outside(found, self.problem.domains[argnum], argnum)

    def _ordinary(self) -> Iterator[Arguments]:
        """A few points of ordinary numbers, or of a strategy those that were tried."""
        from oracle.search.points import ordinary_points

        tried = (f.args for f in self.findings if self.decides(f.args))
        most = MOST_ORDINARY if not self.findings or not too_large_for_arb(self.findings[-1].args) else FEW_ORDINARY
        known = self._is_drawn() or self.problem.example is not None
        for args in islice(tried, most) if known else ordinary_points(self.problem, most):
            rounded = self.representable(args)
            if rounded is not None:
                yield rounded

    def _ordinary_sizes(self, function: Function) -> list[float]:
        """The largest component of the gradient at a few ordinary points: what is stated relative to it, is so from the first."""
        sizes = []
        for args in self._ordinary():
            try:
                midpoint = truth(function, args, explored=False).enclosure.midpoint()
            except (Undecidable, UnsupportedPrimitive):
                continue
            sizes.append(float(np.max(np.abs(midpoint), initial=0.0, where=np.isfinite(midpoint))))
        return sizes

    def _is_drawn(self) -> bool:
        return any(domain.kind == "drawn" for domain in self.problem.domains)

    def decides(self, args: Arguments) -> bool:
        """Whether digits lost at these arguments make the verdict: ordinary ones do, others where `extremes` asks for them."""
        from oracle.search.ordinary import are_ordinary, are_within_reach

        example = self.problem.example
        if example is not None and not self.extremes and not are_within_reach(args, example):
            return False
        return self.extremes or are_ordinary(args, self.problem.domains, self.bits)

    def scale(self) -> float:
        """The ordinary size of this gradient: the median over the points so far of its largest component."""
        return float(np.median(self.sizes)) if self.sizes else 0.0

    def wrong_as_given(self) -> bool:
        """Whether it is wrong at arguments that were given: wherever else they may live, it is asked about these."""
        found = zip(self.findings, self.whys, strict=True)
        return any(f.verdict is Verdict.WRONG and why == AS_GIVEN for f, why in found)

    def wrong(self) -> Finding | None:
        return next((f for f in self.findings if f.verdict is Verdict.WRONG), None)


def _to_bits(x: Array, name: str) -> Array:
    """x rounded to a narrower dtype, as float64."""
    if x.dtype.kind != "f":
        return x
    if name == "bfloat16":
        import ml_dtypes

        return x.astype(ml_dtypes.bfloat16).astype(np.float64)
    return x.astype(name).astype(np.float64) if name in BITS else x
