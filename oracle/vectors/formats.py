"""The floating-point formats of the vectors, and numbers as their bit patterns.

A format is IEEE 754 binary: `bits` significant bits, least exponent `low` and greatest `high` of a normal number 1.… × 2^e,
`width` bits in all. bfloat16 is NumPy's by ml_dtypes, which is imported where it is needed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True)
class Format:
    """One format; `smallest` is its least subnormal number, `tiny` its least normal one, `largest` its greatest, all in float64."""

    name: str
    width: int
    bits: int
    low: int
    high: int

    @property
    def smallest(self) -> float:
        return 2.0 ** (self.low - self.bits + 1)

    @property
    def tiny(self) -> float:
        return 2.0**self.low

    @property
    def largest(self) -> float:
        return (2 - 2.0 ** (1 - self.bits)) * 2.0**self.high

    @property
    def dtype(self) -> np.dtype[Any]:
        """The NumPy dtype. Raises ModuleNotFoundError where bfloat16's is not installed."""
        if self.name == "bfloat16":
            import ml_dtypes

            return np.dtype(ml_dtypes.bfloat16)
        return np.dtype(self.name)

    @property
    def unsigned(self) -> np.dtype[Any]:
        """The unsigned integers of the same width."""
        return np.dtype(f"uint{self.width}")


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        f.name: f
        for f in (
            Format("float64", 64, 53, -1022, 1023),
            Format("float32", 32, 24, -126, 127),
            Format("float16", 16, 11, -14, 15),
            Format("bfloat16", 16, 8, -126, 127),
        )
    }
)


def patterns(x: Array, fmt: Format) -> Array:
    """The bit patterns of an array of that format, as unsigned integers of its shape."""
    return np.ascontiguousarray(x).view(fmt.unsigned).reshape(np.shape(x))


def from_patterns(bits: Array, fmt: Format) -> Array:
    """The array of that format with these bit patterns."""
    return np.ascontiguousarray(bits, dtype=fmt.unsigned).view(fmt.dtype).reshape(np.shape(bits))


def places(x: Array, fmt: Format) -> NDArray[np.int64]:
    """Each number's place in the order of the format's finite numbers: 0 for ±0, 1 for the least subnormal, −1 for its negative.

    The difference of two places is a distance in ulp that holds across zero, among subnormals and across powers of two.
    """
    bits = patterns(x, fmt).astype(np.uint64)
    sign = np.uint64(1 << (fmt.width - 1))
    magnitude = (bits & (sign - np.uint64(1))).astype(np.int64)
    return np.where(bits & sign, -magnitude, magnitude)


def as_floats(x: Array) -> NDArray[np.float64]:
    """The same numbers in float64, which holds every number of every format."""
    return np.asarray(x).astype(np.float64)


def round_dyadic(mantissa: int, exponent: int, fmt: Format) -> float:
    """The number of the format nearest to mantissa × 2^exponent, ties to even, as a float64; ±∞ beyond its range, never −0."""
    if mantissa == 0:
        return 0.0
    size = abs(mantissa)
    top = size.bit_length() - 1 + exponent
    last = max(top, fmt.low) - fmt.bits + 1  # the exponent of the last place
    shift = last - exponent
    if shift > 0:
        size, rest = size >> shift, size & ((1 << shift) - 1)
        half = 1 << (shift - 1)
        size += rest > half or (rest == half and size % 2 == 1)
    else:
        size <<= -shift
    if size.bit_length() - 1 + last > fmt.high:
        return math.copysign(math.inf, mantissa)
    return math.ldexp(size, last) if mantissa > 0 or size == 0 else -math.ldexp(size, last)


def round_array(x: Array, fmt: Format) -> NDArray[np.float64]:
    """Each number rounded to the format, ties to even, and held in float64."""

    def one(v: float) -> float:
        if not math.isfinite(v):
            return v
        fraction, exponent = math.frexp(v)
        return round_dyadic(int(fraction * 2**53), exponent - 53, fmt)

    return np.asarray(np.frompyfunc(one, 1, 1)(as_floats(x)), dtype=np.float64)
