"""The pages: the protocol's example is answered as it says, and the newcomer's path leads where it says."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

import oracle
from oracle.backends import manualbp_numpy
from oracle.backends.session import Kind, in_program
from oracle.backends.wire import (
    CHOICES,
    NAMES,
    parsed,
    replied,
    run_message,
    start_message,
    started,
    stop_message,
)
from oracle.cli import main
from oracle.vectors.encoding import Malformed, decode_answer, decode_question

FOLDER = Path(oracle.__file__).parent / "backends"
RATE = re.compile(r"; [\d.,e+]+ answers a second")


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (FOLDER / page).read_text(encoding="utf-8"), re.DOTALL)


# the protocol


def test_the_messages_of_the_page_are_those_of_the_code() -> None:
    start, reply, run, answer, skipped, errored, stop = map(json.loads, blocks("PROTOCOL.md", "json"))
    assert start == start_message()
    assert stop == stop_message()
    name, release, kept = started(reply)
    assert (name, release, kept.dtypes) == ("my-kernels", "0.3", ("float64",))
    question = decode_question(run["case"])
    assert run_message(1, question, question) == run
    assert replied(skipped, 1, question) == ("skipped", "no kernel for mish")
    assert replied(errored, 1, question)[0] == "errored"
    kind, found = replied(answer, 1, question)
    assert kind == "answered"
    truth = manualbp_numpy.run(question)
    for got, expected in zip((*found.nabla_w, *found.nabla_b), (*truth.nabla_w, *truth.nabla_b), strict=True):
        assert np.allclose(got, expected, rtol=1e-15, atol=0)


def test_every_capability_is_on_the_page() -> None:
    text = (FOLDER / "PROTOCOL.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE) == [*NAMES, *CHOICES]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"seq": 2}, "a reply out of order: seq '2' where 1 was asked"),
        ({"seq": True}, "a reply out of order: seq 'True' where 1 was asked"),
        ({"seq": None}, "a reply out of order"),
        ({"skipped": "also"}, "this has answer, skipped"),
        ({"answer": None}, "an answer must be a JSON object"),
        ({"answer": {"nabla_w": []}}, "nabla_b is missing"),
    ],
)
def test_a_malformed_reply_is_refused(change: dict[str, object], words: str) -> None:
    _, _, run, answer, *_ = map(json.loads, blocks("PROTOCOL.md", "json"))
    with pytest.raises(Malformed, match=re.escape(words)):
        replied({**answer, **change}, 1, decode_question(run["case"]))


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"{", b"NaN", b'{"a": Infinity}', b"\xff\xfe", b"[" * 100_000, b"9" * 10_000]
)
def test_a_malformed_line_is_refused(text: bytes) -> None:
    with pytest.raises(Malformed):
        parsed(text)


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"name": ""},
        {"name": 3},
        {"release": 1},
        {"capabilities": None},
        {"capabilities": {}},
        {"capabilities": {"dtypes": "float64"}},
        {"capabilities": {"dtypes": ["float64"], "colour": "red"}},
        {"capabilities": {"dtypes": ["float64"], "samples": ["rows"]}},
        {"capabilities": {"dtypes": ["float64"], "flush_to_zero": "no"}},
    ],
)
def test_a_malformed_start_is_refused(change: dict[str, object]) -> None:
    reply = json.loads(blocks("PROTOCOL.md", "json")[1])
    with pytest.raises(Malformed):
        started({**reply, **change})


def test_an_answer_of_another_dtype_is_malformed() -> None:
    _, _, run, answer, *_ = map(json.loads, blocks("PROTOCOL.md", "json"))
    run["case"]["dtype"] = "float32"
    from oracle.vectors.formats import FORMATS

    with pytest.raises(Malformed, match="8 hex digits"):
        decode_answer(answer["answer"], FORMATS["float32"])


def test_a_program_can_be_asked_by_hand(sabotaged: object) -> None:
    import shlex

    command = shlex.join([sys.executable, str(Path(__file__).with_name("sabotaged.py")), "none"])
    session = in_program(command, 20)
    question = decode_question(json.loads(blocks("PROTOCOL.md", "json")[2])["case"])
    reply = session.ask(question)
    assert reply.kind is Kind.ANSWERED
    assert session.close() == ""
    assert session.close() == ""


# the newcomer's path


def test_the_newcomers_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "mine", raising=False)
    source = blocks("README.md", "python")[0]
    commands = [line for block in blocks("README.md", "bash") for line in block.splitlines() if " mine:" in line]
    failing, one, repaired = blocks("README.md", "text")
    assert len(commands) == 2

    def run(command: str) -> Result:
        sys.modules.pop("mine", None)
        return CliRunner().invoke(main, command.split()[1:], prog_name="manualbp")

    def same(result: Result, shown: str) -> bool:
        return RATE.sub("", result.stdout).strip() == RATE.sub("", shown).strip()

    (tmp_path / "mine.py").write_text(source, encoding="utf-8")
    first, case = run(commands[0]), run(commands[1])
    assert same(first, failing), first.stdout
    assert same(case, one), case.stdout
    assert first.exit_code == case.exit_code == 1

    right = "delta.sum(axis=1, keepdims=True) / m"
    assert right in (FOLDER / "README.md").read_text(encoding="utf-8")
    assert source.count("delta.sum(axis=1, keepdims=True)") == 1
    (tmp_path / "mine.py").write_text(
        source.replace("delta.sum(axis=1, keepdims=True)", right) + "\n", encoding="utf-8"
    )
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    import importlib

    importlib.invalidate_caches()
    for cached in (tmp_path / "__pycache__").glob("*"):
        cached.unlink()
    last = run(commands[0])
    assert same(last, repaired), last.stdout
    assert last.exit_code == 0
