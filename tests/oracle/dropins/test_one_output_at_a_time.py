"""A backward that is wrong where one of its outputs alone is used: torch hands it None for the others."""

from __future__ import annotations

import pytest

import oracle

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.usefixtures("little_evidence")


def doubled_and_tripled(forgets: bool):
    class Both(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.set_materialize_grads(False)
            return x * 2, x * 3

        @staticmethod
        def backward(ctx, first, second):
            if first is None:
                return None if forgets or second is None else 3 * second
            return 2 * first if second is None else 2 * first + 3 * second

    return Both.apply


@pytest.mark.parametrize("forgets", [False, True])
def test_each_output_is_asked_by_itself(forgets: bool):
    x = torch.tensor([0.5, -1.0, 2.0], dtype=torch.float64, requires_grad=True)
    assert oracle.gradcheck(doubled_and_tripled(forgets), (x,), raise_exception=False) is not forgets
    assert torch.autograd.gradcheck(doubled_and_tripled(forgets), (x,), raise_exception=False) is not forgets
