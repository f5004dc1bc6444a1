"""`manualbp vectors`: the options, and what is run with them."""

import sys
from pathlib import Path
from typing import Any

import click

from oracle.console.exits import CouldNotRun
from oracle.console.options import as_json
from oracle.workers.options import on_workers, where


@click.command()
@click.argument("action", type=click.Choice(["export", "check", "regenerate"]))
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.argument("results", metavar="[RESULTS]", required=False)
@click.option("--force", is_flag=True, help="Let export replace an earlier export in DIR.")
@click.option("--large", is_flag=True, help="Also export a 784-30-10 network in safetensors, made anew in balls.")
@click.option("--drawn", type=click.IntRange(1, 10_000), help="Also export so many larger vectors, made anew.")
@click.option("--seed", type=click.IntRange(0, 999_999_999), default=0, help="Which ones.")
@click.option("--only", multiple=True, metavar="PATTERN", help="Only ids like this, such as 'float32/*'.")
@click.option("--flush-to-zero", is_flag=True, help="The results come from arithmetic without subnormal numbers.")
@click.option("--min-cases", type=click.IntRange(1), help="Fewer answers are no pass; half of those asked by default.")
@on_workers
@as_json
def vectors(workers: int, scheduler: str | None, **options: Any) -> None:
    """Test vectors for other languages: questions, their correctly rounded gradients, and the judge of answers.

    \b
    manualbp vectors export DIR           JSON files that need no Python; README.md in DIR says what is in them
    manualbp vectors check DIR RESULTS    judges results: one JSON object a line, the answer to one vector; - is stdin
    manualbp vectors regenerate           makes the vectors anew and compares every byte with those shipped

    Exit codes: 0 all right (accurate or stable), 1 something wrong, missing or different, 2 could not run.
    """
    from oracle.vectors.serving import CannotServe, run_vectors_command

    try:
        code = run_vectors_command(**options, where=where(workers, scheduler))
    except CannotServe as error:
        raise CouldNotRun(str(error)) from error
    sys.exit(code)
