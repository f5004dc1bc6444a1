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


@pytest.fixture
def unnamed_mistakes() -> Iterator[None]:
    """What is wrong is given no name: that takes most of the time of a wrong one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("oracle.diagnosis.diagnose", lambda *args, **options: [])
        yield
