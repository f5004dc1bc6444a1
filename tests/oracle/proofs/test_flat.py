"""Ties that an infinitesimal does not move across, and what floats or one draw alone do not show at an edge."""

from pathlib import Path

import pytest

from .page import aligned, complaints

COST = r"C := \sum_{j=1}^{n} %s"
STEP = r"\begin{cases} %s & \text{if } %s \\ %s & \text{otherwise} \end{cases}"
SUBJECT = "own cost mine, a in {}, E in {}"


def said(folder: Path, term: str, slope: str, condition: str = "", domains: tuple[str, str] = ("real", "real")) -> str:
    body = r"\sum_{k=1}^{n} " + term.replace("_j", "_k")
    rows = rf"\frac{{\partial C}}{{\partial a_j}} &= \frac{{\partial}}{{\partial a_j}} \left( {body} \right)"
    rows += rf" && \text{{(definition of C)}} \\ &= {slope} && \text{{(calculus)}}"
    behind = rf"\qquad \text{{for }} {condition}" if condition else ""
    return " | ".join(complaints(folder, COST % term, aligned(rows, behind), subject=SUBJECT.format(*domains)))


ROOT = r"\sqrt{(a_j)^2 - 2 a_j + 1}"
SIGN = r"\frac{a_j - 1}{|a_j - 1|}"
JUMP = STEP % ("1", "(a_j)^2 > 0", "0")
HOLE = STEP % ("a_j", "(a_j)^2 > 0", "0")
APART = STEP % ("5", r"(a_j - E_j)^2 \le 0", "0")
#: (term, slope that is false at the tie, slope or condition that is right)
TIES = [
    (ROOT, STEP % (SIGN, r"a_j \ne 1", "0"), SIGN, ""),
    (r"\sqrt{(a_j - E_j)^2}", STEP % ("1", "a_j > E_j", "-1"), r"\frac{a_j - E_j}{|a_j - E_j|}", ""),
    (JUMP, "0", "0", r"a_j \ne 0"),
    (HOLE, STEP % ("1", "(a_j)^2 > 0", "0"), "1", r"a_j \ne 0"),
    (APART, "0", "0", r"a_j \ne E_j"),
]


@pytest.mark.parametrize(("term", "false", "right", "condition"), TIES)
def test_a_tie_at_which_the_difference_is_flat(
    term: str, false: str, right: str, condition: str, tmp_path: Path
) -> None:
    assert "no derivative" in said(tmp_path, term, false)
    assert said(tmp_path, term, right, condition) == ""


def test_flat_and_constant_ties_that_have_a_derivative(tmp_path: Path) -> None:
    assert said(tmp_path, r"\sqrt{(a_j)^4}", "2 a_j") == ""
    assert said(tmp_path, r"\max((a_j)^2, 0)", "2 a_j") == ""
    assert said(tmp_path, STEP % ("(a_j)^3", "(a_j)^2 > 0", "0"), "3 (a_j)^2") == ""
    root = r"(\sqrt{a_j} - \sqrt{E_j})^2", r"1 - \frac{\sqrt{E_j}}{\sqrt{a_j}}"
    assert said(tmp_path, *root, "", ("positive", "nonnegative")) == ""
    entropy = STEP % (r"E_j \ln \frac{E_j}{a_j}", "E_j > 0", "0")
    assert said(tmp_path, entropy, r"-\frac{E_j}{a_j}", "", ("positive", "nonnegative")) == ""


SQUAREPLUS = r"\frac{1}{2} \left( z + \sqrt{z^2 + b} \right)"


def test_a_derivative_by_an_argument_at_a_flat_tie(tmp_path: Path) -> None:
    row = rf"\sigma'(z) &= \frac{{d}}{{dz}} \left( {SQUAREPLUS} \right) && \text{{(definition of sigma)}} \\ &= "
    slope = r"\frac{1}{2} \left( 1 + \frac{z}{\sqrt{z^2 + b}} \right)"
    at_the_tie = STEP % (slope, r"z^2 + b > 0", r"\frac{1}{2}")
    definition = rf"\sigma(z) := {SQUAREPLUS} \qquad \text{{for }} b \ge 0"
    for right, expected in ((slope, []), (at_the_tie, ["no derivative"])):
        found = complaints(
            tmp_path, definition, aligned(rf"{row} {right} && \text{{(calculus)}}"), subject="own activation q"
        )
        assert len(found) == len(expected)
        assert all(x in y for x, y in zip(expected, found, strict=True))


SOFT = STEP % ("a_j - c", "a_j > c", STEP % ("a_j + c", "a_j < -c", "0"))


def test_a_threshold_that_is_another_one_for_a_negative_letter(tmp_path: Path) -> None:
    assert "no derivative" in said(tmp_path, SOFT, "1", "|a_j| > c")
    assert said(tmp_path, SOFT, "1", "|a_j| > c, c > 0") == ""


SIGMOID = r"\frac{1}{1 + e^{-a_j}}"


def test_what_floats_do_not_see_beyond_a_threshold(tmp_path: Path) -> None:
    assert "differ by" in said(tmp_path, r"\ln(1 + e^{a_j})", STEP % (SIGMOID, "a_j < 700", "1"))
    assert said(tmp_path, r"\ln(1 + e^{a_j})", STEP % (SIGMOID, "a_j < 700", r"1 - \frac{1}{1 + e^{a_j}}")) == ""
