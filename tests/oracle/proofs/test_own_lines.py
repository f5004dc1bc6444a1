"""A line quoted below an abbreviation of the page computes that abbreviation."""

from pathlib import Path

import pytest

from .page import math
from .test_own import page, quoted, said

SUBJECT = "own cost ratio, a in unit, E in unit"
HITS = r"s := \sum_{j=1}^{n} a_j \, E_j"
APART = r"r_j := a_j - E_j"
COST = r"C := 1 - s + \sum_{j=1}^{n} (r_j)^2"
CODE = """
import numpy as np


def hits(a, E):
    total = 0.0
    for x, y in zip(a, E):
        total += x * y
    return total


def ratio(a, E):
    s, r = hits(a, E), a - E
    misses = np.sum(a * (1 - E)) + hits(a, E)
    return misses - np.sum(a) + 1 - s + np.sum(r**2)


def ratio_grad(a, E):
    r = a - E
    assert ratio(a, E) < 100
    return -E + 2 * r
"""
LONGER = pytest.mark.longer


@pytest.mark.parametrize(
    ("lines", "right"),
    [
        ("return total", True),
        ("misses = np.sum(a * (1 - E)) + hits(a, E)", False),
        pytest.param("s, r = hits(a, E), a - E", True, marks=LONGER),
        pytest.param("for x, y in zip(a, E):\n    total += x * y", True, marks=LONGER),
        pytest.param("return -E + 2 * r", False, marks=LONGER),
        pytest.param("return misses - np.sum(a) + 1 - s + np.sum(r**2)", False, marks=LONGER),
    ],
)
def test_below_a_number(lines: str, right: bool, tmp_path: Path) -> None:
    found = said(tmp_path, page(APART, HITS, subject=SUBJECT) + quoted(lines) + math(COST), CODE)
    assert found == ("" if right else "the quoted code does not compute s, which is defined right above it")


@pytest.mark.parametrize(("lines", "right"), [("r = a - E", True), pytest.param("return total", False, marks=LONGER)])
def test_below_a_column(lines: str, right: bool, tmp_path: Path) -> None:
    found = said(tmp_path, page(HITS, APART, subject=SUBJECT) + quoted(lines) + math(COST), CODE)
    assert found == ("" if right else "the quoted code does not compute r, which is defined right above it")
