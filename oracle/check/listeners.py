"""Who wants to hear of every check, such as the pytest plugin: each report, and each sentence on why there is none, as data."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, ParamSpec

if TYPE_CHECKING:
    from oracle.check.report import Report

P = ParamSpec("P")
Listener = Callable[[dict[str, Any]], None]
_LISTENER: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextlib.contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Meanwhile, in this context, the listener is told of each check as it ends."""
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)


def heard(judge: Callable[P, Report]) -> Callable[P, Report]:
    """The judge, of whose reports a listener is told; of those that it asks for on the way it is not."""

    @functools.wraps(judge)
    def judged(*args: P.args, **options: P.kwargs) -> Report:
        __tracebackhide__ = True
        listener = _LISTENER.get()
        if listener is None:
            return judge(*args, **options)
        from oracle.candidate.asking import CannotJudge

        token = _LISTENER.set(None)
        try:
            report = judge(*args, **options)
        except CannotJudge as error:
            listener({"name": options.get("name"), "verdict": None, "error": str(error)})
            raise
        finally:
            _LISTENER.reset(token)
        listener(report.to_dict())
        return report

    return judged
