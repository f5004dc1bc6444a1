"""The command line: exit codes, one sentence for a mistake, silence in a pipe."""

import json
import os
import subprocess
import sys
import types

import click
import pytest
from click.testing import CliRunner

import manualbp
from oracle.cli import main
from oracle.console.exits import EXTRAS, Commands

SHORT = ["train", "--epochs", "1", "--draw", "100", "--hidden", "5"]


def manualbp_command(*arguments, **options):
    """The installed command, in a process of its own."""
    command = [sys.executable, "-W", "error", "-c", "from oracle.cli import main; main()", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)


def run(*arguments):
    return CliRunner().invoke(main, list(arguments), prog_name="manualbp")


def one_sentence(result):
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    return result.stderr


# the group


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
    assert script.load() is main


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


def test_a_reader_that_leaves_is_no_verdict_and_hears_no_complaint():
    code = "from oracle.cli import main; main()"
    command = [sys.executable, "-c", code, *SHORT]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 2


def test_an_interrupt_is_no_verdict():
    assert one_sentence(a_group(raising(KeyboardInterrupt()))) == "Error: interrupted before a verdict was reached.\n"


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


# verify


@pytest.fixture
def verify_calls(monkeypatch):
    calls = []
    module = types.ModuleType("oracle.verify.run")
    module.run_verify_command = lambda **options: calls.append(options) or 3
    monkeypatch.setitem(sys.modules, "oracle.verify.verification", module)
    return calls


def test_verify_hands_its_options_on_and_its_verdict_back(verify_calls):
    assert run("verify").exit_code == 3
    assert run("verify", "--cases", "5", "--seed", "9", "--json").exit_code == 3
    assert verify_calls == [
        {"cases": 2000, "seed": 0, "as_json": False, "loop": 0, "replay_case": None},
        {"cases": 5, "seed": 9, "as_json": True, "loop": 0, "replay_case": None},
    ]


@pytest.mark.parametrize("arguments", [["--cases", "0"], ["--cases", "-5"], ["--seed", "-1"]])
def test_verify_of_nothing_could_not_run(arguments, verify_calls):
    sentence = one_sentence(run("verify", *arguments))
    assert f"{arguments[0]} = {arguments[1]} is too few: give an integer of at least" in sentence
    assert verify_calls == []


# train


def test_train_in_a_process_of_its_own_prints_the_report_and_nothing_else():
    done = manualbp_command(*SHORT)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("network 64-5-10 with sigmoid, softmax+categorical_cross_entropy:fused\n")
    assert "\x1b" not in done.stdout
    assert "\r" not in done.stdout


def test_train_json_is_one_object():
    done = manualbp_command(*SHORT, "--json", "--mini-batch", "5", "--mini-batch", "50")
    assert (done.returncode, done.stderr) == (0, "")
    assert [each["mini_batch"] for each in json.loads(done.stdout)["runs"]] == [5, 50]


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
