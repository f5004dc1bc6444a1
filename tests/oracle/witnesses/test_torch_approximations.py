"""Torch's own approximations: a value of nine digits is taken for what it approximates, and excuses no other derivative."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import oracle
from oracle.candidate.tensors import OnArrays

from ...optional import skip_without

torch = pytest.importorskip("torch")
skip_without("torchax")

from oracle.witnesses.torch_lift import Lift  # noqa: E402
from oracle.witnesses.torch_operators import OWN  # noqa: E402
from oracle.witnesses.torch_way import Unlike  # noqa: E402


def of_torch(fn: Callable[..., Any]) -> Callable[..., Any]:
    def grad(x: Any) -> Any:
        x = x.clone().requires_grad_()
        return torch.autograd.grad(fn(x), x)[0]

    return grad


def trigamma(x: Any) -> Any:
    return torch.polygamma(1, x.abs() + 1.5).sum()


def test_what_torch_approximates_is_enclosed_as_what_it_approximates() -> None:
    report = oracle.check_gradient(trigamma, of_torch(trigamma), ("real",), shapes=[(2,)], examples=8, database=None)
    assert (report.verdict, report.certified) == (oracle.Verdict.RIGHT, True)
    assert any("good to single precision" in note for note in report.notes)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda x: 1.000001 * torch.polygamma(2, x),
        lambda x: -torch.polygamma(2, x),
        lambda x: torch.polygamma(1, x),
        lambda x: -2 / x**3,
    ],
)
def test_what_torch_approximates_excuses_no_other_derivative(wrong: Any) -> None:
    def fn(x: Any) -> Any:
        return torch.polygamma(1, x).sum()

    report = oracle.check_gradient(fn, wrong, ((0.5, 4.0),), shapes=[(2,)], examples=4, database=None)
    assert report.verdict is oracle.Verdict.WRONG


def test_a_wrong_translation_of_what_torch_approximates_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.array([0.7, 2.0])
    fn = OnArrays(lambda x: torch.polygamma(1, x).sum())
    fn(x.copy())
    exact = OWN["polygamma"]
    monkeypatch.setitem(OWN, "polygamma", lambda n, x: exact(n, x) * (1 + 1e-4))
    with pytest.raises(Unlike, match="where torch computes"):
        Lift(fn).way([x], 0, None)


def test_the_derivative_of_digamma_that_torch_has_loses_digits_and_is_no_other() -> None:
    fn = lambda x: torch.digamma(x).sum()  # noqa: E731
    report = oracle.check_gradient(fn, of_torch(fn), ((0.5, 4.0),), shapes=[(2,)], examples=4, database=None)
    assert (report.verdict, report.certified) == (oracle.Verdict.INACCURATE, True)
