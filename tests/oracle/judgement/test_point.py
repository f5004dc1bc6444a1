"""The judgement at one point; where nobody asks why it is not right, nothing is done to tell."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from oracle.judgement.point import judge_point
from oracle.witnesses.prepare import prepare

AT = (np.array([0.3, -1.5]),)
FUNCTION = prepare(lambda a: jnp.sin(a).sum(), AT, 0, [None])
RIGHT = np.cos


def float_by_float(a: Any) -> Any:
    return np.array([np.cos(float(x)) * (1 + 1e-6) for x in a])


@pytest.mark.parametrize(
    ("grad", "verdict", "untold"),
    [
        (RIGHT, "right", "right"),
        (lambda a: 2 * RIGHT(a), "wrong", "wrong"),
        (float_by_float, "wrong", "wrong"),
        (lambda a: RIGHT(a.astype(np.float32)).astype(np.float64), "inaccurate", "wrong"),
        (lambda a: RIGHT(a)[:1], "wrong", "wrong"),
    ],
    ids=["right", "doubled", "on floats", "narrow on the way", "another shape"],
)
def test_what_is_not_right_is_found_without_telling_why(grad: Any, verdict: str, untold: str) -> None:
    told, found = judge_point(FUNCTION, grad, AT), judge_point(FUNCTION, grad, AT, tells=False)
    assert (told.verdict, found.verdict) == (verdict, untold)
    assert found.component == told.component
    if told.error is not None:
        assert np.array_equal(found.error, told.error)
        assert np.array_equal(found.allowed, told.allowed)


def test_and_does_none_of_that_work(monkeypatch: pytest.MonkeyPatch) -> None:
    def told(*args: Any) -> Any:
        raise AssertionError("nobody asked")

    monkeypatch.setattr("oracle.judgement.point.tell", told)
    assert judge_point(FUNCTION, float_by_float, AT, tells=False).verdict == "wrong"
    with pytest.raises(AssertionError, match="nobody asked"):
        judge_point(FUNCTION, float_by_float, AT)


@pytest.mark.parametrize(
    ("grad", "verdict", "how"),
    [
        (lambda z: 0 * z, "wrong", "it is exactly 0, on balls as well, and the truth is not: proved"),
        (lambda z: 1 - np.tanh(z) ** 2, "inaccurate", ""),
        (lambda z: 1 / np.cosh(z) ** 2, "right", ""),
    ],
    ids=["zero by its formula", "rounded to zero", "kept"],
)
def test_a_zero_is_wrong_where_its_code_says_so_and_a_loss_where_rounding_does(
    grad: Any, verdict: str, how: str
) -> None:
    at = (np.array([20.0]),)
    found = judge_point(prepare(lambda z: jnp.tanh(z).sum(), at, 0, [None]), grad, at)
    assert found.verdict == verdict
    assert found.how.startswith(how)
