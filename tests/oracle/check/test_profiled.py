"""A check under somebody's profiler: the same verdict, and the profiler goes on."""

from __future__ import annotations

import cProfile
import pstats
import sys
from typing import Any

import pytest

import oracle

Array = Any


def half_square(a: Array) -> Array:
    return (a * a).sum() / 2


def identity(a: Array) -> Array:
    return a.copy()


def wrong_after_many_calls() -> Any:
    calls = 0

    def grad(a: Array) -> Array:
        nonlocal calls
        calls += 1
        return a.copy() if calls < 200 else 1.001 * a

    return grad


def goes_on(profile: cProfile.Profile) -> bool:
    """Since Python 3.12 cProfile listens by sys.monitoring."""
    if sys.version_info >= (3, 12):
        return sys.monitoring.get_tool(sys.monitoring.PROFILER_ID) == "cProfile"
    return sys.getprofile() is profile


@pytest.mark.parametrize(("make", "verdict"), [(lambda: identity, "right"), (wrong_after_many_calls, "wrong")])
def test_the_verdict_is_the_same(make: Any, verdict: str) -> None:
    profile = cProfile.Profile()
    profile.enable()
    try:
        report = oracle.check_gradient(half_square, make(), ("real",), shapes=((2,),), database=None)
        assert goes_on(profile)
    finally:
        profile.disable()
    assert report.verdict == verdict
    assert "check_gradient" in {name for _, _, name in pstats.Stats(profile).stats}  # type: ignore[attr-defined]
