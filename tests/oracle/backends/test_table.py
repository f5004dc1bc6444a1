"""The table of several backends, from their JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from oracle.backends.table import main, markdown
from oracle.vectors import vectors

Report = Callable[..., tuple[int, dict[str, Any]]]


@pytest.mark.longer
def test_side_by_side(report: Report, program: Callable[[str], str], tmp_path: Path) -> None:
    _, right = report("manualbp")
    _, wrong = report("--command", program("no_mean"))
    text = markdown([right, wrong])
    lines = text.splitlines()
    assert [line.split(" | ")[1] for line in lines[2:5]] == ["float64", "float32", "float64"]
    assert [line.split(" | ")[-2] for line in lines[2:5]] == ["right", "right", "wrong"]
    (row,) = [line for line in lines if line.startswith("| `tanh+quadratic`")]
    n = len(vectors("float64", ["tanh+quadratic"]))
    assert row.startswith("| `tanh+quadratic` |  |  | ")
    assert row.endswith(f" of {n} |")
    for name, data in (("a.json", right), ("b.json", wrong)):
        (tmp_path / name).write_text(json.dumps(data), encoding="utf-8")
    words = [sys.executable, "-m", "oracle.backends.table", "a.json", "b.json"]
    done = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert done.stdout == text


@pytest.mark.longer
def test_a_verdict_for_each_dtype(report: Report, mine: str) -> None:
    _, data = report(f"{mine}:half")
    assert data["verdict"] == "wrong"
    assert data["dtypes"] == {"float64": "right", "float32": "wrong"}
    lines = markdown([data]).splitlines()
    assert [line.split(" | ")[-2] for line in lines[2:4]] == ["right", "wrong"]


@pytest.mark.parametrize(
    "text", ["{}", "[]", "3", "{", '{"heads": 3}', '{"heads": [{}]}', '{"heads": [], "results": 3}']
)
def test_other_files_are_left_out(
    text: str, report: Report, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "other.json").write_text(text, encoding="utf-8")
    names = [str(tmp_path / "other.json"), str(tmp_path / "absent.json")]
    assert main(names) == 2
    assert capsys.readouterr().out == ""
    _, data = report("manualbp", heads=("tanh+quadratic",))
    (tmp_path / "right.json").write_text(json.dumps(data), encoding="utf-8")
    assert main([*names, str(tmp_path / "right.json")]) == 0
    shown = capsys.readouterr()
    assert shown.out == markdown([data])
    assert shown.err.count("left out, no report of manualbp conform --json: ") == 2


def test_no_files_are_no_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert capsys.readouterr().err == "Error: give files that manualbp conform NAME --json printed\n"
