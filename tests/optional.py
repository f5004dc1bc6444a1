"""What is an extra: its tests say when they are skipped, and collecting them does not import it."""

from importlib.util import find_spec

import pytest


def skip_without(name: str) -> None:
    """importorskip, for packages that change the process where they are imported."""
    if find_spec(name) is None:
        pytest.skip(f"{name} is not installed", allow_module_level=True)
