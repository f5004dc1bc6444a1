"""What a backend remembers between questions is named as state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from oracle.backends.manualbp_numpy import run as right
from oracle.conform.outcome import FIRST_CALL
from oracle.conform.state import ADDS_UP, DIFFERS, KEEPS_FIRST, KEEPS_LAST, LATER, OF_BEFORE
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


def carries() -> Run:
    """The buffer of an optimiser's momentum for the gradient."""
    kept: dict[Any, Answer] = {}

    def run(q: Question) -> Answer:
        a, old = gradients_only(right(q)), kept.get(q.sizes)
        if old is not None:
            a = replace(a, nabla_w=tuple(v + 0.9 * w for v, w in zip(a.nabla_w, old.nabla_w, strict=True)))
        kept[q.sizes] = a
        return a

    return run


def adds_in_place() -> Run:
    """Into the very arrays that it answered before."""
    kept: dict[Any, tuple[np.ndarray, ...]] = {}

    def run(q: Question) -> Answer:
        a = gradients_only(right(q))
        sums = kept.setdefault(q.sizes, tuple(np.zeros_like(w) for w in a.nabla_w))
        for total, w in zip(sums, a.nabla_w, strict=True):
            total += w
        return replace(a, nabla_w=sums)

    return run


def keeps(*fields: str) -> Callable[[], Run]:
    def made() -> Run:
        kept: dict[Any, Question] = {}

        def run(q: Question) -> Answer:
            before = kept.setdefault((q.sizes, q.samples), q)
            return gradients_only(right(replace(q, **{field: getattr(before, field) for field in fields})))

        return run

    return made


def warms_up() -> Run:
    calls: list[int] = []

    def run(q: Question) -> Answer:
        calls.append(0)
        a = gradients_only(right(q))
        return a if len(calls) > 5 else replace(a, nabla_w=tuple(0 * w for w in a.nabla_w))

    return run


STATES = [
    (carries, "gradients add up over calls, those before times 0.9"),
    (adds_in_place, ADDS_UP),
    (keeps("weights"), "the weights of an earlier question of these shapes"),
    pytest.param(keeps("x"), "the inputs of an earlier question of these shapes", marks=pytest.mark.longer),
    pytest.param(keeps("biases"), "the biases of an earlier question of these shapes", marks=pytest.mark.longer),
    (warms_up, LATER),
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


def test_noise_is_noise_where_a_repeated_answer_is_the_same_by_chance() -> None:
    """Dropout in the hidden layers, which spares a small network now and then."""
    rng = np.random.default_rng(0)

    def run(q: Question) -> Answer:
        a = gradients_only(right(q))
        spared = len(q.hidden) == 0 or rng.random() < 0.5
        return a if spared else replace(a, nabla_w=tuple((1 + 0.1 * rng.random(w.shape)) * w for w in a.nabla_w))

    found = conformed(run, heads=("tanh+quadratic", "sigmoid+cross_entropy"))
    assert set(told(found)) <= {DIFFERS, FIRST_CALL}


def test_a_wrong_forward_pass_is_no_part_of_an_earlier_question_that_was_the_same() -> None:
    """Many questions have the same weights; of a wrong activation whose gradients are right they explain nothing."""

    def run(q: Question) -> Answer:
        a = right(q)
        return replace(a, activations=tuple(v + 1 for v in a.activations or ())) if q.id.endswith("/edge") else a

    found = conformed(run, heads=("tanh+quadratic", "tanh+huber", "arctan+quadratic", "arctan+huber"))
    assert len(found.failures) == 4
    assert [r for r in found.failures if r.mistakes] == []


def test_sums_in_another_order_each_time_are_no_other_answer() -> None:
    """Last digits that waver, as where threads add, hide no mistake of mathematics."""
    calls: list[int] = []

    def run(q: Question) -> Answer:
        calls.append(0)
        wavers = lambda v: v * (1 + (len(calls) % 3) * np.finfo(float).eps)  # noqa: E731
        a = gradients_only(right(q))
        return replace(a, nabla_w=tuple(map(wavers, a.nabla_w)), nabla_b=tuple(-wavers(b) for b in a.nabla_b))

    assert told(conformed(run, heads=("tanh+quadratic",))) == ["sign in BP4"]
