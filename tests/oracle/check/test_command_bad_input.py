"""`manualbp check`: a bad file, target or option is one sentence on stderr and exit code 2."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from click.testing import CliRunner

from oracle.cli import main

from ..console.answers import one_sentence
from .users_files import RIGHT, Command

BAD_FILES = {
    "a syntax error": ("def cost(:\n", "costs.py, line 1: SyntaxError"),
    "a wrong indent": ("def cost(a):\n    x = 1\n      y = 2\n", "costs.py, line 3: IndentationError"),
    "a missing import": (
        "import numpy\nimport absent_module\n",
        "costs.py, line 2: ModuleNotFoundError: No module named",
    ),
    "an error inside a call": ("def f():\n    1 / 0\n\nf()\n", "costs.py, line 2: ZeroDivisionError"),
    "an exit": ("import sys\nsys.exit(0)\n", "costs.py, line 2 calls sys.exit"),
    "a silent exit": ("import os\nos._exit(0)\n", "costs.py, line 2 calls os._exit"),
    "a silent exit by another name": ("from posix import _exit\n_exit(0)\n", "costs.py, line 2 calls os._exit"),
    "nothing": ("", "costs.py has no pair of functions name and name_grad"),
    "no pairs": ("def loss(a): return a\ndef gradient(a): return a\n", "it has loss, gradient"),
    "null bytes": ("x = 1\0\n", "costs.py"),
    "a pair of numbers": ("cost = 1\ncost_grad = 2\n", "no pair"),
    "grad sleeps": (RIGHT.replace("return 2", "import time; time.sleep(60); return 2"), "took longer than 0.3 seconds"),
    "grad exits": (RIGHT.replace("return 2", "import sys; sys.exit(0); return 2"), "grad called sys.exit(0)"),
    "grad exits in silence": (RIGHT.replace("return 2", "import os; os._exit(0); return 2"), "grad called os._exit(0)"),
    "grad raises": (RIGHT.replace("return 2", "raise ValueError('no'); return 2"), "grad raised ValueError"),
    "grad returns nothing": (RIGHT.replace("return 2 * (a - E)", "pass"), "grad returned None"),
    "fn returns a vector": (RIGHT.replace(".sum()", ""), "fn returned the shape"),
    "fn is NaN everywhere": (RIGHT.replace(".sum()", ".sum() * float('nan')"), "fn is not finite at any"),
    "an unknown domain": (RIGHT + "\ncost.domains = ('unit', 'plane')\n", "unknown domain 'plane'"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_one_sentence(name: str, check: Command) -> None:
    source, words = BAD_FILES[name]
    assert words in one_sentence(check(source, "--timeout", "0.3"))


def test_bad_input_is_data_too(check: Command) -> None:
    for source, options in (
        (BAD_FILES["no pairs"][0], []),
        (RIGHT, ["--lengths", "x"]),
        (BAD_FILES["grad raises"][0], []),
    ):
        plain, result = check(source, *options), check(source, *options, "--json")
        assert (result.exit_code, result.stderr) == (2, plain.stderr)
        data = json.loads(result.stdout)
        assert (data["verdict"], data["exit_code"], data["reports"]) == (None, 2, [])
        assert plain.stderr == f"Error: {data['error']}\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="only where processes fork")
def test_a_forked_process_may_leave_in_silence() -> None:
    """As those of multiprocessing do. In a process of its own, where JAX is not loaded: JAX warns of forks."""
    source = """
        import os
        from oracle.candidate.guard import no_silent_exit
        with no_silent_exit():
            pid = os.fork()
            if pid == 0:
                os._exit(7)
            assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
        os._exit(9)
    """
    assert subprocess.run([sys.executable, "-c", textwrap.dedent(source)], timeout=60).returncode == 9


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("absent.py", "no such file: absent.py"),
        ("absent.py:cost", "no such file: absent.py"),
        (".", ". is a directory: give a Python file"),
        ("costs.py:absent", "costs.py defines no absent; it has cost, cost_grad, lonely"),
        ("costs.py:cost,absent", "costs.py defines no absent"),
        ("costs.py:lonely", "costs.py has no lonely_grad"),
        ("costs.py:number,cost_grad", "number of costs.py is a int, no function"),
        ("costs.py:a,b,c", "no such file: costs.py:a,b,c"),
        ("costs.py:", "no such file: costs.py:"),
    ],
)
def test_a_bad_target_is_one_sentence(target: str, words: str, check: Command) -> None:
    source = RIGHT + "\ndef lonely(a):\n    return a\n\nnumber = 3\n"
    assert words in one_sentence(check(source, target=target))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--domains", "unit,plane"], "unknown domain 'plane'"),
        (["--domains", "unit"], "fn raised TypeError"),
        (["--domains", "1:0,unit"], "is empty"),
        (["--domains", "a:b,unit"], "--domains: a:b is no open interval low:high"),
        (["--domains", ""], "unknown domain ''"),
        (["--lengths", "0,3"], "lengths = (0, 3)"),
        (["--lengths", "1,2,3"], "--lengths = 1,2,3: give LOW,HIGH"),
        (["--shapes", "3y4,4"], "--shapes = 3y4,4: give a shape for each argument"),
        (["--shapes", "3,3"], "lengths and shapes are both given"),
        (["--argnum", "2"], "argnum = 2"),
        (["--argnum", "-1"], "argnum = -1"),
        (["--examples", "0"], "--examples = 0 is too few"),
        (["--seed", "-1"], "--seed = -1 is too small"),
        (["--timeout", "0"], "--timeout = 0: give a positive number"),
        (["--timeout", "nan"], "--timeout = nan"),
    ],
)
def test_a_bad_option_is_one_sentence(options: list[str], words: str, check: Command) -> None:
    assert words in one_sentence(check(RIGHT, *options))


def test_a_file_that_may_not_be_read_is_one_sentence(check: Command, tmp_path: Path) -> None:
    check(RIGHT)
    (tmp_path / "costs.py").chmod(0)
    if not _readable(tmp_path / "costs.py"):
        result = CliRunner().invoke(main, ["check", "costs.py"], prog_name="manualbp")
        assert "costs.py cannot be read: Permission denied" in one_sentence(result)


def _readable(path: Path) -> bool:
    try:
        path.read_bytes()
    except PermissionError:
        return False
    return True
