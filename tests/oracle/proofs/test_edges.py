"""Where something changes: kinks, ties, zeros of denominators, thresholds, ends of domains; of letters and of entries."""

from pathlib import Path

import pytest

from oracle.proofs.roots import roots

from .page import aligned, complaints

SQUARES = r"C := \sum_{j=1}^{n} (a_j - E_j)^2"
COST = r"\frac{\partial}{\partial a_j} \left( %s \right)"
REAL = float("-inf"), float("inf"), False
OWN = "own cost mine, a in {}, E in {}"
STEP = r"\begin{{cases}} {} & \text{{if }} {} \\ {} & \text{{otherwise}} \end{{cases}}"


def said(folder: Path, subject: str, row: str, condition: str = "", definition: str = "") -> str:
    blocks = [definition] if definition else []
    behind = rf"\qquad \text{{for }} {condition}" if condition else ""
    return " | ".join(complaints(folder, *blocks, aligned(row, behind), subject=subject))


#: (a domain, E domain, left, right, reason, the condition under which it is true)
COLUMNS = [
    ("real", "real", COST % r"\sum_{k=1}^{n} |a_k - E_k|", STEP.format(1, "a_j > E_j", -1), "calculus", r"a_j \ne E_j"),
    (
        "real",
        "real",
        COST % r"\sum_{k=1}^{n} \max(a_k, E_k)",
        STEP.format(1, "a_j > E_j", 0),
        "calculus",
        r"a_j \ne E_j",
    ),
    ("unit", "unit", COST % r"\max(\sum_{k=1}^{n} a_k, 1)", "0", "calculus", r"\sum_{k=1}^{n} a_k < 1"),
    ("real", "real", COST % r"\sum_{k=1}^{n} \max(1 - E_k \, a_k, 0)", "0", "calculus", r"E_j \, a_j > 1"),
    ("real", "real", r"\frac{a_j}{a_j}", "1", "algebra", r"a_j \ne 0"),
    ("nonnegative", "real", r"\frac{a_j}{a_j}", "1", "algebra", "a_j > 0"),
    ("closed_unit", "real", r"\frac{1 - a_j}{1 - a_j}", "1", "algebra", "a_j < 1"),
    ("unit", "closed_unit", r"\frac{1 - 2 E_j}{1 - 2 E_j}", "1", "algebra", r"E_j \ne \frac{1}{2}"),
    ("unit", "closed_unit", r"\frac{E_j}{E_j}", "1", "algebra", r"E_j \ne 0"),
    ("real", "real", r"\frac{a_j - E_j}{a_j - E_j}", "1", "algebra", r"a_j \ne E_j"),
    ("real", "real", r"\frac{e^{a_j} - 3}{e^{a_j} - 3}", "1", "algebra", r"a_j > 2"),
    ("unit", "unit", r"\max(a_j, \frac{1}{6})", "a_j", "algebra", r"a_j > \frac{1}{6}"),
    ("unit", "unit", r"\min(a_j, \frac{9}{10})", "a_j", "algebra", r"a_j < \frac{9}{10}"),
    ("positive", "real", r"\max(a_j, \frac{1}{10000})", "a_j", "algebra", r"a_j \ge \frac{1}{10000}"),
    ("unit", "real", r"\max(a_j, \frac{1}{1000000000000})", "a_j", "algebra", r"a_j \ge \frac{1}{1000000000000}"),
    (
        "real",
        "real",
        r"\frac{\sum_{k=1}^{n} (a_k - 1)^2}{\sum_{k=1}^{n} (a_k - 1)^2} \, a_j",
        "a_j",
        "algebra",
        r"a_j > 1",
    ),
    (
        "nonnegative",
        "nonnegative",
        r"\frac{\sum_{k=1}^{n} (a_k + E_k)}{\sum_{k=1}^{n} (a_k + E_k)}",
        "1",
        "algebra",
        r"\sum_{k=1}^{n} (a_k + E_k) > 0",
    ),
    ("real", "real", r"\max(|a_j - E_j|, \frac{1}{1000})", "|a_j - E_j|", "algebra", r"|a_j - E_j| > \frac{1}{1000}"),
]


@pytest.mark.parametrize(("a", "E", "left", "right", "reason", "condition"), COLUMNS)
def test_entries_of_columns(a: str, E: str, left: str, right: str, reason: str, condition: str, tmp_path: Path) -> None:
    row = rf"{left} &= {right} && \text{{({reason})}}"
    assert "false at step 1" in said(tmp_path, OWN.format(a, E), row, "", SQUARES)
    assert said(tmp_path, OWN.format(a, E), row, condition, SQUARES) == ""


def test_a_cost_that_vanishes(tmp_path: Path) -> None:
    row = r"\frac{C}{C} &= 1 && \text{(algebra)}"
    assert "no value" in said(tmp_path, OWN.format("real", "real"), row, "", SQUARES)
    assert said(tmp_path, OWN.format("real", "real"), row, r"C \ne 0", SQUARES) == ""


RELU = r"\sigma(z) := \max(z, 0)"
#: (definition, left, right, reason, the condition under which it is true)
NETWORKS = [
    ("", r"\frac{a^i_j}{a^i_j}", "1", "algebra", r"a^i_j \ne 0"),
    ("", r"\frac{w^i_{jk}}{w^i_{jk}}", "1", "algebra", r"w^i_{jk} \ne 0"),
    ("", r"\frac{E_j \, z^L_j}{E_j}", "z^L_j", "algebra", r"E_j \ne 0"),
    ("", r"\frac{\sigma'(z^L_j)}{\sigma'(z^L_j)}", "1", "algebra", r"\sigma'(z^L_j) \ne 0"),
    (RELU, r"\frac{d}{dz^i_j} (\max(z^i_j, 0))", STEP.format(1, "z^i_j > 0", 0), "calculus", r"z^i_j \ne 0"),
    ("", r"|a^L_j - E_j|", STEP.format("a^L_j - E_j", "a^L_j > E_j", "0"), "algebra", "a^L_j > E_j"),
]


@pytest.mark.parametrize(("definition", "left", "right", "reason", "condition"), NETWORKS)
def test_quantities_of_networks(
    definition: str, left: str, right: str, reason: str, condition: str, tmp_path: Path
) -> None:
    row = rf"{left} &= {right} && \text{{({reason})}}"
    assert "false at step 1" in said(tmp_path, "network", row, "", definition)
    assert said(tmp_path, "network", row, condition, definition) == ""


#: (left, right, reason, the condition under which it is true), of one letter or two.
LETTERS = [
    (r"\frac{e^{x} - 3}{e^{x} - 3}", "1", "algebra", "x < 1"),
    (r"\frac{(x)^3 - 2}{(x)^3 - 2}", "1", "algebra", "x < 1"),
    (r"\frac{\ln x - 2}{\ln x - 2} \, x", "x", "algebra", r"x > 0,\ x < 7"),
    (r"\frac{|x| + |y|}{|x| + |y|}", "1", "algebra", "x > 0"),
    (r"\frac{(x - 1)^2 + (y - 2)^2}{(x - 1)^2 + (y - 2)^2}", "1", "algebra", r"y \ne 2"),
    (r"\frac{(e^x - 3)^2 + 2 |y + 1|}{(e^x - 3)^2 + 2 |y + 1|}", "1", "algebra", "x < 1"),
    (r"\frac{(x - y)^2 + (y - 2)^2}{(x - y)^2 + (y - 2)^2}", "1", "algebra", r"x \ne y"),
    (r"\frac{d}{dx} (\max((x)^3 - x - 1, 0))", STEP.format("3 (x)^2 - 1", "(x)^3 - x > 1", "0"), "calculus", "x < 1"),
    (r"\frac{\tanh x - \frac{1}{2}}{\tanh x - \frac{1}{2}}", "1", "algebra", "x < 0"),
]


@pytest.mark.parametrize(("left", "right", "reason", "condition"), LETTERS)
def test_letters(left: str, right: str, reason: str, condition: str, tmp_path: Path) -> None:
    row = rf"{left} &= {right} && \text{{({reason})}}"
    wrong = said(tmp_path, "kinks", row, "x > 0" if "ln" in left else "")
    assert "false at step 1" in wrong
    assert said(tmp_path, "kinks", row, condition) == ""


def test_roots() -> None:
    assert roots(lambda x: x * x - 4, REAL) == [-2.0, 2.0]
    assert roots(lambda x: x**3 - 27, REAL) == [pytest.approx(3.0, abs=1e-15)]
    assert roots(lambda x: 0.0 if abs(x) > 20 else x + 40 / (1 + x * x), REAL) != []
    assert roots(lambda x: 0.0 if x > 20 else 1 / (1 + x * x), REAL) == []  # rounded to 0, and never 0


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (r"x \ge 10^{30}", True),
        (r"x > 2 \cdot 10^{-20}", True),
        (r"x \ge -10^{3}", False),
        (r"x < -10^{30}", False),
    ],
)
def test_bounds_written_as_powers(condition: str, holds: bool, tmp_path: Path) -> None:
    found = said(tmp_path, "rounding", r"|x| &= x && \text{(algebra)}", condition)
    assert found == "" if holds else "false at step 1" in found


@pytest.mark.rest
@pytest.mark.longer
def test_a_condition_that_no_number_meets(tmp_path: Path) -> None:
    found = said(tmp_path, "rounding", r"|x| &= x && \text{(algebra)}", "x < 1, x > 10^{3}")
    assert found == "vacuous: the condition holds for no numbers that are tried"
