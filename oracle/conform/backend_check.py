"""`manualbp conform`: a backend against the vectors, and an exit code for the verdict."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from oracle.backends.backend import Capabilities
from oracle.backends.session import CannotRun, Session
from oracle.conform.announced_failures import Entry, expected, read_entries, writable
from oracle.conform.baseline import Baseline, Ratchet, compare, read_baseline, same_backend, write_baseline
from oracle.conform.conclusion import CODES, concluded, problems
from oracle.conform.jobs import ask_in_parts
from oracle.conform.journal import header, noted, taken_up
from oracle.conform.junit import write_junit
from oracle.conform.options import Options, anchored, check, opened, opener, options_from
from oracle.conform.outcome import Outcome, Result
from oracle.conform.report import as_dict, as_text, case_text, result_dict
from oracle.conform.run import Run, ask_all, concluded_run
from oracle.conform.selection import chosen, drawn_for, selected
from oracle.console.output import output_to_stderr
from oracle.vectors import Vector, vectors
from oracle.vectors.drawn import digest, drawn, is_drawn
from oracle.vectors.formats import FORMATS

__all__ = ["options_from", "run_conform_command"]


def run_conform_command(options: Options) -> int:
    """Judges and prints; what the backend prints goes to stderr. Returns the exit code. Raises CannotRun."""
    check(options)
    announced = read_entries(options.expected_failures) if options.expected_failures else []
    before = kept_before(options)
    options = anchored(options)
    with output_to_stderr():
        session = opened(options)
        try:
            if before is not None and options.baseline:
                same_backend(options.baseline, before, session.name)
            asked = cases(options, session.capabilities)
            run = run_of(options, session, asked)
        finally:
            session.close()
    if options.case is not None:
        return conclude_case(options, run)
    return conclude(options, run, announced, before)


def run_of(options: Options, session: Session, asked: Sequence[Vector]) -> Run:
    """Every case asked that an earlier run has not answered, by as many processes as are wanted, and judged together."""
    about: dict[str, str] = {}
    earlier: tuple[Result, ...] = ()
    if options.resume:
        about = header(session.name, session.version, session.identity())
        before = taken_up(options.resume, about, asked, session.capabilities.arithmetic)
        earlier = before.results
        if before.dropped:
            print(f"Warning: {before.dropped}", file=sys.stderr)
    answered = {r.id for r in earlier}
    left = [v for v in asked if v.id not in answered]
    with progress(len(left), quiet=options.as_json) as advance, noted(options.resume, about, earlier) as note:

        def told(result: Result) -> None:
            note(result)
            advance(result.failed)

        if options.where.here:
            results, farewell = ask_all(session, left, told)
        else:
            results, farewell = ask_in_parts(opener(options), left, options.where, told)
    by_id = {r.id: r for r in (*earlier, *results)}
    run = concluded_run(session, asked, [by_id[v.id] for v in asked], farewell)
    made = [v for v in asked if is_drawn(v.id)]
    return replace(run, drawn=f"{len(made)} vectors were made for this run, sha256 {digest(made)}") if made else run


def kept_before(options: Options) -> Baseline | None:
    """The baseline as it is; None where there is none, or none yet. Raises CannotRun, also where a file could not be written."""
    if options.junit:
        writable("--junit", options.junit)
    if options.resume:
        writable("--resume", options.resume)
    if options.baseline is None:
        return None
    if options.update_baseline:
        writable("--baseline", options.baseline)
    if options.baseline.exists():
        return read_baseline(options.baseline)
    if not options.update_baseline:
        raise CannotRun(f"--baseline {options.baseline} does not exist: make it by --update-baseline")
    return None


def cases(options: Options, kept: Capabilities) -> list[Vector]:
    """The vectors that are asked. With --case that one, and those of its head and dtype, which bear witness to what kind of
    failure it is. Raises CannotRun where there are none."""
    if options.case is not None:
        found = [v for v in vectors() if v.id == options.case] or [drawn(id) for id in [options.case] if is_drawn(id)]
        if not found:
            raise CannotRun(f"--case {options.case}: no vector has that id")
        mine = found[0].question
        return found + [v for v in vectors(mine.dtype, [mine.head]) if v.id != options.case]
    dtypes = tuple(d for d in kept.dtypes if d in options.dtypes) if options.dtypes else kept.dtypes
    made = drawn_for(kept, dtypes, options.heads, options.drawn, options.seed, options.where)
    asked = chosen([*selected(options.dtypes or kept.dtypes, options.heads), *made], options.only, options.shard)
    least = options.min_cases or 1
    if len(asked) < least:
        raise CannotRun(f"{len(asked)} cases, and at least {least} must run: nothing was judged")
    return asked


def conclude_case(options: Options, run: Run) -> int:
    """One case, tensor by tensor; its own failure alone counts."""
    result = run.results[0]
    run = replace(run, expected={r.id: "" for r in run.results[1:]})
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


def conclude(options: Options, run: Run, announced: Sequence[Entry], before: Baseline | None) -> int:
    """The report and the files; the exit code. Raises CannotRun where too little was judged."""
    known = frozenset({*(v.id for v in vectors()), *(r.id for r in run.results)}) if announced else frozenset()
    lists = expected(announced, run, known)
    run = replace(run, expected=lists.ids)
    meant = ids_meant(options) if options.baseline else set()
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


def ids_meant(options: Options) -> set[str]:
    """What a backend that can do everything would be asked by these options."""
    everything = selected(options.dtypes or tuple(FORMATS), options.heads)
    return {v.id for v in chosen(everything, options.only, options.shard)}


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
def progress(cases: int, quiet: bool) -> Iterator[Callable[[bool], None]]:
    """A progress bar on a terminal's standard error, with the number of failures so far; nothing when piped or quiet."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (
        TextColumn("asking"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[failed]} failed"),
        TimeRemainingColumn(),
    )
    failed = 0
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as bar:
        task = bar.add_task("asking", total=cases, failed=0)

        def advance(failure: bool) -> None:
            nonlocal failed
            failed += failure
            bar.update(task, advance=1, failed=failed)

        yield advance
