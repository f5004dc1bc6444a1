"""Code beside an author's page: what is quoted runs and matters; its functions are tried at special points, and in their shapes."""

from pathlib import Path

import pytest

from .page import math
from .test_own import page, quoted, said

COST = r"C := \sum_{j=1}^{n} (a_j - E_j)^2"
SUBJECT = "own cost ratio, a in real, E in real"
CODE = """
import numpy as np


def ratio(a, E):
    \"\"\"The squares.\"\"\"
    # r = a - E
    r = a + E
    r = a - E
    if len(a) == 0:
        return np.sum(abs(r))
    return np.sum(r * r)
    return np.sum(r ** 4)


def ratio_grad(a, E):
    return 2 * (a - E)
"""


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("r = a + E", "has no effect"),
        ("return np.sum(abs(r))", "does not run"),
        pytest.param("if len(a) == 0:\n    return np.sum(abs(r))", "has no effect", marks=pytest.mark.longer),
        pytest.param("return np.sum(r ** 4)", "does not run", marks=pytest.mark.longer),
        ("# r = a - E", "no statement"),
        ('"""The squares."""', "no statement"),
        ("r = a - E", ""),
        pytest.param("return np.sum(r * r)", "", marks=pytest.mark.longer),
    ],
)
def test_quoted_lines_matter(lines: str, sentence: str, tmp_path: Path) -> None:
    found = said(tmp_path, page(COST, subject=SUBJECT) + quoted(lines), CODE)
    assert sentence in found
    assert bool(found) == bool(sentence)


GRADIENT = "2 * (a - E)"


@pytest.mark.parametrize(
    ("gradient", "sentence"),
    [
        ("(2 * (a - E))[:, None]", "an array of the shape (3, 1)"),
        pytest.param("2 * (a - E) + 1j", "a complex number", marks=pytest.mark.longer),
        ("2 * (a - E) + (a == 0)", "at a = (0,"),
        pytest.param("2 * (a - E) * (abs(a) > 1e-3)", "ratio_grad of my_ratio.py is", marks=pytest.mark.longer),
        ("2 * np.clip(a - E, -100, 100)", "at a = (150,"),
        pytest.param("2.00000001 * (a - E)", "at most points", marks=pytest.mark.longer),
        ("2 * (a - E) * (1 + 1e-15)", ""),
    ],
)
def test_a_gradient_at_special_points(gradient: str, sentence: str, tmp_path: Path) -> None:
    found = said(tmp_path, page(COST, subject=SUBJECT), CODE.replace(GRADIENT, gradient))
    assert sentence in found
    assert bool(found) == bool(sentence)


def test_a_program_that_overflows_far_out_is_not_accused(tmp_path: Path) -> None:
    cost = r"C := \sum_{j=1}^{n} \left( \ln(e^{a_j} + e^{-a_j}) - E_j \, a_j \right)"
    code = "import numpy as np\ndef ratio(a, E):\n    return np.sum(np.log(np.exp(a) + np.exp(-a)) - E * a)\n"
    code += "def ratio_grad(a, E):\n    p, q = np.exp(a), np.exp(-a)\n    return (p - q) / (p + q) - E\n"
    assert said(tmp_path, page(cost, subject=SUBJECT) + math(r"C \ne 0"), code) == ""
