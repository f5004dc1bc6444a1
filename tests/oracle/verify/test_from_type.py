"""Hypothesis draws networks by their type, whichever of the two is imported first, and nothing is imported for that."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from ...sweeps import thinned

PYPROJECT = Path(__file__).resolve().parents[3] / "pyproject.toml"
DRAWN = """
@settings(max_examples=3, derandomize=True, database=None)
@given(st.from_type(oracle.Case))
def drawn(case):
    assert case.x.shape[0] == case.net.weights[0].shape[1]

drawn()
"""
#: As Hypothesis calls it, where the distribution is installed with this entry point.
ENTERED = "from manualbp._hypothesis import register; register()"


@pytest.mark.parametrize(
    "first",
    thinned(
        [
            "from hypothesis import given, settings, strategies as st; import oracle; oracle.Case",
            "import oracle; oracle.Case; from hypothesis import given, settings, strategies as st",
        ],
        2,
    ),
)
def test_a_case_is_drawn_by_its_type(first: str) -> None:
    subprocess.run([sys.executable, "-c", f"{first}\n{ENTERED}\n{DRAWN}"], check=True, timeout=120)


def test_hypothesis_alone_brings_no_oracle() -> None:
    alone = f"import hypothesis\n{ENTERED}\nimport sys\nassert 'oracle' not in sys.modules"
    subprocess.run([sys.executable, "-c", alone], check=True, timeout=120)
    named = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]["entry-points"]["hypothesis"]
    assert named == {"manualbp": "manualbp._hypothesis:register"}
