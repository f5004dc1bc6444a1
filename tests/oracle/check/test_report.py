"""`check_gradient` says the same twice, keeps what failed, and reports as text and as data."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis.database import DirectoryBasedExampleDatabase, InMemoryExampleDatabase

from oracle import Report, assert_gradient
from oracle.check.question import make_problem

from .pairs import REAL2, UNIT, check, cost, cost_grad, cross_entropy, cross_entropy_grad

Array = Any


def without_seconds(report: Report) -> dict[str, Any]:
    data = report.to_dict()
    assert data.pop("seconds") > 0
    return data


@pytest.mark.parametrize("grad", [cross_entropy_grad, lambda a, E: (a - E) / a], ids=["right", "wrong"])
def test_two_runs_say_the_same(grad: Any) -> None:
    first, second = (check(cross_entropy, grad, UNIT, lengths=(1, 4)) for _ in range(2))
    assert str(first) == str(second)
    assert without_seconds(first) == without_seconds(second)


def test_another_generator_tries_other_points() -> None:
    points: list[list[bytes]] = []
    for seed in (0, 1):
        seen: list[bytes] = []
        points.append(seen)
        check(cost, lambda a, E, seen=seen: seen.append(a.tobytes()) or a - E, rng=np.random.default_rng(seed))
    assert points[0] != points[1]


def test_a_failing_example_is_tried_first_next_time() -> None:
    """Even where the search would not come upon it by itself."""
    store = InMemoryExampleDatabase()

    def hidden(bad: bool, a: Array) -> Array:
        return np.where(bad & (a == float("0.123")), 7.0, 2 * a)  # text is not mined for constants

    fn = lambda a: (a**2).sum()  # noqa: E731
    grad = partial(hidden, True)
    assert check(fn, grad, ("real",), database=store), "not found by itself"
    from oracle.search.memory import remember

    problem = make_problem(fn, grad, ("real",), None, None, 24, None, 0)
    remember(problem, (np.array([0.123]),), store)
    report = check(fn, grad, ("real",), database=store)
    assert report.verdict == "wrong"
    assert report.tried.patterns[0] == "failed before"
    assert report.counterexample is not None
    assert report.counterexample[0].tolist() == [0.123]


def test_nothing_is_written_without_a_failure(tmp_path: Path) -> None:
    directory = tmp_path / "examples"
    options: Any = {"domains": REAL2, "database": DirectoryBasedExampleDatabase(directory)}
    assert check(cost, cost_grad, **options)
    assert not directory.exists()
    assert not check(cost, lambda a, E: E - a, **options)
    assert directory.exists()


def test_a_report_is_data() -> None:
    for grad in (cost_grad, lambda a, E: 2 * (a - E), lambda a, E: a * np.inf):
        report = check(cost, grad, REAL2)
        data = json.loads(json.dumps(report.to_dict(), allow_nan=False))
        assert data["verdict"] == str(report.verdict)
        assert data["domains"] == {"a": "real", "E": "real"}
        assert (data["counterexample"] is None) == bool(report)


def doubled(a: Array, E: Array) -> Array:
    return 2 * (a - E)


def test_the_snippet_runs_and_shows_the_number(capsys: pytest.CaptureFixture[str]) -> None:
    report = check(cost, doubled, REAL2)
    lines = [line for line in report.reproduction.splitlines() if not line.startswith("from ")]
    exec("\n".join(lines), {"doubled": doubled})
    assert float(capsys.readouterr().out) == report.got
    anonymous = check(cost, lambda a, E: 2 * (a - E), REAL2)
    exec(anonymous.reproduction, {"grad": doubled})
    assert float(capsys.readouterr().out) == anonymous.got


def test_assert_gradient_reads_as_the_report() -> None:
    assert_gradient(cost, cost_grad, REAL2, database=None, examples=5)
    with pytest.raises(AssertionError) as failure:
        assert_gradient(cost, doubled, REAL2, database=None, examples=24)
    assert str(failure.value) == str(check(cost, doubled, REAL2))


def test_a_notebook_shows_the_verdict_first_and_nothing_as_markup() -> None:
    wrong = check(cost, lambda a, E: 2 * (a - E), lengths=(1, 3), examples=12, name="<b>mine</b>")
    shown = wrong._repr_html_()
    assert (
        shown.index("&lt;b&gt;mine&lt;/b&gt;: wrong")
        < shown.index("<li>It is 2 times the truth")
        < shown.index("<pre>")
    )
    assert "<b>" not in shown
    assert "<details open>" in shown
    assert "<details>" in check(cost, cost_grad, lengths=(1, 3), examples=12)._repr_html_()
