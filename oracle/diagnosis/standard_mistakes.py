"""The standard mistakes: what people get wrong most, each as a change of a right result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracle.judgement.point import Finding

Array = NDArray[Any]
#: From a point, and the points so far with it as the last, to the wrong result; None where the mistake cannot be made.
Mistake = Callable[["Point", Sequence["Point"]], Array | None]


@dataclass(frozen=True, eq=False)
class Point:
    """A judged point, and the right result there: what grad returned where it is right, else the truth in its dtype.

    x: the argument that grad differentiates by. swapped: the right result with two arguments exchanged, where that may be asked.
    """

    finding: Finding
    value: Array
    x: Array
    swapped: Array | None

    @property
    def args(self) -> tuple[Array, ...]:
        return self.finding.args


def _times(factor: float) -> Mistake:
    return lambda point, _: point.value.astype(np.float64) * factor


def _of_length(power_of_n: float) -> Mistake:
    return lambda point, _: point.value.astype(np.float64) * float(point.value.size) ** power_of_n


def _one_component(point: Point, _: Sequence[Point]) -> Array:
    out = point.value.astype(np.float64)
    if out.size:
        out.flat[int(np.argmax(np.abs(out)))] *= 1 + 1e-6
    return out


def _epsilon(point: Point, _: Sequence[Point]) -> Array | None:
    beneath = np.abs(point.value.astype(np.float64))
    x = np.abs(point.x)
    with np.errstate(all="ignore"):
        return np.where(x > 0, point.value.astype(np.float64) * (x / (x + 1e-6)), 0.0) if beneath.size else None


def _last_ignored(point: Point, _: Sequence[Point]) -> Array:
    out = point.value.astype(np.float64)
    if out.size:
        out.flat[-1] = 0.0
    return out


def _stale(point: Point, so_far: Sequence[Point]) -> Array | None:
    return next((p.value for p in so_far if p.value.shape == point.value.shape), None)


def _nan(point: Point, so_far: Sequence[Point]) -> Array | None:
    return np.full(point.value.shape, np.nan) if len(so_far) == 1 else None


def _transposed(point: Point, _: Sequence[Point]) -> Array | None:
    shape = point.value.shape
    return np.swapaxes(point.value, -1, -2) if len(shape) > 1 and shape[-1] == shape[-2] else None


#: What people get wrong most, each as a change of the right result.
MISTAKES: Mapping[str, Mistake] = {
    "twice as large": _times(2.0),
    "half as large": _times(0.5),
    "the sign": _times(-1.0),
    "n times as large": _of_length(1.0),
    "1/n times as large": _of_length(-1.0),
    "off by 1e-3": _times(1 + 1e-3),
    "off by 1e-6": _times(1 + 1e-6),
    "one component off by 1e-6": _one_component,
    "a term added": lambda point, _: point.value.astype(np.float64) + point.x,
    "1 added": lambda point, _: point.value.astype(np.float64) + 1.0,
    "rolled by one": lambda point, _: np.roll(point.value, 1),
    "reversed": lambda point, _: point.value.ravel()[::-1].reshape(point.value.shape),
    "transposed": _transposed,
    "all zero": lambda point, _: np.zeros(point.value.shape),
    "every component the mean of all": lambda point, _: np.full(
        point.value.shape, np.mean(point.value.astype(np.float64))
    ),
    "1e-6 added to a denominator": _epsilon,
    "arguments exchanged": lambda point, _: point.swapped,
    "the first result at every call": _stale,
    "rounded to float32": lambda point, _: point.value.astype(np.float32),
    "clipped at 1000": lambda point, _: np.clip(point.value.astype(np.float64), -1e3, 1e3),
    "NaN at one point": _nan,
    "the last component ignored": _last_ignored,
}
