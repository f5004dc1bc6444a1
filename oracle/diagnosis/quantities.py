"""What a branch is likely to ask of the arguments: an entry, its size, its distance from another argument's, sums, extremes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.diagnosis.evidence import Evidence, Floats
from oracle.diagnosis.formula_terms import norm

Array = NDArray[Any]
Args = tuple[Array, ...]


@dataclass(frozen=True)
class Quantity:
    """A number of one component at one point: of its arguments at all (args, k)."""

    words: str
    of: Callable[[Args, int], float]


def tabulated(evidence: Evidence) -> Iterator[tuple[Quantity, Floats]]:
    """Each quantity, and its value in every row."""
    for quantity in quantities(evidence):
        values = np.empty_like(evidence.got)
        with np.errstate(all="ignore"):
            for row, (n, k) in enumerate(zip(evidence.point, evidence.index, strict=True)):
                values[row] = quantity.of(evidence.cases[int(n)].args, int(k))
        yield quantity, values


def quantities(evidence: Evidence) -> list[Quantity]:
    """What a branch is likely to ask: an entry, its size, its distance from another argument's, sums and extremes."""
    names, x = evidence.names, evidence.argnum
    beside = sorted((j for j, v in enumerate(evidence.values) if v is not None), key=lambda j: j != x)
    found: list[Quantity] = []
    for j in beside:
        found += [Quantity(names[j], partial(entry, j)), Quantity(f"|{names[j]}|", partial(_size, j))]
    for j in (j for j in beside if j != x):
        found += [
            Quantity(f"{names[x]} − {names[j]}", partial(_difference, x, j)),
            Quantity(f"|{names[x]} − {names[j]}|", partial(_distance, x, j)),
            Quantity(f"{names[x]}·{names[j]}", partial(_product, x, j)),
            Quantity(f"{names[x]}/{names[j]}", partial(_ratio, x, j)),
        ]
    for j, name in enumerate(names):
        found += [Quantity(words.format(name), partial(_whole, j, reduce)) for words, reduce in REDUCTIONS.items()]
    return found


REDUCTIONS: Mapping[str, Callable[[Array], Any]] = {
    "the smallest entry of {}": np.min,
    "the largest entry of {}": np.max,
    "the largest |entry| of {}": lambda v: np.max(np.abs(v)),
    "the sum of {}": np.sum,
    "‖{}‖": norm,
    "‖{}‖²": lambda v: norm(v) ** 2,
}


def entry(j: int, args: Args, k: int) -> float:
    v = args[j]
    return float(v.flat[k if v.size > 1 else 0]) if k < v.size or v.size == 1 else float("nan")


def _size(j: int, args: Args, k: int) -> float:
    return abs(entry(j, args, k))


def _difference(i: int, j: int, args: Args, k: int) -> float:
    return entry(i, args, k) - entry(j, args, k)


def _distance(i: int, j: int, args: Args, k: int) -> float:
    return abs(_difference(i, j, args, k))


def _product(i: int, j: int, args: Args, k: int) -> float:
    return entry(i, args, k) * entry(j, args, k)


def _ratio(i: int, j: int, args: Args, k: int) -> float:
    return float(np.float64(entry(i, args, k)) / np.float64(entry(j, args, k)))


def _whole(j: int, reduce: Callable[[Array], Any], args: Args, k: int) -> float:
    return float(reduce(args[j])) if args[j].size else float("nan")
