"""What a call takes, counted in calls of functions that it makes: the same on a busy machine."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any


def counted(call: Callable[[], Any]) -> tuple[Any, int]:
    """What the call returns, and how many functions it called, of Python and of C."""
    count = 0

    def counting(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(counting)
    try:
        result = call()
    finally:
        _resume(before)
    return result, count


def _resume(profiler: Any) -> None:
    """The profiler that ran before goes on: a function, or an object as cProfile's, which sys.setprofile does not take back."""
    if profiler is None or callable(profiler):
        sys.setprofile(profiler)
        return
    sys.setprofile(None)
    if hasattr(profiler, "enable"):
        profiler.enable()
