"""`manualbp train`: what it prints, a progress bar on a terminal, and options that cannot be."""

import json
import os
import subprocess
import sys

import pytest

import manualbp
from oracle.cli import main

from ..console.answers import one_sentence, run

SHORT = ["train", "--epochs", "1", "--draw", "100", "--hidden", "5"]


def manualbp_command(*arguments, **options):
    """The installed command, in a process of its own."""
    command = [sys.executable, "-W", "error", "-c", "from oracle.cli import main; main()", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)


@pytest.mark.longer
def test_train_in_a_process_of_its_own_prints_the_report_and_nothing_else():
    done = manualbp_command(*SHORT)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("network 64-5-10 with sigmoid, softmax+categorical_cross_entropy:fused\n")
    assert "\x1b" not in done.stdout
    assert "\r" not in done.stdout


@pytest.mark.longer
def test_train_json_is_one_object():
    done = manualbp_command(*SHORT, "--json", "--mini-batch", "5", "--mini-batch", "50")
    assert (done.returncode, done.stderr) == (0, "")
    assert [each["mini_batch"] for each in json.loads(done.stdout)["runs"]] == [5, 50]


@pytest.mark.longer
@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
@pytest.mark.parametrize("as_json", [False, True])
def test_on_a_terminal_there_is_a_progress_bar(as_json):
    import pty

    parent, child = pty.openpty()
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "100"}
    command = [sys.executable, "-c", "from oracle.cli import main; main()", *SHORT, *["--json"] * as_json]
    with subprocess.Popen(command, stdin=child, stdout=child, stderr=child, env=environment) as process:
        os.close(child)
        seen = b""
        try:
            while chunk := os.read(parent, 65536):
                seen += chunk
        except OSError:
            pass  # how Linux says that the other side has closed
        finally:
            os.close(parent)
    assert process.returncode == 0
    assert (b"held-out accuracy" in seen) is not as_json
    assert (b"\x1b[" in seen) is not as_json


def test_the_defaults_are_names_that_exist():
    defaults = {option.name: option.default for option in main.commands["train"].params}
    assert defaults["head"] == manualbp.SOFTMAX_CATEGORICAL_CROSS_ENTROPY.name
    assert defaults["activation"] in manualbp.ACTIVATIONS


@pytest.mark.parametrize(
    "arguments",
    [
        ["--eta", "0"],
        ["--eta", "nan"],
        ["--mini-batch", "0"],
        ["--mini-batch", "1001"],
        ["--draw", "99999"],
        ["--epochs", "-1"],
        ["--seed", "-1"],
        ["--hidden", "x"],
        ["--head", "x"],
        ["--activation", "x"],
        ["--plot", "x.bmp"],
        ["--save", "."],
    ],
)
def test_bad_options_are_one_sentence_and_exit_2(arguments):
    assert arguments[0] in one_sentence(run("train", *arguments))


def test_a_save_that_would_overwrite_could_not_run(tmp_path):
    path = tmp_path / "net.npz"
    path.write_bytes(b"precious")
    assert "--force" in one_sentence(run(*SHORT, "--save", str(path)))
    assert path.read_bytes() == b"precious"
    assert run(*SHORT, "--save", str(path), "--force").exit_code == 0
