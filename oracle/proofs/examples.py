"""Runnable examples of a page: executed in a process of their own, in order, and compared with the output displayed below each.

Nothing that an example does reaches the judgement: it can print, and no more. It gets a limit of time, and leaves no file behind.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from oracle.proofs.errors import ProofError
from oracle.proofs.pages import Block

#: Seconds of a processor for all examples of a page, and of a clock, where a machine is busy or they only sleep.
PROCESSOR_SECONDS = 20
CLOCK_SECONDS = 120
#: Bytes that are read of what the examples print.
LONGEST = 1_000_000


@dataclass(frozen=True)
class Example:
    code: Block
    printed: Block


@dataclass
class Running:
    """The process that runs the examples of one page."""

    examples: Sequence[Example]
    process: subprocess.Popen[bytes]
    folder: tempfile.TemporaryDirectory[str]
    processor_seconds: int


def start(examples: Sequence[Example], processor_seconds: int = PROCESSOR_SECONDS) -> Running:
    """Starts them all, so that they run while the page is read."""
    folder = tempfile.TemporaryDirectory()
    path = os.pathsep.join(os.path.abspath(part) for part in sys.path)
    process = subprocess.Popen(
        [sys.executable, "-B", "-c", "from oracle.proofs.example_process import main; main()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder.name,
        env={**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        start_new_session=True,
    )
    return Running(examples, process, folder, processor_seconds)


def complaints(running: Running, clock_seconds: int = CLOCK_SECONDS) -> Iterator[ProofError]:
    """What is wrong with the examples: one fails, ends its process, takes too long, or prints something else than is displayed."""
    results, late = ended(running, [e.code.content for e in running.examples], clock_seconds)
    for k, example in enumerate(running.examples):
        if k >= len(results):
            why = "does not end within its time" if late else "ends the process that runs it"
            yield ProofError(f"the example {why}", example.code.line)
            return
        error = compared(example, results[k])
        if error is not None:
            yield error


def output(code: str) -> dict[str, Any]:
    """What the code prints, or how it fails, in a process of its own: {"out": …, "error": …}."""
    return outputs([code])[0]


def outputs(codes: Sequence[str]) -> list[dict[str, Any]]:
    """The same for several, one after the other in one process; each that comes after the end of the process ends it too."""
    results, late = ended(start(()), codes, CLOCK_SECONDS)
    why = "does not end within its time" if late else "ends the process that runs it"
    return results + [{"out": "", "error": why}] * (len(codes) - len(results))


def ended(running: Running, codes: Sequence[str], clock_seconds: int) -> tuple[list[dict[str, Any]], bool]:
    """The results of the codes that ran to their end, and whether the time was up."""
    process = running.process
    wanted = {"codes": list(codes), "seconds": running.processor_seconds}
    try:
        out, _ = process.communicate(json.dumps(wanted).encode(), timeout=clock_seconds)
        late = process.returncode == -signal.SIGXCPU or process.returncode == -signal.SIGKILL
    except subprocess.TimeoutExpired:
        end(process)
        out, _ = process.communicate()
        late = True
    finally:
        end(process)
        running.folder.cleanup()
    return [json.loads(line) for line in out[:LONGEST].decode(errors="replace").splitlines() if is_result(line)], late


def end(process: subprocess.Popen[bytes]) -> None:
    """Kills what is left of the process, and of what it may have started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def is_result(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def compared(example: Example, result: dict[str, Any]) -> ProofError | None:
    if result.get("error"):
        return ProofError(f"the example {result['error']}", example.code.line)
    got, wanted = str(result.get("out")).strip().splitlines(), example.printed.content.strip().splitlines()
    for k in range(max(len(got), len(wanted))):
        if got[k : k + 1] != wanted[k : k + 1]:
            shown = repr(got[k]) if k < len(got) else "nothing more"
            return ProofError(f"the example prints {shown} here", example.printed.line + k)
    return None
