"""A user's code held off: the time of a call, the calls of a part of a check, and leaving."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from oracle.candidate.guard import Guarded, Left, Stopped, no_silent_exit
from oracle.effort.budget import Budget, Exhausted, spending


def twice(a: float) -> float:
    """Words of its own."""
    return 2 * a


def endless(a: float) -> float:
    while True:
        a += 1


def test_it_stands_for_the_function() -> None:
    guarded = Guarded(twice, "grad")
    assert guarded(3.0) == 6.0
    assert (guarded.__name__, guarded.__doc__, guarded.__code__) == ("twice", "Words of its own.", twice.__code__)
    assert guarded.__wrapped__ is twice
    assert Guarded(type("Model", (), {"__call__": lambda self: 1})(), "fn").__name__ == "Model"


def test_a_call_that_does_not_end_is_stopped_and_the_timer_is_as_it_was() -> None:
    handler = signal.getsignal(signal.SIGALRM)
    with pytest.raises(Stopped, match=r"grad took longer than 0\.05 seconds for one call"):
        Guarded(endless, "grad", 0.05)(0.0)
    assert signal.getsignal(signal.SIGALRM) is handler
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


@pytest.mark.parametrize(
    ("clock", "alarms"),
    [
        ((0.0, 0.02, 0.04, 0.06), 3),  # a busy machine
        ((0.0, 0.0, 0.0), 2),  # asleep
        ((0.0, 0.04, 0.0401, 0.0402), 3),
        ((0.0, 0.0, 0.02, 0.0201, 0.04, 0.06), 5),  # suspended, twice
    ],
)
def test_what_a_busy_machine_slows_down_has_its_time_and_what_sleeps_has_none(
    clock: tuple[float, ...], alarms: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter(clock)
    monkeypatch.setattr("oracle.candidate.guard.process_time", lambda: next(times))
    with pytest.raises(Stopped, match=r"longer than 0\.05 seconds"):
        Guarded(endless, "grad", 0.05)(0.0)
    assert next(times, None) is None
    assert len(clock) == 1 + alarms


def test_another_timer_is_left_alone() -> None:
    signal.setitimer(signal.ITIMER_REAL, 60)
    try:
        assert Guarded(twice, "grad", 0.05)(1.0) == 2.0
        assert 0 < signal.getitimer(signal.ITIMER_REAL)[0] <= 60
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


@pytest.mark.parametrize("code", [None, 0, 3])
def test_leaving_is_no_verdict(code: Any) -> None:
    with pytest.raises(Stopped, match=rf"grad called sys\.exit\({'' if code is None else code}\)"):
        Guarded(lambda: sys.exit(code), "grad")()


def test_leaving_in_silence_is_held_off_and_given_back() -> None:
    leave = os._exit
    with no_silent_exit():
        with pytest.raises(Left):
            os._exit(0)
        with pytest.raises(Stopped, match=r"fn called os\._exit\(0\)"):
            Guarded(lambda: os._exit(0), "fn")()
    assert os._exit is leave


def test_no_call_begins_beyond_the_budget() -> None:
    guarded, other = Guarded(twice, "fn"), Guarded(twice, "grad")
    with spending(Budget(calls=2, operations=1_000)) as spent:
        assert (guarded(1.0), other(1.0)) == (2.0, 2.0)
        with pytest.raises(Exhausted):
            guarded(1.0)
    assert spent.calls_spent == 3
    assert guarded(1.0) == 2.0


@pytest.mark.parametrize("error", [Stopped, Exhausted])
def test_a_user_who_catches_every_exception_does_not_catch_ours(error: type[BaseException]) -> None:
    def catching(inner: Callable[[], None]) -> None:
        try:
            inner()
        except Exception:
            pytest.fail("caught")

    def raising() -> None:
        raise error

    with pytest.raises(error):
        catching(raising)


def test_a_long_loop_counts_as_many_calls() -> None:
    def loops(a: Any) -> float:
        return float(sum(abs(x) for x in a for _ in range(20_000)))

    def spent(function: Callable[..., Any], entries: int) -> int:
        guarded, budget = Guarded(function, "fn"), Budget(10**6, 10**6)
        guarded(np.ones(entries))
        with spending(budget):
            guarded(np.ones(entries))
        return budget.calls_spent

    assert spent(np.sum, 9) == 1
    assert spent(loops, 1) in (1, 2)
    assert 7 <= spent(loops, 9) <= 30
