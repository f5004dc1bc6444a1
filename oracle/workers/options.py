"""The options of commands that have much to do, and whether they fit together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from oracle.console.exits import CouldNotRun
from oracle.workers.executors import Where
from oracle.workers.shard import parsed

#: More processes than this are a slip of the finger.
MOST = 256

workers = click.option(
    "--workers", type=int, default=1, show_default=True, metavar="N", help="Processes of this machine to work in."
)
scheduler = click.option(
    "--scheduler", metavar="ADDRESS", help="Work on a Dask cluster that exists, tcp://HOST:8786 (manualbp[dask])."
)
shard = click.option("--shard", metavar="K/N", help="Only the K-th of N parts, for one of several machines.")
resume = click.option(
    "--resume",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Note what is done in this file, and take up a run that was cut off.",
)


def on_workers(command: Callable[..., Any]) -> Callable[..., Any]:
    """--workers and --scheduler."""
    return workers(scheduler(command))


def where(workers: int, scheduler: str | None) -> Where:
    """Raises CouldNotRun for a number or an address that is none, or for both."""
    if not 1 <= workers <= MOST:
        raise CouldNotRun(f"--workers = {workers}: give a number of processes, from 1 to {MOST}.")
    if scheduler is not None and workers != 1:
        raise CouldNotRun("--workers are processes of this machine, --scheduler is a cluster: give one of the two.")
    try:
        return Where(workers, scheduler)
    except ValueError as error:
        raise CouldNotRun(f"{error}.") from error


def part(shard: str | None) -> tuple[int, int]:
    """(K, N) of --shard, (1, 1) where there is none. Raises CouldNotRun."""
    try:
        return (1, 1) if shard is None else parsed(shard)
    except ValueError as error:
        raise CouldNotRun(f"{error}.") from error
