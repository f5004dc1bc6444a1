"""Torch code that writes to places which may repeat, or sums over windows, is enclosed."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest

from oracle.candidate.tensors import OnArrays
from oracle.judgement.point import judge_point
from oracle.judgement.verdict import Verdict
from oracle.witnesses.prepare import prepare
from oracle.witnesses.torch_lift import Lift
from oracle.witnesses.torch_way import Unlike

from ...optional import skip_without

torch = pytest.importorskip("torch")
skip_without("torchax")

from oracle.witnesses import torch_places  # noqa: E402
from oracle.witnesses.torch_operators import OWN  # noqa: E402

F = torch.nn.functional
X = np.array([0.3, -1.2, 0.7, 2.1, -0.4, 1.6])
PLACES = torch.tensor([0, 2, 2, 1, 0, 2])


def on_the_way(how: str, include_self: bool) -> Callable[[Any], Any]:
    return lambda x: torch.full((4,), 0.5, dtype=x.dtype).scatter_reduce(
        0, PLACES, x * x, how, include_self=include_self
    )


def rows(x: Any) -> Any:
    return x.reshape(3, 2)


def into_rows(how: str) -> Callable[[Any], Any]:
    return lambda x: torch.full((2, 2), 0.5, dtype=x.dtype).index_reduce(
        0, torch.tensor([1, 1, 1]), rows(x), how, include_self=False
    )


FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    **{
        f"scatter_reduce {how} {include_self}": on_the_way(how, include_self)
        for how, include_self in product(("sum", "mean", "prod", "amax", "amin"), (True, False))
    },
    "scatter_reduce of a part": lambda x: rows(x).scatter_reduce(
        0, torch.tensor([[1], [1]]), rows(x)[:2, :1] * 2, "prod"
    ),
    "scatter_reduce along rows": lambda x: rows(x).scatter_reduce(
        1, torch.tensor([[1, 1], [0, 1]]), rows(x)[:2].sin(), "mean"
    ),
    **{f"index_reduce {how}": into_rows(how) for how in ("mean", "prod", "amax", "amin")},
    "index_fill": lambda x: rows(x).index_fill(0, torch.tensor([1, -2]), 3.0) * rows(x),
    "scatter of a number": lambda x: x.scatter(0, torch.tensor([1, 1, 4]), 2.5) * x,
    "put that adds": lambda x: rows(x).put(torch.tensor([1, 1, 4]), x[:3], accumulate=True),
    "put in place": lambda x: rows(x).clone().put_(torch.tensor([1, 4]), x[:2] * 2),
    "segment_reduce": lambda x: torch.segment_reduce(x, "sum", lengths=torch.tensor([2, 1, 3])) ** 2,
    "segment_reduce, the largest": lambda x: torch.segment_reduce(x, "max", lengths=torch.tensor([2, 4])) ** 2,
    "avg_pool1d": lambda x: F.avg_pool1d(x[None], 3, padding=1, count_include_pad=False),
    "avg_pool1d to the top": lambda x: F.avg_pool1d(x[None], 4, stride=3, ceil_mode=True),
    "avg_pool2d": lambda x: F.avg_pool2d(rows(x)[None], 2, stride=1, padding=1, count_include_pad=False),
    "avg_pool2d, divided": lambda x: F.avg_pool2d(rows(x)[None, None], (2, 1), divisor_override=3),
    "avg_pool3d": lambda x: F.avg_pool3d(rows(x)[None, None], (1, 2, 2), padding=(0, 1, 1)),
}


def weighted(make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def total(x: Any) -> Any:
        made = make(x)
        return (made * torch.cos(torch.arange(made.numel(), dtype=made.dtype)).reshape(made.shape)).sum()

    return total


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_right_gradient_is_right_by_proof_and_a_wrong_one_is_wrong(name: str) -> None:
    fn = weighted(FUNCTIONS[name])

    def grad(x: Any) -> Any:
        x = x.clone().requires_grad_()
        return torch.autograd.grad(fn(x), x)[0]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torch's, about what is a prototype
        function = prepare(OnArrays(fn), (X,), 0, [None])
        right = judge_point(function, OnArrays(grad), (X,))
    assert (right.verdict, right.certified) == (Verdict.RIGHT, True), function.why or right.how
    wrong = judge_point(function, OnArrays(lambda x: grad(x) + 1e-6 * x), (X,))
    assert (wrong.verdict, wrong.certified) == (Verdict.WRONG, True)


def test_windows_are_torch_s() -> None:
    tops = tuple(product((False, True), (False, True)))
    for size, step, pad, (top, counted), n in product((1, 2, 3, 4), (1, 2, 3), (0, 1, 2), tops, (4, 5, 7)):
        if pad <= size // 2:
            x = np.random.default_rng(n).normal(size=(1, n))
            expected = F.avg_pool1d(torch.tensor(x), size, step, pad, top, counted).numpy()
            inside, count = torch_places._windows(n, size, step, pad, top, counted)
            np.testing.assert_allclose(x @ inside.T / count, expected, atol=1e-12)


def test_a_wrong_translation_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    fn = OnArrays(weighted(FUNCTIONS["avg_pool1d"]))
    fn(X.copy())
    monkeypatch.setitem(OWN, "avg_pool2d", lambda *args: torch_places.averages(2)(*args[:4]))
    with pytest.raises(Unlike, match="where torch computes"):
        Lift(fn).way([X], 0, None)


def test_two_numbers_at_one_place_are_refused() -> None:
    function = prepare(
        OnArrays(weighted(lambda x: x.index_put((torch.tensor([1, 1]),), x[:2] * x[2]))), (X,), 0, [None]
    )
    found = judge_point(function, OnArrays(lambda x: x), (X,))
    assert not found.certified
