"""What holds unless all entries of a column, or all but one, lie on one side: with twelve entries no draw at random tells."""

from pathlib import Path

import pytest

from .page import aligned, complaints

COST = r"C := \sum_{j=1}^{n} (a_j - E_j)^2"
ONE = r"f(x) := \begin{cases} 1 & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}"
longer = pytest.mark.longer


def votes(condition: str) -> str:
    return (
        rf"v := \sum_{{j=1}}^{{n}} \begin{{cases}} 1 & \text{{if }} {condition} \\ 0 & \text{{otherwise}} \end{{cases}}"
    )


@pytest.mark.parametrize(
    ("counted", "number", "lacking", "domains"),
    [
        ("a_j > 0", "n - v", "v < n", ""),
        ("a_j > 0", "v - 1", "v > 1", ""),
        pytest.param("a_j > 0", "n - v - 1", "v < n - 1", "", marks=longer),
        ("a_j - E_j > 2", "n - v", "v < n", ""),
        pytest.param("(a_j)^2 > 4", "n - v", "v < n", "", marks=longer),
        pytest.param("E_j > 1", "v", "v > 0", "", marks=longer),
        (r"a_j > \frac{1}{2}", "n - v", "v < n", ", a in unit, E in unit"),
        pytest.param("a_j > E_j", "v", "v > 0", ", a in unit, E in unit", marks=longer),
    ],
)
def test_how_many_lie_on_a_side(counted: str, number: str, lacking: str, domains: str, tmp_path: Path) -> None:
    def found(condition: str) -> list[str]:
        row = aligned(rf"f({number}) &= 1 && \text{{(definition of f)}}", rf"\qquad \text{{for }} n = 12{condition}")
        return complaints(tmp_path, COST, votes(counted), ONE, row, subject=f"own cost h{domains}")

    assert found(rf",\ {lacking}") == []
    assert "false at step 1" in "".join(found(""))


@pytest.mark.parametrize(("least", "right"), [("3", False), pytest.param("13", True, marks=longer)])
def test_all_entries_but_one_at_a_kink(least: str, right: bool, tmp_path: Path) -> None:
    row = r"\max(n - \sum_{j=1}^{n} |a_j - 1|, 0) &= 0 && \text{(algebra)}"
    found = complaints(
        tmp_path, COST, aligned(row, rf"\qquad \text{{for }} n = 12,\ a_1 > {least}"), subject="own cost h"
    )
    assert (found == []) == right, found
