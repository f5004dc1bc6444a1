"""Fixtures of backends and conform: sabotaged backends, as functions and as programs, and the command."""

from __future__ import annotations

import importlib.util
import json
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner, Result

from oracle.cli import main
from oracle.vectors import vectors

SABOTAGED = Path(__file__).with_name("sabotaged.py")
#: Few heads, and yet every kind of vector.
HEADS = ("sigmoid+cross_entropy:fused", "tanh+quadratic", "softmax+categorical_cross_entropy:fused")


@pytest.fixture(scope="session")
def sabotaged() -> ModuleType:
    spec = importlib.util.spec_from_file_location("sabotaged", SABOTAGED)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def program() -> Callable[[str], str]:
    """The command line of the program that is wrong in one way."""
    return lambda way: shlex.join([sys.executable, str(SABOTAGED), way])


@pytest.fixture(scope="session")
def number() -> int:
    """How many vectors in float64 those heads have."""
    return len(vectors("float64", HEADS))


@pytest.fixture
def conform() -> Callable[..., Result]:
    """`manualbp conform …` over a few heads."""

    def run(*arguments: str, heads: tuple[str, ...] = HEADS) -> Result:
        chosen = [word for head in heads for word in ("--head", head)]
        return CliRunner().invoke(main, ["conform", *arguments, *chosen], prog_name="manualbp")

    return run


@pytest.fixture
def report(conform: Callable[..., Result]) -> Callable[..., tuple[int, dict[str, Any]]]:
    """The exit code, and what --json prints."""

    def run(*arguments: str, **options: Any) -> tuple[int, dict[str, Any]]:
        result = conform(*arguments, "--json", **options)
        return result.exit_code, json.loads(result.stdout)

    return run


BACKEND = """
from dataclasses import replace
from oracle.backends import Backend, Capabilities, Skipped
from oracle.backends.manualbp_numpy import run

def doubled(question):
    answer = run(question)
    return replace(answer, nabla_b=tuple(2 * b for b in answer.nabla_b))

mine = right = Backend("mine", run, Capabilities(("float64",)))
wrong = Backend("doubled", doubled, Capabilities(("float64",)))
number = 7

def one(question):
    if not question.id.endswith("tanh+quadratic/square"):
        raise Skipped("not today")
    return run(question)

def nan(question):
    answer = run(question)
    return replace(answer, nabla_w=tuple(w * float("nan") for w in answer.nabla_w))

def silent(question):
    return replace(run(question), cost=None, activations=None)

def some(question):
    return doubled(question) if question.head == "tanh+quadratic" else run(question)

def doubled_in_float32(question):
    return doubled(question) if question.dtype == "float32" else run(question)

def counted_run(question):
    with open("asked.txt", "a") as file:
        file.write(question.id + "\\n")
    return run(question)

counted = Backend("mine", counted_run, Capabilities(("float64",)))
half = Backend("mine", doubled_in_float32)
partly = Backend("mine", some, Capabilities(("float64",)))
other = Backend("other", run, Capabilities(("float64",)))
lazy = Backend("mine", one, Capabilities(("float64",)))
small = Backend("mine", run, Capabilities(("float64",), heads=frozenset({"tanh+quadratic"})))
twice = Backend("mine", run, Capabilities(("float64", "float64")))
nothing = Backend("mine", nan, Capabilities(("float64",)))
quiet = Backend("mine", silent, Capabilities(("float64",)))
narrower = Backend("mine", run, Capabilities(("float32",)))
"""


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a module in the current directory."""
    name = f"mine_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(BACKEND, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return name
