"""A run in parts: they cover it, their sum is the run, and what is written down is what is read."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from oracle.verify import parts as module
from oracle.verify.campaign.campaign import Tally
from oracle.verify.edge_cases import edge_cases
from oracle.verify.outcome import Verification
from oracle.verify.parts import add, decoded, encoded, parts
from oracle.verify.run import verify
from oracle.verify.sampled_cases import Sample
from oracle.workers.each import Lost


@pytest.mark.parametrize("cases", [1, 530, 531, 5000])
def test_the_parts_are_the_run(cases):
    found = list(parts(cases, 0))
    edges = [p for p in found if p.stack is None]
    assert [n for p in edges for n in range(p.start, p.stop)] == list(range(len(list(edge_cases()))))
    stacks = [p for p in found if p.stack is not None]
    assert [n for p in stacks for n in range(p.start, p.stop)] == list(range(cases))
    assert [p.stack for p in stacks] == list(range(len(stacks)))
    assert list(parts(cases, 0, edges=False)) == stacks


def finding(number, **changes):
    tally = Tally(cases=3, certified=2, open=1)
    tally.seconds.update({"draw": 0.5, "compile": 2.0})
    tally.heads.update({"identity+quadratic:fused": 3})
    tally.pairs.add(("tanh", f"head {number}"))
    tally.worst["BP1"] = (float(number % 3), f"head {number}")
    sample = Sample(cases=1, embedding=0.25 * number, conflicts=[f"case {number}"])
    return Verification(5000, 0, tally, sample, settled=1, suspicious=1, edges=number, **changes)


def test_the_sum_of_parts():
    total = Verification(5000, 0, Tally(), Sample())
    for n in range(5):
        add(total, finding(n))
    assert (total.tally.cases, total.certified, total.settled, total.edges) == (15, 15, 5, 10)
    assert total.tally.seconds == {"draw": 2.5, "compile": 10.0}
    assert total.tally.heads == {"identity+quadratic:fused": 15}
    assert len(total.tally.pairs) == 5
    assert total.tally.worst == {"BP1": (2.0, "head 2")}
    assert (total.sample.cases, total.sample.embedding) == (5, 1.0)
    assert total.sample.conflicts == [f"case {n}" for n in range(5)]


def test_what_is_written_down_is_what_is_read():
    (part, *_) = parts(5000, 0)
    data = json.loads(json.dumps(encoded(finding(4))))
    again = decoded(part, data)
    assert again == finding(4)
    with pytest.raises(KeyError):
        decoded(part, {**data, "tally": {}})


@pytest.fixture
def quick(monkeypatch):
    """Parts that are judged without looking."""
    calls = []

    def judged(part):
        calls.append(part)
        return Lost("it died") if part.start == 2120 else finding(part.start)

    monkeypatch.setattr("oracle.verify.run.judged", judged)
    return calls


def test_a_part_that_is_lost_is_said_and_leaves_the_run_undecided(quick):
    result = verify(5000, 0, edges=False)
    assert result.lost == ["cases 2120 to 4239: it died"]
    assert result.verdict == "undecided"
    assert result.tally.cases == 6


def test_shards_are_the_whole(quick):
    for k in (1, 2, 3):
        verify(5000, 0, part=(k, 3))
    seen = sorted(quick, key=lambda p: (p.stack is not None, p.start))
    assert seen == list(parts(5000, 0))


def test_a_run_that_was_cut_off_goes_on(quick, tmp_path, monkeypatch):
    path = tmp_path / "run.jsonl"
    whole = verify(2100, 0, resume=path)
    done = len(quick)
    assert verify(2100, 0, resume=path).tally == whole.tally
    assert len(quick) == done
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:3]))
    assert verify(2100, 0, resume=path).tally == whole.tally
    assert len(quick) == done + done - 2
    with pytest.raises(ValueError, match="another run"):
        verify(2101, 0, resume=path)
    monkeypatch.setattr("oracle.verify.run.judged", lambda part: Lost("it died"))
    path.unlink()
    verify(2100, 0, resume=path)
    assert len(path.read_text().splitlines()) == 1  # what is lost is tried again


def without_seconds(text):
    data = json.loads(text)
    for name in ("seconds", "seconds_by_stage", "architectures_per_second", "loop_per_second"):
        data.pop(name)
    return data


#: The command, of three small parts.
COMMAND = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background of a shell inherits that it is ignored
import oracle.verify.run as run
from oracle.verify.parts import Part

run.parts = lambda cases, seed, edges: [Part(cases, seed, 0, 3), Part(cases, seed, 3, 5), Part(cases, seed, 0, cases, 0)]
from oracle.cli import main

main()
"""


def command(*arguments):
    return [sys.executable, "-c", COMMAND, "verify", "--cases", "20", "--json", *arguments]


@pytest.mark.longer
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_workers_change_nothing_nor_does_a_death_nor_an_interrupt(tmp_path, monkeypatch):
    monkeypatch.setenv("JAX_DISABLE_MOST_OPTIMIZATIONS", "1")
    alone = subprocess.run(command(), capture_output=True, text=True, check=True)
    expected = without_seconds(alone.stdout)
    assert expected["verdict"] == "right"
    with subprocess.Popen(command("--workers", "2"), stdout=subprocess.PIPE, text=True) as running:
        child = until(lambda: children(running.pid))[0]
        os.kill(child, signal.SIGKILL)
        text, _ = running.communicate()
    assert without_seconds(text) == expected
    path = tmp_path / "run.jsonl"
    subprocess.run(command("--resume", str(path)), capture_output=True, text=True, check=True)
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:2]))  # one part is there, as after an interrupt
    with subprocess.Popen(
        command("--workers", "2", "--resume", str(path)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        until(lambda: children(running.pid))  # which take seconds to start
        running.send_signal(signal.SIGINT)
        text, said = running.communicate()
    assert running.returncode == 130
    assert text == ""
    assert "Interrupted" in said
    again = subprocess.run(command("--resume", str(path)), capture_output=True, text=True, check=True)
    assert without_seconds(again.stdout) == expected


def until(look):
    while not (found := look()):
        time.sleep(0.05)
    return found


def children(pid):
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(word) for word in listed.stdout.split()][1:]  # the first tracks what is shared


def test_a_part_says_what_failed_and_nothing_more(monkeypatch):
    wrong = next(iter(edge_cases()))
    monkeypatch.setattr(module, "edge_cases", lambda: [wrong, wrong, wrong])
    verdicts = iter(["right", "wrong"])
    monkeypatch.setattr(module, "examine", lambda case: type("Found", (), {"verdict": module.Verdict(next(verdicts))}))
    found = module.judged(module.Part(1, 0, 0, 3))
    assert (found.edges, found.failed) == (2, ("edge", 1))
