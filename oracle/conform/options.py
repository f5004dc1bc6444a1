"""The command line of `manualbp conform`, and whether its options fit together."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from manualbp import HEADS
from oracle.backends.find import opened as opened_by_name
from oracle.backends.session import TIMEOUT, CannotRun, Session, in_program
from oracle.conform.selection import parsed
from oracle.vectors.drawn import MOST_SEED
from oracle.vectors.formats import FORMATS
from oracle.workers.executors import Where

#: More processes than this are a slip of the finger.
MOST_JOBS = 256
MOST_DRAWN = 10_000
#: A call that is stopped earlier is stopped while it is being stopped.
LEAST_TIMEOUT = 0.001
FILES = ("resume", "junit", "expected_failures", "baseline")


@dataclass(frozen=True)
class Options:
    """The command line. dtypes: none given means those of the backend; min_cases: none given means half of what it covers."""

    name: str | None = None
    command: str | None = None
    dtypes: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    shard: str | None = None
    drawn: int = 0
    seed: int = 0
    jobs: int = 1
    scheduler: str | None = None
    resume: Path | None = None
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

    @property
    def where(self) -> Where:
        """Where the cases are asked."""
        return Where(self.jobs, self.scheduler)


def options_from(*, dtypes: Sequence[str], heads: Sequence[str], only: Sequence[str] = (), **options: Any) -> Options:
    """The command line's words as options."""
    once = lambda words: tuple(dict.fromkeys(words))  # noqa: E731
    return Options(dtypes=once(dtypes), heads=once(heads), only=once(only), **options)


def anchored(options: Options) -> Options:
    """The same with whole paths: a backend may change the current directory."""
    given = {name: getattr(options, name) for name in FILES}
    return replace(options, **{name: path.absolute() for name, path in given.items() if path is not None})


def check(options: Options) -> None:
    """Raises CannotRun for options that do not fit together."""
    if (options.name is None) == (options.command is None):
        raise CannotRun("give the NAME of a backend, or --command 'CMD'")
    if not LEAST_TIMEOUT <= options.timeout < 1e6:
        raise CannotRun(
            f"--timeout = {options.timeout:g}: give a positive number of seconds, {LEAST_TIMEOUT:g} or more"
        )
    if options.min_cases is not None and options.min_cases < 1:
        raise CannotRun(f"--min-cases = {options.min_cases}: give at least 1, for nothing run is no pass")
    if not 1 <= options.jobs <= MOST_JOBS:
        raise CannotRun(f"--workers = {options.jobs}: give a number of processes, from 1 to {MOST_JOBS}")
    if options.jobs > 1 and options.scheduler is not None:
        raise CannotRun("--workers are processes of this machine, --scheduler is a cluster: give one of the two")
    try:
        _ = options.where
    except ValueError as error:
        raise CannotRun(str(error)) from error
    for name in FILES:
        if getattr(options, name) in (Path(), Path("/")):
            raise CannotRun(f"--{name.replace('_', '-')} names no file: give its path")
    if options.shard is not None:
        parsed(options.shard)
    if not 0 <= options.drawn <= MOST_DRAWN:
        raise CannotRun(f"--drawn = {options.drawn}: give a number of vectors, up to {MOST_DRAWN:,}")
    if not 0 <= options.seed < MOST_SEED:
        raise CannotRun(f"--seed = {options.seed}: give a number from 0 to {MOST_SEED - 1:,}")
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
            ("--only", options.only),
            ("--shard", options.shard),
            ("--drawn", options.drawn),
            ("--workers", options.jobs > 1),
            ("--scheduler", options.scheduler),
            ("--resume", options.resume),
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
    return opened_by_name(options.name, options.timeout)


def opener(options: Options) -> Any:
    """A function that opens a session in any process."""
    return partial(opened, options)
