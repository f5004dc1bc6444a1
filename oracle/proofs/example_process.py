"""The process that runs the examples of one page. It reads their code from its input and writes a line of JSON for each.

What an example may do is to compute and to print. Writing files, starting processes, opening connections and changing a module are
noted where the example cannot undo it, and make it fail.
"""

from __future__ import annotations

import builtins
import dataclasses
import json
import math
import os
import sys
import types
from collections.abc import Iterator
from typing import Any

#: What Python reports before it does it, by the beginning of its name.
REFUSED: tuple[str, ...] = (
    *("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.chown"),
    *("os.fork", "os.exec", "os.system", "os.posix_spawn", "os.spawn", "os.kill", "os.putenv", "os.unsetenv"),
    *("subprocess.", "socket.", "ctypes.", "shutil.", "pty.", "signal."),
    *("sys.settrace", "sys.setprofile", "sys.addaudithook"),
)
WATCHED = ("manualbp", "oracle", "numpy", "math", "builtins", "json", "os", "sys")


def main() -> None:
    """Reads {"codes": […], "seconds": …}, runs the codes in one namespace."""
    wanted = json.loads(sys.stdin.buffer.read())
    limit(int(wanted["seconds"]))
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    printed = os.open("printed", os.O_RDWR | os.O_CREAT)
    os.dup2(printed, 1)
    sys.stdin.close()
    import numpy as np

    import manualbp

    np.random.default_rng(0)
    list(manualbp.HEADS)
    refused: list[str] = []
    before = list(globals_of_modules())
    sys.addaudithook(lambda event, arguments: guard(event, arguments, refused))
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for code in wanted["codes"]:
        start = os.lseek(printed, 0, os.SEEK_END)
        error = run(code, namespace)
        sys.stdout.flush()
        out = os.pread(printed, 1_000_000, start).decode(errors="replace")
        error = error or (f"does what an example may not: {refused[0]}" if refused else None) or changed(before)
        channel.write(json.dumps({"out": out, "error": error}) + "\n")
        channel.flush()
    os._exit(0)


def limit(seconds: int) -> None:
    try:
        import resource
    except ImportError:  # not on this system: the clock alone limits
        return
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))


def run(code: str, namespace: dict[str, Any]) -> str | None:
    """What went wrong, as a phrase about the example."""
    try:
        exec(compile(code, "example", "exec"), namespace)
    except SystemExit:
        return "ends the process that runs it"
    except BaseException as error:
        return f"fails: {type(error).__name__}: {error}"
    return None


def guard(event: str, arguments: tuple[Any, ...], refused: list[str]) -> None:
    """Raises PermissionError, and notes what was tried."""
    writes = event == "open" and (writing(arguments[1]) or bool(int(arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR)))
    if writes or event.startswith(REFUSED):
        what = "it opens a file to write" if writes else event
        refused.append(what)
        raise PermissionError(f"an example computes and prints: {what}")


def writing(mode: Any) -> bool:
    return isinstance(mode, str) and bool(set(mode) & set("wax+"))


def globals_of_modules() -> Iterator[tuple[str, Any, str, Any]]:
    """(name, owner, attribute, value) of what an example could patch: names of modules, fields of records, code of functions."""
    modules = [m for name, m in list(sys.modules.items()) if name.partition(".")[0] in WATCHED and m is not None]
    modules += [builtins, math]
    for module in modules:
        for name, value in list(vars(module).items()):
            if name.startswith("__") or isinstance(value, types.ModuleType):
                continue
            yield f"{module.__name__}.{name}", module, name, value
            mine = module.__name__.partition(".")[0] in ("manualbp", "oracle")
            if mine and isinstance(value, types.FunctionType):
                yield f"{module.__name__}.{name}", value, "__code__", value.__code__
            elif mine and dataclasses.is_dataclass(value) and not isinstance(value, type):
                for part in dataclasses.fields(value):
                    yield f"{module.__name__}.{name}.{part.name}", value, part.name, getattr(value, part.name)


#: Python itself sets these.
VOLATILE = frozenset(
    {"builtins._", "sys.last_type", "sys.last_value", "sys.last_traceback", "sys.last_exc", "sys.stdin"}
)


def changed(before: list[tuple[str, Any, str, Any]]) -> str | None:
    missing = object()
    for name, owner, attribute, value in before:
        if name not in VOLATILE and getattr(owner, attribute, missing) is not value:
            return f"changes {name}"
    return None
