"""`oracle.conformance_tests` in a test module of a project of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import oracle
from oracle.backends.session import CannotRun


def run_pytest(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_backend.py").write_text(text, encoding="utf-8")
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--no-header", "test_backend.py"]
    return subprocess.run(words, capture_output=True, text=True, cwd=folder, timeout=120)


def test_a_right_backend(tmp_path: Path) -> None:
    done = run_pytest(
        tmp_path,
        "import oracle\n"
        'HEADS = ["tanh+quadratic", "identity+quadratic:fused"]\n'
        'TestMine = oracle.conformance_tests("manualbp", dtypes=["float64"], heads=HEADS, examples=2)\n',
    )
    assert done.returncode == 0, done.stdout
    assert "25 passed" in done.stdout


def test_a_wrong_backend_fails_on_vectors_and_on_networks(tmp_path: Path) -> None:
    done = run_pytest(
        tmp_path,
        "from dataclasses import replace\n"
        "import oracle\n"
        "from oracle.backends import Backend\n"
        "from oracle.backends.manualbp_numpy import run\n"
        "def half(question):\n"
        "    answer = run(question)\n"
        "    return replace(answer, nabla_w=tuple(0.5 * w for w in answer.nabla_w))\n"
        'TestHalf = oracle.conformance_tests(Backend("half", half), dtypes=["float64"], heads=["tanh+quadratic"], examples=2)\n',
    )
    assert done.returncode == 1
    assert "5 failed" in done.stdout
    assert "float64/tanh+quadratic/square: wrong: first in BP3 of layer" in done.stdout
    assert "manualbp.from_parameters" in done.stdout  # the random network, to be built again


def test_a_program(tmp_path: Path, program: Callable[[str], str]) -> None:
    done = run_pytest(
        tmp_path,
        "import oracle\n"
        f"TestProgram = oracle.conformance_tests(command={program('none')!r}, heads=['tanh+quadratic'], examples=0)\n"
        f"TestSkips = oracle.conformance_tests(command={program('skips')!r}, heads=['tanh+quadratic'], examples=0)\n"
        f"TestBad = oracle.conformance_tests(command={program('bad_end')!r}, heads=['tanh+quadratic'], examples=0)\n",
    )
    assert done.returncode == 1
    assert "8 passed, 4 skipped, 1 error" in done.stdout
    assert "exit code 4 after the stop" in done.stdout


def test_nothing_to_test_is_refused() -> None:
    with pytest.raises(CannotRun, match="nothing would be tested"):
        oracle.conformance_tests("manualbp", dtypes=[])
    with pytest.raises(CannotRun, match="give a backend"):
        oracle.conformance_tests()
