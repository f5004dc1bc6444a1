"""Who wants to hear of every check, such as the pytest plugin: each report, and each sentence on why there is none, as data.

The plugin puts its listener where it is found from every thread, and imports nothing for that: it may be there without `oracle`.
"""

from __future__ import annotations

import contextlib
import functools
import sys
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, ParamSpec

if TYPE_CHECKING:
    from oracle.check.report import Report

P = ParamSpec("P")
Listener = Callable[[dict[str, Any]], None]
#: Under which names the plugin is loaded: by pytest's entry point, and by `-p`.
PLUGINS = ("manualbp_pytest_plugin", "oracle.pytest_plugin")


def of_the_plugin() -> Listener | None:
    """The listener of the test that runs in this process, if one does."""
    for name in PLUGINS:
        listening = getattr(sys.modules.get(name), "LISTENING", None)
        if listening:
            listener: Listener = listening[-1]
            return listener
    return None


#: Whom this context tells: "plugin" for that of the plugin, None for nobody.
_LISTENER: ContextVar[Listener | str | None] = ContextVar("listener", default="plugin")


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
        if isinstance(listener, str):
            listener = of_the_plugin()
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
