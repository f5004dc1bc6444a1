"""What a call takes is counted in calls of functions; a profiler that runs goes on."""

from __future__ import annotations

import cProfile
import pstats
import sys

import pytest

from oracle.effort.counting import counted


def loop(n: int) -> int:
    return sum(abs(k) for k in range(n))


def test_a_longer_call_counts_more_and_the_same_each_time() -> None:
    results = [counted(lambda n=n: loop(n)) for n in (10, 1000, 1000)]
    assert [value for value, _ in results] == [45, 499500, 499500]
    assert results[0][1] < 60 < 1000 < results[1][1] == results[2][1]
    assert sys.getprofile() is None


def test_what_raises_leaves_no_profiler_behind() -> None:
    with pytest.raises(ZeroDivisionError):
        counted(lambda: 1 / 0)
    assert sys.getprofile() is None


def test_a_profiler_goes_on() -> None:
    profile = cProfile.Profile()
    profile.enable()
    _, count = counted(lambda: loop(5))
    loop(7)
    profile.disable()
    assert count > 5
    calls = {name: data[0] for (_, _, name), data in pstats.Stats(profile).stats.items()}  # type: ignore[attr-defined]
    assert calls["loop"] == (2 if sys.version_info >= (3, 12) else 1)  # since 3.12 it listens beside the count
    heard: list[str] = []
    sys.setprofile(lambda frame, event, argument: heard.append(event))
    try:
        counted(lambda: loop(5))
        loop(5)
    finally:
        sys.setprofile(None)
    assert heard
