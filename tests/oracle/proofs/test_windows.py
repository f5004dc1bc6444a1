"""What is 0 unless two letters lie in windows at once is not 0: letters are put there together."""

from pathlib import Path

import pytest

from .page import aligned, complaints

WINDOW = r"\max(x - {low}, 0) \cdot \max({high} - x, 0) \cdot \max(y - {low}, 0) \cdot \max({high} - y, 0)"


@pytest.mark.parametrize(
    ("left", "condition", "right"),
    [
        (WINDOW.format(low=2, high=3), "x > 0", False),
        (WINDOW.format(low=20, high=22), r"x \ne y", False),
        (WINDOW.format(low=3, high=2), "x > 0", True),
        (r"\max(1 - |x - 30|, 0) \cdot \max(1 - |y - 40|, 0)", r"x \ne 30", False),
        (r"\max(1 - |x - 30| - |y - 40|, 0)", r"x \ne 30", False),
        (r"\max(-1 - |x - 30| - |y - 40|, 0)", r"x \ne 30", True),
        (r"\max(1 - |x - y - 5|, 0) \cdot \max(1 - |x - 30|, 0)", r"x \ne 30", False),
        (r"\max(1 - |x - y - 5|, 0) \cdot \max(1 - |x - 30|, 0)", r"x < 20", True),
    ],
)
def test_two_letters(left: str, condition: str, right: bool, tmp_path: Path) -> None:
    row = aligned(rf"{left} &= 0 && \text{{(algebra)}}", rf"\qquad \text{{for }} {condition}")
    found = complaints(tmp_path, row, subject="kinks")
    assert (found == []) == right, found


@pytest.mark.parametrize(("high", "right"), [("3", False), ("1", True)])
def test_an_output_and_what_is_expected(high: str, right: bool, tmp_path: Path) -> None:
    bump = rf"\max(a_j - 2, 0) \cdot \max({high} - a_j, 0) \cdot \max(E_j - 2, 0) \cdot \max({high} - E_j, 0)"
    row = aligned(rf"a_j - E_j + {bump} &= a_j - E_j && \text{{(algebra)}}", r"\qquad \text{for } a_j \ne E_j")
    found = complaints(tmp_path, row, subject="cost quadratic")
    assert all("defines no C" in message for message in found) == right, found
