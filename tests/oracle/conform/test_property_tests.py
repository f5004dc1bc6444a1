"""`oracle.conformance_tests` in a test module of a project of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import oracle
from oracle.backends.session import CannotRun
from oracle.vectors import vectors

#: How many vectors there are.
N = len(vectors("float64", ["tanh+quadratic"]))
POINTS = len(vectors("float64", ["identity+quadratic:fused"]))
NARROW = len(vectors("float16", ["tanh+quadratic"]))


def run_pytest(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_backend.py").write_text(IMPORTS + text, encoding="utf-8")
    words = [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", "--no-header", "test_backend.py"]
    return subprocess.run(words, capture_output=True, text=True, cwd=folder, timeout=120)


IMPORTS = """
from dataclasses import replace
import oracle, oracle.vectors
from oracle.backends import Backend, Capabilities, Skipped
from oracle.backends.manualbp_numpy import run

HEADS = ["tanh+quadratic"]

def suite(run, examples=0, dtypes=("float64",), **said):
    return oracle.conformance_tests(Backend("mine", run, Capabilities(dtypes, **said)), heads=HEADS, examples=examples)
"""
RIGHT = """
TestMine = oracle.conformance_tests(
    "manualbp", dtypes=["float64"], heads=[*HEADS, "identity+quadratic:fused"], examples=2
)

asked = []
def told(q):
    asked.append((q.id, q.head, q.hidden))
    return run(q)
TestFew = suite(told, 5, heads=frozenset(HEADS), activations=frozenset({"tanh", "sigmoid", "gelu"}))
def test_what_it_has_was_drawn():
    random = [a for a in asked if a[0] == "random"]
    assert len(random) == 5
    assert {name for _, _, hidden in random for name in hidden} <= {"tanh", "sigmoid", "gelu"}

def half(q):
    wide = lambda values: tuple(v.astype("f8") for v in values)
    a = run(replace(q, dtype="float64", x=q.x.astype("f8"), expected=q.expected.astype("f8"),
        weights=wide(q.weights), biases=wide(q.biases)))
    each = lambda values: tuple(v.astype("f2") for v in values)
    return oracle.vectors.Answer(each(a.nabla_w), each(a.nabla_b))
TestNarrow = suite(half, 5, ("float16",))

TestProgram = oracle.conformance_tests(command=PROGRAM, heads=HEADS, examples=0)
"""
WRONG = """
def halves(q):
    answer = run(q)
    return replace(answer, nabla_w=tuple(0.5 * w for w in answer.nabla_w))
TestHalf = suite(halves, 2)

seen = set()
def run_once(q):
    answer = run(q)
    if q.id in seen:
        return replace(answer, nabla_w=tuple(0 * w for w in answer.nabla_w))
    seen.add(q.id)
    return answer
TestOnce = suite(run_once)

def skips(q):
    raise Skipped("hard")
TestSkips = suite(skips, 2)

TestBad = oracle.conformance_tests(command=PROGRAM, heads=HEADS, examples=0)
"""


@pytest.mark.longer
def test_right_backends(tmp_path: Path, program: Callable[[str], str]) -> None:
    done = run_pytest(tmp_path, f"PROGRAM = {program('none')!r}\n{RIGHT}")
    assert done.returncode == 0, done.stdout
    few = [v for v in vectors("float64", ["tanh+quadratic"]) if {*v.question.hidden} <= {"tanh", "sigmoid", "gelu"}]
    passed = (N + POINTS + 3) + (len(few) + 3) + 1 + (NARROW + 2) + (N + 2)
    skipped = f", {N - len(few)} skipped" if len(few) < N else ""
    assert f"{passed} passed{skipped} in" in done.stdout


@pytest.mark.longer
def test_wrong_backends(tmp_path: Path, program: Callable[[str], str]) -> None:
    done = run_pytest(tmp_path, f"PROGRAM = {program('bad_end')!r}\n{WRONG}")
    assert done.returncode == 1
    failed = [line.split(" - ")[0].partition("::")[2] for line in done.stdout.splitlines() if line.startswith("FAILED")]
    others = [name for name in failed if not name.startswith("TestHalf::test_vector")]
    assert others == [
        "TestHalf::test_network",
        "TestOnce::test_asked_again",
        "TestSkips::test_enough",
        "TestSkips::test_network",
    ]
    assert len(failed) == N + 4
    assert "float64/tanh+quadratic/square: wrong: first in BP3 of layer" in done.stdout
    assert "manualbp.from_parameters" in done.stdout  # the random network, to be built again
    assert "right on the first call only" in done.stdout
    assert f"0 of the {N} vectors that the backend declares to take were answered" in done.stdout
    assert "0 of 2 random networks that the backend declares to take were answered" in done.stdout
    assert "exit code 4 after the stop" in done.stdout


@pytest.mark.longer
def test_inaccurate_is_expected_where_that_is_said(tmp_path: Path) -> None:
    """Digits lost in float32, and wrong mathematics, which fails nevertheless."""
    text = """
import numpy as np
def narrow(q):
    each = lambda values: tuple(v.astype("f4") for v in values)
    wide = lambda values: tuple(v.astype("f8") for v in values)
    a = run(replace(q, x=q.x.astype("f4"), expected=q.expected.astype("f4"), weights=each(q.weights), biases=each(q.biases)))
    return oracle.vectors.Answer(wide(a.nabla_w), wide(a.nabla_b))
def suite(run, **said):
    return oracle.conformance_tests(Backend("mine", run, Capabilities(("float64",))), heads=HEADS, examples=0, **said)
TestSaid = suite(narrow, inaccurate="xfail")
TestUnsaid = suite(narrow)
def doubled(q):
    a = run(q)
    return replace(a, nabla_b=tuple(2 * b for b in a.nabla_b))
TestWrong = suite(doubled, inaccurate="xfail")
"""
    done = run_pytest(tmp_path, text)
    lines = done.stdout.splitlines()
    said = [line for line in lines if "::TestSaid::test_vector" in line]
    assert said
    assert all(line.startswith(("XFAIL", "PASSED")) for line in said)
    assert any("inaccurate: " in line and "float32 inside float64" in line for line in said)
    failed = [line for line in lines if line.startswith("FAILED")]
    assert any("::TestUnsaid::test_vector" in line for line in failed)
    assert any("::TestWrong::test_vector" in line for line in failed)
    told = [line for line in lines if line.startswith("E ") and "AssertionError: float64/tanh+quadratic/" in line]
    assert {word for word in ("wrong", "inaccurate") if any(f": {word}: " in line for line in told)} == {
        "wrong",
        "inaccurate",
    }


def test_nothing_to_test_is_refused() -> None:
    with pytest.raises(CannotRun, match="nothing would be tested"):
        oracle.conformance_tests("manualbp", dtypes=[])
    with pytest.raises(CannotRun, match="give a backend"):
        oracle.conformance_tests()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"backend": 3}, "backend is a int"),
        ({"command": 3}, "command is a int"),
        ({"command": ""}, "the command is empty"),
        ({"backend": "manualbp", "examples": -1}, "examples = -1"),
        ({"backend": "manualbp", "heads": "tanh+quadratic"}, "heads = 'tanh.quadratic': give a list of names"),
        ({"backend": "manualbp", "heads": ["tanh"]}, "unknown: tanh"),
        ({"backend": "manualbp", "dtypes": "float64"}, "dtypes = 'float64': give a list of names"),
        ({"backend": "manualbp", "dtypes": ["float63"]}, "dtype = 'float63' is unknown"),
        ({"backend": "manualbp", "dtypes": ["float16"]}, "none of which the backend declares to take"),
        ({"backend": "manualbp", "timeout": 0}, "timeout = 0"),
        ({"backend": "manualbp", "inaccurate": "pass"}, "inaccurate = 'pass': give 'fail' or 'xfail'"),
    ],
)
def test_arguments_of_the_wrong_kind(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(CannotRun, match=words):
        oracle.conformance_tests(**arguments)


def test_a_dtype_named_twice_is_tested_once() -> None:
    from oracle.backends import Backend, Capabilities
    from oracle.backends.manualbp_numpy import run

    twice = Backend("twice", run, Capabilities(("float64", "float64")))
    tests: Any = oracle.conformance_tests(twice, heads=["tanh+quadratic"], examples=0)
    (mark,) = tests.test_vector.pytestmark
    assert len(mark.args[1]) == N
