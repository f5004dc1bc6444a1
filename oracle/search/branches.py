"""Which way the branches of a traced function went over the points tried, so that a report can say what was never entered."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.search.branch_margins import Margins, Path, margins
from oracle.search.branch_words import Words, describe
from oracle.search.branches_of_linear_algebra import is_inside, of_linear_algebra
from oracle.search.constants import mine, signature_names
from oracle.search.problem import Arguments, Problem
from oracle.search.unreachable import ANY, Interval, intervals_of_margins

Array = NDArray[Any]
Shapes = tuple[tuple[int, ...], ...]
Key = tuple[str, Path]  # "fn" or "grad", and the place of the condition


#: grad is traced at so many shapes at most: a jaxpr made by jax.grad takes tens of milliseconds.
GRAD_SHAPES = 3


#: The mean of squares is no less than the square of the mean: what a variance is kept from by `max(0, …)`, floats alone make.
_NEGATIVE_VARIANCE = re.compile(r"^0 > \(sum\((?P<x>[^…]+)\^2\) / (?P<n>\w+)\) − \(sum\((?P=x)\) / (?P=n)\)\^2$")


@dataclass(frozen=True)
class Branch:
    """One condition: text such as "|a| > 3" and whether any entry was below its switch, at it and above it.

    possible: whether arguments of the domains may lie below it, and above it; False where intervals show that none does.
    """

    where: str
    text: str
    kind: str
    below: bool
    at: bool
    above: bool
    below_words: str
    above_words: str
    possible: tuple[bool, bool] = (True, True)

    @property
    def entered(self) -> bool:
        """Whether all sides were seen that there are; of an equality, whether it held and failed."""
        return not self.never

    @property
    def never(self) -> tuple[str, ...]:
        """What never held at any point tried."""
        if self.kind in ("eq", "ne"):
            equal = self.text.replace("≠", "=")
            return tuple(
                w for w, seen in ((equal, self.at), (equal.replace("=", "≠"), self.below or self.above)) if not seen
            )
        sides = ((self.below_words, self.below), (self.above_words, self.above))
        return tuple(words for (words, seen), can in zip(sides, self.possible, strict=True) if can and not seen)

    @property
    def unseen(self) -> tuple[str, ...]:
        """The sides that no point entered, though nothing shows that none can. An equality may hold nowhere but by luck."""
        return () if self.kind in ("eq", "ne") else tuple(w for w in self.never if not _NEGATIVE_VARIANCE.search(w))


@dataclass
class Sides:
    """Per side of a switch (−1, 0, 1): the first arguments of each shape that have an entry there."""

    seen: dict[int, dict[Shapes, Arguments]]
    closest: tuple[float, Arguments] | None = None


class Coverage:
    """The conditions of fn, and of grad where that is written in JAX, and which sides of them the points have seen."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.sides: dict[Key, Sides] = {}
        self.words: dict[Key, Words] = {}
        self._programs: dict[Shapes, dict[str, Any]] = {}
        self._ranges: dict[tuple[Shapes, str], dict[Path, Interval]] = {}
        self._tracing = {"fn": problem.fn}
        if mine(problem.grad).modules & {"jax", "jaxlib"}:
            self._tracing["grad"] = problem.grad

    def programs(self, shapes: Shapes, value: Any = None) -> dict[str, Any]:
        """The jaxprs at these shapes by name; `value` is that of fn, where the caller has one."""
        if shapes not in self._programs:
            found = {}
            for name, function in self._tracing.items():
                if name == "grad" and len(self._programs) >= GRAD_SHAPES:
                    continue
                closed = value if name == "fn" and value is not None else value_jaxpr(function, shapes)
                if closed is not None:
                    found[name] = closed
                    labels = signature_names(function, len(shapes))
                    for path, words in describe(closed, labels).items():
                        self.words.setdefault((name, path), words)
            self._programs[shapes] = found
        return self._programs[shapes]

    def margins(self, name: str, args: Sequence[Array]) -> Margins:
        """How far each condition of one program is from its switch at `args`; nothing where it cannot be run on NumPy arrays."""
        programs = self.programs(tuple(a.shape for a in args))
        if name not in programs:
            return {}
        try:
            return margins(programs[name], args)
        except Exception:  # a primitive that needs what only XLA gives it: this program is not watched at these shapes
            del programs[name]
            return {}

    def see(self, args: Arguments, value: Any = None) -> None:
        """Notes one point. value: the jaxpr of fn at these shapes (`Traced.value`), which saves a trace."""
        shapes = tuple(a.shape for a in args)
        for name in list(self.programs(shapes, value)):
            for path, margin in self.margins(name, args).items():
                self._note((name, path), margin, shapes, args)

    def _note(self, key: Key, margin: Array, shapes: Shapes, args: Arguments) -> None:
        sides = self.sides.setdefault(key, Sides({-1: {}, 0: {}, 1: {}}))
        for side, there in ((-1, margin < 0), (0, margin == 0), (1, margin > 0)):
            if shapes not in sides.seen[side] and there.any():
                sides.seen[side][shapes] = args
        size = np.abs(margin[np.isfinite(margin)])
        if size.size and (sides.closest is None or float(size.min()) < sides.closest[0]):
            sides.closest = float(size.min()), args

    def possible(self, key: Key) -> tuple[bool, bool]:
        """Whether arguments of the domains may lie below the switch, and above it, at the shapes seen."""
        name, path = key
        if self._is_unreached_by_kind(key):
            return False, False
        below, above = False, False
        for shapes, programs in self._programs.items():
            if name in programs:
                if (shapes, name) not in self._ranges:
                    self._ranges[shapes, name] = intervals_of_margins(programs[name], self._bounds())
                low, high = self._ranges[shapes, name].get(path, ANY)
                below, above = below or low < 0, above or high > 0
        return below, above

    def _is_unreached_by_kind(self, key: Key) -> bool:
        """Whether JAX's linear algebra chooses there, of matrices of a kind: not every choice is ever made of them."""
        name, path = key
        if not any(domain.is_of_matrices for domain in self.problem.domains):
            return False
        return any(
            name in programs and is_inside(path, of_linear_algebra(programs[name]))
            for programs in self._programs.values()
        )

    def _bounds(self) -> list[Interval]:
        return [d.bounds if d.kind != "drawn" else ANY for d in self.problem.domains]

    def branches(self) -> tuple[Branch, ...]:
        """Every condition met, each text once for a function, those never wholly entered first."""
        merged: dict[tuple[str, str, str], list[bool]] = {}
        labels: dict[tuple[str, str, str], Words] = {}
        for (name, path), sides in self.sides.items():
            words = self.words.get((name, path))
            if words is None:
                continue
            label = (name, words.text, words.below)
            flags = merged.setdefault(label, [False] * 5)
            labels[label] = words
            for k, side in enumerate((-1, 0, 1)):
                flags[k] = flags[k] or bool(sides.seen[side])
            for k, can in enumerate(self.possible((name, path)), 3):
                flags[k] = flags[k] or can
        made = []
        for label, words in labels.items():
            below, at, above, under, over = merged[label]
            branch = Branch(label[0], words.text, words.kind, below, at, above, words.below, words.above)
            made.append(replace(branch, possible=(under, over)))
        return tuple(sorted(made, key=lambda b: b.entered))


def value_jaxpr(fn: Callable[..., Any], shapes: Shapes) -> Any:
    """The closed jaxpr of fn at these shapes in float64, or None where JAX is absent or cannot trace it."""
    try:
        import jax
    except ImportError:
        return None
    from oracle.witnesses.tracing import leaving_no_trace

    specs = [jax.ShapeDtypeStruct(shape, np.float64) for shape in shapes]
    try:
        (program,) = leaving_no_trace(lambda: [jax.make_jaxpr(fn)(*specs)])
    except Exception:  # whatever the user's code raises on tracers: such a function is judged by other means
        return None
    return program
