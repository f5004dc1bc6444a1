"""A backend's function, held: what it may do to this process, and not to us.

It gets arrays of its own, in a time of its own, and cannot leave: sys.exit, os._exit and exceptions of any kind are what it did
instead of answering. This holds off accidents, and no attack: code in this process can do anything. A program of its own
(`--command`) is held by the system.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from types import FrameType
from typing import Any

from oracle.candidate.guard import Stopped
from oracle.vectors.record import Question

_end = os._exit
#: A call that catches every attempt to stop it, or hangs where none reaches it, ends the process after so many times its limit.
LAST = 3.0
#: Seconds more, for what a stopped call has to put away.
GRACE = 2.0


class Changed(Exception):
    """The function wrote into the arrays of its question."""


class Held:
    """function(question), which raises Stopped where it was cut short, Changed where it wrote into its question, KeyboardInterrupt
    where the user did that, and otherwise what the function raises.

    seconds: the limit on one call; None for none. On the main thread Stopped is raised inside the call, and again each time it is
    caught. A call that still runs after LAST times that, on whatever thread, ends the process with a sentence and exit code 2:
    there is no other way to stop it. Nothing stops a call that keeps Python's lock in code that is not Python.
    """

    def __init__(self, function: Callable[[Question], Any], what: str, seconds: float | None) -> None:
        self._function, self._what, self._seconds = function, what, seconds
        self._deadline: float | None = None
        self._watch: threading.Thread | None = None

    def __call__(self, question: Question) -> Any:
        given = copied(question)
        with no_exit(self._what), self._limited():
            answer = self._function(given)
        if name := changed(question, given):
            raise Changed(f"it wrote into its question: {name} was changed; copy what is to be changed")
        return answer

    @contextmanager
    def _limited(self) -> Iterator[None]:
        if self._seconds is None:
            yield
            return
        if self._watch is None:
            self._watch = threading.Thread(target=self._watched, name=f"limit of {self._what}", daemon=True)
            self._watch.start()
        self._deadline = time.monotonic() + LAST * self._seconds + GRACE
        try:
            with alarmed(f"{self._what} took longer than {self._seconds:g} seconds for one call", self._seconds):
                yield
        finally:
            self._deadline = None

    def _watched(self) -> None:
        while True:
            time.sleep(0.2)
            deadline = self._deadline
            if deadline is not None and time.monotonic() > deadline:
                words = (
                    f"{self._what} could not be stopped {LAST:g} times {self._seconds:g} seconds after it was called"
                )
                with suppress(OSError):
                    os.write(2, f"Error: {words}; nothing was judged. As a program (--command) it can be.\n".encode())
                _end(2)


@contextmanager
def alarmed(words: str, seconds: float) -> Iterator[None]:
    """Raises Stopped in the block after so many seconds, and again after as many more while it goes on. Only on the main thread of
    a system with interval timers while no other timer runs (a test runner may have one)."""
    if not (
        hasattr(signal, "setitimer")
        and threading.current_thread() is threading.main_thread()
        and signal.getitimer(signal.ITIMER_REAL)[0] == 0
    ):
        yield
        return
    armed = True

    def stop(number: int, frame: FrameType | None) -> None:
        if armed:
            raise Stopped(words)

    before = signal.signal(signal.SIGALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds, seconds)
        try:
            yield
        finally:
            armed = False
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def no_exit(what: str) -> Iterator[None]:
    """sys.exit and os._exit in the block raise Stopped, so that nobody's exit code passes for a verdict. A process forked inside
    may end as it likes."""
    ours, inside = os.getpid(), True

    def leave(status: int) -> None:
        if inside and os.getpid() == ours:
            raise Stopped(f"{what} called os._exit({status!r})")
        _end(status)

    before = os._exit
    os._exit = leave  # type: ignore[assignment]
    try:
        yield
    except SystemExit as error:
        raise Stopped(f"{what} called sys.exit({'' if error.code is None else repr(error.code)})") from None
    finally:
        inside = False
        os._exit = before


def copied(question: Question) -> Question:
    """The same, in arrays that are nobody else's."""
    return replace(
        question,
        x=question.x.copy(),
        expected=question.expected.copy(),
        weights=tuple(w.copy() for w in question.weights),
        biases=tuple(b.copy() for b in question.biases),
        parameters=dict(question.parameters),
        sample_weights=None if question.sample_weights is None else question.sample_weights.copy(),
    )


def changed(asked: Question, given: Question) -> str:
    """The name of something that is no longer as it was asked, or nothing."""
    pairs = [("x", asked.x, given.x), ("expected", asked.expected, given.expected)]
    if asked.sample_weights is not None and given.sample_weights is not None:
        pairs.append(("sample_weights", asked.sample_weights, given.sample_weights))
    for name in ("weights", "biases"):
        both = zip(getattr(asked, name), getattr(given, name), strict=True)
        pairs += [(f"{name} of layer {i}", a, g) for i, (a, g) in enumerate(both, start=2)]
    for name, before, now in pairs:
        if before.shape != now.shape or before.tobytes() != now.tobytes():
            return name
    return "" if dict(asked.parameters) == dict(given.parameters) else "parameters"
