"""Where an argument lives: which arrays are inside, how far a difference step may go, which values are worth a look."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from numbers import Real
from types import MappingProxyType
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from oracle.search.matrices import CONDITIONED, MATRICES, is_matrix

Array = NDArray[Any]
Kind = Literal[
    "interval",
    "simplex",
    "one_hot",
    "sign",
    "drawn",
    "whole",
    "sorted",
    "repaired",
    "symmetric",
    "positive_definite",
    "invertible",
    "orthogonal",
    "lower_triangular",
    "cholesky_factor",
]

#: Entries along the last axis may miss the sum 1 of a simplex by this many units of rounding for each of them.
SUM_SLACK = 4

LARGEST = float(np.finfo(np.float64).max)


@dataclass(frozen=True)
class Domain:
    """Arrays whose every entry lies between `low` and `high`, which belong to it where `closed` says so.

    kind: "interval" asks nothing more; "simplex": the entries along the last axis sum to 1; "one_hot": along the last axis one
    entry is 1 and the others are 0; "sign": every entry is −1 or +1; "drawn": whatever `strategy`, a Hypothesis strategy of
    arrays, draws; "whole": the whole numbers of the range `whole`, kept as integers; "sorted": the entries along the last axis
    grow; "repaired": whatever the function `repair` makes of arrays of real numbers; all others are matrices along the last two
    axes (`search.matrices` says which), whose condition number may be bounded by `condition`. Simplex, one-hot and sorted
    arguments need at least one axis.
    Raises ValueError for an empty interval.
    """

    name: str
    low: float = -math.inf
    high: float = math.inf
    closed: tuple[bool, bool] = (False, False)
    kind: Kind = "interval"
    strategy: Any = field(default=None, repr=False)
    whole: range | None = None
    repair: Any = field(default=None, repr=False)
    condition: float | None = None

    def __post_init__(self) -> None:
        if not self.low < self.high or self.least > self.greatest:
            raise ValueError(
                f"domain {self.name!r} is empty: it needs low < high, got low={self.low}, high={self.high}"
            )

    @property
    def least(self) -> float:
        """The smallest float64 inside the interval."""
        return self.low if self.closed[0] else float(np.nextafter(self.low, math.inf))

    @property
    def greatest(self) -> float:
        """The largest float64 inside the interval."""
        return self.high if self.closed[1] else float(np.nextafter(self.high, -math.inf))

    @property
    def bounds(self) -> tuple[float, float]:
        """(low, high): what no entry of a difference step may leave; whether an end may be reached is `closed`."""
        return self.low, self.high

    @property
    def moves_freely(self) -> bool:
        """Whether one entry can move by itself, however little, and stay inside: the others leave at any such step."""
        return self.kind in ("interval", "sorted", "invertible")

    @property
    def has_columns(self) -> bool:
        """Whether membership is a matter of all entries along the last axis together."""
        return self.kind in ("simplex", "one_hot", "sorted")

    @property
    def is_of_matrices(self) -> bool:
        """Whether membership is a matter of all entries along the last two axes together."""
        return self.kind in MATRICES

    @property
    def is_made(self) -> bool:
        """Whether its points are what somebody else makes: what lies between them is not known to be inside."""
        return self.kind in ("drawn", "repaired")

    @property
    def keeps_dtype(self) -> bool:
        """Whether its arrays may hold integers, and keep them."""
        return self.kind in ("drawn", "repaired", "whole")

    def contains(self, x: ArrayLike, eps: float = 0.0) -> NDArray[np.bool_]:
        """Where an entry is inside, shaped as x; along the last axis all entries of a simplex or one-hot are, or none is, of a
        matrix all or none.

        Of a strategy and of what is repaired it is known only that entries are finite. The sum of a simplex may miss 1 by 4n units
        of rounding, which are those of the dtype, or eps where that is more: of numbers that have been rounded.
        """
        given = np.asarray(x)
        values = given.astype(np.float64)
        if self.is_of_matrices:
            return np.full(values.shape, is_matrix(self.kind, values, self.condition))
        inside = np.isfinite(values) & (values >= self.least) & (values <= self.greatest)
        if self.kind == "sign":
            return np.asarray(inside & (abs(values) == 1))
        if self.kind == "whole":
            assert self.whole is not None
            return np.asarray(inside & ((values - self.whole.start) % self.whole.step == 0))
        if not self.has_columns:
            return np.asarray(inside)
        if values.ndim == 0 or values.shape[-1] == 0:
            return np.zeros(values.shape, dtype=bool)
        columns = inside.all(axis=-1, keepdims=True)
        if self.kind == "one_hot":
            columns &= ((values == 0) | (values == 1)).all(axis=-1, keepdims=True)
            columns &= (values == 1).sum(axis=-1, keepdims=True) == 1
        elif self.kind == "sorted":
            columns &= (values[..., 1:] > values[..., :-1]).all(axis=-1, keepdims=True)
        else:
            eps = max(eps, float(np.finfo(given.dtype if given.dtype.kind == "f" else np.float64).eps))
            with np.errstate(over="ignore", invalid="ignore"):  # the sum of entries that are outside already
                sums = values.sum(axis=-1, keepdims=True)
            columns &= abs(sums - 1) <= SUM_SLACK * eps * values.shape[-1]
        return np.broadcast_to(columns, values.shape).copy()

    def holds(self, x: ArrayLike, eps: float = 0.0) -> bool:
        """Whether the whole array is inside."""
        return bool(self.contains(x, eps).all())


DOMAINS: Mapping[str, Domain] = MappingProxyType(
    {
        domain.name: domain
        for domain in (
            Domain("real"),
            Domain("positive", low=0.0),
            Domain("nonnegative", low=0.0, closed=(True, False)),
            Domain("unit", 0.0, 1.0),
            Domain("closed_unit", 0.0, 1.0, (True, True)),
            Domain("simplex", 0.0, 1.0, (False, True), "simplex"),
            Domain("closed_simplex", 0.0, 1.0, (True, True), "simplex"),
            Domain("one_hot", 0.0, 1.0, (True, True), "one_hot"),
            Domain("sign", -1.0, 1.0, (True, True), "sign"),
            Domain("sorted", kind="sorted"),
            *(Domain(kind, kind=cast(Kind, kind)) for kind in MATRICES),
        )
    }
)

_CHOICES = (
    f"give one of {', '.join(DOMAINS)}, a pair (low, high) for an open interval, a range for whole numbers, an oracle.Domain, "
    "a Hypothesis strategy of arrays, or a function that repairs a draw"
)


def as_domain(spec: Any) -> Domain:
    """The domain that a user means by a name, a pair (low, high), a range (whole numbers, as labels are), a `Domain`, a Hypothesis
    strategy of arrays, or a function that makes of an array of real numbers one that is inside.

    Raises ValueError for an unknown name or an empty interval, TypeError for anything else; both list what there is.
    """
    if isinstance(spec, Domain):
        return spec
    if isinstance(spec, str):
        if spec not in DOMAINS:
            raise ValueError(f"unknown domain {spec!r}: {_CHOICES}")
        return DOMAINS[spec]
    if isinstance(spec, tuple | list) and len(spec) == 2 and all(_is_number(end) for end in spec):
        low, high = float(spec[0]), float(spec[1])
        return Domain(f"({low:g}, {high:g})", low, high)
    if isinstance(spec, range):
        return whole_numbers(spec)
    if _is_strategy(spec):
        return Domain("drawn", -math.inf, math.inf, kind="drawn", strategy=spec)
    if callable(spec) and not isinstance(spec, type):
        name = getattr(spec, "__name__", None) or type(spec).__name__
        return Domain(f"what {name} makes of a draw", kind="repaired", repair=spec)
    raise TypeError(f"domain {spec!r} is of type {type(spec).__name__}: {_CHOICES}")


def whole_numbers(values: range) -> Domain:
    """The whole numbers of a range. Raises ValueError for an empty one."""
    if not values:
        raise ValueError(f"domain {values!r} is empty: it needs a whole number in it, as range(10) has")
    ascending = values if values.step > 0 else values[::-1]
    return Domain(str(values), ascending[0] - 0.5, ascending[-1] + 0.5, kind="whole", whole=ascending)


def matrices(kind: str, *, condition: float | None = None) -> Domain:
    """A domain of matrices: "symmetric", "positive_definite", "invertible", "orthogonal", "lower_triangular" (without 0 on the
    diagonal) or "cholesky_factor" (with a positive one), whose condition number is at most `condition`.

    Raises ValueError for another kind, for a condition below 1, and where a kind has no condition to bound.
    """
    if kind not in MATRICES:
        raise ValueError(f"matrices({kind!r}): give one of {', '.join(MATRICES)}")
    if condition is None:
        return DOMAINS[kind]
    if not _is_number(condition) or not 1 < condition < math.inf:
        raise ValueError(f"condition = {condition!r}: give a number above 1, such as 100")
    if kind not in CONDITIONED:
        raise ValueError(
            f"condition = {condition!r}: {kind} matrices have none to bound; only {' and '.join(CONDITIONED)} do"
        )
    return Domain(f"{kind}, of condition {condition:g} at most", kind=cast(Kind, kind), condition=float(condition))


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _is_strategy(spec: Any) -> bool:
    """Whoever holds a strategy has imported Hypothesis."""
    if "hypothesis" not in sys.modules:
        return False
    from hypothesis.strategies import SearchStrategy

    return isinstance(spec, SearchStrategy)


_SHORT = (0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, -3.0)
SATURATION = (20.0, -20.0, 40.0, -40.0, 700.0, -700.0, 1000.0, -1000.0)
TINY = (1e-8, -1e-8, 1e-160, -1e-160, 2.2250738585072014e-308, -2.2250738585072014e-308, 5e-324, -5e-324)
HUGE = (1e8, -1e8, 1e16, -1e16, 1e100, -1e100, 1e300, -1e300)


def short_values(domain: Domain) -> tuple[float, ...]:
    """0, ±½, ±1, ±2, ±3 as far as an interval holds them, the closed ends, and for narrow ones quarters."""
    width = domain.high - domain.low
    quarters = (domain.low + width * q for q in (0.5, 0.25, 0.75)) if math.isfinite(width) else ()
    ends = [end for end, closed in zip(domain.bounds, domain.closed, strict=True) if closed]
    return within(domain, (*ends, *_SHORT, *quarters))


def edge_values(domain: Domain) -> tuple[float, ...]:
    """Beside the finite ends of an interval: the first float inside, and steps of 1e-300 to 1e-3 of its width."""
    width = domain.high - domain.low if math.isfinite(domain.high - domain.low) else 1.0
    values: list[float] = []
    if math.isfinite(domain.low):
        values.append(domain.least if not domain.closed[0] else float(np.nextafter(domain.low, math.inf)))
        values += [domain.low + width * step for step in (1e-3, 1e-8, 1e-12, 1e-300)]
    if math.isfinite(domain.high):
        values.append(domain.greatest if not domain.closed[1] else float(np.nextafter(domain.high, -math.inf)))
        values += [domain.high - width * step for step in (1e-3, 1e-8, 1e-12)]
    return tuple(v for v in within(domain, values) if v not in domain.bounds)


def special_values(domain: Domain) -> tuple[float, ...]:
    """Every value of an interval worth a look by itself: short ones and closed ends, the edges, saturation, tiny, huge."""
    return within(domain, (*short_values(domain), *edge_values(domain), *SATURATION, *TINY, *HUGE))


def within(domain: Domain, values: Any) -> tuple[float, ...]:
    """Those of the values that the interval of a domain holds, in order, each once."""
    return tuple(dict.fromkeys(float(v) for v in values if domain.least <= v <= domain.greatest))
