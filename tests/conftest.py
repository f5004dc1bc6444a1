"""The same run everywhere: alone, on several workers, on a busy machine, on continuous integration, and the second time."""

import os
from collections import defaultdict
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.configuration import set_hypothesis_home_dir

#: What Hypothesis notes of sources and characters is of this run alone, and goes with it.
NOTES = TemporaryDirectory(prefix="hypothesis-")
set_hypothesis_home_dir(NOTES.name)
#: What one worker has compiled is compiled for the others, and for the processes that tests start.
for name, value in {
    "JAX_COMPILATION_CACHE_DIR": f"{NOTES.name}/jax",
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
}.items():
    os.environ.setdefault(name, value)
settings.register_profile(
    "tests",
    database=None,  # no failure of an earlier run, or of another worker's, is tried first
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("tests")

#: Of a test with more cases than these the default run holds the first and every sixth; `-m longer` holds the others.
FEW, EVERY = 3, 6


#: Of a test that is marked costly the longer run on continuous integration holds the first and every so many of the longer cases.
EVERY_COSTLY = 3


@pytest.hookimpl(tryfirst=True)  # before the marks are selected by
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the other cases of each sweep longer, but for those that are `thinned` in their own way; of costly ones the rest."""
    cases: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        cases[item.nodeid.partition("[")[0]].append(item)
    for sweep in cases.values():
        if len(sweep) <= FEW or any(item.get_closest_marker("longer") for item in sweep):
            continue
        for k, item in enumerate(sweep):
            if k % EVERY:
                item.add_marker(pytest.mark.longer)
    for sweep in cases.values():
        costly = [i for i in sweep if i.get_closest_marker("costly") and i.get_closest_marker("longer")]
        for k, item in enumerate(costly):
            if k % EVERY_COSTLY:
                item.add_marker(pytest.mark.rest)
