"""A good neighbour: projects that have an `oracle` of their own, consoles without σ, an interrupt, an install without extras."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import oracle

PACKAGES = str(Path(oracle.__file__).resolve().parents[1])
PLUGGED = "import sys, pytest, manualbp._plugin as p; sys.exit(pytest.main({arguments!r}, plugins=[p.fixtures]))"


def run(folder: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Python in a folder, whose own modules come first, as with `python -m pytest`."""
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": PACKAGES, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        timeout=300,
        check=False,
    )


def pytest_in(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """The project's own tests, with our plugin loaded as its entry point does."""
    return run(folder, "-c", PLUGGED.format(arguments=["-q", "-p", "no:cacheprovider", *options]))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose module is called oracle, with a test of it."""
    (tmp_path / "oracle.py").write_text("def prophecy():\n    return 42\n", encoding="utf-8")
    test = "import oracle\n\ndef test_prophecy():\n    assert oracle.prophecy() == 42\n"
    (tmp_path / "test_own.py").write_text(test, encoding="utf-8")
    return tmp_path


def test_a_project_with_its_own_oracle_runs_its_tests(project: Path) -> None:
    result = pytest_in(project)
    assert (result.returncode, "1 passed" in result.stdout) == (0, True), result.stdout + result.stderr


def test_a_project_with_oracle_among_its_tests(tmp_path: Path) -> None:
    (tmp_path / "tests" / "oracle").mkdir(parents=True)
    (tmp_path / "tests" / "oracle" / "test_it.py").write_text("def test_it():\n    assert True\n", encoding="utf-8")
    (tmp_path / "tests" / "oracle.py").write_text("", encoding="utf-8")
    assert pytest_in(tmp_path).returncode == 0


def test_a_fixture_says_which_oracle_hides_ours(project: Path) -> None:
    (project / "test_gradient.py").write_text(
        "def test_it(check_gradient):\n    check_gradient(1, 2)\n", encoding="utf-8"
    )
    result = pytest_in(project, "--gradient-report", "found.json")
    assert "1 failed, 1 passed" in result.stdout
    assert re.search(
        r"manualbp needs its own package oracle, and .*oracle\.py comes first: rename that one", result.stdout
    )


@pytest.mark.longer
def test_a_failed_assertion_points_at_the_test_alone(tmp_path: Path) -> None:
    (tmp_path / "test_own.py").write_text(
        "import jax.numpy as jnp\nimport oracle\n\n\ndef test_it():\n"
        "    oracle.assert_gradient(lambda a: jnp.sum(a * a), lambda a: a, examples=2)\n",
        encoding="utf-8",
    )
    printed = pytest_in(tmp_path).stdout
    assert "1 failed" in printed
    assert re.findall(r"^(\S+\.py):\d+: ", printed, re.MULTILINE) == ["test_own.py"], printed


def test_the_command_says_which_oracle_hides_ours(project: Path) -> None:
    result = run(project, "-m", "manualbp", "--help")
    assert (result.returncode, result.stdout) == (2, "")
    assert "oracle.py comes first: rename that one, or start from another folder." in result.stderr


def test_the_package_is_the_command(tmp_path: Path) -> None:
    result = run(tmp_path, "-m", "manualbp", "--help")
    assert result.returncode == 0
    assert result.stdout.startswith("Usage: manualbp ")


def test_a_console_without_sigma(tmp_path: Path) -> None:
    (tmp_path / "page.py").write_text("def σ(x):\n    return x\n", encoding="utf-8")
    page = Path(PACKAGES) / "proofs" / "30-activations-identity.md"
    result = run(tmp_path, "-m", "manualbp", "proofs", str(page), PYTHONIOENCODING="cp1252:strict")
    assert result.returncode == 0, result.stderr
    says_sigma = run(tmp_path, "-m", "manualbp", "verify", "--cases", "0", PYTHONIOENCODING="ascii:strict")
    assert says_sigma.returncode == 2
    assert "UnicodeEncodeError" not in result.stderr + says_sigma.stderr


COMPILING = """
import os, signal, time, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background of a shell inherits that it is ignored
import oracle.verify.campaign.reference as reference

def never(*args):
    os.write(1, b"compiling\\n")  # at once, though several threads compile
    time.sleep(600)

reference._compile = never
sys.argv = ["manualbp", "verify", "--cases", "1"]
from manualbp._command import main
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for another process")
def test_an_interrupt_does_not_wait_for_the_compiler(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", COMPILING],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": PACKAGES},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "compiling\n"
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=120)  # the compile takes ten minutes
    assert (process.returncode, said) == (130, "Interrupted before a verdict was reached.\n")


IMPORTING = """
import sys

class Interrupt:
    def find_spec(name, path=None, target=None):
        if name == "oracle.cli":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupt)
from manualbp._command import main
main()
"""


COLLECTING = """
import gc, os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)

def collected(phase, info):
    if "oracle.cli" in sys.modules and collected in gc.callbacks:
        gc.callbacks.remove(collected)
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(1000):
            pass

gc.callbacks.append(collected)
sys.argv = ["manualbp", "verify", "--cases", "1"]
from manualbp._command import main
main()
"""


@pytest.mark.longer
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for another process")
def test_an_interrupt_inside_of_the_garbage_collector_is_not_lost(tmp_path: Path) -> None:
    result = run(tmp_path, "-c", COLLECTING)
    assert (result.returncode, result.stderr) == (130, "Interrupted before a verdict was reached.\n")


@pytest.mark.skipif(sys.platform == "win32", reason="closes a file by its number")
def test_a_closed_output_hides_no_verdict(tmp_path: Path) -> None:
    (tmp_path / "pair.py").write_text("def f(x):\n    return (x * x).sum()\n\ndef f_grad(x):\n    return 3 * x\n")
    check = "[sys.executable, '-m', 'manualbp', 'check', 'pair.py', '--examples', '2']"
    closing = f"import os, sys; os.close(1); os.execv(sys.executable, {check})"
    result = run(tmp_path, "-c", closing)
    assert (result.returncode, result.stdout) == (1, "")
    assert "crashed" not in result.stderr


def test_a_score_says_what_it_needs(tmp_path: Path) -> None:
    code = "import sys; sys.modules['flint'] = None; from oracle.scores.__main__ import main; sys.exit(main(['heads']))"
    result = run(tmp_path, "-c", code)
    assert (result.returncode, result.stderr) == (
        2,
        'Error: python -m oracle.scores heads needs flint: pip install "manualbp[dev]" (in a clone: pip install ".[dev]")\n',
    )


def test_an_interrupt_while_the_command_is_imported(tmp_path: Path) -> None:
    result = run(tmp_path, "-c", IMPORTING)
    assert (result.returncode, result.stderr) == (130, "Interrupted before anything began.\n")


@pytest.mark.parametrize(("module", "distribution"), [("jax", "JAX"), ("flint", "python-flint")])
def test_without_the_extra_a_name_says_what_to_install(tmp_path: Path, module: str, distribution: str) -> None:
    code = (
        f"import sys; sys.modules[{module!r}] = None; import oracle; oracle.takes, oracle.Domain; oracle.check_gradient"
    )
    result = run(tmp_path, "-c", code)
    assert result.stderr.strip().splitlines()[-1] == (
        f'ModuleNotFoundError: oracle.check_gradient needs {distribution}: pip install "manualbp[oracle]" '
        '(in a clone: pip install ".[oracle]")'
    )


def test_type_checkers_see_every_public_name() -> None:
    source = Path(oracle.__file__).read_text(encoding="utf-8")
    typed = dict(re.findall(r"^    from ([\w.]+) import (\w+) as \2$", source, re.MULTILINE))
    assert len(re.findall(r"^    from [\w.]+ import (\w+) as \1$", source, re.MULTILINE)) == len(oracle.__all__)
    assert {
        (home, name) for home, name in re.findall(r"^    from ([\w.]+) import (\w+) as \2$", source, re.MULTILINE)
    } == {(home, name) for name, home in oracle._HOMES.items()}
    assert typed


@pytest.mark.longer
def test_a_wrong_call_does_not_pass_a_type_checker(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    user = tmp_path / "user.py"
    user.write_text(
        "import numpy as np\nimport oracle\n\n"
        "def fn(a: np.ndarray) -> float:\n    return float((a**2).sum())\n\n"
        "def grad(a: np.ndarray) -> np.ndarray:\n    return 2 * a\n\n"
        'print(oracle.check_gradient(fn, grad, ("real",)).verdict)\n'
        "oracle.check_gradient(1, 2, 3, foo=4)\n"
        "oracle.chek_gradient\n",
        encoding="utf-8",
    )
    result = run(
        tmp_path, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), "--no-incremental", "user.py"
    )
    assert 'user.py:11: error: Unexpected keyword argument "foo" for "check_gradient"' in result.stdout
    assert 'user.py:12: error: Module has no attribute "chek_gradient"' in result.stdout
    assert not re.search(r"user\.py:(?!1[12]:)\d+: error", result.stdout.replace("[type-arg]", ""))
