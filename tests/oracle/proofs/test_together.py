"""Norms and sums of squares in networks and heads are 0 somewhere; a condition that leaves this place out makes the page right."""

from pathlib import Path

import pytest

from .page import aligned, complaints

COST = r"C := \frac{1}{2} \sum_{j=1}^{n_L} (a^L_j - E_j)^2"
ROOT = r"C := \sqrt{\sum_{k=1}^{n} (a_k - E_k)^2}"
HEAD = "own head mine, a in {}, E in {}"
IDENTITY = (r"\sigma(z) := z", r"a_j := \sigma(z_j)")
SIGMOID = (r"\sigma(z) := \frac{1}{1 + e^{-z}}", r"a_j := \sigma(z_j)")
TANH = (r"\sigma(z) := \tanh(z)", r"a_j := \sigma(z_j)")
SQUARES = r"\sum_{j=1}^{n_L} (a^L_j - E_j)^2"
OF_Z = r"\sum_{k=1}^{n_i} (z^i_k)^2"
MEAN = r"\frac{1}{n} \sum_{k=1}^{n} z_k"
SPREAD = rf"\sum_{{j=1}}^{{n}} \left( z_j - {MEAN} \right)^2"
LAYERS = r"2 \le i \le L"
LATE = r"3 \le i \le L"


def ratio(x: str) -> str:
    return rf"\frac{{{x}}}{{{x}}}"


#: (subject, definitions, what is divided by itself, the condition on layers, the condition that makes it right)
TWINS = [
    ("network", (COST,), "C", "", "C > 0"),
    ("network", (), r"\lVert z^i \rVert", LAYERS, r"\lVert z^i \rVert > 0"),
    ("network", (), r"\lVert \delta^i \rVert", LAYERS, r"\lVert \delta^i \rVert > 0"),
    ("network", (), r"\lVert a^1 \rVert", "", r"\lVert a^1 \rVert > 0"),
    ("network", (), OF_Z, LAYERS, rf"{OF_Z} > 0"),
    ("network", (), SQUARES, "", rf"{SQUARES} \ne 0"),
    ("network", (), r"\sum_{j=1}^{n_i} |z^i_j|", LATE, r"\sum_{j=1}^{n_i} |z^i_j| > 0"),
    ("network", (COST,), r"\sum_{r=1}^{m} |\delta^{i,r}_j|", LAYERS, r"\sum_{r=1}^{m} |\delta^{i,r}_j| > 0"),
    (HEAD.format("real", "real"), (*IDENTITY, ROOT), "C", "", "C > 0"),
    (HEAD.format("unit", "unit"), (*SIGMOID, ROOT), "C", "", "C > 0"),
    (HEAD.format("real", "unit"), (*IDENTITY, ROOT), "C", "", "C > 0"),
    (HEAD.format("real", "unit"), (*TANH, ROOT), "C", "", "C > 0"),
    (HEAD.format("real", "real"), (*IDENTITY, ROOT), r"\sum_{k=1}^{n} (z_k)^2", "", r"\sum_{k=1}^{n} (z_k)^2 > 0"),
    (HEAD.format("real", "real"), (*IDENTITY, ROOT), SPREAD, "", rf"n \ge 2,\ {SPREAD} > 0"),
]


def said(folder: Path, subject: str, definitions: tuple[str, ...], formula: str, *conditions: str) -> str:
    given = r",\ ".join(c for c in conditions if c)
    row = aligned(rf"{ratio(formula)} &= 1 && \text{{(algebra)}}", rf"\qquad \text{{for }} {given}" if given else "")
    return " | ".join(complaints(folder, *definitions, row, subject=subject))


@pytest.mark.parametrize(("subject", "definitions", "formula", "layers", "condition"), TWINS)
def test_what_is_nowhere_0_alone(
    subject: str, definitions: tuple[str, ...], formula: str, layers: str, condition: str, tmp_path: Path
) -> None:
    assert "the left side has no value" in said(tmp_path, subject, definitions, formula, layers)
    assert said(tmp_path, subject, definitions, formula, layers, condition) == ""
    assert said(tmp_path, subject, definitions, rf"1 + {formula}", layers) == ""
