"""`manualbp verify`: a run, a case replayed alone, and what cannot be run."""

import json
import os
import subprocess
import sys
from functools import partial

import pytest
from click.testing import CliRunner

from oracle.cli import main
from oracle.verify.campaign.campaign import stack_number
from oracle.verify.campaign.draw import draw_stack
from oracle.verify.campaign.screen import case_of
from oracle.verify.edge_cases import edge_cases
from oracle.verify.report import replay_text
from oracle.verify.run import replay, verify

from .records import FEW, quick_compiling

pytestmark = pytest.mark.longer  # every test compiles, or waits for one that does


@pytest.fixture(scope="module")
def run():
    """One run by the command, of few heads: `.ci/run` runs it with all of them."""
    with pytest.MonkeyPatch.context() as patch, quick_compiling():
        patch.setattr("oracle.verify.campaign.campaign.draw_stack", partial(draw_stack, heads=FEW[::2]))
        patch.setattr("oracle.verify.parts.edge_cases", lambda: list(edge_cases())[::6])
        result = CliRunner().invoke(main, ["verify", "--cases", "40", "--seed", "1", "--json"])
    return result, json.loads(result.stdout)


@pytest.mark.longer
def test_a_right_run_exits_0_and_says_what_it_did(run):
    result, data = run
    assert result.exit_code == 0
    assert data["verdict"] == "right"
    assert data["failure"] is None
    assert (data["cases"], data["seed"]) == (40, 1)
    assert data["edge_cases"] in (len(list(edge_cases())), len(list(edge_cases())[::6]))
    assert sum(data["heads"].values()) == 40
    assert data["certified"]["cases"] == 40 - data["refused"] - data["overflowed"]
    assert data["certified"]["by_enclosures"] >= 36
    assert data["sample"]["cases"] == data["sample"]["enclosures_hold"] == 20
    assert data["sample"]["ball_differences_agree"] + data["sample"]["at_kink"] == 20
    assert data["sample"]["conflicts"] == []
    assert set(data["sample"]["worst_eps"]) == {"C", "BP1", "BP2", "BP3", "BP4"}
    assert data["unsettled"] == 0


def test_json_is_strict(run):
    result, _ = run

    def no_constants(word):
        raise AssertionError(f"{word} is no JSON")

    json.loads(result.stdout, parse_constant=no_constants)
    assert result.stdout.count("\n{") == 0


def test_a_case_is_replayed_alone():
    stack, order = stack_number(1, 0, 40)
    again = replay(40, 1, 7)
    assert again.case.words == case_of(stack, int(order[7])).words
    text = replay_text(again, 40, 1)
    assert text.startswith(again.case.words)
    assert text.endswith("verdict: right")
    result = CliRunner().invoke(main, ["verify", "--cases", "40", "--seed", "1", "--replay", "7"])
    assert result.exit_code == 0
    assert result.stdout == text + "\n"
    with pytest.raises(ValueError, match="has 0 to 39"):
        replay(40, 1, 40)


def test_replay_reaches_a_later_stack():
    length = len(stack_number(0, 0, 5000)[1])
    stack, order = stack_number(0, 1, 5000)
    assert replay(5000, 0, length + 2).case.words == case_of(stack, int(order[2])).words


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--cases", "0"], "--cases = 0"),
        (["--cases", "-3"], "--cases = -3"),
        (["--seed", "-1"], "--seed = -1"),
        (["--loop", "-1"], "--loop = -1"),
        (["--cases", "10", "--replay", "10"], "has 0 to 9"),
        (["--cases", "10", "--replay", "-1"], "has 0 to 9"),
    ],
)
def test_what_cannot_be_run_exits_2(arguments, sentence):
    result = CliRunner().invoke(main, ["verify", *arguments])
    assert result.exit_code == 2
    assert result.stdout == ""
    assert sentence in result.stderr


def test_verify_refuses_what_it_cannot_run():
    with pytest.raises(ValueError, match="give at least 1"):
        verify(0, 0)
    with pytest.raises(ValueError, match="give 0 or more"):
        verify(1, -1)


def test_a_pipe_gets_no_bar():
    command = [sys.executable, "-c", "from oracle.cli import main; main()"]
    done = subprocess.run(
        [*command, "verify", "--cases", "10", "--replay", "3"], capture_output=True, text=True, env=os.environ
    )
    assert done.returncode == 0
    assert done.stderr == ""
    assert "verdict: right" in done.stdout
