"""`manualbp conform`: names, exit codes, the files that a project keeps, JSON, JUnit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result

from oracle.backends.find import SHIPPED, find, names
from oracle.backends.session import CannotRun
from oracle.cli import main
from oracle.vectors import vectors

from ..console.answers import one_sentence

Conform = Callable[..., Result]
Report = Callable[..., tuple[int, dict[str, Any]]]
Program = Callable[[str], str]


# what is run


def test_manualbp_itself(conform: Conform, number: int) -> None:
    result = conform("manualbp", "--dtype", "float64")
    assert result.exit_code == 0
    assert f"verdict: right ({number} of {number} cases judged)" in result.stdout
    assert "answers a second" in result.stdout
    assert result.stderr == ""


@pytest.mark.longer
def test_a_module_of_the_current_directory(conform: Conform, mine: str) -> None:
    assert conform(f"{mine}:right").exit_code == 0
    result = conform(f"{mine}:wrong")
    assert result.exit_code == 1
    assert "BP4 of layer" in result.stdout
    assert f"reproduce: manualbp conform {mine}:wrong --case float64/" in result.stdout


@pytest.mark.longer
def test_the_line_that_reproduces_does(conform: Conform, mine: str) -> None:
    lines = conform(f"{mine}:wrong").stdout.splitlines()
    line = next(line for line in lines if "reproduce: " in line)
    words = line.partition("reproduce: manualbp ")[2].split()
    result = CliRunner().invoke(main, words, prog_name="manualbp")
    assert result.exit_code == 1
    assert "∂C/∂b^" in result.stdout
    assert "correctly rounded" in result.stdout
    assert "verdict: wrong" in result.stdout


def test_names() -> None:
    assert set(SHIPPED) <= set(names())
    assert find("manualbp").name == "manualbp"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("pytorch", "no backend pytorch: give one of autograd, jax, keras, manualbp, mlx"),
        ("no_such_module:backend", "there is no module no_such_module"),
        ("oracle.conform.run:nothing", "oracle.conform.run has no nothing"),
        ("oracle.conform.run:REPEATS", "oracle.conform.run:REPEATS is a int"),
    ],
)
def test_a_name_that_leads_nowhere(name: str, words: str, conform: Conform) -> None:
    assert words in one_sentence(conform(name))


def test_a_framework_that_is_missing(monkeypatch: pytest.MonkeyPatch, conform: Conform) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "oracle.backends.torch_functional", raising=False)
    assert "the backend torch needs torch: pip install torch" in one_sentence(conform("torch"))


def test_an_entry_point(monkeypatch: pytest.MonkeyPatch, conform: Conform) -> None:
    from importlib.metadata import EntryPoint, EntryPoints

    point = EntryPoint("ours", "oracle.backends.manualbp_numpy:backend", "manualbp.backends")
    monkeypatch.setattr("oracle.backends.find.entry_points", lambda **kept: EntryPoints([point]).select(**kept))
    assert conform("ours", "--dtype", "float64").exit_code == 0
    with pytest.raises(CannotRun, match="ours"):
        find("others")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "give the NAME of a backend, or --command 'CMD'"),
        (("manualbp", "--command", "true"), "give the NAME of a backend, or --command 'CMD'"),
        (("--command", "no-such-program-here"), "cannot be started"),
        (("--command", ""), "the command is empty"),
        (("--command", "'unbalanced"), "cannot be started"),
        (("--command", "true"), "it ended with exit code 0"),
        (("manualbp", "--timeout", "0"), "--timeout = 0: give a positive number of seconds"),
        (("manualbp", "--min-cases", "0"), "nothing run is no pass"),
        (("manualbp", "--min-cases", "1000000"), "nothing was judged"),
        (("manualbp", "--dtype", "float63"), "--dtype float63 is unknown"),
        (("manualbp", "--update-baseline"), "--update-baseline needs --baseline FILE"),
        (("manualbp", "--expected-failures", "none.txt"), "cannot be read"),
    ],
)
def test_one_sentence(arguments: tuple[str, ...], words: str, conform: Conform) -> None:
    assert words in one_sentence(conform(*arguments))


def test_a_case_that_does_not_exist(conform: Conform) -> None:
    assert "no vector has that id" in one_sentence(conform("manualbp", "--case", "no-such-case", heads=()))


def test_a_misspelt_head_suggests_others() -> None:
    result = CliRunner().invoke(main, ["conform", "manualbp", "--head", "cross_entropy"], prog_name="manualbp")
    assert "sigmoid+cross_entropy:fused" in one_sentence(result)


def test_too_few_judged_is_no_pass(conform: Conform, program: Program, number: int) -> None:
    result = conform("--command", program("skips"), "--min-cases", "3")
    assert f"0 of {number} cases were judged" in result.stderr
    assert f"verdict: none (0 of {number} cases were judged" in result.stdout
    assert result.exit_code == 2


def test_a_case_that_is_skipped_is_no_verdict(conform: Conform, program: Program) -> None:
    result = conform("--command", program("skips"), "--case", "float64/tanh+quadratic/square", heads=())
    assert result.exit_code == 2
    assert "skipped, which is no verdict: not today" in result.stderr


def test_what_a_backend_prints_stays_out_of_the_json(conform: Conform, tmp_path: Path, monkeypatch: Any) -> None:
    name = f"noisy_{tmp_path.name.replace('-', '_')}"
    text = "from oracle.backends import Backend\nfrom oracle.backends.manualbp_numpy import run\n"
    text += "def noisy(q):\n    print('noise')\n    return run(q)\nbackend = Backend('noisy', noisy)\n"
    (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    code = "from oracle.cli import main; main()"
    words = ["conform", f"{name}:backend", "--head", "tanh+quadratic", "--dtype", "float64", "--json"]
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, cwd=tmp_path, timeout=60
    )
    assert json.loads(done.stdout)["verdict"] == "right"
    assert "noise" in done.stderr


# what is written


def test_json(report: Report, mine: str, number: int) -> None:
    code, data = report(f"{mine}:wrong")
    assert code == data["exit_code"] == 1
    assert data["backend"] == "doubled"
    assert sum(data["counts"].values()) == data["cases"] == number
    row = next(r for r in data["heads"] if r["head"] == "tanh+quadratic")
    assert row["cases"] == len(vectors("float64", ["tanh+quadratic"]))
    assert row["first wrong"].startswith("BP4 of layer")
    wrong = next(r for r in data["results"] if r["outcome"] == "wrong")
    assert wrong["judgement"]["equation"] == "BP4"
    assert {t["tensor"] for t in wrong["judgement"]["tensors"]} >= {"nabla_w", "nabla_b", "deltas"}


@pytest.mark.longer
def test_junit(conform: Conform, mine: str, program: Program, tmp_path: Path, number: int) -> None:
    file = tmp_path / "junit.xml"
    conform(f"{mine}:wrong", "--junit", str(file))
    suite = ET.parse(file).getroot()
    assert suite.get("tests") == str(number)
    assert int(suite.get("failures", "0")) >= 10
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert "BP4 of layer" in (failure.get("message") or "")
    conform("--command", program("crash"), "--junit", str(file))
    suite = ET.parse(file).getroot()
    assert int(suite.get("errors", "0")) >= 1
    conform("--command", program("skips"), "--junit", str(file))
    assert ET.parse(file).getroot().get("skipped") == str(number)


def test_junit_that_cannot_be_written(conform: Conform, tmp_path: Path) -> None:
    assert "cannot be written" in conform("manualbp", "--junit", str(tmp_path / "no" / "junit.xml")).stderr


# files are tried before anything is asked, and options that would be ignored are refused


@pytest.mark.parametrize("option", ["--junit", "--baseline"])
def test_a_file_that_cannot_be_written_is_known_at_the_start(
    option: str, conform: Conform, mine: str, tmp_path: Path
) -> None:
    more = ("--update-baseline",) if option == "--baseline" else ()
    for place in (tmp_path / "no" / "file", tmp_path):
        result = conform(f"{mine}:wrong", option, str(place), *more)
        assert "cannot be written" in one_sentence(result)
        assert result.stdout == ""  # nothing was asked
    assert [p.name for p in tmp_path.iterdir() if p.suffix == ".new"] == []


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--min-cases", "2"),
        ("--junit", "junit.xml"),
        ("--baseline", "baseline.json"),
        ("--expected-failures", "none.txt"),
        ("--dtype", "float32"),
        ("--head", "tanh+quadratic"),
    ],
)
def test_one_case_goes_with_no_option_of_a_whole_run(option: str, value: str, conform: Conform) -> None:
    result = conform("manualbp", "--case", CASE, option, value, heads=())
    assert f"--case judges one case alone: {option} goes with a whole run" in one_sentence(result)
    assert result.stdout == ""


CASE = "float64/tanh+quadratic/square"


def test_one_case_as_json(report: Report, mine: str) -> None:
    code, data = report(f"{mine}:wrong", "--case", CASE, heads=())
    assert (code, data["exit_code"], data["verdict"]) == (1, 1, "wrong")
    code, data = report(f"{mine}:right", "--case", CASE, heads=())
    assert (code, data["exit_code"], data["verdict"]) == (0, 0, "right")


def test_one_case_skipped_as_json(report: Report, program: Program) -> None:
    code, data = report("--command", program("skips"), "--case", CASE, heads=())
    assert (code, data["exit_code"], data["verdict"]) == (2, 2, "none")


# a terminal


@pytest.mark.longer
@pytest.mark.skipif(sys.platform == "win32", reason="terminals of POSIX")
def test_a_progress_bar_on_a_terminal_only(tmp_path: Path) -> None:
    import pty

    code = "from oracle.cli import main; main()"
    words = [sys.executable, "-c", code, "conform", "manualbp", "--head", "tanh+quadratic", "--dtype", "float64"]
    leader, follower = pty.openpty()
    environment = {**os.environ, "TERM": "xterm"}
    environment.pop("NO_COLOR", None)
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=follower, text=True, timeout=60, env=environment)
    os.close(follower)
    shown = os.read(leader, 1 << 16).decode()
    os.close(leader)
    assert "asking" in shown
    assert "asking" not in done.stdout
    piped = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert piped.stderr == ""
