"""What people get wrong in the backward of an `autograd.Function` is named."""

from __future__ import annotations

import pytest

from oracle.diagnosis import NOTHING_FITS

from ...sweeps import thinned

pytest.importorskip("torch")

from .torch_mistakes import MISTAKES


@pytest.mark.costly
@pytest.mark.parametrize("mistake", thinned(MISTAKES, 22))
def test_a_mistake_in_a_backward_is_named(mistake):
    said = MISTAKES[mistake].say()
    assert any(MISTAKES[mistake].words in sentence for sentence in said), said
    assert NOTHING_FITS not in said
