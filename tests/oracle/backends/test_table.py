"""The table of several backends, from their JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from oracle.backends.table import markdown

Report = Callable[..., tuple[int, dict[str, Any]]]


def test_side_by_side(report: Report, program: Callable[[str], str], tmp_path: Path) -> None:
    _, right = report("manualbp")
    _, wrong = report("--command", program("no_mean"))
    text = markdown([right, wrong])
    lines = text.splitlines()
    assert [line.split(" | ")[1] for line in lines[2:5]] == ["float64", "float32", "float64"]
    assert [line.split(" | ")[-2] for line in lines[2:5]] == ["right", "right", "wrong"]
    (row,) = [line for line in lines if line.startswith("| `tanh+quadratic`")]
    assert row.endswith("|  |  | 3 of 4 |")
    for name, data in (("a.json", right), ("b.json", wrong)):
        (tmp_path / name).write_text(json.dumps(data), encoding="utf-8")
    words = [sys.executable, "-m", "oracle.backends.table", "a.json", "b.json"]
    done = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert done.stdout == text
