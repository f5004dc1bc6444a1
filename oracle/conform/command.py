"""`manualbp conform`: the options, and what is run with them."""

import sys
from pathlib import Path
from typing import Any

import click

from oracle.console.exits import CouldNotRun
from oracle.console.options import as_json
from oracle.workers.options import scheduler


@click.command()
@click.argument("name", required=False)
@click.option(
    "--command", metavar="CMD", help="A program that speaks the process protocol (oracle/backends/PROTOCOL.md)."
)
@click.option(
    "--dtype", "dtypes", multiple=True, metavar="DTYPE", help="Only this dtype; give it several times for several."
)
@click.option(
    "--head", "heads", multiple=True, metavar="HEAD", help="Only this head; give it several times for several."
)
@click.option(
    "--only",
    multiple=True,
    metavar="PATTERN",
    help="Only cases with an id, a head, a layer (an activation, or how many there are) or a flag like this: '*/square', "
    "'softmax+*', 'layer:relu', 'layer:5', 'flag:tie'. Several times for several.",
)
@click.option("--shard", metavar="K/N", help="Only the K-th of N parts, for one of several machines.")
@click.option(
    "--drawn",
    type=int,
    default=0,
    metavar="N",
    help="Also ask N larger networks, made now: to 129 neurons, 100 samples, 12 layers.",
)
@click.option(
    "--seed", type=int, default=0, show_default=True, metavar="S", help="Which ones; a seed is the same for ever."
)
@click.option(
    "--workers", "--jobs", "jobs", type=int, default=1, show_default=True, metavar="N", help="Ask in so many processes."
)
@scheduler
@click.option(
    "--resume",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Note every answer in this file, and take up a run that was cut off.",
)
@click.option("--case", metavar="ID", help="Judge this case alone, and show every tensor.")
@click.option("--junit", type=click.Path(path_type=Path), metavar="FILE.xml", help="Also write JUnit's XML.")
@click.option(
    "--min-cases",
    type=int,
    metavar="N",
    help="Fewer right cases are no pass. By default half of what the backend declares to take must be answered.",
)
@click.option(
    "--expected-failures",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Case ids or patterns, one a line, that may fail, and must; after a # why.",
)
@click.option(
    "--baseline",
    type=click.Path(path_type=Path),
    metavar="FILE.json",
    help="The worst errors so far, which must not grow.",
)
@click.option("--update-baseline", is_flag=True, help="Make the baseline, or write what this run found into it.")
@click.option("--every-head", is_flag=True, help="A row for every head, not only for those that fail somewhere.")
@click.option(
    "--timeout",
    type=float,
    default=20.0,
    show_default=True,
    metavar="S",
    help="Seconds for one case. A NAME that ignores it is ended after three times that, and no verdict is reached; code "
    "that is not Python and keeps its lock cannot be ended. A --command always can.",
)
@click.option(
    "--new", type=click.Choice(["python", "process"]), help="Write a commented adapter, NAME.py, to begin with."
)
@as_json
def conform(new: str | None, **options: Any) -> None:
    """Judge another backend by the test vectors.

    NAME is one of manualbp, jax, torch, autograd, tinygrad, sklearn, tensorflow, keras, mlx, tfjs, an entry point of the group
    manualbp.backends, or package.module:attribute.

    \b
    manualbp conform torch --dtype float32
    manualbp conform --command 'node backend.mjs'
    manualbp conform --new python my_backend
    """
    from oracle.backends.session import CannotRun
    from oracle.conform.backend_check import options_from, run_conform_command
    from oracle.conform.template import write_template

    try:
        if new is not None:
            path = write_template(new, options["name"])
            how = f"{path.stem}:backend" if new == "python" else f"--command 'python {path}'"
            print(f"{path} is written: manualbp conform {how}")
            return
        code = run_conform_command(options_from(**options))
    except CannotRun as error:
        raise CouldNotRun(str(error)) from error
    sys.exit(code)
