"""What people get wrong is named in the words that they would use; what has no name is given none."""

from __future__ import annotations

import pytest

from oracle.diagnosis import NOTHING_FITS

from ...sweeps import thinned
from .unknown_mistakes import UNKNOWN
from .users_mistakes import MISTAKES


@pytest.mark.costly
@pytest.mark.parametrize("mistake", thinned(MISTAKES, 18))
def test_a_mistake_of_a_users_is_named(mistake):
    said = MISTAKES[mistake].say()
    assert any(MISTAKES[mistake].words in sentence for sentence in said), said
    assert NOTHING_FITS not in said


@pytest.mark.costly
@pytest.mark.parametrize("mistake", thinned(UNKNOWN, 16))
def test_what_has_no_name_is_given_none(mistake):
    assert UNKNOWN[mistake].say() == (NOTHING_FITS,)


def test_there_are_enough_of_both():
    assert len(MISTAKES) >= 40
    assert len(UNKNOWN) >= 15
