"""What a backend remembers between questions is named as state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from oracle.backends.manualbp_numpy import run as right
from oracle.conform.outcome import FIRST_CALL
from oracle.conform.state import ADDS_UP, DIFFERS, KEEPS_FIRST, KEEPS_LAST, OF_BEFORE
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


def stale() -> Run:
    """The gradient of the first layer is that of the question before, whatever its other layers are."""
    kept: dict[Any, Any] = {}

    def run(q: Question) -> Answer:
        now = gradients_only(right(q))
        key = now.nabla_w[0].shape
        before, kept[key] = kept.get(key, now.nabla_w[0]), now.nabla_w[0]
        return replace(now, nabla_w=(before, *now.nabla_w[1:]))

    return run


def wavers() -> Run:
    calls: list[int] = []

    def run(q: Question) -> Answer:
        calls.append(0)
        return gradients_only(replace(a := right(q), nabla_w=tuple((1 + 0.1 * len(calls)) * w for w in a.nabla_w)))

    return run


STATES = [
    (accumulates, ADDS_UP),
    pytest.param(caches, KEEPS_FIRST, marks=pytest.mark.longer),
    (lags, KEEPS_LAST),
    (stale, OF_BEFORE),
]


@pytest.mark.parametrize(("make", "name"), STATES)
def test_state_is_named(make: Callable[[], Run], name: str) -> None:
    found = conformed(make())
    assert found.verdict is Verdict.WRONG
    assert name in told(found)
    assert [r.id for r in found.failures if not {name, FIRST_CALL}.intersection(r.mistakes)] == []


@pytest.mark.longer
def test_another_answer_to_the_same_question() -> None:
    found = conformed(wavers())
    assert found.verdict is Verdict.WRONG
    assert told(found)[0] == DIFFERS
    assert len([r for r in found.failures if not {DIFFERS, FIRST_CALL}.intersection(r.mistakes)]) == 0


@pytest.mark.longer
def test_what_is_wrong_without_memory_is_no_state() -> None:
    found = conformed(lambda q: replace(a := right(q), nabla_w=tuple(2.5 * w for w in a.nabla_w)))
    assert not {ADDS_UP, DIFFERS, KEEPS_FIRST, KEEPS_LAST, OF_BEFORE}.intersection(told(found))
