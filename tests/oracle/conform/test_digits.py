"""inaccurate is for digits alone: a sign, a factor or another dtype is wrong, whatever is at stake in the case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from oracle.backends import Backend, Capabilities
from oracle.backends.manualbp_numpy import run
from oracle.backends.session import in_process
from oracle.conform.reasons import Kept
from oracle.conform.run import Run, conform
from oracle.judgement.verdict import Verdict
from oracle.vectors import Answer, Question, vectors

HEADS = ("softplus+poisson", "tanh+quadratic")


def conformed(change: Callable[[Any], Any], where: Callable[[Question], bool], heads: tuple[str, ...] = HEADS) -> Run:
    """A backend whose weights' gradients are changed in some of the cases."""

    def changed(q: Question) -> Answer:
        a = run(q)
        return Answer(tuple(change(w) for w in a.nabla_w), a.nabla_b) if where(q) else a

    session = in_process(Backend("b", changed, Capabilities(("float64",))))
    return conform(session, vectors("float64", heads))


def cancelling(q: Question) -> bool:
    return q.id.endswith("/cancelling")


def saturated(q: Question) -> bool:
    return q.id.endswith("/saturated")


@pytest.mark.parametrize("where", [cancelling, saturated])
@pytest.mark.parametrize(
    "change",
    [
        lambda w: -w,
        lambda w: 2 * w,
        lambda w: 0 * w,
        lambda w: w + np.max(np.abs(w)) * 1e-3,
        lambda w: w * np.nan,
        lambda w: w.astype(np.float32),
    ],
)
def test_wrong_mathematics_where_digits_are_at_stake(
    change: Callable[[Any], Any], where: Callable[[Question], bool]
) -> None:
    found = conformed(change, where)
    assert len(found.failures) >= 1
    assert all(where(r.vector.question) for r in found.failures)
    assert found.verdict is Verdict.WRONG


@pytest.mark.parametrize("where", [cancelling, saturated])
def test_lost_digits_where_digits_are_at_stake(where: Callable[[Question], bool]) -> None:
    found = conformed(lambda w: w * (1 + 1e-9), where)
    assert [r.kept for r in found.failures] == [Kept.HALF] * len(found.failures) != []
    assert found.verdict is Verdict.INACCURATE


def test_lost_digits_where_nothing_is_at_stake() -> None:
    found = conformed(lambda w: w * (1 + 1e-9), lambda q: q.id.endswith("/square"))
    assert found.verdict is Verdict.WRONG


def test_another_dtype_is_wrong() -> None:
    found = conformed(lambda w: w.astype(np.float32), lambda q: True)
    assert {r.kept for r in found.failures} == {Kept.INCOMPARABLE}
    assert found.verdict is Verdict.WRONG


def test_float32_inside_is_inaccurate() -> None:
    def narrow(q: Question) -> Answer:
        each = lambda values: tuple(v.astype(np.float32) for v in values)  # noqa: E731
        a = run(
            replace(
                q, x=q.x.astype("f4"), expected=q.expected.astype("f4"), weights=each(q.weights), biases=each(q.biases)
            )
        )
        wide = lambda values: tuple(v.astype(np.float64) for v in values)  # noqa: E731
        return Answer(wide(a.nabla_w), wide(a.nabla_b))

    session = in_process(Backend("b", narrow, Capabilities(("float64",))))
    chosen = [v for v in vectors("float64", ["tanh+quadratic"]) if v.id.endswith("/square")]
    assert conform(session, chosen).verdict is Verdict.INACCURATE
