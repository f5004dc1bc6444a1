"""Options that several commands share, and what they demand."""

import click

from oracle.console.exits import CouldNotRun

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")


def at_least(option: str, value: int, least: int) -> None:
    """Raises CouldNotRun where an option's number is too small."""
    if value < least:
        raise CouldNotRun(f"{option} = {value} is too few: give an integer of at least {least}.")
