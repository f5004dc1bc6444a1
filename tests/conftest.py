"""The same run everywhere: alone, on several workers, on a busy machine, on continuous integration."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "tests",
    database=None,  # no failure of an earlier run, or of another worker's, is tried first
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("tests")
