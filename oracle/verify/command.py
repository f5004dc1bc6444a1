"""`manualbp verify`: the options, and what is run with them."""

import sys
from pathlib import Path
from typing import Any

import click

from oracle.console.exits import CouldNotRun
from oracle.console.options import as_json, at_least
from oracle.workers.options import on_workers, part, resume, shard, where


@click.command()
@click.option("--cases", default=2000, show_default=True, help="How many random networks to try.")
@click.option("--seed", default=0, show_default=True, help="Seed of the random networks; the same seed, the same run.")
@click.option(
    "--replay", "replay_case", type=int, metavar="K", help="Judge case K of that run alone, and shrink it if it fails."
)
@click.option(
    "--loop", default=0, metavar="K", help="Also time a plain loop of jax.jit(jax.grad(…)) over K of the networks."
)
@on_workers
@shard
@resume
@as_json
def verify(
    cases: int,
    seed: int,
    replay_case: int | None,
    loop: int,
    workers: int,
    scheduler: str | None,
    shard: str | None,
    resume: Path | None,
    as_json: bool,
) -> None:
    """Judge the hand-derived backpropagation.

    Every witness differentiates the forward pass of random networks; the hand-derived gradients are held against it.
    """
    at_least("--cases", cases, 1)
    at_least("--seed", seed, 0)
    at_least("--loop", loop, 0)
    if replay_case is not None and not 0 <= replay_case < cases:
        raise CouldNotRun(f"--replay = {replay_case}: a run of {cases} cases has 0 to {cases - 1}.")
    work: dict[str, Any] = {"where": where(workers, scheduler), "part": part(shard), "resume": resume}
    from oracle.verify.verification import run_verify_command

    sys.exit(run_verify_command(cases=cases, seed=seed, as_json=as_json, loop=loop, replay_case=replay_case, **work))
