"""A backward that is wrong where one of its outputs alone is used: torch hands it None for the others."""

from __future__ import annotations

import pytest

import oracle

from ..two_outputs import twice_and_thrice

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.usefixtures("little_evidence")


@pytest.mark.parametrize("forgets", [False, True])
def test_each_output_is_asked_by_itself(forgets: bool):
    x = torch.tensor([0.5, -1.0, 2.0], dtype=torch.float64, requires_grad=True)
    assert oracle.gradcheck(twice_and_thrice(forgets).apply, (x,), raise_exception=False) is not forgets
    assert torch.autograd.gradcheck(twice_and_thrice(forgets).apply, (x,), raise_exception=False) is not forgets
