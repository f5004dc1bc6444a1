"""Parts of a run, several processes, a run taken up again, and failures announced by patterns."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from click.testing import Result

from oracle.conform.selection import chosen, like
from oracle.vectors import vectors

from ..console.answers import one_sentence

Conform = Callable[..., Result]
Report = Callable[..., tuple[int, dict[str, Any]]]
TANH = ("tanh+quadratic",)


# --only and --shard


@pytest.mark.parametrize(
    ("pattern", "holds"),
    [
        ("*/square", lambda v: v.id.endswith("/square")),
        ("id:float64/*", lambda v: True),
        ("sigmoid+*", lambda v: v.question.head.startswith("sigmoid+")),
        ("head:tanh+quadratic", lambda v: v.question.head == "tanh+quadratic"),
        ("layer:relu", lambda v: "relu" in v.question.hidden),
        ("layer:softmax", lambda v: v.question.head.startswith("softmax")),
        ("layer:5", lambda v: len(v.question.sizes) == 5),
        ("flag:tie", lambda v: "tie" in v.flags),
        ("subnormal", lambda v: "subnormal" in v.flags),
    ],
)
def test_a_pattern(pattern: str, holds: Callable[[Any], bool]) -> None:
    found = vectors("float64", ["tanh+quadratic", "sigmoid+cross_entropy", "softmax+categorical_cross_entropy:fused"])
    assert {v.id for v in found if like(v, pattern)} == {v.id for v in found if holds(v)} != set()


def test_only_and_shards_make_up_the_whole(report: Report) -> None:
    arguments = ("manualbp", "--dtype", "float64", "--only", "*/square", "--only", "flag:tie")
    _, whole = report(*arguments)
    ids = [r["id"] for r in whole["results"]]
    parts = [report(*arguments, "--shard", f"{k}/3")[1] for k in (1, 2, 3)]
    assert sorted(r["id"] for part in parts for r in part["results"]) == sorted(ids)
    assert all(part["cases"] for part in parts)
    assert all(r["id"].endswith("/square") or "tie" in r["flags"] for r in whole["results"])


def test_a_shard_of_nothing_is_nothing() -> None:
    assert chosen([], (), "1/2") == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--only", "*/sqare"), "--only */sqare: no case of this run has such an id, head, layer or flag"),
        (("--only", "flag:square*x"), "no case of this run"),
        (("--shard", "0/2"), "--shard 0/2: give K/N"),
        (("--shard", "3/2"), "--shard 3/2: give K/N"),
        (("--shard", "half"), "--shard half: give K/N"),
        (("--shard", "1/2/3"), "give K/N"),
        (("--jobs", "0"), "--workers = 0: give a number of processes"),
        (("--jobs", "100000"), "--workers = 100000"),
        (("--jobs", "2", "--scheduler", "tcp://127.0.0.1:1"), "--scheduler is a cluster: give one of the two"),
        (("--resume", "no/such/folder/journal"), "--resume no/such/folder/journal cannot be written"),
        (("--scheduler", "nowhere"), "--scheduler nowhere: give an address with its port"),
        (("--timeout", "1e-9"), "--timeout = 1e-09: give a positive number of seconds, 0.001 or more"),
        *(
            ((file, ""), f"{file} names no file")
            for file in ("--junit", "--resume", "--baseline", "--expected-failures")
        ),
        (("--shard", "9999/9999"), "0 cases, and at least 1 must run"),
    ],
)
def test_one_sentence(arguments: tuple[str, ...], words: str, conform: Conform) -> None:
    assert words in one_sentence(conform("manualbp", "--dtype", "float64", *arguments, heads=TANH))


@pytest.mark.parametrize("option", [("--only", "*"), ("--shard", "1/2"), ("--workers", "2"), ("--resume", "journal")])
def test_one_case_goes_with_none_of_them(option: tuple[str, str], conform: Conform) -> None:
    result = conform("manualbp", "--case", "float64/tanh+quadratic/square", *option, heads=())
    assert f"--case judges one case alone: {option[0]} goes with a whole run" in one_sentence(result)


# --workers


@pytest.mark.longer
def test_several_processes_find_what_one_does(report: Report, mine: str) -> None:
    one = report(f"{mine}:wrong", heads=TANH)
    two = report(f"{mine}:wrong", "--workers", "2", heads=TANH)
    assert one[0] == two[0] == 1
    for key in ("counts", "causes", "cases", "judged", "mistakes"):
        assert one[1][key] == two[1][key]
    assert [r["id"] for r in one[1]["results"]] == [r["id"] for r in two[1]["results"]]


DIES = """

def dies(times):
    def answers(question):
        import os, pathlib, signal
        deaths = pathlib.Path("deaths")
        deaths.mkdir(exist_ok=True)
        if question.id.endswith("/square") and len(list(deaths.iterdir())) < times:
            (deaths / str(os.getpid())).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return run(question)

    return Backend("mine", answers, Capabilities(("float64",)))

once = dies(1)
"""


@pytest.mark.longer
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_process_that_dies_loses_no_case(report: Report, mine: str) -> None:
    with Path(f"{mine}.py").open("a", encoding="utf-8") as file:
        file.write(DIES)
    code, data = report(f"{mine}:once", "--workers", "2", heads=TANH)
    assert code == 0
    assert len(list(Path("deaths").iterdir())) == 1
    assert data["judged"] == data["cases"]


# --resume


def test_a_run_is_taken_up_where_it_was_cut_off(report: Report, mine: str, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    arguments = (f"{mine}:counted", "--resume", str(journal))
    _, whole = report(*arguments, heads=TANH)
    lines = journal.read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[-1]) == {"done": True}
    assert len(lines) == whole["cases"] + 2
    asked = Path("asked.txt")
    cut = len(lines) // 2
    journal.write_text("\n".join(lines[:cut]) + "\n" + lines[cut][:40], encoding="utf-8")
    asked.unlink()
    _, again = report(*arguments, heads=TANH)
    assert [r["outcome"] for r in again["results"]] == [r["outcome"] for r in whole["results"]]
    first = set(asked.read_text(encoding="utf-8").split())
    assert len(first) == whole["cases"] - (cut - 1)
    assert json.loads(journal.read_text(encoding="utf-8").splitlines()[-1]) == {"done": True}


def cut_short(journal: Path) -> int:
    """As a run that was cut off half-way leaves it; how many answers it holds."""
    lines = journal.read_text(encoding="utf-8").splitlines()
    kept = lines[: len(lines) // 2]
    journal.write_text("\n".join(kept) + "\n", encoding="utf-8")
    return sum('"answer"' in line for line in kept)


def test_answers_of_a_changed_backend_are_dropped(conform: Conform, mine: str, tmp_path: Path) -> None:
    """The module is edited between the two runs; and once by a word that is no code of it."""
    journal, asked, module = tmp_path / "journal", Path("asked.txt"), Path(f"{mine}.py")
    arguments = (f"{mine}:counted", "--resume", str(journal))
    assert conform(*arguments, heads=TANH).exit_code == 0
    n = cut_short(journal)
    module.write_text(module.read_text(encoding="utf-8") + "\n# mended\n", encoding="utf-8")
    asked.unlink()
    result = conform(*arguments, heads=TANH)
    words = f"--resume {journal}: {n} answers dropped and asked anew: its code changed since"
    assert (result.exit_code, result.stderr) == (0, f"Warning: {words}\n")
    assert len(set(asked.read_text(encoding="utf-8").split())) == len(vectors("float64", TANH))
    cut_short(journal)
    Path("notes.txt").write_text("nothing that is loaded", encoding="utf-8")
    assert conform(*arguments, heads=TANH).stderr == ""


@pytest.mark.parametrize("changed", ["version", "vectors"])
def test_answers_to_other_questions_are_dropped(changed: str, conform: Conform, mine: str, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    arguments = (f"{mine}:counted", "--resume", str(journal))
    conform(*arguments, heads=TANH)
    cut_short(journal)
    first, *rest = journal.read_text(encoding="utf-8").splitlines()
    journal.write_text("\n".join([json.dumps({**json.loads(first), changed: "older"}), *rest]) + "\n", encoding="utf-8")
    assert "answers dropped and asked anew: " in conform(*arguments, heads=TANH).stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("notes\n", "is no journal of manualbp conform"),
        ('{"format": "other"}\n', "is no journal of manualbp conform"),
        ('{"format": "manualbp conform journal 1", "backend": "another"}\n', "is of another backend, 'another'"),
    ],
)
def test_another_file_is_refused(text: str, words: str, conform: Conform, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    journal.write_text(text, encoding="utf-8")
    assert words in one_sentence(conform("manualbp", "--resume", str(journal), heads=TANH))
    assert journal.read_text(encoding="utf-8") == text


# announced failures


@pytest.mark.longer
def test_a_pattern_with_a_reason(report: Report, conform: Conform, mine: str, tmp_path: Path) -> None:
    listed, junit = tmp_path / "expected.txt", tmp_path / "junit.xml"
    listed.write_text("*/tanh+quadratic/*  # the bias is doubled, issue 7\n", encoding="utf-8")
    code, data = report(f"{mine}:partly", "--expected-failures", str(listed), "--junit", str(junit))
    assert (code, data["verdict"]) == (0, "right")
    failed = [r for r in data["results"] if r["outcome"] == "wrong"]
    assert failed
    assert {r["reason"] for r in failed} == {"the bias is doubled, issue 7"}
    skipped = ET.parse(junit).getroot().findall("testcase/skipped")
    assert {element.get("type") for element in skipped} == {"expected failure"}
    assert "(the bias is doubled, issue 7)" in (skipped[0].get("message") or "")
    passing = conform(f"{mine}:right", "--expected-failures", str(listed))
    assert passing.exit_code == 1
    assert "expected to fail, and right: */tanh+quadratic/*" in passing.stdout


def test_a_pattern_without_a_reason_is_refused(conform: Conform, tmp_path: Path) -> None:
    listed = tmp_path / "expected.txt"
    listed.write_text("# known\n*/edge\n", encoding="utf-8")
    words = one_sentence(conform("manualbp", "--expected-failures", str(listed)))
    assert "line 2: the pattern */edge has no reason" in words


def test_what_lies_outside_of_the_subset_is_not_mentioned(conform: Conform, mine: str, tmp_path: Path) -> None:
    listed = tmp_path / "expected.txt"
    listed.write_text("*/tanh+quadratic/*  # doubled\nfloat64/identity+huber/edge # elsewhere\n", encoding="utf-8")
    result = conform(f"{mine}:right", "--expected-failures", str(listed), "--only", "head:sigmoid*")
    assert (result.exit_code, result.stderr) == (0, "")


def test_a_pattern_that_no_vector_is_like_is_stale(conform: Conform, mine: str, tmp_path: Path) -> None:
    listed = tmp_path / "expected.txt"
    listed.write_text("*/softmin+*  # gone\n", encoding="utf-8")
    result = conform(f"{mine}:right", "--expected-failures", str(listed), heads=TANH)
    assert result.exit_code == 0
    assert "no vector has an id like */softmin+*" in result.stderr


def test_files_stay_where_they_were_named_whatever_folder_the_backend_goes_to(
    conform: Conform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    name = "goes_elsewhere"
    lines = ("import os", "from oracle.backends import Backend", "from oracle.backends.manualbp_numpy import run")
    maker = f"backend = Backend('goes', lambda q: os.chdir({str(elsewhere)!r}) or run(q))"
    (tmp_path / f"{name}.py").write_text("\n".join((*lines, maker)), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    files = ("--junit", "j.xml", "--resume", "j.jsonl", "--baseline", "b.json", "--update-baseline")
    assert conform(f"{name}:backend", "--dtype", "float64", *files, heads=TANH).exit_code == 0
    assert list(elsewhere.iterdir()) == []
    assert {"j.xml", "j.jsonl", "b.json"} <= {path.name for path in tmp_path.iterdir()}
