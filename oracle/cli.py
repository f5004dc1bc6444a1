"""The command `manualbp`: the rooms' commands, gathered. Exit codes: 0 right, 1 wrong, 2 could not run, 3 inaccurate, 4 undecided.

What a command does is imported inside it, so that `manualbp --help` is quick and needs no extra.
"""

from importlib.metadata import version

import click

from oracle.check.command import check
from oracle.conform.command import conform
from oracle.console.exits import Commands
from oracle.proofs.command import proofs
from oracle.training.command import train
from oracle.vectors.command import vectors
from oracle.verify.command import verify


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("manualbp"), prog_name="manualbp")
def main() -> None:
    """Backpropagation derived by hand, and the oracle that judges gradients.

    Exit codes: 0 right, 1 wrong, 2 could not run, 3 inaccurate, 4 undecided.
    """


for command in (verify, check, train, proofs, conform, vectors):
    main.add_command(command)
