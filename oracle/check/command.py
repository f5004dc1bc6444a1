"""`manualbp check`: the options, and what is run with them."""

import sys
from pathlib import Path
from typing import Any

import click

from oracle.console.exits import CouldNotRun
from oracle.console.options import as_json
from oracle.workers.options import on_workers, where


@click.command()
@click.argument("targets", metavar="FILE[:COST,GRAD]…", nargs=-1, required=True)
@click.option(
    "--domains",
    metavar="D,D,…",
    help="One for each argument: real, positive, nonnegative, unit, closed_unit, simplex, closed_simplex, one_hot, sign, or "
    "LOW:HIGH. By default what the file declares, else what the function allows.",
)
@click.option("--argnum", type=int, metavar="K", help="The argument that the gradient belongs to, from 0.")
@click.option(
    "--lengths", metavar="LOW,HIGH", help="Lengths of the vectors to try, or of names in --shapes, such as n=1:64,d=8."
)
@click.option(
    "--shapes",
    metavar="S,S,…",
    help="A shape for each argument instead, such as 3x4,4; names are any size: nx4,n.",
)
@click.option(
    "--extremes",
    is_flag=True,
    help="Digits lost beyond ordinary magnitudes (about 1e-9 to 1e4) make a gradient inaccurate; they are a note else.",
)
@click.option("--examples", type=int, metavar="N", help="How many points to try.  [default: 90]")
@click.option("--seed", default=0, show_default=True, help="Seed of the points; the same seed, the same points.")
@click.option(
    "--timeout",
    type=float,
    metavar="S",
    help="Seconds of a processor for one call of the file's functions.  [default: 10]",
)
@click.option(
    "--no-memory", is_flag=True, help="Neither try first what failed before, nor keep what fails (.hypothesis/)."
)
@click.option(
    "--format",
    type=click.Choice(("text", "lines", "github")),
    default="text",
    show_default=True,
    help="Whole reports; a line each, FILE:LINE: …, as editors read it; or annotations of GitHub Actions.",
)
@click.option(
    "--changed",
    metavar="[REV]",
    is_flag=False,
    flag_value="HEAD",
    help="Judge only what has changed since a git revision, HEAD where none is given (put it last, or write --changed=REV).",
)
@click.option("--if-any", is_flag=True, help="A file with nothing to judge is passed over; it is an error else.")
@on_workers
@as_json
@click.pass_context
def check(context: click.Context, targets: tuple[str, ...], **options: Any) -> None:
    """Judge the gradients of a Python file or module (package.module), or of several. This runs the file.

    By default every pair of functions NAME and NAME_grad in it (NAME_jvp, NAME_hess, NAME_hvp), every jax.custom_vjp and
    jax.custom_jvp function, every torch.autograd.Function, and methods grad and hess of classes. Where an argument lives is
    declared in the file by @oracle.takes("unit", "closed_unit"), or here by --domains. What the file prints goes to stderr. A
    project's own defaults stand in [tool.manualbp] of pyproject.toml.

    \b
    manualbp check costs.py
    manualbp check costs.py:hinge,hinge_grad --domains real,sign
    manualbp check mypackage.losses --format lines --changed=main
    """
    from oracle.candidate.asking import CannotJudge
    from oracle.check.file_check import no_verdict, run_check_command
    from oracle.check.options import options_from
    from oracle.check.settings import settings

    as_json = options.pop("as_json")
    place = where(options.pop("workers"), options.pop("scheduler"))
    try:
        for key, value in settings(Path.cwd()).items():
            if context.get_parameter_source(key) is click.core.ParameterSource.DEFAULT:
                options[key] = value
        code = run_check_command(targets, options_from(**options), as_json, place)
    except CannotJudge as error:
        if as_json:
            click.echo(no_verdict(targets[0], str(error)))
        raise CouldNotRun(str(error)) from error
    sys.exit(code)
