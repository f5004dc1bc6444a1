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


@pytest.mark.longer
def test_expected_failures(report: Report, conform: Conform, mine: str, tmp_path: Path) -> None:
    code, data = report(f"{mine}:partly")
    failing = [r["id"] for r in data["results"] if r["outcome"] == "wrong"]
    assert code == 1
    assert len(failing) >= 4
    listed = tmp_path / "expected.txt"
    listed.write_text("# known\n" + "".join(f"{id}  # bias doubled\n" for id in failing), encoding="utf-8")
    code, data = report(f"{mine}:partly", "--expected-failures", str(listed))
    assert (code, data["verdict"]) == (0, "right")
    assert f", of which {len(failing)} fail as announced" in data["because"]
    assert all(r["expected_failure"] == (r["id"] in failing) for r in data["results"])

    listed.write_text(listed.read_text(encoding="utf-8") + "float64/gone\n", encoding="utf-8")
    stale = conform(f"{mine}:partly", "--expected-failures", str(listed))
    assert stale.exit_code == 0
    assert f"Warning: {listed}: no vector has the id float64/gone" in stale.stderr

    passing = conform(f"{mine}:right", "--expected-failures", str(listed))
    assert passing.exit_code == 1
    assert f"expected to fail, and right: {failing[0]}" in passing.stdout
    assert f"verdict: wrong ({len(failing)} announced failures did not happen)" in passing.stdout
    code, data = report(f"{mine}:right", "--expected-failures", str(listed))
    assert (code, data["exit_code"], data["verdict"]) == (1, 1, "wrong")

    listed.write_text("".join(f"{id}\n" for id in failing[1:]), encoding="utf-8")
    assert conform(f"{mine}:partly", "--expected-failures", str(listed)).exit_code == 1


def test_all_announced_is_no_pass(report: Report, mine: str, tmp_path: Path) -> None:
    _, data = report(f"{mine}:nothing")
    listed = tmp_path / "expected.txt"
    listed.write_text("".join(f"{r['id']}\n" for r in data["results"]), encoding="utf-8")
    code, data = report(f"{mine}:nothing", "--expected-failures", str(listed))
    assert (code, data["verdict"]) == (2, "none")
    assert f"0 of {data['cases']} cases were right" in data["because"]


def test_an_announced_failure_that_is_skipped_is_stale(conform: Conform, mine: str, tmp_path: Path) -> None:
    listed = tmp_path / "expected.txt"
    listed.write_text("float64/tanh+quadratic/edge\n", encoding="utf-8")
    result = conform(f"{mine}:lazy", "--expected-failures", str(listed), "--min-cases", "1")
    assert result.exit_code == 0
    assert f"Warning: {listed}: float64/tanh+quadratic/edge was skipped, and fails no more" in result.stderr


def test_expected_failures_of_other_dtypes_are_not_stale(conform: Conform, mine: str, tmp_path: Path) -> None:
    listed = tmp_path / "expected.txt"
    listed.write_text("float32/tanh+quadratic/square\n", encoding="utf-8")
    result = conform(f"{mine}:right", "--expected-failures", str(listed))
    assert result.exit_code == 0
    assert result.stderr == ""


# the ratchet


Kept = Callable[..., tuple[Result, Path]]


@pytest.fixture
def kept(conform: Conform, mine: str, tmp_path: Path) -> Kept:
    """conform with the baseline of the right backend, which holds what `change` makes of its worst errors."""

    def run(backend: str, *arguments: str, change: Callable[[dict[str, Any]], None] = lambda data: None) -> Any:
        file = tmp_path / "baseline.json"
        made = conform(f"{mine}:mine", "--baseline", str(file), "--update-baseline")
        assert made.exit_code == 0, made.stderr
        assert f"{file}, a new file, holds the worst errors of" in made.stderr
        data = json.loads(file.read_bytes())
        change(data)
        file.write_text(json.dumps(data), encoding="utf-8")
        return conform(f"{mine}:{backend}", "--baseline", str(file), *arguments), file

    return run


def test_a_baseline(kept: Kept, number: int) -> None:
    result, file = kept("mine")
    first = file.read_bytes()
    data = json.loads(first)
    assert result.exit_code == 0
    assert result.stderr == ""
    assert (data["backend"], data["factor"], len(data["worst_ulps"])) == ("mine", 2, number)
    assert {*data["worst_ulps"][ID]} == {"activations", "cost", "deltas", "nabla_b", "nabla_w"}


ID = "float64/tanh+quadratic/square"


@pytest.mark.longer
def test_a_worst_error_that_grew(kept: Kept, conform: Conform, report: Report, mine: str) -> None:
    found = {}

    def halve(data: dict[str, Any]) -> None:
        id = max(data["worst_ulps"], key=lambda id: data["worst_ulps"][id]["nabla_w"])
        found["id"], found["now"] = id, data["worst_ulps"][id]["nabla_w"]
        data["worst_ulps"][id]["nabla_w"] = found["now"] // 2 - 1

    result, file = kept("mine", change=halve)
    id, now = found["id"], found["now"]
    assert result.exit_code == 3
    grown = f"{id}: the worst error of nabla_w was {now // 2 - 1} ulp, and is {now}, more than 2 times as much"
    assert grown in result.stdout
    assert "verdict: inaccurate (1 worst error grew)" in result.stdout
    before = file.read_bytes()
    arguments = (f"{mine}:mine", "--baseline", str(file))
    code, data = report(*arguments)
    assert (code, data["exit_code"], data["verdict"], data["problems"]) == (3, 3, "inaccurate", [grown])
    assert file.read_bytes() == before  # written only where that is asked for

    data = json.loads(before)
    data["factor"] = 8
    file.write_text(json.dumps(data), encoding="utf-8")
    assert conform(*arguments).exit_code == 0
    file.write_bytes(before)
    updated = conform(*arguments, "--update-baseline")
    assert updated.exit_code == 3
    assert "1 of them are worse than before, and are the measure from now on" in updated.stderr
    assert json.loads(file.read_bytes())["worst_ulps"][id]["nabla_w"] == now
    assert conform(*arguments).exit_code == 0


@pytest.mark.parametrize("backend", ["lazy", "small"])
def test_what_is_answered_no_more_fails(backend: str, kept: Kept) -> None:
    result, _ = kept(backend, "--min-cases", "1")
    assert result.exit_code == 1
    id = "float64/softmax+categorical_cross_entropy:fused/square"
    assert f"{id}: answered in the baseline, and not any more" in result.stdout
    assert "answers of the baseline did not come)" in result.stdout


def test_a_tensor_that_is_given_no_more_fails(kept: Kept) -> None:
    result, _ = kept("quiet")
    assert result.exit_code == 1
    assert f"{ID}: the baseline knows its cost, which is not given any more" in result.stdout


def test_a_dtype_that_is_gone_fails(kept: Kept) -> None:
    result, _ = kept("narrower")
    assert result.exit_code == 1
    assert f"{ID}: answered in the baseline, and not any more" in result.stdout


def test_nothing_in_common_is_no_pass(kept: Kept) -> None:
    result, _ = kept("narrower", "--dtype", "float32")
    assert result.exit_code == 2
    assert "no case of this run is in the baseline: that is no pass" in result.stderr


def test_a_part_of_the_run_leaves_the_rest_of_the_file(kept: Kept, conform: Conform, mine: str, number: int) -> None:
    _, file = kept("mine")
    part = conform(f"{mine}:mine", "--baseline", str(file), "--update-baseline", heads=("tanh+quadratic",))
    assert part.exit_code == 0
    assert len(json.loads(file.read_bytes())["worst_ulps"]) == number
    whole = conform(f"{mine}:mine", "--baseline", str(file), heads=("tanh+quadratic", "tanh+huber", *HEADS))
    assert whole.exit_code == 0
    assert f"Warning: {file} lacks" in whole.stderr


HEADS = ("sigmoid+cross_entropy:fused", "softmax+categorical_cross_entropy:fused")


@pytest.mark.parametrize("more", [(), ("--update-baseline",)])
def test_anothers_baseline_is_refused(more: tuple[str, ...], kept: Kept) -> None:
    result, _ = kept("other", *more)
    assert result.exit_code == 2
    assert "is of the backend 'mine', and this is 'other'" in result.stderr


def test_a_mistyped_name_makes_no_file(conform: Conform, mine: str, tmp_path: Path) -> None:
    result = conform(f"{mine}:mine", "--baseline", str(tmp_path / "basline.json"))
    assert result.exit_code == 2
    assert "does not exist: make it by --update-baseline" in result.stderr
    assert not (tmp_path / "basline.json").exists()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "[" * 100_000,
        '{"factor": 0, "worst_ulps": {"a": {"cost": 1}}}',
        '{"factor": Infinity, "worst_ulps": {"a": {"cost": 1}}}',
        '{"factor": NaN, "worst_ulps": {"a": {"cost": 1}}}',
        '{"factor": "2", "worst_ulps": {"a": {"cost": 1}}}',
        '{"backend": "manualbp", "factor": 2, "worst_ulps": {}}',
        '{"factor": 2, "worst_ulps": []}',
        '{"factor": 2, "worst_ulps": {"a": {}}}',
        '{"factor": 2, "worst_ulps": {"a": {"b": "x"}}}',
        '{"factor": 2, "worst_ulps": {"a": {"b": -1}}}',
        '{"factor": 2, "worst_ulps": {"a": {"b": 1.5}}}',
        '{"factor": 2, "worst_ulps": {"a": {"b": 1}}}',
    ],
)
def test_a_damaged_baseline(text: str, conform: Conform, tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    file.write_text(text, encoding="utf-8")
    result = conform("manualbp", "--baseline", str(file))
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: --baseline")
    assert "is no baseline: " in result.stderr
    assert result.stderr.count("\n") == 1
