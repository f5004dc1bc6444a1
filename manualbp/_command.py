"""Where the command `manualbp` enters: a name that collides with nothing; `oracle` is imported if it is ours."""

import io
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any


def shadow() -> str:
    """Why `import oracle` does not bring the oracle of this distribution, in a sentence; nothing where it does."""
    ours = Path(__file__).resolve().parents[1] / "oracle"
    loaded = sys.modules.get("oracle")
    spec = getattr(loaded, "__spec__", None) or find_spec("oracle")
    if spec is not None and spec.origin and Path(spec.origin).resolve().parent == ours:
        return ""
    found = "there is none" if spec is None else f"{spec.origin or 'a folder of that name'} comes first"
    return f"manualbp needs its own package oracle, and {found}: rename that one, or start from another folder."


def _nowhere(number: int, name: str) -> None:
    """Opens a closed stream at its own number, on nothing: what writes to the number, as C does, goes nowhere as well."""
    null = os.open(os.devnull, os.O_WRONLY)
    if null != number:
        os.dup2(null, number)
        os.close(null)
    setattr(sys, name, open(number, "w", encoding="utf-8"))  # noqa: SIM115 - as long as the process lives


def _interrupted_all_the_same(found: Any) -> None:
    """An interrupt inside of a callback of the garbage collector (JAX has one) is printed by Python, and lost."""
    if issubclass(found.exc_type, KeyboardInterrupt):
        os.write(2, b"Interrupted before a verdict was reached.\n")
        os._exit(130)
    sys.__unraisablehook__(found)


def main() -> None:
    """The command. Exit code 2 and one sentence where another `oracle` hides ours."""
    for number, name in ((1, "stdout"), (2, "stderr")):
        if getattr(sys, name) is None:  # closed by whoever started us: what is written there goes nowhere
            _nowhere(number, name)
    sys.unraisablehook = _interrupted_all_the_same
    hidden = shadow()
    if hidden:
        print(f"Error: {hidden}", file=sys.stderr)
        sys.exit(2)
    try:
        from oracle.cli import main as command
        from oracle.console.exits import INTERRUPTED
    except KeyboardInterrupt:
        print("Interrupted before anything began.", file=sys.stderr)
        sys.exit(130)

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a console that knows no σ shows a question mark for it
            stream.reconfigure(errors="replace")
    try:
        command(prog_name="manualbp")
    except SystemExit as ending:
        if (
            ending.code == INTERRUPTED
        ):  # a compile that goes on in a thread of its own would hold the process, or abort it
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(INTERRUPTED)
        raise
