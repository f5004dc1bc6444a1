"""Which arguments are ordinary: 0 and the magnitudes that people compute with. Beyond them lost digits are a note."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from oracle.search.domains import Domain
from oracle.search.problem import Arguments, Example

#: The magnitudes that people compute with.
LEAST, MOST = 1e-9, 1e4
#: The range of float16's normal numbers: (6.1e-5, 65504). Those of the wider dtypes hold the squares of everything ordinary.
FLOAT16 = (2.0**-14, 65504.0)


def are_ordinary(args: Arguments, domains: Sequence[Domain], dtype: str = "float64") -> bool:
    """Whether every entry is 0 or of an ordinary magnitude: between 1e-9 and 1e4, or up to the finite end that a domain declares,
    and down to it where that lies nearer to 0; the squares of float16's are among its own numbers."""
    for a, domain in zip(args, domains, strict=True):
        if a.dtype.kind != "f" or not a.size:
            continue
        least, most = _range(domain)
        if dtype == "float16":
            least, most = max(least, math.sqrt(FLOAT16[0])), min(most, math.sqrt(FLOAT16[1]))
        size = np.abs(a[a != 0])
        if not np.all((size >= least) & (size <= most)):
            return False
    return True


def _range(domain: Domain) -> tuple[float, float]:
    ends = [abs(end) for end in domain.bounds if math.isfinite(end)]
    excludes_zero = domain.low > 0 or domain.high < 0
    return min([LEAST, *ends]) if excludes_zero else LEAST, max([MOST, *ends])


def are_within_reach(args: Arguments, example: Example) -> bool:
    """Whether digits are asked for at these arguments, of which a cotangent behind them does not count."""
    if example.reach is None:
        return True
    pairs = list(zip(args, example.args, strict=False))
    if not example.reach:
        return all(np.array_equal(a, given) for a, given in pairs)
    sizes = [(np.max(np.abs(a), initial=0.0), np.max(np.abs(given), initial=1.0)) for a, given in pairs]
    return all(float(size) <= example.reach * float(given) for size, given in sizes)
