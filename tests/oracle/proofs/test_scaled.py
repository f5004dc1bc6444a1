"""Columns that are scaled as a whole, or moved towards what is expected: sums pass thresholds, and no entry leaves its domain."""

from pathlib import Path

import pytest

from .page import aligned, complaints

COST = r"C := \sum_{j=1}^{n} (a_j - E_j)^2"
FAR = r"\sqrt{\sum_{k=1}^{n} (a_k - E_k)^2}"


@pytest.mark.parametrize("letter", ["a", "E"])
@pytest.mark.parametrize("most", ["9", pytest.param(r"\frac{1}{2}", marks=pytest.mark.longer)])
def test_no_entry_leaves_its_domain(letter: str, most: str, tmp_path: Path) -> None:
    sides = [rf"{x} + \max(\sum_{{k=1}}^{{n}} {letter}_k, {most})" for x in (f"|1 - {letter}_j|", f"1 - {letter}_j")]
    row = rf"{sides[0]} &= {sides[1]} && \text{{(algebra)}}"
    assert complaints(tmp_path, COST, aligned(row), subject="own cost h, a in unit, E in unit") == []


@pytest.mark.parametrize(
    ("least", "right"), [(r"\frac{1}{9}", False), pytest.param(r"\frac{1}{11}", True, marks=pytest.mark.longer)]
)
def test_how_far_a_column_is_from_what_is_expected(least: str, right: bool, tmp_path: Path) -> None:
    row = aligned(
        rf"\max({FAR}, {least}) &= {FAR} && \text{{(algebra)}}", rf"\qquad \text{{for }} {FAR} > \frac{{1}}{{10}}"
    )
    found = complaints(tmp_path, COST, row, subject="own cost h")
    assert (found == []) == right, found
