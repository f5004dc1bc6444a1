"""A user's code, with what it may do to us held off: a limit on the time of a call, and no leaving by sys.exit or os._exit."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from time import process_time
from types import FrameType
from typing import Any

import numpy as np

from oracle.effort import budget
from oracle.effort.counting import counted

#: Seconds of a processor that one call of fn or grad may take.
TIMEOUT = 10.0
#: A call that takes less of them than this part of the time, so many times in a row, sleeps, or waits for what may never come: a
#: busy machine leaves it more, and a process that was suspended goes on.
ASLEEP, IN_A_ROW = 0.01, 2
#: A call that calls so many functions counts as one, as jax.grad does that traces anew; a longer one, a Python loop of 20 ms, as
#: so many times that.
ORDINARY_EFFORT = 25_000
#: Operations that a call on arrays of balls counts as, for each entry.
OPERATIONS = 16


class Left(SystemExit):
    """os._exit, called while it was held off."""


class Stopped(BaseException):
    """A call was cut short: no verdict, one sentence. A BaseException, since the code that is called may catch every Exception."""


class Guarded:
    """function, called as before; it stands for it wherever names, source or signature are asked for.

    seconds: the limit on one call, of a processor's time, and of the clock's where the call sleeps; None for none. It holds on the
    main thread of a system with interval timers while no other timer runs (a test runner may have one), elsewhere there is none.
    kept: what is found out about the function once. Calls raise Stopped, and are counted: Exhausted where a budget is spent.
    """

    def __init__(self, function: Callable[..., Any], what: str, seconds: float | None = TIMEOUT) -> None:
        self.__wrapped__: Callable[..., Any]
        functools.update_wrapper(self, function)
        self.__name__ = getattr(function, "__name__", None) or type(function).__name__
        if hasattr(function, "__code__"):
            self.__code__ = function.__code__
        self._function, self._what, self._seconds = function, what, seconds
        self.kept: dict[Any, Any] = {}
        self._effort, self._entries = 0, 0

    def __call__(self, *args: Any, **options: Any) -> Any:
        entries = sum(a.size for a in args if isinstance(a, np.ndarray) and a.dtype.kind == "f")
        budget.call(_operations(args), self._times(entries))
        try:
            return self._weighed(entries, args, options)
        except SystemExit as error:
            raise Stopped(f"{self._what} called {said(error)}") from None

    def of(self, make: Callable[[Callable[..., Any]], Callable[..., Any]]) -> Guarded:
        """What is made of the function, guarded as it is."""
        return Guarded(make(self._function), self._what, self._seconds)

    def _times(self, entries: int) -> int:
        """As how many calls one with so many entries counts, by what the largest so far took."""
        return max(1, self._effort * min(entries, self._entries) // max(1, self._entries) // ORDINARY_EFFORT)

    def _weighed(self, entries: int, args: Any, options: Any) -> Any:
        """The call; its effort is counted when twice as many entries come as before."""
        if entries <= 2 * self._entries:
            return self._called(args, options)
        result, effort = counted(lambda: self._called(args, options))
        self._effort, self._entries = effort, entries
        return result

    def _called(self, args: Any, options: Any) -> Any:
        if self._seconds is None or not _free():
            return self._function(*args, **options)
        return self._timed(self._seconds, args, options)

    def _timed(self, seconds: float, args: Any, options: Any) -> Any:
        began = last = process_time()
        asleep = 0

        def stop(number: int, frame: FrameType | None) -> None:
            nonlocal last, asleep
            now = process_time()
            asleep = asleep + 1 if now - last < ASLEEP * seconds else 0
            if now - began >= seconds or asleep == IN_A_ROW:
                raise Stopped(f"{self._what} took longer than {seconds:g} seconds for one call")
            last = now

        before = signal.signal(signal.SIGALRM, stop)
        signal.setitimer(signal.ITIMER_REAL, seconds, seconds)
        try:
            return self._function(*args, **options)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)


def said(error: SystemExit) -> str:
    """The call that wanted to leave."""
    return f"{'os._exit' if isinstance(error, Left) else 'sys.exit'}({'' if error.code is None else repr(error.code)})"


@contextlib.contextmanager
def no_silent_exit() -> Iterator[None]:
    """os._exit would end this process with a code that is not ours, 0 for one: meanwhile it raises, save in a forked process."""
    leave, own = os._exit, os.getpid()

    def refuse(status: int) -> None:
        if os.getpid() != own:
            leave(status)
        raise Left(status)

    homes = [os, sys.modules[os.name]]
    for home in homes:
        home._exit = refuse  # type: ignore[attr-defined]
    try:
        yield
    finally:
        for home in homes:
            home._exit = leave  # type: ignore[attr-defined]


def _operations(args: Sequence[Any]) -> int:
    """What code may do on arrays of balls, where it is given such: it is seen by nobody else."""
    return sum(OPERATIONS * a.size for a in args if isinstance(a, np.ndarray) and a.dtype == object)


def _free() -> bool:
    return (
        hasattr(signal, "setitimer")
        and threading.current_thread() is threading.main_thread()
        and signal.getitimer(signal.ITIMER_REAL)[0] == 0
    )
