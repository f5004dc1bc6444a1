"""Drop-ins are asked with few points: what they are asked about shows at the given arguments, or near by."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ..little_evidence import little_evidence, unnamed_mistakes

__all__ = ["little_evidence", "unnamed_mistakes"]


@pytest.fixture(autouse=True)
def few_points() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("oracle.dropins.asking.POINTS", 14)
        patch.setattr("oracle.check.leaf_problems.FEWEST", 10)
        patch.setattr("oracle.check.searching.EVIDENCE", 3)
        yield
