"""`manualbp verify` hands its options on and its verdict back."""

import sys
import types
from pathlib import Path

import pytest

from oracle.workers.executors import Where

from ..console.answers import one_sentence, run

HERE = {"where": Where(), "part": (1, 1), "resume": None}


@pytest.fixture
def verify_calls(monkeypatch):
    calls = []
    module = types.ModuleType("oracle.verify.run")
    module.run_verify_command = lambda **options: calls.append(options) or 3
    monkeypatch.setitem(sys.modules, "oracle.verify.verification", module)
    return calls


def test_verify_hands_its_options_on_and_its_verdict_back(verify_calls):
    assert run("verify").exit_code == 3
    assert run("verify", "--cases", "5", "--seed", "9", "--json").exit_code == 3
    assert verify_calls == [
        {"cases": 2000, "seed": 0, "as_json": False, "loop": 0, "replay_case": None, **HERE},
        {"cases": 5, "seed": 9, "as_json": True, "loop": 0, "replay_case": None, **HERE},
    ]


def test_workers_parts_and_files_are_handed_on(verify_calls):
    run("verify", "--workers", "2", "--shard", "2/3", "--resume", "run.jsonl")
    run("verify", "--scheduler", "tcp://h:1")
    assert verify_calls[0]["where"] == Where(2)
    assert (verify_calls[0]["part"], verify_calls[0]["resume"]) == ((2, 3), Path("run.jsonl"))
    assert verify_calls[1]["where"] == Where(scheduler="tcp://h:1")
    for wrong in (("--workers", "0"), ("--shard", "3/2"), ("--workers", "2", "--scheduler", "tcp://h:1")):
        one_sentence(run("verify", *wrong))
    assert len(verify_calls) == 2


@pytest.mark.parametrize("arguments", [["--cases", "0"], ["--cases", "-5"], ["--seed", "-1"]])
def test_verify_of_nothing_could_not_run(arguments, verify_calls):
    sentence = one_sentence(run("verify", *arguments))
    assert f"{arguments[0]} = {arguments[1]} is too few: give an integer of at least" in sentence
    assert verify_calls == []
