"""Caches with too poor a key give a stale answer at a lookalike; caches with a good one, and plain rounding, do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import oracle

Array = Any


def cube(a: Array) -> Any:
    return (a**3).sum()


def kept_by(key: Callable[[Array], Any]) -> Callable[[Array], Array]:
    kept: dict[Any, Array] = {}
    return lambda a: kept.setdefault((a.shape, key(a)), 3 * a * a).copy()


POOR: dict[str, Callable[[Array], Any]] = {
    "eight decimals": lambda a: tuple(a.round(8)),
    "nine decimals": lambda a: tuple(a.round(9)),
    "float32": lambda a: a.astype(np.float32).tobytes(),
    "the sum": lambda a: float(a.sum()),
    "the sorted numbers": lambda a: tuple(np.sort(a)),
    "the norm": lambda a: float(np.linalg.norm(a)),
    "the first and the last": lambda a: (a[0], a[-1]),
    "printed": str,
}
GOOD: dict[str, Callable[[Array], Any]] = {
    "bytes": lambda a: a.tobytes(),
    "numbers": lambda a: tuple(a.tolist()),
    "zeros of both signs alike": lambda a: (a + 0.0).tobytes(),
}


def judged(grad: Callable[[Array], Array]) -> Any:
    return oracle.check_gradient(cube, grad, ((-5, 5),), database=None)


@pytest.mark.parametrize("name", POOR)
def test_a_poor_key_is_wrong(name: str) -> None:
    report = judged(kept_by(POOR[name]))
    assert report.verdict == "wrong"


@pytest.mark.parametrize("name", GOOD)
def test_a_good_key_is_right(name: str) -> None:
    assert judged(kept_by(GOOD[name])).verdict == "right"


def test_it_is_named() -> None:
    report = judged(kept_by(POOR["the sum"]))
    assert any(s.startswith("It gives the answer that it gave at another point") for s in report.diagnosis), report


@pytest.mark.parametrize(
    "grad",
    [
        lambda a: (3 * a.astype(np.float32) ** 2).astype(np.float64),
        lambda a: np.round(3 * a * a, 9),
    ],
)
def test_few_digits_are_no_stale_answer(grad: Callable[[Array], Array]) -> None:
    report = judged(grad)
    assert report.verdict in ("inaccurate", "wrong")
    assert not any("at another point" in s for s in report.diagnosis)
