"""Functions of which one point is given by itself: their derivative there is a limit, or there is none."""

from pathlib import Path

import pytest

from .page import aligned, complaints

FLAT = r"e^{-\frac{1}{x^2}}"
SLOPE = rf"\frac{{2}}{{x^3}} \, {FLAT}"
RATIO = r"\frac{x e^{x} - e^{x} + 1}{x^2}"
THIRD = r"\frac{x^2 - \frac{1}{9}}{x - \frac{1}{3}}"


def cases(beside: str, there: str, condition: str = r"x \ne 0") -> str:
    return rf"\begin{{cases}} {beside} & \text{{if }} {condition} \\ {there} & \text{{otherwise}} \end{{cases}}"


#: (the function, its derivative, something else)
TWINS = [
    (cases(FLAT, "0"), cases(SLOPE, "0"), cases(SLOPE, "1")),
    (cases(r"\frac{e^{x} - 1}{x}", "1"), cases(RATIO, r"\frac{1}{2}"), cases(RATIO, r"\frac{1}{3}")),
    (
        cases(r"\frac{e^{k x} - 1}{x}", "k"),
        cases(r"\frac{k x e^{k x} - e^{k x} + 1}{x^2}", r"\frac{k^2}{2}"),
        cases(r"\frac{k x e^{k x} - e^{k x} + 1}{x^2}", r"\frac{k}{2}"),
    ),
    (cases(r"x^2 \ln |x|", "0"), cases(r"2 x \ln |x| + x", "0"), cases(r"2 x \ln |x| + x", "1")),
    (cases(r"\frac{x^3}{|x|}", "0"), "2 |x|", "2 |x| + " + cases("0", "1")),
    (cases(r"e^{-\frac{1}{x}}", "0", "x > 0"), cases(r"\frac{1}{x^2} e^{-\frac{1}{x}}", "0", "x > 0"), SLOPE),
    (cases(THIRD, r"\frac{2}{3}", r"x \ne \frac{1}{3}"), "1", cases("1", "0", r"x \ne \frac{1}{3}")),
    (cases(r"\frac{x^2}{|x|}", "0"), r"\frac{x}{|x|}", cases(r"\frac{x}{|x|}", "0")),
    (cases(r"x \ln |x|", "0"), r"\ln |x| + 1", cases(r"\ln |x| + 1", "0")),
    (cases(r"\frac{x}{\sqrt{|x|}}", "0"), r"\frac{1}{2 \sqrt{|x|}}", cases(r"\frac{1}{2 \sqrt{|x|}}", "0")),
    (cases(THIRD, r"\frac{1}{3}", r"x \ne \frac{1}{3}"), r"\frac{x - \frac{1}{3}}{x - \frac{1}{3}}", "1"),
]


def said(folder: Path, function: str, slope: str) -> str:
    row = rf"\frac{{d}}{{dx}} \left( {function} \right) &= {slope} && \text{{(calculus)}}"
    return " | ".join(complaints(folder, aligned(row), subject="kinks"))


@pytest.mark.parametrize(("function", "slope", "other"), TWINS)
def test_the_point_in_the_middle(function: str, slope: str, other: str, tmp_path: Path) -> None:
    assert said(tmp_path, function, slope) == ""
    assert "false at step 1" in said(tmp_path, function, other)
