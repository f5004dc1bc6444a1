"""What a project keeps about a backend: failures that it announces, and worst errors that must not grow."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Conform = Callable[..., Result]
Report = Callable[..., tuple[int, dict[str, Any]]]


# expected failures


def test_expected_failures(report: Report, conform: Conform, mine: str, tmp_path: Path) -> None:
    code, data = report(f"{mine}:wrong")
    failing = [r["id"] for r in data["results"] if r["outcome"] == "wrong"]
    assert code == 1
    assert len(failing) >= 10
    listed = tmp_path / "expected.txt"
    listed.write_text("# known\n" + "".join(f"{id}  # bias doubled\n" for id in failing), encoding="utf-8")
    code, data = report(f"{mine}:wrong", "--expected-failures", str(listed))
    assert code == 0
    assert data["verdict"] == "right" or data["judged"] == len(failing)
    assert all(r["expected_failure"] == (r["id"] in failing) for r in data["results"])

    listed.write_text(listed.read_text(encoding="utf-8") + "float64/gone\n", encoding="utf-8")
    stale = conform(f"{mine}:wrong", "--expected-failures", str(listed))
    assert stale.exit_code == 0
    assert "Warning: no vector has the id float64/gone" in stale.stderr

    passing = conform(f"{mine}:right", "--expected-failures", str(listed))
    assert passing.exit_code == 1
    assert f"expected to fail, and right: {failing[0]}" in passing.stdout

    listed.write_text("".join(f"{id}\n" for id in failing[1:]), encoding="utf-8")
    assert conform(f"{mine}:wrong", "--expected-failures", str(listed)).exit_code == 1


def test_expected_failures_of_other_dtypes_are_not_stale(conform: Conform, mine: str, tmp_path: Path) -> None:
    listed = tmp_path / "expected.txt"
    listed.write_text("float32/tanh+quadratic/square\n", encoding="utf-8")
    result = conform(f"{mine}:right", "--expected-failures", str(listed))
    assert result.exit_code == 0
    assert result.stderr == ""


# the ratchet


def test_the_ratchet(conform: Conform, mine: str, tmp_path: Path) -> None:
    kept = tmp_path / "baseline.json"
    arguments = (f"{mine}:right", "--baseline", str(kept))
    assert conform(*arguments).exit_code == 0
    first = kept.read_bytes()
    data = json.loads(first)
    assert data["factor"] == 2
    assert len(data["worst_ulps"]) == 16
    assert {*data["worst_ulps"]["float64/tanh+quadratic/square"]} == {
        "activations",
        "cost",
        "deltas",
        "nabla_b",
        "nabla_w",
    }
    assert conform(*arguments).exit_code == 0
    assert kept.read_bytes() == first  # written only where it does not exist

    id = max(data["worst_ulps"], key=lambda id: data["worst_ulps"][id]["nabla_w"])
    now = data["worst_ulps"][id]["nabla_w"]
    data["worst_ulps"][id]["nabla_w"] = now // 2 - 1
    kept.write_text(json.dumps(data), encoding="utf-8")
    grown = conform(*arguments)
    assert grown.exit_code == 3
    assert (
        f"{id}: the worst error of nabla_w was {now // 2 - 1} ulp, and is {now}, more than 2 times as much"
        in grown.stdout
    )

    data["factor"] = 8
    kept.write_text(json.dumps(data), encoding="utf-8")
    assert conform(*arguments).exit_code == 0
    assert conform(*arguments, "--update-baseline").exit_code == 0
    assert json.loads(kept.read_bytes())["worst_ulps"][id]["nabla_w"] == now


@pytest.mark.parametrize(
    "text", ["", "[]", '{"factor": 0, "worst_ulps": {}}', '{"factor": 2, "worst_ulps": {"a": {"b": "x"}}}']
)
def test_a_damaged_baseline(text: str, conform: Conform, tmp_path: Path) -> None:
    kept = tmp_path / "baseline.json"
    kept.write_text(text, encoding="utf-8")
    result = conform("manualbp", "--baseline", str(kept))
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: --baseline")
