"""`manualbp conform`: a backend against the vectors, and an exit code for the verdict."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from manualbp import HEADS
from oracle.backends.find import find
from oracle.backends.session import TIMEOUT, CannotRun, Session, in_process, in_program
from oracle.conform.announced_failures import expected, read_ids, writable
from oracle.conform.baseline import Baseline, Ratchet, compare, read_baseline, same_backend, write_baseline
from oracle.conform.conclusion import CODES, concluded, problems
from oracle.conform.junit import write_junit
from oracle.conform.report import as_dict, as_text, case_text, result_dict
from oracle.conform.run import Outcome, Run, conform
from oracle.console.output import output_to_stderr
from oracle.vectors import Vector, vectors
from oracle.vectors.formats import FORMATS


@dataclass(frozen=True)
class Options:
    """The command line. dtypes: none given means those of the backend; min_cases: none given means half of what it covers."""

    name: str | None = None
    command: str | None = None
    dtypes: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    case: str | None = None
    junit: Path | None = None
    as_json: bool = False
    min_cases: int | None = None
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
    before = kept_before(options)
    with output_to_stderr():
        session = opened(options)
        try:
            if before is not None and options.baseline:
                same_backend(options.baseline, before, session.name)
            chosen = cases(options, session.capabilities.dtypes)
            with progress(len(chosen), quiet=options.as_json) as advance:
                run = conform(session, chosen, advance)
        finally:
            session.close()
    if options.case is not None:
        return conclude_case(options, run)
    return conclude(options, run, announced, before)


def kept_before(options: Options) -> Baseline | None:
    """The baseline as it is; None where there is none, or none yet. Raises CannotRun, also where a file could not be written."""
    if options.junit:
        writable("--junit", options.junit)
    if options.baseline is None:
        return None
    if options.update_baseline:
        writable("--baseline", options.baseline)
    if options.baseline.exists():
        return read_baseline(options.baseline)
    if not options.update_baseline:
        raise CannotRun(f"--baseline {options.baseline} does not exist: make it by --update-baseline")
    return None


def check(options: Options) -> None:
    """Raises CannotRun for options that do not fit together."""
    if (options.name is None) == (options.command is None):
        raise CannotRun("give the NAME of a backend, or --command 'CMD'")
    if not 0 < options.timeout < 1e6:
        raise CannotRun(f"--timeout = {options.timeout:g}: give a positive number of seconds")
    if options.min_cases is not None and options.min_cases < 1:
        raise CannotRun(f"--min-cases = {options.min_cases}: give at least 1, for nothing run is no pass")
    for name in options.heads:
        if name not in HEADS:
            near = [head for head in HEADS if name in head][:6]
            raise CannotRun(f"--head {name} is unknown" + (f"; there is {', '.join(near)}" if near else ""))
    for name in options.dtypes:
        if name not in FORMATS:
            raise CannotRun(f"--dtype {name} is unknown: give one of {', '.join(FORMATS)}")
    if options.case is not None:
        for name, given in (
            ("--dtype", options.dtypes),
            ("--head", options.heads),
            ("--min-cases", options.min_cases),
            ("--junit", options.junit),
            ("--baseline", options.baseline),
            ("--expected-failures", options.expected_failures),
        ):
            if given:
                raise CannotRun(f"--case judges one case alone: {name} goes with a whole run, so give one of the two")
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
    chosen = selected(options.dtypes or dtypes, options.heads)
    least = options.min_cases or 1
    if len(chosen) < least:
        raise CannotRun(f"{len(chosen)} cases, and at least {least} must run: nothing was judged")
    return chosen


def selected(dtypes: Sequence[str], heads: Sequence[str]) -> list[Vector]:
    """The vectors of the dtypes, each once, and of the heads, or of all."""
    return [v for dtype in dict.fromkeys(dtypes) for v in vectors(dtype, heads or None)]


def conclude_case(options: Options, run: Run) -> int:
    """One case, tensor by tensor; its own failure alone counts."""
    result = run.results[0]
    run = replace(run, expected=frozenset(r.id for r in run.results[1:]))
    code = 1 if run.farewell else 0 if not result.failed else CODES[run.verdict]
    skipped = result.outcome is Outcome.SKIPPED
    word = "none" if skipped else next(str(verdict) for verdict, c in CODES.items() if c == code)
    if options.as_json:
        data = {"verdict": word, "exit_code": 2 if skipped else code, "at_the_end": run.farewell, **result_dict(result)}
        print(json.dumps(data, indent=2, ensure_ascii=False))
    else:
        print(case_text(result), end="")
        print(f"verdict: {word}" + (f" (at the end: {run.farewell})" if run.farewell else ""))
    if skipped:
        raise CannotRun(f"{result.id} was skipped, which is no verdict: {result.words}")
    return code


def conclude(options: Options, run: Run, announced: Sequence[str], before: Baseline | None) -> int:
    """The report and the files; the exit code. Raises CannotRun where too little was judged."""
    lists = expected(list(announced), run, frozenset(v.id for v in vectors()) if announced else frozenset())
    run = replace(run, expected=lists.ids)
    meant = {v.id for v in selected(options.dtypes or tuple(FORMATS), options.heads)} if options.baseline else set()
    ratchet = compare(before, run, meant) if before is not None else Ratchet()
    found = problems(lists, ratchet)
    end = concluded(run, lists, ratchet, options.min_cases, before is not None and not options.update_baseline)
    if options.junit:
        write_junit(options.junit, run, (*found, *([end.refusal] if end.refusal else [])))
    if options.as_json:
        data = {**as_dict(run), "verdict": end.word, "because": end.because, "exit_code": end.code}
        print(json.dumps({**data, "problems": list(found), "stale": list(lists.stale)}, indent=2, ensure_ascii=False))
    else:
        print(as_text(run, options.backend, options.every_head))
        for problem in found:
            print(problem)
        print(f"verdict: {end.words}")
    for words in lists.stale:
        print(f"Warning: {options.expected_failures}: {words}", file=sys.stderr)
    if options.baseline:
        keep(options, options.baseline, run, before, ratchet, meant)
    if end.refusal:
        raise CannotRun(f"{end.refusal}: that is no pass")
    return end.code


def keep(
    options: Options, path: Path, run: Run, before: Baseline | None, ratchet: Ratchet, meant: Collection[str]
) -> None:
    """Writes the baseline where it is to be written, and says so; else says what is not in it."""
    if options.update_baseline and run.judged:
        write_baseline(path, run, before, meant)
        worse = len(ratchet.grown) + len(ratchet.lost)
        told = f"; {worse} of them are worse than before, and are the measure from now on" if worse else ""
        how = "a new file" if before is None else "updated"
        print(f"{path}, {how}, holds the worst errors of {run.judged} cases of this run{told}", file=sys.stderr)
    elif ratchet.new:
        print(f"Warning: {path} lacks {ratchet.new} cases of this run; --update-baseline adds them", file=sys.stderr)


@contextmanager
def progress(cases: int, quiet: bool) -> Iterator[Callable[[], None]]:
    """A progress bar on a terminal's standard error; nothing when piped or quiet."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=quiet or not console.is_terminal) as bar:
        task = bar.add_task("asking", total=cases)
        yield lambda: bar.update(task, advance=1)
