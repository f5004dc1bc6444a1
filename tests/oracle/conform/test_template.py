"""`manualbp conform --new` writes an adapter that is right as it stands."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from oracle.cli import main

from ..console.answers import one_sentence


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["conform", *words], prog_name="manualbp")


@pytest.mark.parametrize("kind", ["python", "process"])
def test_it_is_right_as_it_stands(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    name = f"new_{kind}_{tmp_path.name.replace('-', '_')}"
    written = run("--new", kind, name)
    assert written.exit_code == 0
    assert f"{name}.py is written" in written.stdout
    words = [f"{name}:backend"] if kind == "python" else ["--command", f"{sys.executable} {name}.py"]
    result = run(*words, "--head", "sigmoid+cross_entropy")
    assert result.exit_code == 0, result.output
    assert "verdict: right" in result.stdout
    assert "is there already, and is left alone" in one_sentence(run("--new", kind, name))


@pytest.mark.parametrize("name", ["numpy", "json", "class"])
def test_a_name_that_is_taken(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "give " in one_sentence(run("--new", "process", name))
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_no_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "give the name of a module" in one_sentence(run("--new", "python", "a/b"))
    assert list(tmp_path.iterdir()) == []
