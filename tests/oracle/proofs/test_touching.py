"""Zeros at which no sign changes, far from 0, of several numbers at once: a condition that leaves them out makes the page right."""

from pathlib import Path

import pytest

from oracle.proofs.roots import roots

from .page import aligned, complaints

LONGER = pytest.mark.longer
REAL = float("-inf"), float("inf"), False
OWN = "own cost mine, a in {}, E in {}"
FORM = "(x - 1)^2 + (x - 1) (y - 2) + (y - 2)^2"


def ratio(x: str) -> str:
    return rf"\frac{{{x}}}{{{x}}} &= 1"


def said(
    folder: Path, row: str, condition: str = "", subject: str = "kinks", *definitions: str, why: str = "algebra"
) -> str:
    behind = rf"\qquad \text{{for }} {condition}" if condition else ""
    blocks = (*definitions, aligned(rf"{row} && \text{{({why})}}", behind))
    return " | ".join(complaints(folder, *blocks, subject=subject))


#: (what is divided by itself, where it is not 0)
OF_ONE_NUMBER = [
    ("e^{x - 3} - x + 2", r"x \ne 3"),
    (r"\sqrt{\ln(\cosh(x - 3))}", r"x \ne 3"),
    pytest.param("x^4 - 4 x^2 + 4", "x > 2", marks=LONGER),
    pytest.param("3 x^4 - 4 x^3 + 1", r"x \ne 1", marks=LONGER),
    pytest.param(r"e^{2 x} - 2 e^{x} + 1", r"x \ne 0", marks=LONGER),
    pytest.param(r"1 - \frac{2 x}{1 + x^2}", r"x \ne 1", marks=LONGER),
    pytest.param(r"1 + x \, e^{1 + x}", r"x \ne -1", marks=LONGER),
    pytest.param(r"x^2 - 40 x + 400", r"x \ne 20", marks=LONGER),
    pytest.param(r"x^4 - 28 x^3 + 294 x^2 - 1372 x + 2401", r"x \ne 7", marks=LONGER),
    pytest.param(r"\cosh(x - 9) - 1", r"x \ne 9", marks=LONGER),
    pytest.param("x^3 - 10^{12}", r"x \ne 10^{4}", marks=LONGER),
]
#: (definitions, what is divided by itself, where it is not 0, subject)
OF_SEVERAL = [
    ((), FORM, "y > 2", "kinks"),
    (("s := (x - 1)^2 + (y - 2)^2",), "s", "s > 0", "kinks"),
    ((r"C := \sum_{j=1}^{n} (a_j - E_j + 1)^2",), "C", "C > 0", OWN.format("real", "real")),
    pytest.param((f"s := {FORM}",), "s", "s > 0", "kinks", marks=LONGER),
    ((), r"\lVert \begin{pmatrix} x - 1 \\ y + 3 \end{pmatrix} \rVert", r"x \ne 1", "kinks"),
    pytest.param((), r"|x + y| + |x - y - 1|", r"x \ne \frac{1}{2}", "kinks", marks=LONGER),
    pytest.param((), r"(x + 2 y)^2 + (3 x - y - 7)^2", "x > 2", "kinks", marks=LONGER),
    pytest.param((), r"x^2 + y^2 + x y - 4 x - 5 y + 7", "x > 1", "kinks", marks=LONGER),
    pytest.param((), r"e^{x - y} - x + y - 1", "x > y", "kinks", marks=LONGER),
    pytest.param((r"C := \sum_{j=1}^{n} |a_j + 2 E_j - 3|",), "C", "C > 0", OWN.format("real", "real"), marks=LONGER),
    pytest.param((r"C := \sum_{j=1}^{n} (2 a_j - E_j)^2",), "C", "C > 0", OWN.format("unit", "unit"), marks=LONGER),
    pytest.param(
        (r"C := \sum_{j=1}^{n} ((a_j)^2 + a_j E_j + (E_j)^2)",), "C", "C > 0", OWN.format("real", "real"), marks=LONGER
    ),
]


@pytest.mark.parametrize(("formula", "condition"), OF_ONE_NUMBER)
def test_a_zero_that_only_touches(formula: str, condition: str, tmp_path: Path) -> None:
    assert "the left side has no value" in said(tmp_path, ratio(formula))
    assert said(tmp_path, ratio(formula), condition) == ""
    assert said(tmp_path, ratio(f"1 + ({formula})^2")) == ""


@pytest.mark.parametrize(("definitions", "formula", "condition", "subject"), OF_SEVERAL)
def test_a_zero_of_several_numbers_at_once(
    definitions: tuple[str, ...], formula: str, condition: str, subject: str, tmp_path: Path
) -> None:
    assert "the left side has no value" in said(tmp_path, ratio(formula), "", subject, *definitions)
    assert said(tmp_path, ratio(formula), condition, subject, *definitions) == ""
    assert said(tmp_path, ratio(f"1 + ({formula})^2"), "", subject, *definitions) == ""


@pytest.mark.parametrize(
    ("formula", "slopes", "grows", "threshold"),
    [
        (r"\max(e^{x}, 10^{6})", ("e^{x}", "0"), "e^{x}", "10^{6}"),
        pytest.param("|x^3 - 10^{12}|", ("3 x^2", "-3 x^2"), "x", "10^{4}", marks=LONGER),
        pytest.param("|e^{x} - 1000|", ("e^{x}", "-e^{x}"), "e^{x}", "1000", marks=LONGER),
        pytest.param("|e^{-x} - 10^{9}|", ("-e^{-x}", "e^{-x}"), "e^{-x}", "10^{9}", marks=LONGER),
    ],
)
def test_a_kink_that_no_float_meets(
    formula: str, slopes: tuple[str, str], grows: str, threshold: str, tmp_path: Path
) -> None:
    above, below = slopes
    slope = (
        rf"\begin{{cases}} {above} & \text{{if }} {grows} > {threshold} \\ {below} & \text{{otherwise}} \end{{cases}}"
    )
    row = r"\frac{d}{dx} \left( " + formula + rf" \right) &= {slope}"
    assert "has no derivative" in said(tmp_path, row, why="calculus")
    assert said(tmp_path, row, rf"{grows} \ne {threshold}", why="calculus") == ""


def test_a_root_of_what_touches_0_has_a_kink(tmp_path: Path) -> None:
    root = r"\sqrt{e^{x - 3} - x + 2}"
    slope = rf"\frac{{d}}{{dx}} \left( {root} \right)"
    half = r"\frac{e^{x - 3} - 1}{2}"
    rows = rf"{root} \, {slope} &= {root} \, \frac{{{half}}}{{{root}}}"
    assert "has no" in said(tmp_path, rf"{root} \, {slope} &= {half}", why="calculus")
    assert said(tmp_path, rows, why="calculus") == ""  # neither side has a value at 3


@pytest.mark.parametrize(
    "small",
    ["1 + (x^3 - 10^{12})^2", pytest.param("x^2 + (x^3 - 10^{12})^2", marks=LONGER), r"\frac{1}{10^{9}} + (x - 3)^4"],
)
def test_what_is_small_and_never_0(small: str, tmp_path: Path) -> None:
    assert said(tmp_path, ratio(small), r"x \ne 0") == ""
    several = r"x^2 + x y + y^2 - 4 x - 5 y + 7 + \frac{1}{10^{13}}"
    assert said(tmp_path, ratio(several)) == ""


def test_roots_that_touch_and_roots_far_out() -> None:
    assert roots(lambda x: (x - 0.7) ** 2 * (x + 5) ** 2, REAL) == pytest.approx([-5, 0.7], abs=1e-6)
    assert roots(lambda x: x**3 - 1e12, REAL) == [1e4]
    assert roots(lambda x: 1e-6 + (x - 3.1) ** 4, REAL) == []


def test_expected_as_it_comes_out_of_softmax(tmp_path: Path) -> None:
    head = "own head mine, E in closed_simplex"
    softmax = r"a_j := \frac{e^{z_j}}{\sum_{k=1}^{n} e^{z_k}}"
    cost = r"C := \sqrt{\sum_{k=1}^{n} (a_k - E_k)^2}"
    assert "the left side has no value" in said(tmp_path, ratio("C"), r"n \ge 2", head, softmax, cost)
    assert said(tmp_path, ratio("C"), r"n \ge 2,\ C > 0", head, softmax, cost) == ""
