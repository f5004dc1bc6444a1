"""A saturated output at |a − E| = 1, where two formulas of log cosh meet: no precision tells a from 1, and the truth is known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import manualbp
from oracle.judgement.verdict import Verdict
from oracle.verify.case import Case
from oracle.verify.examine import examine

LOG_COSH = manualbp.HEADS["sigmoid+log_cosh"]


def saturated(head: manualbp.Head = LOG_COSH, z: float = 60000.0) -> Case:
    net = manualbp.from_parameters([np.array([[z], [1.0]])], [np.zeros((2, 1))], [], head)
    return Case(net, np.array([[1.0]]), np.array([[0.0], [0.3]]))


def test_it_is_right() -> None:
    assert examine(saturated()).verdict is Verdict.RIGHT


@pytest.mark.parametrize(
    "delta",
    [lambda z, a, E: 1.01 * LOG_COSH.delta(z, a, E), lambda z, a, E: LOG_COSH.cost.nabla_a(a, E)],
    ids=["a factor", "no sigma prime"],
)
def test_what_is_wrong_there_is_seen(delta: Any) -> None:
    assert examine(saturated(replace(LOG_COSH, delta=delta))).verdict is Verdict.WRONG


def beside_a_seam(delta: Any = None) -> Case:
    """a = 1 − e⁻³⁴⁶ beside an output that no precision tells from 1: floats lose 1 − a in both, and may."""
    head = manualbp.HEADS["sigmoid+squared_hinge"]
    net = manualbp.from_parameters(
        [np.array([[60000.0], [346.0], [1.0]])],
        [np.zeros((3, 1))],
        [],
        head if delta is None else replace(head, delta=lambda z, a, E: delta * head.delta(z, a, E)),
    )
    return Case(net, np.array([[1.0]]), np.array([[1.0], [1.0], [-1.0]]))


def test_what_floats_lose_beside_the_seam_is_excused() -> None:
    found = examine(beside_a_seam())
    assert found.verdict is Verdict.RIGHT
    assert 1e-302 < -found.steps[1].comparison.expected[1, 0] < 1e-299
    assert examine(beside_a_seam(1.01)).verdict is Verdict.WRONG
