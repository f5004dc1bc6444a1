"""The same numbers in other arrays: every one of these is a legal NumPy array, and a gradient is asked about numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

#: What stands between the entries of a strided array: whoever reads it is seen to.
FILLING = 123456.0


def fortran(a: Array) -> Array:
    """The first axis is the fastest one."""
    return np.array(a, order="F")


def every_other(a: Array) -> Array:
    """Every other entry of an array twice as long along its last axis."""
    if not a.ndim:
        return a.copy()
    wide = np.full((*a.shape[:-1], 2 * a.shape[-1]), FILLING).astype(a.dtype)
    wide[..., ::2] = a
    return wide[..., ::2]


def backwards(a: Array) -> Array:
    """Read from its end to its beginning, along every axis."""
    around = (slice(None, None, -1),) * a.ndim
    return np.ascontiguousarray(a[around])[around] if a.ndim else a.copy()


def read_only(a: Array) -> Array:
    """An array that nobody may write to."""
    kept = a.copy()
    kept.flags.writeable = False
    return kept


#: By the words that a report has for them.
LAYOUTS: Mapping[str, Callable[[Array], Array]] = MappingProxyType(
    {
        "in Fortran order": fortran,
        "as every other entry of a longer array": every_other,
        "as a view with negative strides": backwards,
        "in read-only arrays": read_only,
    }
)
