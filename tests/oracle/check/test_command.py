"""`manualbp check FILE`: pairs, declarations, exit codes, output, and one sentence for what cannot be judged."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from click.testing import CliRunner
from hypothesis.database import DirectoryBasedExampleDatabase

from oracle import CannotJudge, takes
from oracle.check.declarations import Declared, declaration
from oracle.check.options import parse_domains, parse_lengths, parse_shapes
from oracle.check.user_file import split_target
from oracle.cli import main

from ..console.answers import one_sentence
from .users_files import QUICK, RIGHT, Command

WRONG = """
def half(a, E):
    return 0.5 * ((a - E) ** 2).sum()

def half_grad(a, E):
    return 2 * (a - E)
"""
INACCURATE = """
import jax.numpy as jnp
import numpy as np

def softplus(z):
    return jnp.logaddexp(z, 0).sum()

softplus.domains = ((0, 1000),)  # e^709 is the last that is finite

def softplus_grad(z):
    return np.exp(z) / (1 + np.exp(z))
"""
UNDECIDED = """
import numpy as np
rng = np.random.default_rng(0)

def noisy(a):
    return float((a**2).sum() + rng.normal())

def noisy_grad(a):
    return 2 * a
"""

# verdicts and exit codes


@pytest.mark.parametrize(
    ("source", "code", "words"),
    [
        (RIGHT, 0, "cost_grad: right\n"),
        (WRONG, 1, "half_grad: wrong\n"),
        (INACCURATE, 3, "softplus_grad: inaccurate\n"),
        (UNDECIDED, 4, "noisy_grad: undecided\n"),
    ],
)
def test_exit_codes(source: str, code: int, words: str, check: Command) -> None:
    result = check(source)
    assert result.exit_code == code
    assert result.stdout.startswith(words)
    assert result.stderr == ""
    assert "gradients:" not in result.stdout, "one pair needs no summary"


def test_the_worst_of_several_counts(check: Command) -> None:
    result = check(RIGHT + UNDECIDED + INACCURATE)
    assert result.exit_code == 3
    assert result.stdout.endswith("\n\n3 gradients: 1 right, 1 inaccurate, 1 undecided\n")
    assert check(RIGHT + UNDECIDED).exit_code == 4
    assert check(INACCURATE + WRONG).exit_code == 1


def test_a_pair_that_cannot_be_judged_does_not_hide_the_others(check: Command) -> None:
    broken = "\ndef broken(a):\n    return a\n\ndef broken_grad(a):\n    return a\n"
    result = check(RIGHT + broken)
    assert result.exit_code == 2
    assert "cost_grad: right" in result.stdout
    assert result.stdout.endswith("2 gradients: 1 right, 1 could not be judged\n")
    assert result.stderr.startswith("Error: broken_grad could not be judged: fn returned the shape")
    assert check(WRONG + broken).exit_code == 1, "wrong is worse than not judged"
    assert "broken_grad: fn returned the shape" in one_sentence(check(broken))


def test_json_is_one_object_whatever_the_file_prints(check: Command) -> None:
    printing = "import os\nprint('from the file')\nos.write(1, b'from below')\n" + WRONG.replace(
        "return 2", "print('from grad'); return 2"
    )
    result = check(printing + RIGHT, "--json")
    data = json.loads(result.stdout)
    assert [report["verdict"] for report in data["reports"]] == ["wrong", "right"]
    assert (data["exit_code"], data["could_not_judge"], data["file"]) == (1, {}, "costs.py")
    assert "from the file" in result.stderr
    assert "from grad" in result.stderr


@pytest.mark.longer
def test_the_command_in_a_process_of_its_own_keeps_stdout_clean(tmp_path: Path) -> None:
    (tmp_path / "costs.py").write_text("import os\nprint('python')\nos.system('echo below')\n" + WRONG)
    command = [sys.executable, "-W", "error", "-m", "oracle", "check", "costs.py", "--json", *QUICK]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert done.returncode == 1
    assert json.loads(done.stdout)["reports"][0]["verdict"] == "wrong"
    assert set(done.stderr.split()) == {"python", "below"}
    assert not (tmp_path / ".hypothesis").exists(), "--no-memory"


def test_the_snippet_runs_beside_the_file(check: Command, tmp_path: Path) -> None:
    report = json.loads(check(WRONG, "--json").stdout)["reports"][0]
    assert "from costs import half_grad" in report["reproduction"]
    command = [sys.executable, "-c", report["reproduction"]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path, check=True)
    assert float(done.stdout) == report["got"]


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[None]:
    """Hypothesis with a database in tmp_path."""
    database = DirectoryBasedExampleDatabase(tmp_path / ".hypothesis")
    hypothesis.settings.register_profile("kept", hypothesis.settings(database=database))
    hypothesis.settings.load_profile("kept")
    yield
    hypothesis.settings.load_profile("tests")


@pytest.mark.longer
@pytest.mark.usefixtures("kept")
def test_failures_are_kept_and_tried_first(check: Command, tmp_path: Path) -> None:
    options = ("--lengths", "1,3", "--json")
    assert check(RIGHT, *options, quick=False).exit_code == 0
    assert not (tmp_path / ".hypothesis").exists()
    first = json.loads(check(WRONG, *options, quick=False).stdout)["reports"][0]
    again = json.loads(check(WRONG, *options, quick=False).stdout)["reports"][0]
    assert first["tried"]["patterns"][0] != "failed before"
    assert again["tried"]["patterns"][0] == "failed before"


# which pairs, which domains


def test_a_pair_by_name(check: Command) -> None:
    source = RIGHT + WRONG + "\ndef elsewhere(a, E):\n    return a - E\n"
    assert check(source, target="costs.py:cost").exit_code == 0
    assert check(source, target="costs.py:half, elsewhere").exit_code == 0


DECLARED = """
import oracle

@oracle.takes((2, 3), "one_hot", lengths=(2, 4), argnum=1)
def cost(a, E):
    return (a * E).sum()

def cost_grad(a, E):
    return a.copy()
"""


def test_domains_lengths_and_argnum_are_declared_beside_the_cost(check: Command) -> None:
    report = json.loads(check(DECLARED, "--json", "--no-memory", quick=False).stdout)["reports"][0]
    assert report["verdict"] == "right"
    assert report["domains"] == {"a": "(2, 3)", "E": "one_hot"}
    assert {shapes[0][0] for shapes in report["tried"]["shapes"]} == {2, 3, 4}


def test_the_command_line_goes_before_the_declaration(check: Command) -> None:
    options = ("--domains", "-1:1,real", "--argnum", "0", "--shapes", "2x3,2x3", "--json", "--no-memory")
    report = json.loads(check(DECLARED, *options, quick=False).stdout)["reports"][0]
    assert report["verdict"] == "wrong"
    assert report["domains"] == {"a": "(-1, 1)", "E": "real"}
    assert report["tried"]["shapes"] == [[[2, 3], [2, 3]]]


def test_without_a_declaration_every_argument_is_where_the_function_allows(check: Command) -> None:
    source = "def cube(x):\n    return (x**3).sum()\n\ndef cube_grad(x):\n    return 3 * x**2\n"
    report = json.loads(check(source, "--json").stdout)["reports"][0]
    assert report["domains"] == {"x": "real"}
    assert report["assumed"] == "x in real: no domain is declared"


def test_another_seed_tries_other_points(check: Command) -> None:
    recording = RIGHT.replace("return 2", "print(a.tobytes().hex()); return 2")
    first, again, other = (check(recording, "--seed", seed).stderr for seed in ("1", "1", "2"))
    assert first == again != other


def test_takes_sets_what_may_be_set_by_hand() -> None:
    def cost(a: Any) -> Any:
        return a

    marked = takes("unit", "real", lengths=(1, 2), argnum=1)(cost)
    assert marked is cost
    assert declaration(cost) == Declared(("unit", "real"), (1, 2), None, 1)
    cost.domains, cost.lengths = ["sign"], None  # type: ignore[attr-defined]
    assert declaration(cost) == Declared(("sign",), None, None, 1)
    assert declaration(print, cost) == declaration(cost), "the gradient may declare them"
    with pytest.raises(CannotJudge, match="cannot mark a builtin_function_or_method: put it directly above the def"):
        takes("unit")(len)


def test_the_help_says_that_the_file_is_run() -> None:
    result = CliRunner().invoke(main, ["check", "--help"])
    assert "This runs the file." in " ".join(result.output.split())


def test_the_file_leaves_no_trace_in_the_process(check: Command) -> None:
    before = list(sys.path), set(sys.modules)
    check(RIGHT)
    assert sys.path == before[0]
    assert "costs" not in set(sys.modules) - before[1]


def test_words_of_the_command_line() -> None:
    assert parse_domains("unit, -1:1,0:inf") == ("unit", (-1.0, 1.0), (0.0, float("inf")))
    assert parse_lengths("5") == (5, 5)
    assert parse_lengths("1,9") == (1, 9)
    assert parse_shapes("3x4,4") == ((3, 4), (4,))
    assert split_target("costs.py:f,g") == (Path("costs.py"), ["f", "g"])
    assert split_target("costs.py") == (Path("costs.py"), [])
