"""A check whose verdict alone is asked: after the first wrong point few more are judged, which serve the diagnosis."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

EVIDENCE = 4


@pytest.fixture
def little_evidence() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("oracle.check.searching.EVIDENCE", EVIDENCE)
        yield
