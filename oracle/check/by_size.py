"""Up to which named size a gradient is right, where its mistake begins at one: a kernel's tile ends there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from oracle.check.by_length import RIGHT_POINTS, SHORT
from oracle.check.run import Run
from oracle.effort.budget import Exhausted
from oracle.judgement.point import Finding
from oracle.judgement.verdict import Verdict
from oracle.search.patterns_between import ordinary
from oracle.search.problem import Arguments, Problem
from oracle.search.smaller import at_named_sizes

#: Wrong points that are cut down to one less.
CUT = 3
#: Tiles of which what is left over may be wrong, the largest first.
TILES = (4096, 1024, 1000, 512, 256, 128, 64, 32, 16, 8)


@dataclass(frozen=True, eq=False)
class BySize:
    """The sentence, and what was found at sizes beyond."""

    words: str
    beyond: tuple[Finding, ...]


def right_up_to_sizes(run: Run, smallest: Finding, judged: Callable[[Arguments], Finding | None]) -> BySize | None:
    """The largest size of a name at which it is right and the first at which it is wrong, where these two follow one another;
    smallest: the shrunk counterexample. None where no name has such sizes, or none decides."""
    problem = run.problem.product.primal if run.problem.product is not None else run.problem
    here = _sizes(problem, smallest.args)
    if here is None or smallest.complaint:
        return None
    found = [(f, sizes) for f in run.findings if (sizes := _sizes(problem, f.args)) is not None]
    for name in sorted(here, key=lambda each: -here[each]):
        if here[name] > SHORT and _begins(run, name, here[name], found, judged):
            beyond = list(_beyond(problem, name, here[name], run, judged))
            return BySize(_words(name, here[name], [*found, *beyond]), tuple(f for f, _ in beyond))
    return None


def _beyond(
    problem: Problem, name: str, size: int, run: Run, judged: Callable[[Arguments], Finding | None]
) -> Iterator[tuple[Finding, dict[str, int]]]:
    """What is found at a whole tile that ends two sizes further on or twice as far, and beside it."""
    assert problem.sizes is not None
    lead = problem.sizes.names.index(name)
    for further in (size + 1, 2 * (size - 1), 2 * size - 1):
        sizes = problem.sizes.beside(further, 0, lead)
        args = ordinary(problem, problem.sizes.shapes(sizes), np.random.default_rng(further))
        if sizes[name] != further or args is None:
            continue
        if run.problem.product is not None:
            shape = run.problem.product.shape(tuple(args))
            args = list(run.problem.product.settled((*args, np.random.default_rng(further).normal(size=shape))))
        try:
            found = judged(tuple(args))
        except Exhausted:
            return
        if found is not None:
            yield found, sizes


def _sizes(problem: Problem, args: Arguments) -> dict[str, int] | None:
    """Of a product the last argument is the cotangent."""
    return None if problem.sizes is None else problem.sizes.of([x.shape for x in args[: len(problem.domains)]])


def _begins(
    run: Run,
    name: str,
    size: int,
    found: Sequence[tuple[Finding, Mapping[str, int]]],
    judged: Callable[[Arguments], Finding | None],
) -> bool:
    """Whether it is right wherever the name is smaller, and at wrong points that are cut down so."""
    wrong = [(f, sizes) for f, sizes in found if f.verdict is Verdict.WRONG]
    before = [f for f, sizes in found if f.verdict is Verdict.RIGHT and sizes[name] < size]
    if any(sizes[name] < size for _, sizes in wrong) or len(before) < RIGHT_POINTS:
        return False
    try:
        cut = [judged(at_named_sizes(run.problem, f.args, {**sizes, name: size - 1})) for f, sizes in wrong[:CUT]]
    except Exhausted:
        return False
    return bool(cut) and all(f is not None and f.verdict is Verdict.RIGHT for f in cut)


def _words(name: str, size: int, found: Sequence[tuple[Finding, Mapping[str, int]]]) -> str:
    wrong = {sizes[name] for f, sizes in found if f.verdict is Verdict.WRONG} | {size}
    right = {sizes[name] for f, sizes in found if f.verdict is Verdict.RIGHT and sizes[name] > size}
    said = f"It is right up to {name} = {size - 1}, and wrong "
    if right:
        whole = (m for m in (size - 1, *TILES) if m > 1 and all(n % m for n in wrong) and not any(n % m for n in right))
        tile = next(whole, None)
        return said + (
            f"from {size} on, at some points, not at all"
            if tile is None
            else f"from {size} on where {name} is no multiple of {tile}"
        )
    return said + (f"from {size} on, at every larger one that was tried" if max(wrong) > size else f"at {size}")
