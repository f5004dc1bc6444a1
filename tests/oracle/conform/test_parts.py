"""Cases asked in parts by processes that may die: who kills them is told, and nobody else is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from oracle.backends import find
from oracle.backends.session import CannotRun
from oracle.conform.jobs import ask_in_parts
from oracle.conform.outcome import Outcome, Result
from oracle.vectors import vectors
from oracle.workers.each import Lost
from oracle.workers.executors import Where

TANH = ("tanh+quadratic",)


def ask_where_some_die(
    monkeypatch: pytest.MonkeyPatch, deadly: Callable[[str], bool]
) -> tuple[list[Result], list[str]]:
    """What jobs makes of processes that die at some cases, whoever works on them."""
    asked: list[str] = []

    def dying(task: Any, items: Any, where: Where) -> Iterator[Any]:
        for ids in items:
            asked.append(" ".join(ids))
            yield Lost("it died") if any(map(deadly, ids)) else task(ids)

    monkeypatch.setattr("oracle.conform.jobs.in_order", dying)
    noted: list[str] = []
    results, farewell = ask_in_parts(
        partial(find.opened, "manualbp"), vectors("float64", TANH), Where(2), lambda result: noted.append(result.id)
    )
    assert sorted(noted) == sorted(r.id for r in results)
    assert farewell == ""
    return results, asked


def test_a_case_that_kills_its_process_is_broken_and_the_others_are_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    results, asked = ask_where_some_die(monkeypatch, lambda id: id.endswith("/square"))
    assert [r.id for r in results] == [v.id for v in vectors("float64", TANH)]
    assert [r.id.rpartition("/")[2] for r in results if r.outcome is Outcome.BROKEN] == ["square"]
    assert all(r.judgement is not None for r in results if r.outcome is not Outcome.BROKEN)
    assert any(" " in ids for ids in asked)


def test_where_many_cases_kill_their_process_no_more_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CannotRun, match="ended without a word at each of float64/") as raised:
        ask_where_some_die(monkeypatch, lambda id: True)
    assert str(raised.value).count("float64/") == 3
