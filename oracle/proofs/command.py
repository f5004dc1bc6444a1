"""`manualbp proofs`: the options, and what is run with them."""

import sys

import click

from oracle.console.exits import CouldNotRun
from oracle.console.options import as_json
from oracle.workers.options import scheduler, where


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE]…")
@click.option("--workers", type=int, metavar="N", help="Processes of this machine to work in.  [default: its cores]")
@scheduler
@as_json
def proofs(files: tuple[str, ...], workers: int | None, scheduler: str | None, as_json: bool) -> None:
    """Execute the displayed mathematics of the proofs.

    Every equation is parsed from the LaTeX on the page and tested, every reason and every quoted line of code checked. Without
    a FILE: every page of the folder proofs, and whether something is left unproved. A FILE may be about a cost of your own:
    proofs/AUTHORS.md says how it is written.
    """
    from oracle.proofs.page_check import CannotCheck, run_proofs_command

    try:
        given = workers is not None or scheduler is not None
        place = where(1 if workers is None else workers, scheduler) if given else None
        code = run_proofs_command(files, as_json, place)
    except CannotCheck as error:
        raise CouldNotRun(str(error)) from error
    sys.exit(code)
