"""The command `manualbp` in this process, and what is read from its answer."""

from __future__ import annotations

from click.testing import CliRunner, Result

from oracle.cli import main


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), prog_name="manualbp")


def one_sentence(result: Result) -> str:
    """The one sentence on stderr of a run that could not judge."""
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    return result.stderr
