"""Points for arguments that a Hypothesis strategy draws."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from typing import Any

import numpy as np

from oracle.problem import Arguments, Problem
from oracle.search.fills import FILLS, fill


def drawn_points(problem: Problem, rng: np.random.Generator, examples: int) -> Iterator[tuple[Arguments, str]]:
    """What the strategies draw, the simplest first; the other arguments take every pattern in turn, at the same shape."""
    drawn = [k for k, domain in enumerate(problem.domains) if domain.kind == "drawn"]
    patterns = cycle(FILLS)
    for values in draws([problem.domains[k].strategy for k in drawn], examples, int(rng.integers(2**32))):
        if not all(np.isfinite(v).all() for v in values):
            continue
        shapes = problem.shapes or (values[0].shape,) * len(problem.domains)
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


def draws(strategies: list[Any], count: int, seed: int) -> list[list[Any]]:
    """Up to so many examples of the strategies together, as float64 arrays, the same for a seed."""
    import hypothesis
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import strategies as st

    found: list[list[Any]] = []
    quiet = settings(
        max_examples=max(1, count),
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    @hypothesis.seed(seed)
    @quiet
    @given(st.tuples(*strategies))
    def collect(values: tuple[Any, ...]) -> None:
        found.append([np.array(v, dtype=np.float64) for v in values])

    collect()
    return found
