"""A backend in this process: whatever it does instead of answering is named, and none of it ends, hangs or corrupts the run."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from oracle.backends import Backend, Skipped
from oracle.backends.find import find
from oracle.backends.manualbp_numpy import run
from oracle.backends.session import CannotRun, in_process
from oracle.conform.run import Outcome, ask
from oracle.vectors import Answer, Question, vectors

VECTOR = next(v for v in vectors("float64", ["tanh+quadratic"]) if v.question.hidden)


def outcome(function: Callable[[Question], Any], timeout: float = 20.0) -> tuple[Outcome, str]:
    result = ask(in_process(Backend("b", function), timeout), VECTOR)
    return result.outcome, result.words


def bits() -> list[bytes]:
    q = VECTOR.question
    return [v.tobytes() for v in (q.x, q.expected, *q.weights, *q.biases)]


# its question


def halves(q: Question) -> Answer:
    answer = run(q)
    for w in q.weights:
        w *= 0.5
    return answer


def empties(q: Question) -> Answer:
    answer = run(q)
    q.expected[...] = 0
    return answer


@pytest.mark.parametrize(("function", "name"), [(halves, "weights of layer 2"), (empties, "expected")])
def test_changed_inputs_are_named_and_nobody_elses(function: Callable[[Question], Answer], name: str) -> None:
    before = bits()
    found = outcome(function)
    assert found == (
        Outcome.ERRORED,
        f"it wrote into its question: {name} was changed; copy what is to be changed",
    )
    assert bits() == before
    assert outcome(run)[0] in (Outcome.ACCURATE, Outcome.STABLE)


def test_inputs_can_be_written_to_by_those_who_copy() -> None:
    def copies(q: Question) -> Answer:
        assert q.x.flags.writeable  # a read-only array cannot be shared with a framework
        x = q.x.copy()
        x *= 2
        return run(q)

    assert outcome(copies)[0] in (Outcome.ACCURATE, Outcome.STABLE)


# leaving


def leaves(q: Question) -> Answer:
    import os

    os._exit(0)


class Own(BaseException):
    pass


class Mute(Exception):
    def __str__(self) -> str:
        raise ValueError


def raising(error: BaseException) -> Callable[[Question], Answer]:
    def raises(q: Question) -> Answer:
        raise error

    return raises


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (leaves, (Outcome.BROKEN, "b called os._exit(0)")),
        (raising(SystemExit(0)), (Outcome.BROKEN, "b called sys.exit(0)")),
        (raising(Own("x")), (Outcome.ERRORED, "Own: 'x'")),
        (raising(Mute()), (Outcome.ERRORED, "Mute, whose message cannot be read")),
        (raising(RuntimeError("\ud800\n\x1b[31m")), (Outcome.ERRORED, r"RuntimeError: '\ud800\n\x1b[31m'")),
        (raising(Skipped("\ud800 \x1b[31mno\n")), (Outcome.SKIPPED, r"\ud800 \x1b[31mno")),
    ],
)
def test_leaving_is_no_answer(function: Callable[[Question], Answer], expected: tuple[Outcome, str]) -> None:
    assert outcome(function) == expected


def test_a_forked_child_may_end() -> None:
    """In a process of its own, where JAX is not loaded: JAX warns of forks."""
    source = """
        import os
        from oracle.backends import Backend
        from oracle.backends.manualbp_numpy import run
        from oracle.backends.session import in_process
        from oracle.conform.run import Outcome, ask
        from oracle.vectors import vectors

        def forks(q):
            child = os.fork()
            if not child:
                os._exit(0)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
            return run(q)

        vector = next(v for v in vectors("float64", ["tanh+quadratic"]) if v.question.hidden)
        result = ask(in_process(Backend("b", forks), 20.0), vector)
        assert result.outcome in (Outcome.ACCURATE, Outcome.STABLE), result
        print("answered")
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(source)], capture_output=True, text=True, timeout=60)
    assert done.stdout == "answered\n", done.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import sys; sys.exit(0)", "cannot be imported: NAME:backend called sys.exit(0)"),
        ("import os; os._exit(0)", "cannot be imported: NAME:backend called os._exit(0)"),
        ("raise KeyError('x')", "cannot be imported: KeyError: \"'x'\""),
        ("def backend(): raise RuntimeError('no GPU')", "makes no backend: RuntimeError: 'no GPU'"),
        ("import sys\ndef backend(): sys.exit(0)", "makes no backend: NAME:backend called sys.exit(0)"),
        ("from json import dumps as backend", "makes no backend: TypeError: "),
        ("from oracle.backends import Backend as backend", "makes no backend: TypeError: "),
    ],
)
def test_a_module_that_makes_no_backend(text: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"made_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(text + "\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    with pytest.raises(CannotRun) as caught:
        find(f"{name}:backend")
    assert words.replace("NAME", name) in str(caught.value)


# hanging


@pytest.mark.longer
def test_a_call_that_catches_everything_ends_the_process(tmp_path: Path) -> None:
    (tmp_path / "deaf.py").write_text(
        "import time\n"
        "from oracle.backends import Backend\n"
        "def run(q):\n"
        "    while True:\n"
        "        try:\n"
        "            time.sleep(1)\n"
        "        except BaseException:\n"
        "            pass\n"
        "backend = Backend('deaf', run)\n",
        encoding="utf-8",
    )
    words = [sys.executable, "-m", "oracle", "conform", "deaf:backend", "--head", "tanh+quadratic", "--timeout", "0.2"]
    done = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path, timeout=30)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("Error: deaf could not be stopped 3 times 0.2 seconds after it was called")


def test_it_is_stopped_again_when_it_caught_the_first() -> None:
    caught = []

    def stubborn(q: Question) -> Answer:
        while True:
            try:
                while True:
                    pass
            except BaseException as error:
                caught.append(error)
                if len(caught) == 2:
                    raise

    assert outcome(stubborn, 0.1) == (Outcome.BROKEN, "b took longer than 0.1 seconds for one call")
    assert len(caught) == 2


# answers that are none


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"nabla_w": iter(())}, "nabla_w is a tuple_iterator: give a tuple"),
        ({"nabla_b": "abc"}, "nabla_b is a str: give a tuple"),
        ({"nabla_b": None}, "nabla_b is missing"),
        ({"nabla_w": (np.array("x"),)}, "nabla_w of layer 2 has dtype <U1: give an array of real numbers"),
        ({"nabla_w": (np.array([None]),)}, "nabla_w of layer 2 has dtype object"),
        ({"nabla_w": (np.zeros((2, 2), complex),)}, "nabla_w of layer 2 has dtype complex128"),
        ({"nabla_w": ([[1.0]],)}, "nabla_w of layer 2 is a list: give a NumPy array"),
        ({"nabla_w": (np.ma.masked_all((2, 2)),)}, "nabla_w of layer 2 is a masked array"),
        ({"deltas": 3}, "deltas is a int: give a tuple"),
        ({"cost": 0.5}, "cost is a float: give a NumPy array"),
    ],
)
def test_an_answer_without_arrays_of_numbers(change: dict[str, Any], words: str) -> None:
    kind, said = outcome(lambda q: replace(run(q), **change))
    assert kind is Outcome.ERRORED
    assert words in said


@pytest.mark.parametrize(
    "change",
    [
        {"nabla_w": ()},
        {"nabla_w": (np.zeros(3),) * 7},
        {"nabla_w": (), "cost": np.array(7.0)},
        {"nabla_w": (np.zeros(0),)},
        {"nabla_b": (np.array(1),), "activations": ()},
        {"cost": np.zeros(3), "deltas": (np.array(0.0),)},
    ],
)
def test_an_answer_of_other_shapes_is_wrong(change: dict[str, Any]) -> None:
    kind, said = outcome(lambda q: replace(run(q), **change))
    assert kind is Outcome.WRONG
    assert "give one array for each" in said or "shape" in said or "ulp" in said
