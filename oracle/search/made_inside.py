"""Arrays inside of the domains that no interval is behind: made of real numbers, or of whole ones."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.candidate.arrays_of_frameworks import as_numpy
from oracle.candidate.asking import CannotJudge
from oracle.search.domains import Domain
from oracle.search.matrices import gram, made

Array = NDArray[Any]
Shape = tuple[int, ...]


def made_inside(domain: Domain, values: Array) -> Array | None:
    """What is made of real numbers in a domain of sorted vectors, matrices, or repaired draws; None where that is not inside."""
    if domain.kind == "positive_definite":
        return gram(values, domain.condition)
    return nearest(domain, values)


def nearest(domain: Domain, x: Array) -> Array | None:
    """An array inside close to x; None where there is none, or none is known."""
    if domain.is_of_matrices:
        return made(domain.kind, x, domain.condition)
    if domain.kind == "repaired":
        return repaired(domain, x)
    if domain.kind == "sorted" and x.ndim:
        x = np.sort(x, axis=-1)
    return x if domain.holds(x) else None


def repaired(domain: Domain, draw: Array) -> Array | None:
    """What the user's function makes of a draw. Raises CannotJudge where it raises, or returns no array of real numbers."""
    try:
        with np.errstate(all="ignore"):
            found = domain.repair(draw.copy())
    except Exception as error:
        words = (str(error).strip().splitlines() or [""])[0]
        raise CannotJudge(
            f"the domain that repairs a draw raised {type(error).__name__} for one of shape {draw.shape}: {words}"
        ) from error
    array = as_numpy(found) if found is not None else np.asarray(None)
    if array.dtype.kind not in "fiub":
        kind = "None" if found is None else f"a {type(found).__name__} of {array.dtype}"
        raise CannotJudge(f"the domain that repairs a draw returned {kind}: it must return an array of real numbers")
    if array.shape != draw.shape:
        raise CannotJudge(
            f"the domain that repairs a draw returned the shape {array.shape} for one of shape {draw.shape}: it must keep the shape"
        )
    array = array.astype(np.float64) if array.dtype.kind == "f" else np.array(array)
    return array if np.isfinite(array).all() else None


def whole_numbers(
    name: str, domain: Domain, shape: Shape, rng: np.random.Generator, turn: int
) -> NDArray[np.int64] | None:
    """Whole numbers: all in turn, the first and the last, one of them throughout, or any."""
    values = domain.whole
    assert values is not None
    size = math.prod(shape)
    if name in ("zeros", "ones"):
        wanted = 0 if name == "zeros" else 1
        return np.full(shape, wanted, dtype=np.int64) if wanted in values else None
    if name == "all equal":
        places = np.full(size, rng.integers(len(values)))
    elif name in ("short numbers", "special values"):
        places = np.arange(turn * size, (turn + 1) * size) % len(values)
    elif name in ("at the ends", "beside the ends"):
        places = (np.arange(size) + turn) % 2 * (len(values) - 1)
    else:
        places = rng.integers(len(values), size=size)
        places = np.sort(places) if name == "sorted" else places
    return (values.start + values.step * places).astype(np.int64).reshape(shape)
