"""Every sabotage fails, and the report names it; through a real process."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from click.testing import Result

from oracle.vectors import judge, vectors

from ...sweeps import thinned

Report = Callable[..., tuple[int, dict[str, Any]]]
Program = Callable[[str], str]
WAYS = (
    "zeros",
    "no_mean",
    "sum",
    "not_transposed",
    "bias_unsummed",
    "sigma_prime_at_a",
    "layers_reversed",
    "float32_inside",
    "flushed",
    "first_call_only",
    "nan",
)
PIPE = (
    "out_of_order",
    "crash",
    "leave",
    "silent",
    "gigabyte",
    "garbage",
    "unasked",
    "half",
    "nested",
    "no_reply_kind",
    "no_reason",
    "not_bits",
)
#: Mistakes of arithmetic alone: the mathematics is right.
INACCURATE = ("float32_inside", "flushed")


def test_the_lists_are_whole(sabotaged: ModuleType) -> None:
    assert tuple(sabotaged.WAYS) == WAYS
    assert tuple(sabotaged.PIPE) == PIPE


def test_without_sabotage_all_is_right(report: Report, program: Program) -> None:
    code, data = report("--command", program("none"))
    assert code == 0
    assert data["verdict"] == "right"
    assert data["judged"] == data["cases"] == len(data["results"]) >= 16


@pytest.mark.parametrize("way", WAYS)
def test_a_wrong_answer_is_named(way: str, report: Report, program: Program, sabotaged: ModuleType) -> None:
    code, data = report("--command", program(way), heads=("tanh+quadratic",))
    assert code == (3 if way in INACCURATE else 1)
    assert data["counts"]["wrong"] >= 1
    assert next(iter(data["mistakes"])) == sabotaged.WAYS[way] or way == "first_call_only"
    assert sabotaged.WAYS[way] in data["mistakes"]
    first = next(r for r in data["results"] if sabotaged.WAYS[way] in r["mistakes"])
    assert first["judgement"]["equation"]
    assert first["judgement"]["layer"] >= 2


@pytest.mark.parametrize("way", thinned(PIPE, 2))
def test_a_breach_of_the_protocol_is_named(way: str, report: Report, program: Program, sabotaged: ModuleType) -> None:
    started, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    few = {} if way in ("crash", "leave", "silent") else {"heads": ("tanh+quadratic",)}
    code, data = report("--command", program(way), "--timeout", "2", **few)
    assert code == 1
    failed = [r for r in data["results"] if r["outcome"] in ("broken", "errored", "unasked")]
    first = next(r for r in failed if not r["words"].startswith("right at first"))
    assert sabotaged.PIPE[way] in first["words"]
    assert first["outcome"] == "broken"
    assert data["counts"]["broken"] <= 3
    assert time.monotonic() - started < 30
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # kilobytes, of the gigabyte


def test_a_crash_at_case_7_fails_that_case_and_the_others_are_asked(report: Report, program: Program) -> None:
    code, data = report("--command", program("crash"))
    assert code == 1
    outcomes = [r["outcome"] for r in data["results"]]
    assert outcomes[6] == "broken"
    assert outcomes[7] in ("accurate", "stable")
    early = [r for r in data["results"][:6] if r["outcome"] not in ("accurate", "stable")]
    assert all(r["words"].startswith("right at first, but asked once more: it crashed") for r in early)


def test_after_three_breakdowns_the_rest_is_not_asked(report: Report, program: Program) -> None:
    code, data = report("--command", program("garbage"), heads=("sigmoid+cross_entropy:fused",))
    assert code == 1
    assert data["counts"]["broken"] == 3
    assert data["counts"]["unasked"] == data["cases"] - 3


def test_errored_is_a_failure_and_skipping_everything_no_pass(
    report: Report, conform: Callable[..., Result], program: Program
) -> None:
    code, data = report("--command", program("errored"))
    assert code == 1
    assert data["counts"]["errored"] == data["cases"]
    assert "illegal memory access" in data["results"][0]["words"]
    skipped = conform("--command", program("skips"))
    assert skipped.exit_code == 2
    assert "cases were judged" in skipped.stderr


@pytest.mark.parametrize(
    ("way", "words"),
    [
        ("bad_end", "exit code 4 after the stop"),
        ("speaks_last", "a line that nobody asked for, at the end"),
        ("lingers", "it did not end within 2 seconds of the stop"),
    ],
)
def test_a_bad_end_fails_the_run(way: str, words: str, report: Report, program: Program) -> None:
    code, data = report("--command", program(way), "--timeout", "2", heads=("tanh+quadratic",))
    assert code == 1
    assert words in data["at_the_end"]
    assert not [r for r in data["results"] if r["outcome"] not in ("accurate", "stable")]


@pytest.mark.longer
def test_the_end_may_take_as_long_as_a_case(report: Report, program: Program) -> None:
    code, data = report("--command", program("slow_end"), "--timeout", "10", heads=("tanh+quadratic",))
    assert (code, data["at_the_end"]) == (0, "")


@pytest.mark.parametrize(
    ("way", "words"),
    [
        ("silent_start", "no reply within 1.5 seconds"),
        ("old", "it speaks version 0 of the protocol, and must speak 1"),
        ("misspelt", "costs: 'quadric' is unknown"),
    ],
)
def test_a_bad_start_could_not_run(way: str, words: str, conform: Callable[..., Result], program: Program) -> None:
    result = conform("--command", program(way), "--timeout", "0.5" if way == "silent_start" else "5")
    assert result.exit_code == 2
    assert "did not start by the protocol" in result.stderr
    assert words in result.stderr


def test_much_on_stderr_is_no_fault(report: Report, program: Program) -> None:
    code, data = report("--command", program("talkative"), heads=("tanh+quadratic",))
    assert code == 0
    assert data["judged"] == len(vectors("float64", ["tanh+quadratic"]))


def test_a_backend_that_declares_flush_to_zero_is_forgiven(sabotaged: ModuleType) -> None:
    vector = next(v for v in vectors("float64", ["tanh+quadratic"]) if "subnormal" in v.flags)
    answer = sabotaged.answer(vector.question, "flushed")
    assert not judge(vector, answer)
    assert judge(vector, answer, flush_to_zero=True)
