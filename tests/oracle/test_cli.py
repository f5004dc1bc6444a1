"""The command line: its group, its help, and what a misspelt line says."""

import subprocess
import sys

import pytest

import manualbp
import manualbp._command
from oracle.cli import main
from oracle.console.exits import EXTRAS

from .console.answers import run

SHORT = ["train", "--epochs", "1", "--draw", "100", "--hidden", "5"]


def test_help_and_version():
    result = run("--help")
    assert result.exit_code == 0
    for words in ("verify", "train", "0 right, 1 wrong, 2 could not run, 3 inaccurate, 4 undecided"):
        assert words in " ".join(result.output.split())
    assert run("--version").output == f"manualbp, version {manualbp.__version__}\n"
    assert run("-h").output == result.output


def test_the_script_of_the_distribution_is_this_group():
    from importlib.metadata import entry_points

    (script,) = entry_points(group="console_scripts", name="manualbp")
    assert script.value == "manualbp._command:main"
    assert script.load() is manualbp._command.main


def test_every_command_but_the_group_offers_json():
    for name, command in main.commands.items():
        assert any("--json" in option.opts for option in command.params), name


def test_help_imports_no_extra():
    """And the test would see one: the training imports scikit-learn."""
    show = (
        "import atexit, sys; atexit.register(lambda: print('loaded:', *sorted({m.split('.')[0] for m in sys.modules})))"
    )
    code = f"{show}\nfrom oracle.cli import main; main()"

    def loaded(*arguments):
        done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0
        return set(done.stdout.splitlines()[-1].removeprefix("loaded: ").split())

    for arguments in (["--help"], ["train", "--help"], ["verify", "--help"], ["--version"]):
        assert not loaded(*arguments) & {*EXTRAS, "pytest"}
    assert "sklearn" in loaded(*SHORT)


@pytest.mark.parametrize("arguments", [["tarin"], ["train", "--epochs", "many"], ["train", "--wrong"], ["train", "x"]])
def test_a_misspelt_command_line_could_not_run(arguments):
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Error: " in result.stderr
