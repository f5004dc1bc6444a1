"""`check_gradient`: the search for a point where a gradient is wrong, and the report on what was found."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.candidate import BITS, CannotJudge, ask
from oracle.domains import as_domain
from oracle.guard import TIMEOUT, Guarded, Stopped
from oracle.judge import Finding, judge_point
from oracle.problem import Arguments, Problem
from oracle.report import Report, Tried, reproduction
from oracle.truth import ON_FLOATS, TRACED, Function, prepare
from oracle.verdict import Verdict

Array = NDArray[Any]

EXAMPLES = 90
#: Points judged after the first wrong one, for the diagnosis to fit; and seconds that shrinking may take.
EVIDENCE, SHRINK_SECONDS = 30, 2.0
#: Seconds after which no further point is tried, when fn or grad is slow.
SEARCH_SECONDS = 30.0


def check_gradient(
    fn: Callable[..., Any],
    grad: Callable[..., Any],
    domains: Sequence[Any] = ("unit", "unit"),
    *,
    lengths: tuple[int, int] | None = None,
    shapes: Sequence[tuple[int, ...]] | None = None,
    examples: int = EXAMPLES,
    rng: np.random.Generator | None = None,
    argnum: int = 0,
    database: Any = "default",
    timeout: float | None = TIMEOUT,
    name: str | None = None,
) -> Report:
    """Is grad(*arrays) the gradient of fn(*arrays) with respect to argument `argnum`?

    fn: traceable by JAX, or array code, or any function of floats; grad: any callable on NumPy arrays. domains: one for each
    argument: "real", "positive", "nonnegative", "unit", "closed_unit", "simplex", "closed_simplex", "one_hot", "sign", a pair
    (low, high), a `Domain`, or a Hypothesis strategy of arrays. Arguments are vectors of one common length, within `lengths`, or
    have the given `shapes`. rng: draws the points (the same ones by default); database: where failing examples are kept ("default":
    as Hypothesis is set up; None: nowhere); timeout: seconds for one call of fn or grad, None for no limit (there is none off the
    main thread, nor where another timer runs).
    Raises CannotJudge, a ValueError, where the question cannot be put: fn returns no number, grad raises or returns nothing, bad
    options.
    """
    started = time.perf_counter()
    problem = make_problem(fn, grad, domains, lengths, shapes, examples, rng, argnum, timeout)
    run = Run(problem, rng if rng is not None else np.random.default_rng(0), database, name or _name(grad))
    try:
        run.search(examples)
        with np.errstate(all="ignore"):  # mistakes and their fits may overflow, which is no news
            return run.report(started)
    except Stopped as stopped:
        raise CannotJudge(str(stopped)) from None


def assert_gradient(
    fn: Callable[..., Any], grad: Callable[..., Any], domains: Sequence[Any] = ("unit", "unit"), **options: Any
) -> None:
    """`check_gradient`, raising an AssertionError that reads as the report unless the verdict is `right`."""
    report = check_gradient(fn, grad, domains, **options)
    if not report:
        raise AssertionError(str(report))


def make_problem(
    fn: Any,
    grad: Any,
    domains: Any,
    lengths: Any,
    shapes: Any,
    examples: Any,
    rng: Any,
    argnum: Any,
    timeout: float | None = None,
) -> Problem:
    """The problem, its arguments checked. Raises CannotJudge with one sentence."""
    for what, function in (("fn", fn), ("grad", grad)):
        if not callable(function):
            raise CannotJudge(f"{what} is of type {type(function).__name__}: give a function")
    if isinstance(domains, str) or not isinstance(domains, Sequence) or not domains:
        raise CannotJudge(
            f"domains = {domains!r}: give a sequence with one domain for each argument, such as ('unit', 'real')"
        )
    try:
        known = tuple(as_domain(d) for d in domains)
    except (ValueError, TypeError) as error:
        raise CannotJudge(str(error)) from error
    if not isinstance(argnum, int) or isinstance(argnum, bool) or not 0 <= argnum < len(known):
        raise CannotJudge(f"argnum = {argnum!r}: there are {len(known)} arguments, numbered from 0")
    if not isinstance(examples, int) or isinstance(examples, bool) or examples < 1:
        raise CannotJudge(f"examples = {examples!r}: give a whole number of points, at least 1")
    if rng is not None and not isinstance(rng, np.random.Generator):
        raise CannotJudge(f"rng is of type {type(rng).__name__}: give numpy.random.default_rng(seed)")
    if lengths is not None and shapes is not None:
        raise CannotJudge("lengths and shapes are both given: shapes fix the lengths already")
    if lengths is not None and not (
        isinstance(lengths, tuple | list)
        and len(lengths) == 2
        and all(isinstance(n, int) for n in lengths)
        and 1 <= lengths[0] <= lengths[1]
    ):
        raise CannotJudge(f"lengths = {lengths!r}: give (low, high) with 1 <= low <= high")
    if shapes is not None:
        try:
            shapes = tuple(tuple(int(n) for n in s) for s in shapes)
        except (TypeError, ValueError):
            raise CannotJudge(
                f"shapes = {shapes!r}: give one shape for each argument, such as ((3, 4), (4,))"
            ) from None
        if len(shapes) != len(known):
            raise CannotJudge(
                f"shapes has {len(shapes)} entries, domains {len(known)}: give one shape for each argument"
            )
        if any(n < 1 for s in shapes for n in s):
            raise CannotJudge(f"shapes = {shapes}: every length must be at least 1")
    bounds = None if lengths is None else (lengths[0], lengths[1])
    return Problem(Guarded(fn, "fn", timeout), Guarded(grad, "grad", timeout), known, argnum, bounds, shapes)


@dataclass(eq=False)
class Run:
    """One check under way."""

    problem: Problem
    rng: np.random.Generator
    database: Any
    name: str
    function: Function | None = None
    bits: str = "float64"
    findings: list[Finding] = field(default_factory=list)
    whys: list[str] = field(default_factory=list)
    sizes: list[float] = field(default_factory=list)
    coverage: Any = None
    stopped: bool = False

    def search(self, examples: int) -> None:
        """Judges the points: those that failed before, those of the plan, those at the switches of branches."""
        from oracle.search.branches import Coverage
        from oracle.search.memory import recall
        from oracle.search.points import points
        from oracle.search.switches import switch_points

        until = time.perf_counter() + SEARCH_SECONDS
        planned = points(self.problem, self.rng, examples)
        for args in recall(self.problem, self.database):
            self._try(args, "failed before")
        left: int | None = None
        for point in planned:
            self._try(point.args, point.why)
            if left is None and self._wrong() is not None:
                left = EVIDENCE
            if left is not None:
                left -= 1
                if left <= 0:
                    return
            if time.perf_counter() > until:
                self.stopped = True
                return
        if left is None and self.function is not None and self.function.level == TRACED:
            self.coverage = Coverage(self.problem)
            for finding in self.findings:
                self.coverage.see(finding.args, self.function.traced(finding.args).value)
            for point in switch_points(self.coverage):
                self._try(point.args, point.why)

    def _try(self, args: Arguments, why: str) -> None:
        if self.function is None:
            self.function = prepare(
                self.problem.fn, args, self.problem.argnum, [d.bounds for d in self.problem.domains]
            )
            first = ask(self.problem.grad, args, self.problem.argnum)
            self.bits = first.value.dtype.name if first.value is not None else "float64"
        rounded = self._representable(args)
        if rounded is None:
            return
        found = judge_point(self.function, self.problem.grad, rounded, self._scale())
        self.findings.append(found)
        self.whys.append(why)
        if found.truth is not None:
            self.sizes.append(float(np.max(np.abs(found.truth.midpoint()), initial=0.0)))

    def _representable(self, args: Arguments) -> Arguments | None:
        """The arguments in the candidate's precision, or None where that leaves a domain."""
        if self.bits == "float64":
            return args
        with np.errstate(over="ignore", under="ignore"):
            rounded = tuple(_to_bits(a, self.bits) for a in args)
        inside = all(np.isfinite(a).all() and d.holds(a) for a, d in zip(rounded, self.problem.domains, strict=True))
        return rounded if inside else None

    def _scale(self) -> float:
        """The ordinary size of this gradient: the median over the points so far of its largest component."""
        return float(np.median(self.sizes)) if self.sizes else 0.0

    def _wrong(self) -> Finding | None:
        return next((f for f in self.findings if f.verdict is Verdict.WRONG), None)

    def report(self, started: float) -> Report:
        """What all findings amount to."""
        from oracle.diagnosis import diagnose
        from oracle.power import power

        function = self.function
        if function is None or not self.findings:
            raise CannotJudge("no point of the domains could be tried: they may hold no number of grad's precision")
        if all(f.verdict is Verdict.UNDECIDED for f in self.findings):
            self._refuse_undefined()
        worst = self._wrong() or next((f for f in self.findings if f.verdict is Verdict.INACCURATE), None)
        right = sum(f.verdict is Verdict.RIGHT for f in self.findings)
        verdict = worst.verdict if worst is not None else Verdict.RIGHT if right else Verdict.UNDECIDED
        never_finite = verdict is Verdict.INACCURATE and not right and not any(map(_is_finite, self.findings))
        if never_finite:  # nothing shows that the mathematics is right
            verdict = Verdict.WRONG
        audit = power(function, self.problem.grad, self.findings, domains=self.problem.domains)
        arguments = _argument_names(self.problem)
        base = Report(
            self.name,
            verdict,
            self._certified(),
            self._tried(),
            audit,
            why_not=self._why_not(),
            how="" if right else self.findings[0].how,
            notes=self._notes(),
            arguments=arguments,
            domains=tuple(d.name for d in self.problem.domains),
        )
        if worst is None:
            return replace(base, seconds=time.perf_counter() - started)
        shrunk = self._shrink(worst)
        sentences: Sequence[str] = ()
        if never_finite:
            sentences = (f"It is not finite at any of the {len(self.findings)} points tried",)
        elif verdict is Verdict.WRONG:
            sentences = diagnose(function, self.problem.grad, self.findings, domains=self.problem.domains)
        complaint = shrunk.complaint[:1].upper() + shrunk.complaint[1:]
        if complaint:  # the same words at the arguments that are shown
            sentences = (complaint, *(s for s in sentences if s[:12] != complaint[:12]))
        expected, got = _numbers(shrunk)
        return replace(
            base,
            counterexample=shrunk.args,
            component=shrunk.component,
            expected=expected,
            got=got,
            how="" if never_finite or complaint else shrunk.how,
            diagnosis=tuple(sentences),
            certified=base.certified and (bool(complaint) or shrunk.certified),
            why_not=base.why_not or ("" if complaint or shrunk.certified else "the truth at this point is not proved"),
            reproduction=reproduction(
                _name(self.problem.grad), _imports(self.problem), shrunk.args, arguments, shrunk.component
            ),
            seconds=time.perf_counter() - started,
        )

    def _shrink(self, worst: Finding) -> Finding:
        from oracle.search.memory import remember
        from oracle.search.shrink import shrink

        function = self.function
        assert function is not None

        def judged(args: Arguments) -> Finding | None:
            rounded = self._representable(args)
            if rounded is None:
                return None
            try:
                return judge_point(function, self.problem.grad, rounded, self._scale())
            except ValueError:
                return None

        def fails(args: Arguments) -> bool:
            found = judged(args)
            return (
                found is not None and found.verdict is worst.verdict and bool(found.complaint) == bool(worst.complaint)
            )

        smallest = shrink(worst.args, fails, self.problem, SHRINK_SECONDS)
        remember(self.problem, smallest, self.database)
        found = judged(smallest)
        return found if found is not None and found.verdict is worst.verdict else worst

    def _refuse_undefined(self) -> None:
        function = self.function
        assert function is not None
        for finding in self.findings:
            with np.errstate(all="ignore"):
                try:
                    value = float(np.asarray(self.problem.fn(*finding.args)))
                except Exception:
                    return
            if np.isfinite(value):
                return
        raise CannotJudge(f"fn is not finite at any of the {len(self.findings)} points tried: are the domains right?")

    def _certified(self) -> bool:
        return self.function is not None and self.function.level == TRACED and any(f.certified for f in self.findings)

    def _why_not(self) -> str:
        function = self.function
        assert function is not None
        if function.level == TRACED:
            return "" if self._certified() else "no point tried has a proved truth"
        by = "extrapolated differences in floats" if function.level == ON_FLOATS else "differences in balls"
        return f"{function.why}; judged by {by}"

    def _notes(self) -> tuple[str, ...]:
        notes = []
        for f in self.findings:
            if f.verdict is Verdict.RIGHT and f.truth is not None and f.got is not None and f.truth.kink.any():
                at = tuple(int(k) for k in np.argwhere(f.truth.kink)[0])
                low, high = float(f.truth.lower[at].mid()), float(f.truth.upper[at].mid())
                which = _convention(float(f.got[at]), low, high)
                notes.append(
                    f"where fn has a kink, grad takes {which} of the one-sided derivatives {low:g} and {high:g}: a subgradient"
                )
                break
        lost = [f for f in self.findings if f.verdict is Verdict.INACCURATE]
        if lost:
            notes.append(f"digits are lost at {len(lost)} of {len(self.findings)} points")
        unknown = [f for f in self.findings if f.verdict is Verdict.UNDECIDED]
        if unknown:
            why = textwrap.shorten(unknown[0].how, 200, placeholder=" …", break_long_words=True)
            notes.append(f"undecided at {len(unknown)} of {len(self.findings)} points; at the first, {why}")
        if self.stopped:
            notes.append(f"the search was stopped after {SEARCH_SECONDS:g} seconds")
        return tuple(notes)

    def _tried(self) -> Tried:
        def count(verdict: Verdict) -> int:
            return sum(f.verdict is verdict for f in self.findings)

        shapes = tuple(dict.fromkeys(tuple(a.shape for a in f.args) for f in self.findings))
        branches = self.coverage.branches() if self.coverage is not None else ()
        never = tuple(words for branch in branches for words in branch.never)
        return Tried(
            len(self.findings),
            count(Verdict.RIGHT),
            count(Verdict.INACCURATE),
            count(Verdict.UNDECIDED),
            sum(f.certified for f in self.findings),
            shapes,
            tuple(dict.fromkeys(self.whys)),
            len(branches),
            never,
        )


def _to_bits(x: Array, name: str) -> Array:
    """x rounded to a narrower dtype, as float64."""
    if x.dtype.kind != "f":
        return x
    if name == "bfloat16":
        import ml_dtypes

        return x.astype(ml_dtypes.bfloat16).astype(np.float64)
    return x.astype(name).astype(np.float64) if name in BITS else x


def _convention(got: float, low: float, high: float) -> str:
    """Which of the right answers at a kink is met."""
    near = 1e-6 * (high - low)
    for value, words in ((low, "the lower"), (high, "the upper"), ((low + high) / 2, "the mean")):
        if abs(got - value) <= near:
            return words
    return f"{got:g}, between the ends"


def _is_finite(found: Finding) -> bool:
    return found.got is not None and bool(np.isfinite(found.got.astype(np.float64)).all())


def _numbers(found: Finding) -> tuple[float | tuple[float, float] | None, float | None]:
    """Expected and got at the component."""
    if found.component is None or found.truth is None or found.got is None:
        return None, None
    at = found.component
    got = float(found.got[at])
    if found.truth.kink[at]:
        return (float(found.truth.lower[at].mid()), float(found.truth.upper[at].mid())), got
    return float(found.truth.midpoint()[at]), got


def _name(function: Any) -> str:
    return getattr(function, "__name__", None) or type(function).__name__


def _argument_names(problem: Problem) -> tuple[str, ...]:
    from oracle.search.constants import signature_names

    return signature_names(problem.fn, len(problem.domains))


def _imports(problem: Problem) -> list[str]:
    """An import of grad, where it is at the top of a module."""
    module, qualified = getattr(problem.grad, "__module__", None), getattr(problem.grad, "__qualname__", "")
    return [f"from {module} import {qualified}"] if module and module != "__main__" and qualified.isidentifier() else []
