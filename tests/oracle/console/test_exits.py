"""How a command ends without a verdict: one sentence, exit code 2, silence in a pipe."""

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from oracle.console.exits import EXTRAS, INTERRUPTED, Commands

from .answers import one_sentence, run

SHORT = ["train", "--epochs", "1", "--draw", "100", "--hidden", "5"]


def a_group(body):
    group = click.Group("manualbp")
    group.__class__ = Commands
    group.command("work")(lambda: body())
    return CliRunner().invoke(group, ["work"], prog_name="manualbp")


def raising(error):
    def body():
        raise error

    return body


def test_a_crash_is_no_verdict():
    result = a_group(raising(ZeroDivisionError("oh")))
    assert result.exit_code == 2
    assert "ZeroDivisionError: oh" in result.stderr  # with the traceback that a report of the defect needs
    assert "manualbp crashed, which is a defect of manualbp and no verdict" in result.stderr
    assert a_group(raising(ModuleNotFoundError("No module named 'absent'", name="absent"))).exit_code == 2


def test_a_refusal_of_the_system_is_no_defect():
    assert one_sentence(a_group(raising(OSError(28, "No space left on device")))) == (
        "Error: the system refused: [Errno 28] No space left on device.\n"
    )


@pytest.mark.longer
def test_a_reader_that_leaves_is_no_verdict_and_hears_no_complaint():
    code = "from oracle.cli import main; main()"
    command = [sys.executable, "-c", code, *SHORT]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 2


def test_an_interrupt_is_no_verdict():
    result = a_group(raising(KeyboardInterrupt()))
    assert (result.exit_code, result.stderr) == (INTERRUPTED, "Interrupted before a verdict was reached.\n")


@pytest.mark.parametrize("code", [0, 1, 2, 3, 4])
def test_verdicts_pass_through(code):
    assert a_group(lambda: sys.exit(code)).exit_code == code


@pytest.mark.parametrize("module", EXTRAS)
def test_a_missing_extra_is_one_sentence(module):
    distribution, extra = EXTRAS[module]
    error = ModuleNotFoundError(f"No module named '{module}.deep'", name=f"{module}.deep")
    sentence = one_sentence(a_group(raising(error)))
    hint = f'pip install "manualbp[{extra}]" (in a clone: pip install ".[{extra}]")'
    assert sentence == f"Error: manualbp work needs {distribution}: {hint}\n"


def test_every_extra_named_exists():
    from importlib.metadata import metadata

    assert {extra for _, extra in EXTRAS.values()} <= set(metadata("manualbp").get_all("Provides-Extra"))


def test_without_scikit_learn_training_says_what_to_install(monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "sklearn"]:
        monkeypatch.delitem(sys.modules, name)

    class Absent:
        def find_spec(self, name, path=None, target=None):
            if name.partition(".")[0] == "sklearn":
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr(sys, "meta_path", [Absent(), *sys.meta_path])
    hint = 'pip install "manualbp[train]" (in a clone: pip install ".[train]")'
    assert one_sentence(run("train")) == f"Error: manualbp train needs scikit-learn: {hint}\n"
