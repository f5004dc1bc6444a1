"""Points for arguments that a Hypothesis strategy draws."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import Any

import numpy as np

from oracle.candidate.asking import CannotJudge
from oracle.search.lengths import shape_of_length
from oracle.search.patterns import FILLS, fill
from oracle.search.problem import Arguments, Problem


def drawn_points(problem: Problem, rng: np.random.Generator, examples: int) -> Iterator[tuple[Arguments, str]]:
    """What the strategies draw, the simplest first; the other arguments take every pattern in turn, at the same shape."""
    drawn = [k for k, domain in enumerate(problem.domains) if domain.kind == "drawn"]
    patterns = cycle(FILLS)
    for values in draws([problem.domains[k].strategy for k in drawn], examples, int(rng.integers(2**32)), drawn):
        if problem.argnum in drawn:
            at = drawn.index(problem.argnum)
            values[at] = values[at].astype(np.float64)
        if not all(np.isfinite(v).all() for v in values):
            continue
        shapes = problem.shapes or tuple(
            values[0].shape if values[0].ndim != 1 else shape_of_length(d, values[0].size) for d in problem.domains
        )
        if problem.lengths is not None and not all(
            v.ndim == 1 and problem.lengths[0] <= v.size <= problem.lengths[1] for v in values
        ):
            continue
        name = next(patterns)
        args: list[Any] = []
        for k, (domain, shape) in enumerate(zip(problem.domains, shapes, strict=True)):
            if k in drawn:
                x = values[drawn.index(k)]
                args.append(x if problem.shapes is None or x.shape == shape else None)
            else:
                x = fill(name, domain, shape, rng)
                args.append(x if x is not None else fill("ordinary numbers", domain, shape, rng))
        if all(x is not None for x in args):
            yield tuple(args), f"drawn by a strategy; the others {name}"


def draws(strategies: list[Any], count: int, seed: int, numbers: Sequence[int]) -> list[list[Any]]:
    """Up to so many examples of the strategies together, as arrays with entries, the same for a seed.

    numbers: those of the arguments that they draw. Raises CannotJudge where one draws no arrays of real numbers.
    """
    import hypothesis
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import strategies as st

    found: list[list[Any]] = []
    empty: set[int] = set()
    quiet = settings(
        max_examples=max(1, count),
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )

    @hypothesis.seed(seed)
    @quiet
    @given(st.tuples(*strategies))
    def collect(values: tuple[Any, ...]) -> None:
        arrays = [_real(v, n) for v, n in zip(values, numbers, strict=True)]
        without = {n for v, n in zip(arrays, numbers, strict=True) if not v.size}
        empty.update(without)
        if not without:
            found.append(arrays)

    try:
        collect()
    except CannotJudge:
        raise
    except hypothesis.errors.Unsatisfiable:
        found.clear()
    except Exception as error:  # whatever the user's strategy raises when it draws
        first = (str(error).strip().splitlines() or [""])[0]
        raise CannotJudge(f"a strategy of domains raised {type(error).__name__} as it drew: {first}") from error
    if not found and empty:
        raise CannotJudge(f"the strategy of argument {min(empty)} draws only arrays without entries: give it a shape")
    if not found:
        which = " and ".join(map(str, numbers))
        raise CannotJudge(f"the strategy of argument {which} draws nothing: its filters may leave no array")
    return found


def _real(value: Any, number: int) -> Any:
    """What a strategy drew as an array: of float64, save that integers stay what they are, being indices or labels. Raises
    CannotJudge for what is none."""
    try:
        array = np.asarray(value)
    except ValueError:  # rows of several lengths
        array = np.asarray(None)
    if array.dtype.kind not in "fiub":
        kind = "complex numbers" if array.dtype.kind == "c" else f"a {type(value).__name__} of {array.dtype}"
        raise CannotJudge(f"the strategy of argument {number} draws {kind}: it must draw arrays of real numbers")
    return array.astype(np.float64) if array.dtype.kind == "f" else array
