"""In this room it is the verdict that is asked, hardly ever the diagnosis."""

from __future__ import annotations

import pytest

from ..little_evidence import little_evidence

__all__ = ["little_evidence"]


@pytest.fixture(autouse=True)
def verdicts(little_evidence: None) -> None:
    """For every test of the room."""
