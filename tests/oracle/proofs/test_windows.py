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


BUMP = r"\max(1 - |{} - {}|, 0)"
THREE = r"\max(1 - |x - y|, 0) \cdot \max(1 - |y - t|, 0) \cdot \max(1 - |t - 10|, 0)"
RING = r"\max(1 - |x^2 + y^2 - 50| - |x y - 24|, 0)"
SPHERE = r"\max(1 - |x^2 + y^2 + t^2 - 300| - |x - y| - |y - t|, 0)"
FOUR = r" \cdot ".join(BUMP.format(letter, 10 * k) for k, letter in enumerate("xytu", start=3))


@pytest.mark.parametrize(
    ("left", "condition", "right"),
    [
        (THREE, r"x \ne y", False),
        (THREE, "x > 13", True),
        (RING, r"x \ne y", False),
        (RING, "x > 9", True),
        pytest.param(SPHERE, r"x \ne 3", False, marks=pytest.mark.longer),
        pytest.param(SPHERE, "x > 18", True, marks=pytest.mark.longer),
        pytest.param(FOUR, r"x \ne y", False, marks=pytest.mark.longer),
        pytest.param(FOUR, "x > 31", True, marks=pytest.mark.longer),
        (r"\max(1 - |\ln(x) - 4| - |\sqrt{y} - 6|, 0)", r"x > 0,\ y > 0,\ x \ne y", False),
        pytest.param(
            r"\max(1 - |e^{x} - 100|, 0) \cdot \max(1 - |x y - 20|, 0)", r"x \ne y", False, marks=pytest.mark.longer
        ),
        pytest.param(
            r"\max(1 - |e^{x} - 100|, 0) \cdot \max(1 - |x y - 20|, 0)", "x > 5", True, marks=pytest.mark.longer
        ),
    ],
)
def test_letters_that_are_bound_together(left: str, condition: str, right: bool, tmp_path: Path) -> None:
    row = aligned(rf"{left} &= 0 && \text{{(algebra)}}", rf"\qquad \text{{for }} {condition}")
    found = complaints(tmp_path, row, subject="kinks")
    assert (found == []) == right, found


@pytest.mark.parametrize(
    ("one", "other", "condition", "right"),
    [
        ("w^L_{jk}", "b^L_j", r"w^L_{jk} \ne 30", False),
        pytest.param("w^L_{jk}", "b^L_j", "w^L_{jk} > 31", True, marks=pytest.mark.longer),
        ("z^L_j", "E_j", r"E_j \ne z^L_j", False),
        pytest.param("z^L_j", "E_j", "E_j > 41", True, marks=pytest.mark.longer),
        pytest.param("w^L_{jk}", "w^{L-1}_{kl}", r"L \ge 3,\ w^L_{jk} \ne 5", False, marks=pytest.mark.longer),
    ],
)
def test_numbers_of_a_network(one: str, other: str, condition: str, right: bool, tmp_path: Path) -> None:
    both = BUMP.format(one, 30) + r" \cdot " + BUMP.format(other, 40)
    found = complaints(tmp_path, aligned(rf"{both} &= 0 && \text{{(algebra)}}", rf"\qquad \text{{for }} {condition}"))
    assert (found == []) == right, found


@pytest.mark.longer
@pytest.mark.parametrize(
    ("body", "condition", "right"),
    [
        (BUMP.format("a_1", 30) + r" \cdot " + BUMP.format("a_2", 40), r"n = 3,\ a_1 \ne 7", False),
        (BUMP.format("s", 30) + r" \cdot " + BUMP.format("t", 40), r"s \ne 7", False),
        (r"\max(1 - |a_j E_j - 600| - |a_j + E_j - 50|, 0)", r"a_j \ne 7", False),
        (r"\max(1 - |a_j E_j - 600| - |a_j + E_j - 50|, 0)", "a_j > 40", True),
    ],
)
def test_numbers_of_columns(body: str, condition: str, right: bool, tmp_path: Path) -> None:
    defined = (r"C := \sum_{j=1}^{n} (a_j - E_j)^2", r"s := \sum_{j=1}^{n} a_j", r"t := \sum_{j=1}^{n} E_j")
    row = aligned(rf"{body} &= 0 && \text{{(algebra)}}", rf"\qquad \text{{for }} {condition}")
    found = complaints(tmp_path, *defined, row, subject="own cost h")
    assert (found == []) == right, found


@pytest.mark.parametrize(
    ("row", "wrong", "right"),
    [
        (r"\max(x, y) &= x", r"|x - 30| < 1,\ |y - 30| < 2", r"|x - 30| < 1,\ 1 > |28 - y|"),
        (r"\max(x, -31) &= x", "|x + 30| < 2", r"|x + 30| \le 1"),
    ],
)
def test_a_condition_in_bars_bounds_its_letter(row: str, wrong: str, right: str, tmp_path: Path) -> None:
    found = [
        complaints(
            tmp_path, aligned(rf"{row} && \text{{(algebra)}}", rf"\qquad \text{{for }} {condition}"), subject="kinks"
        )
        for condition in (wrong, right)
    ]
    assert "false at step 1" in "".join(found[0])
    assert found[1] == []
