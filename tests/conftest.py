"""The same run everywhere: alone, on several workers, on a busy machine, on continuous integration, and the second time."""

from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, settings
from hypothesis.configuration import set_hypothesis_home_dir

#: What Hypothesis notes of sources and characters is of this run alone, and goes with it.
NOTES = TemporaryDirectory(prefix="hypothesis-")
set_hypothesis_home_dir(NOTES.name)
settings.register_profile(
    "tests",
    database=None,  # no failure of an earlier run, or of another worker's, is tried first
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("tests")
