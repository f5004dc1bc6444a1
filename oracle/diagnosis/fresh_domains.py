"""Where fresh points may lie: inside the domains, as far as they are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.diagnosis.evidence import Evidence
from oracle.search.domains import Domain

Array = NDArray[Any]
Inside = Callable[[Sequence[Array]], bool]


def inside_of(evidence: Evidence, domains: Sequence[Domain] | None) -> Inside:
    """Whether arguments are of the dtypes of the evidence, and lie in the domains; where those are not given, in the bounds, and
    on what all the evidence shares: entries that are only ever 0, 1 and −1, and sums that are 1."""
    dtypes = [a.dtype.kind for a in evidence.cases[0].args]
    if domains is not None:
        return lambda args: (
            [a.dtype.kind for a in args] == dtypes and all(d.holds(a) for d, a in zip(domains, args, strict=True))
        )
    bounds = evidence.function.bounds
    discrete = [_is_discrete([case.args[j] for case in evidence.cases]) for j in range(len(evidence.names))]
    on_simplex = [_is_on_simplex([case.args[j] for case in evidence.cases]) for j in range(len(evidence.names))]

    def holds(args: Sequence[Array]) -> bool:
        if [a.dtype.kind for a in args] != dtypes:
            return False
        for j, argument in enumerate(args):
            limits = bounds[j] if j < len(bounds) else None
            if not np.isfinite(argument).all():
                return False
            if limits is not None and not _between(argument, limits, [case.args[j] for case in evidence.cases]):
                return False
            if discrete[j] and not np.isin(argument, (-1.0, 0.0, 1.0)).all():
                return False
            if on_simplex[j] and not _is_on_simplex([argument]):
                return False
        return True

    return holds


def _between(argument: Array, limits: tuple[float, float], seen: Sequence[Array]) -> bool:
    """Strictly between the limits, or at one where the evidence has been."""
    for limit, beyond, at in (
        (limits[0], argument < limits[0], argument == limits[0]),
        (limits[1], argument > limits[1], argument == limits[1]),
    ):
        if beyond.any() or (at.any() and not any((a == limit).any() for a in seen)):
            return False
    return True


def _is_discrete(arrays: Sequence[Array]) -> bool:
    return bool(arrays) and all(np.isin(a, (-1.0, 0.0, 1.0)).all() for a in arrays)


def _is_on_simplex(arrays: Sequence[Array]) -> bool:
    with np.errstate(all="ignore"):
        return bool(arrays) and all(a.ndim > 0 and np.allclose(np.sum(a, axis=-1), 1.0, rtol=1e-12) for a in arrays)
