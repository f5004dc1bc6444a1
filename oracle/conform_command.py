"""`manualbp conform`: a backend against the vectors, and an exit code for the verdict."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from manualbp import HEADS
from oracle.backends.find import find
from oracle.backends.session import TIMEOUT, CannotRun, Session, in_process, in_program
from oracle.check_command import output_to_stderr
from oracle.conform import Outcome, Run, conform
from oracle.conform_junit import write_junit
from oracle.conform_lists import (
    FACTOR,
    Growth,
    expected,
    growths,
    read_baseline,
    read_ids,
    worst_errors,
    write_baseline,
)
from oracle.conform_report import as_dict, as_text, case_text, result_dict
from oracle.vectors import Vector, vectors
from oracle.vectors.formats import FORMATS
from oracle.verdict import Verdict

CODES = {Verdict.RIGHT: 0, Verdict.WRONG: 1, Verdict.INACCURATE: 3}


@dataclass(frozen=True)
class Options:
    """The command line. dtypes: none given means those of the backend."""

    name: str | None = None
    command: str | None = None
    dtypes: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    case: str | None = None
    junit: Path | None = None
    as_json: bool = False
    min_cases: int = 1
    expected_failures: Path | None = None
    baseline: Path | None = None
    update_baseline: bool = False
    every_head: bool = False
    timeout: float = TIMEOUT

    @property
    def backend(self) -> str:
        """The words that name the backend on a command line."""
        return self.name if self.name is not None else f"--command {shlex.quote(self.command or '')}"


def options_from(*, dtypes: Sequence[str], heads: Sequence[str], **options: Any) -> Options:
    """The command line's words as options."""
    return Options(dtypes=tuple(dict.fromkeys(dtypes)), heads=tuple(dict.fromkeys(heads)), **options)


def run_conform_command(options: Options) -> int:
    """Judges and prints; what the backend prints goes to stderr. Returns the exit code. Raises CannotRun."""
    check(options)
    announced = read_ids(options.expected_failures) if options.expected_failures else []
    before = read_baseline(options.baseline) if options.baseline and options.baseline.exists() else None
    with output_to_stderr():
        session = opened(options)
        try:
            chosen = cases(options, session.capabilities.dtypes)
            with progress(len(chosen), quiet=options.as_json) as advance:
                run = conform(session, chosen, advance)
        finally:
            session.close()
    if options.case is not None:
        return conclude_case(options, run)
    return conclude(options, run, announced, before)


def check(options: Options) -> None:
    """Raises CannotRun for options that do not fit together."""
    if (options.name is None) == (options.command is None):
        raise CannotRun("give the NAME of a backend, or --command 'CMD'")
    if not 0 < options.timeout < 1e6:
        raise CannotRun(f"--timeout = {options.timeout:g}: give a positive number of seconds")
    if options.min_cases < 1:
        raise CannotRun(f"--min-cases = {options.min_cases}: give at least 1, for nothing run is no pass")
    for name in options.heads:
        if name not in HEADS:
            near = [head for head in HEADS if name in head][:6]
            raise CannotRun(f"--head {name} is unknown" + (f"; there is {', '.join(near)}" if near else ""))
    for name in options.dtypes:
        if name not in FORMATS:
            raise CannotRun(f"--dtype {name} is unknown: give one of {', '.join(FORMATS)}")
    if options.update_baseline and not options.baseline:
        raise CannotRun("--update-baseline needs --baseline FILE")


def opened(options: Options) -> Session:
    """The session, started. Raises CannotRun."""
    if options.command is not None:
        return in_program(options.command, options.timeout)
    assert options.name is not None
    return in_process(find(options.name), options.timeout)


def cases(options: Options, dtypes: Sequence[str]) -> list[Vector]:
    """The vectors that are asked. With --case that one, and those of its head and dtype, which bear witness to what kind of
    failure it is. Raises CannotRun where there are none."""
    if options.case is not None:
        found = [v for v in vectors() if v.id == options.case]
        if not found:
            raise CannotRun(f"--case {options.case}: no vector has that id")
        mine = found[0].question
        return found + [v for v in vectors(mine.dtype, [mine.head]) if v.id != options.case]
    wanted = options.dtypes or tuple(dtypes)
    chosen = [v for dtype in wanted for v in vectors(dtype, options.heads or None)]
    if len(chosen) < options.min_cases:
        raise CannotRun(f"{len(chosen)} cases, and at least {options.min_cases} must run: nothing was judged")
    return chosen


def conclude_case(options: Options, run: Run) -> int:
    """One case, tensor by tensor; its own failure alone counts."""
    result = run.results[0]
    run = replace(run, expected=frozenset(r.id for r in run.results[1:]))
    print(
        json.dumps(result_dict(result), indent=2, ensure_ascii=False) if options.as_json else case_text(result), end=""
    )
    if result.outcome is Outcome.SKIPPED:
        raise CannotRun(f"{result.id} was skipped, which is no verdict: {result.words}")
    if not options.as_json:
        print(f"verdict: {run.verdict}")
    return CODES[run.verdict]


def conclude(
    options: Options, run: Run, announced: Sequence[str], before: tuple[float, dict[str, dict[str, int | str]]] | None
) -> int:
    """The report and the files; the exit code. Raises CannotRun where too little was judged."""
    lists = expected(list(announced), run, frozenset(v.id for v in vectors()) if announced else frozenset())
    run = replace(run, expected=lists.ids)
    factor, kept = before if before is not None else (FACTOR, {})
    grown = growths(kept, worst_errors(run), factor)
    problems = tuple(f"expected to fail, and right: {id}; take it off the list" for id in lists.passing)
    problems += tuple(f"{g.sentence}, more than {factor:g} times as much" for g in grown)
    code = exit_code(run, bool(lists.passing), grown)
    if options.junit:
        write_junit(options.junit, run, problems)
    if options.as_json:
        data = {**as_dict(run), "problems": list(problems), "stale": list(lists.stale), "exit_code": code}
        print(json.dumps(data, indent=2, ensure_ascii=False))
    else:
        print(as_text(run, options.backend, options.every_head))
        for problem in problems:
            print(problem)
        if run.expected:
            print(f"{len(run.expected)} failures were expected")
        print(f"verdict: {verdict_words(run, code)}")
    for id in lists.stale:
        print(f"Warning: no vector has the id {id} of {options.expected_failures}", file=sys.stderr)
    if options.baseline and (before is None or options.update_baseline):
        write_baseline(options.baseline, run, factor)
        print(f"the worst errors are in {options.baseline}", file=sys.stderr)
    if code == 0 and run.judged < options.min_cases:
        raise CannotRun(f"{run.judged} cases were judged, and at least {options.min_cases} must be: that is no pass")
    return code


def exit_code(run: Run, passing: bool, grown: Sequence[Growth]) -> int:
    """The worst of the verdict, of entries that pass although announced as failures, and of errors that grew."""
    if run.verdict is Verdict.WRONG or passing:
        return CODES[Verdict.WRONG]
    if run.verdict is Verdict.INACCURATE or grown:
        return CODES[Verdict.INACCURATE]
    return CODES[Verdict.RIGHT]


def verdict_words(run: Run, code: int) -> str:
    """right, wrong or inaccurate, and what that rests on."""
    if not run.judged and not run.failures:
        return "none, for nothing was judged"
    word = next(str(verdict) for verdict, c in CODES.items() if c == code)
    because = f"{len(run.failures)} of {len(run.results)} cases fail" if run.failures else f"{run.judged} cases judged"
    if run.verdict is Verdict.INACCURATE:
        because += ", each where floats lose digits; the same heads are right elsewhere"
    return f"{word} ({because})"


@contextmanager
def progress(cases: int, quiet: bool) -> Iterator[Callable[[], None]]:
    """A progress bar on a terminal's standard error; nothing when piped or quiet."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=quiet or not console.is_terminal) as bar:
        task = bar.add_task("asking", total=cases)
        yield lambda: bar.update(task, advance=1)
