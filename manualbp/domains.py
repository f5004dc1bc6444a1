"""Where the activations a and the expected outputs E of a cost may lie."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from manualbp.types import Array

#: A column may miss the sum 1 of a simplex by this many units of rounding for each entry.
SUM_SLACK = 4


@dataclass(frozen=True)
class Domain:
    """A set of columns: `contains(x)` is a Boolean array, true where an entry of x (..., n, m) is inside."""

    name: str
    words: str
    contains: Callable[[Array], Array]


def _columns_sum_to_one(x: Array) -> Array:
    eps = np.finfo(x.dtype).eps
    return abs(np.sum(x, axis=-2, keepdims=True) - 1) <= SUM_SLACK * x.shape[-2] * eps


REAL = Domain("real", "finite real numbers", np.isfinite)
POSITIVE = Domain("positive", "finite numbers > 0", lambda x: np.isfinite(x) & (x > 0))
NONNEGATIVE = Domain("nonnegative", "finite numbers >= 0", lambda x: np.isfinite(x) & (x >= 0))
UNIT = Domain("unit", "numbers in the open interval (0, 1)", lambda x: (x > 0) & (x < 1))
CLOSED_UNIT = Domain("closed_unit", "numbers in [0, 1]", lambda x: (x >= 0) & (x <= 1))
CLOSED_SIMPLEX = Domain(
    "closed_simplex",
    "columns of numbers >= 0 whose sum is 1",
    lambda x: (x >= 0) & (x <= 1) & _columns_sum_to_one(x),
)
SIGN = Domain("sign", "-1 or +1", lambda x: abs(x) == 1)

DOMAINS: Mapping[str, Domain] = MappingProxyType(
    {d.name: d for d in (REAL, POSITIVE, NONNEGATIVE, UNIT, CLOSED_UNIT, CLOSED_SIMPLEX, SIGN)}
)
