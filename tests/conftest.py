"""The same run everywhere: alone, on several workers, on a busy machine, on continuous integration."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "tests",
    database=None,  # no failure of an earlier run, or of another worker's, is tried first
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("tests")


@pytest.fixture(scope="session", autouse=True)
def patience() -> Iterator[None]:
    """The number of calls ends a search, never the clock: a report on a busy machine is that of a quiet one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("oracle.check.run.SEARCH_SECONDS", 600.0)
        patch.setattr("oracle.check.conclusion.SHRINK_SECONDS", 600.0)
        patch.setattr("oracle.diagnosis.thresholds.MOST_SECONDS", 600.0)
        yield
