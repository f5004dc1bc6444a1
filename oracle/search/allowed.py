"""Which domains a function allows, where none is declared: the real numbers first, narrower ones where it is not finite on them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.balls.arrays import precision
from oracle.balls.errors import Undecidable, UnsupportedPrimitive
from oracle.balls.jaxpr import evaluate
from oracle.search.branches import value_jaxpr
from oracle.search.domains import DOMAINS, Domain, as_domain
from oracle.search.lengths import Shapes
from oracle.search.patterns import fill

Array = NDArray[Any]
IsFinite = Callable[[Sequence[Array]], bool]

#: From the widest to the narrowest; of two that fit, the first is taken.
CANDIDATES: Sequence[Domain] = (
    DOMAINS["real"],
    DOMAINS["nonnegative"],
    DOMAINS["positive"],
    as_domain((-1, 1)),
    DOMAINS["unit"],
    as_domain((1, math.inf)),
    DOMAINS["simplex"],
    as_domain((-math.inf, 0)),
)
#: How arguments are drawn from a candidate.
DRAWS = ("ordinary numbers", "at the ends", "ordinary numbers", "positive", "ordinary numbers", "negative")
BITS = 128
#: Combinations of domains that are tried, where there are many arguments; and those of which the best is taken, where none fits.
MOST_COMBINATIONS, MOST_COMPARED = 300, 30


def allowed_domains(fn: Callable[..., Any], shapes: Shapes, argnums: Sequence[int]) -> tuple[tuple[Domain, ...], bool]:
    """One domain for each argument, and whether fn is finite wherever it was tried on them.

    Arguments that are differentiated have open ones: a derivative at an end is one-sided. Where nothing fits, the widest of
    those on which fn is finite most often.
    """
    is_finite = _finite_by(fn, shapes)
    choices = [[d for d in CANDIDATES if k not in argnums or not d.closed[0]] for k in range(len(shapes))]
    combinations = [tuple(c[rank] for c, rank in zip(choices, ranks, strict=True)) for ranks in _ranks(choices)]
    for domains in combinations:
        if all(_tried(is_finite, domains, shapes)):
            return domains, True
    share = [float(np.mean(list(_tried(is_finite, domains, shapes)))) for domains in combinations[:MOST_COMPARED]]
    return combinations[int(np.argmax(share))], False


def _ranks(choices: Sequence[Sequence[Domain]]) -> list[tuple[int, ...]]:
    """Places in the lists of choices, those of wide domains first."""
    every = itertools.product(*(range(len(c)) for c in choices))
    return sorted(itertools.islice(every, 100 * MOST_COMBINATIONS), key=lambda ranks: (sum(ranks), ranks))[
        :MOST_COMBINATIONS
    ]


def _tried(is_finite: IsFinite, domains: Sequence[Domain], shapes: Shapes) -> Iterator[bool]:
    """Whether fn is finite at some arguments of the domains."""
    rng = np.random.default_rng(0)
    for name in DRAWS:
        args = [_drawn(name, d, s, rng) for d, s in zip(domains, shapes, strict=True)]
        yield all(a is not None for a in args) and is_finite([np.asarray(a) for a in args])


def _drawn(name: str, domain: Domain, shape: tuple[int, ...], rng: np.random.Generator) -> Array | None:
    found = fill(name, domain, shape, rng)
    return found if found is not None else fill("ordinary numbers", domain, shape, rng)


def _finite_by(fn: Callable[..., Any], shapes: Shapes) -> IsFinite:
    """Whether fn is finite at arguments, as a real number where JAX traces it."""
    closed = value_jaxpr(fn, shapes)

    def in_floats(args: Sequence[Array]) -> bool:
        with np.errstate(all="ignore"):
            try:
                return bool(np.isfinite(np.asarray(fn(*(a.copy() for a in args)), dtype=np.float64)).all())
            except Exception:  # what it raises is reported where it is judged
                return False

    def in_balls(args: Sequence[Array]) -> bool:
        try:
            with precision(BITS):
                results = evaluate(closed, args)
            return all(x.is_finite() for result in results for x in result.flat if hasattr(x, "is_finite"))
        except Undecidable:
            return True
        except UnsupportedPrimitive:
            return in_floats(args)

    return in_floats if closed is None else in_balls
