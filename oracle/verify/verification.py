"""The run of `manualbp verify` at the console: a progress bar, the report, and the exit code."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from oracle.console.exits import CouldNotRun
from oracle.judgement.verdict import Verdict
from oracle.verify.examination import Examination
from oracle.verify.report import as_dict, as_text, print_json, replay_text
from oracle.verify.run import replay, verify


@contextmanager
def progress(cases: int, quiet: bool) -> Iterator[Callable[[int], None]]:
    """A progress bar on a terminal's standard error; nothing when piped or quiet."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    rate = TextColumn("{task.fields[rate]}")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), rate, TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as bar:
        task = bar.add_task("compiling", total=None, rate="")  # of unknown length: the bar moves to and fro

        def advance(n: int) -> None:
            speed = bar.tasks[task].finished_speed or bar.tasks[task].speed
            rate = f"{speed:,.0f} a second" if speed else ""
            bar.update(task, advance=n, total=cases, description="verifying", rate=rate)

        yield advance


def run_verify_command(
    *, cases: int, seed: int, as_json: bool, loop: int = 0, replay_case: int | None = None, **work: Any
) -> int:
    """The command: prints the report, returns the exit code (0 right, 1 wrong, 3 inaccurate, 4 undecided). work: where, part and
    resume of `verify`. Raises CouldNotRun for a file of another run."""
    if replay_case is not None:
        again = replay(cases, seed, replay_case)
        print(replay_text(again, cases, seed))
        verdict = again.verdict if isinstance(again, Examination) else again.found.verdict
    else:
        with progress(cases, quiet=as_json) as advance:
            try:
                result = verify(cases, seed, loop=loop, advance=advance, **work)
            except ValueError as error:
                raise CouldNotRun(f"{error}.") from error
        print_json(as_dict(result)) if as_json else print(as_text(result), end="")
        verdict = result.verdict
    return {Verdict.RIGHT: 0, Verdict.WRONG: 1, Verdict.INACCURATE: 3, Verdict.UNDECIDED: 4}[verdict]
