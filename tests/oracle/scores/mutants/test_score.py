"""The score: what a verdict amounts to, what a perfect, a blind and a frightened checker get, and the command."""

import json
from types import SimpleNamespace

import pytest

from oracle.scores.mutants import command
from oracle.scores.mutants.corpus import SUBJECTS
from oracle.scores.mutants.record import INACCURATE, RIGHT, WRONG, Subject
from oracle.scores.mutants.score import outcome, score

RIGHT_COUNT = sum(s.label == RIGHT for s in SUBJECTS)
WRONG_COUNT = sum(s.label == WRONG for s in SUBJECTS)
FLOAT32 = next(s for s in SUBJECTS if s.digits_only)
DOUBLED = next(s for s in SUBJECTS if s.name == "quadratic_doubled")


def always(verdict: str):  # type: ignore[no-untyped-def]
    return lambda subject: SimpleNamespace(verdict=verdict)


def test_a_perfect_checker_catches_all_without_an_alarm() -> None:
    result = score(lambda s: SimpleNamespace(verdict=s.label), SUBJECTS)
    assert (result.caught, result.false_alarms) == (WRONG_COUNT, 0)
    assert result.named("missed") == result.named("called inaccurate") == result.named("undecided") == []
    assert len(result.rows) == len(SUBJECTS)
    assert all(caught == count for caught, count in result.by_family().values())


def test_a_blind_checker_catches_nothing() -> None:
    result = score(always("right"), SUBJECTS)
    assert (result.caught, result.false_alarms) == (0, 0)
    assert len(result.named("missed")) == WRONG_COUNT


def test_a_checker_that_rejects_all_cries_wolf() -> None:
    result = score(always("wrong"), SUBJECTS)
    assert (result.caught, result.false_alarms) == (WRONG_COUNT, RIGHT_COUNT)


@pytest.mark.parametrize(
    ("subject", "verdict", "expected"),
    [
        (DOUBLED, "wrong", "caught"),
        (DOUBLED, "inaccurate", "missed"),
        (DOUBLED, "right", "missed"),
        (DOUBLED, "undecided", "undecided"),
        (FLOAT32, "inaccurate", "caught"),
        (FLOAT32, "wrong", "caught"),
    ],
)
def test_inaccurate_catches_only_where_digits_alone_are_wrong(subject: Subject, verdict: str, expected: str) -> None:
    assert outcome(subject, verdict) == expected


def test_what_a_verdict_on_a_right_or_an_inaccurate_one_amounts_to() -> None:
    sound = next(s for s in SUBJECTS if s.label == RIGHT)
    lossy = next(s for s in SUBJECTS if s.label == INACCURATE)
    assert [outcome(sound, v) for v in ("right", "wrong", "inaccurate")] == [
        "accepted",
        "false alarm",
        "called inaccurate",
    ]
    assert [outcome(lossy, v) for v in ("right", "wrong", "inaccurate")] == ["accepted", "false alarm", "caught"]
    assert score(always("wrong"), [lossy]).false_alarms == 0, "false alarms are counted among the right ones"


def test_an_exception_is_an_error_and_no_verdict() -> None:
    def crash(subject: Subject) -> None:
        raise RuntimeError("boom")

    result = score(crash, [DOUBLED])
    assert (result.caught, result.rows[0].error) == (0, "RuntimeError: boom")
    assert result.named("error") == ["quadratic_doubled"]


def test_an_unknown_verdict_is_refused() -> None:
    with pytest.raises(ValueError, match=r"check\(quadratic_doubled\).verdict is 'fine'"):
        score(always("fine"), [DOUBLED])


def test_each_judge_meets_a_gradient_without_memory() -> None:
    once = next(s for s in SUBJECTS if s.name == "right_once")
    seen = []
    for _ in range(2):
        score(lambda s: seen.append(s.grad) or SimpleNamespace(verdict="wrong"), [once])
    assert seen[0] is not seen[1]


def test_progress_is_told_each_row_and_seconds_are_measured() -> None:
    rows = []
    result = score(always("right"), SUBJECTS[:3], rows.append)
    assert tuple(rows) == result.rows
    assert 0 < result.median_seconds <= result.worst_seconds


def test_the_command_scores_a_checker(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(command, "own_check", lambda: lambda s: SimpleNamespace(verdict=s.label))
    assert command.main(["--json", "--only", "factor"]) == 0
    data = json.loads(capsys.readouterr().out)[command.OWN]
    assert data["caught"] == data["wrong"] > 20
    monkeypatch.setattr(command, "own_check", lambda: always("right"))
    assert command.main(["--only", "quadratic_doubled"]) == 1
    printed = capsys.readouterr().out
    assert "0 of 1" in printed
    assert "missed: quadratic_doubled (factor: 2)" in printed


def test_the_command_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def absent() -> None:
        raise ImportError("no such module")

    monkeypatch.setattr(command, "own_check", absent)
    assert command.main([]) == 2
    assert (
        capsys.readouterr().err
        == "Error: oracle.check.gradient cannot be imported (no such module), so there is no checker to score.\n"
    )
    assert command.main(["--only", "no such thing"]) == 2
    assert "no name or kind" in capsys.readouterr().err
