"""What a backend remembers between questions is named as state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from oracle.backends.manualbp_numpy import run as right
from oracle.conform.outcome import FIRST_CALL
from oracle.conform.state import ADDS_UP, DIFFERS, KEEPS_FIRST, KEEPS_LAST
from oracle.judgement.verdict import Verdict
from oracle.vectors import Answer, Question

from .wrong import conformed, gradients_only, told

Run = Callable[[Question], Answer]


def accumulates() -> Run:
    kept: dict[Any, Answer] = {}

    def run(q: Question) -> Answer:
        a, old = right(q), kept.get(q.sizes)
        if old is not None:
            a = replace(a, nabla_w=tuple(v + w for v, w in zip(a.nabla_w, old.nabla_w, strict=True)))
        kept[q.sizes] = a
        return gradients_only(a)

    return run


def caches() -> Run:
    kept: dict[Any, Answer] = {}
    return lambda q: kept.setdefault((q.sizes, q.samples), gradients_only(right(q)))


def lags() -> Run:
    kept: dict[Any, Answer] = {}

    def run(q: Question) -> Answer:
        now = gradients_only(right(q))
        before, kept[q.sizes] = kept.get(q.sizes, now), now
        return before

    return run


def wavers() -> Run:
    calls: list[int] = []

    def run(q: Question) -> Answer:
        calls.append(0)
        return gradients_only(replace(a := right(q), nabla_w=tuple((1 + 0.1 * len(calls)) * w for w in a.nabla_w)))

    return run


@pytest.mark.parametrize(("make", "name"), [(accumulates, ADDS_UP), (caches, KEEPS_FIRST), (lags, KEEPS_LAST)])
def test_state_is_named(make: Callable[[], Run], name: str) -> None:
    found = conformed(make())
    assert found.verdict is Verdict.WRONG
    assert name in told(found)
    assert [r.id for r in found.failures if not {name, FIRST_CALL}.intersection(r.mistakes)] == []


def test_another_answer_to_the_same_question() -> None:
    found = conformed(wavers())
    assert found.verdict is Verdict.WRONG
    assert sum(DIFFERS in r.mistakes for r in found.failures) >= 10


def test_what_is_wrong_without_memory_is_no_state() -> None:
    found = conformed(lambda q: replace(a := right(q), nabla_w=tuple(2.5 * w for w in a.nabla_w)))
    assert not {ADDS_UP, DIFFERS, KEEPS_FIRST, KEEPS_LAST}.intersection(told(found))
