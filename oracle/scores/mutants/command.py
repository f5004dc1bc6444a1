"""`python -m oracle.scores mutants [--peers] [--json] [--only NAME]` scores the gradient checker on the corpus.

Exit codes: 0 every wrong gradient was caught and no right one called wrong, 1 otherwise, 2 it could not run.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from oracle.console.exits import CouldNotRun
from oracle.scores.mutants.corpus import SUBJECTS
from oracle.scores.mutants.elsewhere import score_elsewhere
from oracle.scores.mutants.own import OWN, own_check
from oracle.scores.mutants.peers import PEERS
from oracle.scores.mutants.record import INACCURATE, RIGHT, WRONG, Subject
from oracle.scores.mutants.score import CALLED_INACCURATE, ERROR, FALSE_ALARM, MISSED, UNDECIDED, Row, Score, score
from oracle.workers.executors import HERE, Where
from oracle.workers.options import where

NOT_INSTALLED = "not installed"


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m oracle.scores mutants", description="Scores the gradient checker.")
    parser.add_argument("--peers", action="store_true", help="score the checkers of torch, JAX, SciPy and autograd too")
    parser.add_argument("--peers-only", action="store_true", help="score those alone")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    parser.add_argument("--only", metavar="NAME", help="only the subjects whose name or kind contains NAME")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes of this machine")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="an existing Dask cluster")
    options = parser.parse_args(argv)
    try:
        place = where(options.workers, options.scheduler)
    except CouldNotRun as error:
        return refuse(str(error).rstrip("."))
    chosen = [s for s in SUBJECTS if options.only is None or options.only in s.name or options.only in s.kind]
    if not chosen:
        return refuse(f"--only {options.only}: no name or kind of the corpus contains it")
    judges: dict[str, Callable[[Subject], Any]] = {}
    if not options.peers_only:
        try:
            judges[OWN] = own_check()
        except ImportError as error:
            return refuse(f"oracle.check.gradient cannot be imported ({error}), so there is no checker to score")
    scores: dict[str, Score | str] = {}
    if options.peers or options.peers_only:
        for peer in PEERS:
            if peer.installed:
                peer.load()
                judges[peer.name] = peer.check
    for name, judge in judges.items():
        scores[name] = scored(name, judge, chosen, place)
    if options.peers or options.peers_only:
        scores |= {peer.name: NOT_INSTALLED for peer in PEERS if not peer.installed}
    if options.json:
        print(json.dumps({n: s if isinstance(s, str) else s.to_dict() for n, s in scores.items()}, ensure_ascii=False))
    else:
        show(scores)
    own = scores.get(OWN)
    return int(isinstance(own, Score) and (own.caught < own.count(WRONG) or own.false_alarms > 0))


def refuse(sentence: str) -> int:
    print(f"Error: {sentence}.", file=sys.stderr)
    return 2


def scored(name: str, judge: Callable[[Subject], Any], subjects: Sequence[Subject], place: Where = HERE) -> Score:
    """The score, with a progress bar where stderr is a terminal."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(name, total=len(subjects))

        def advance(row: Row) -> None:
            bar.update(task, advance=1, description=f"{name}: {row.name}")

        return score(judge, subjects, advance) if place.here else score_elsewhere(name, subjects, place, advance)


def show(scores: dict[str, Score | str]) -> None:
    console = Console()
    if not console.is_terminal:
        console.width = 160
    table = Table(box=None, pad_edge=False)
    headings = (
        "caught",
        "false alarms",
        "inaccurate on right",
        "inaccurate seen",
        "undecided",
        "errors",
        "median s",
        "worst s",
    )
    table.add_column("checker")
    for heading in headings:
        table.add_column(heading, justify="right")
    for name, result in scores.items():
        if isinstance(result, str):
            table.add_row(name, result)
            continue
        table.add_row(
            name,
            f"{result.caught} of {result.count(WRONG)}",
            f"{result.false_alarms} of {result.count(RIGHT)}",
            str(len(result.named(CALLED_INACCURATE, RIGHT))),
            f"{len(result.named('caught', INACCURATE))} of {result.count(INACCURATE)}",
            str(len(result.named(UNDECIDED))),
            str(len(result.named(ERROR))),
            f"{result.median_seconds:.3f}",
            f"{result.worst_seconds:.2f}",
        )
    console.print(table)
    own = scores.get(OWN)
    if isinstance(own, Score):
        for row in own.rows:
            if row.outcome in (MISSED, FALSE_ALARM, CALLED_INACCURATE, UNDECIDED, ERROR):
                console.print(f"{row.outcome}: {row.name} ({row.kind}) {row.error}", markup=False, soft_wrap=True)
