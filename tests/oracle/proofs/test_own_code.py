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


LOGARITHM = r"C := -\sum_{j=1}^{n} E_j \ln a_j"
OF_SHARES = "own cost ratio, a in unit, E in closed_unit"
PLAIN = "return -np.sum(E * np.log(a))", "return -E / a"


def of_shares(value: str = PLAIN[0], gradient: str = PLAIN[1]) -> str:
    return f"import numpy as np\n\n\ndef ratio(a, E):\n    {value}\n\n\ndef ratio_grad(a, E):\n    {gradient}\n"


@pytest.mark.parametrize(
    ("value", "gradient", "sentence"),
    [
        (*PLAIN, ""),
        ("return -np.sum(E * np.log(a + 1e-12))", PLAIN[1], "a = (1e-"),
        (PLAIN[0], "return -E / np.clip(a, 1e-7, 1)", "ratio_grad of my_ratio.py is"),
        pytest.param("return -np.sum(E * np.log(a + 1e-25))", PLAIN[1], "a = (1e-", marks=pytest.mark.longer),
        pytest.param("return -np.sum(E * np.log(np.clip(a, 1e-40, 1)))", PLAIN[1], "a = (5e-41", marks=pytest.mark.longer),
        pytest.param("return -np.sum(E * np.log(np.clip(a, 0, 1 - 1e-6)))", PLAIN[1], "1", marks=pytest.mark.longer),
        (PLAIN[0], "r = -E / a\n    a[:] = 0.5\n    return r", "overwrites its argument"),
        ("a = a * 1\n    a[:] = a\n    return -np.sum(E * np.log(a))", PLAIN[1], ""),
        ("return -np.sum(E * np.log(a)) if len(a) < 11 else 0.0", PLAIN[1], "n = 1"),
        pytest.param("return -np.sum(E[:70] * np.log(a[:70]))", PLAIN[1], "n = 71", marks=pytest.mark.longer),
        pytest.param("return -sum(e * np.log(x) for x, e in zip(a, E))", PLAIN[1], "", marks=pytest.mark.longer),
    ],
)  # fmt: skip
def test_what_a_program_adds_or_cuts_off(value: str, gradient: str, sentence: str, tmp_path: Path) -> None:
    found = said(tmp_path, page(LOGARITHM, subject=OF_SHARES), of_shares(value, gradient))
    assert sentence in found
    assert bool(found) == bool(sentence)


def test_digits_lost_close_to_0_are_no_other_formula(tmp_path: Path) -> None:
    cost = r"C := \sum_{j=1}^{n} E_j \frac{\sqrt{1 + a_j} - 1}{a_j}"
    code = of_shares(
        "return np.sum(E * (np.sqrt(1 + a) - 1) / a)",
        "s = np.sqrt(1 + a)\n    return E * (1 / (2 * s * a) - (s - 1) / a**2)",
    )
    assert said(tmp_path, page(cost, subject=OF_SHARES), code) == ""


@pytest.mark.longer
def test_a_limit_far_out(tmp_path: Path) -> None:
    code = CODE.replace(GRADIENT, "np.clip(2 * (a - E), -1e4, 1e4)")
    assert "at a = (1000000," in said(tmp_path, page(COST, subject=SUBJECT), code)


SCALED = r"C := \alpha \sum_{j=1}^{n} (a_j - E_j)^2"
OTHER_WAY = """
import numpy as np


def ratio(a, E, alpha=1.0):
    return alpha * np.sum((a - E) ** 2)


def ratio_grad(a, E, alpha=1.0):
    if {}:
        return a - E
    return 2 * alpha * (a - E)
"""
longer = pytest.mark.longer


@pytest.mark.parametrize(
    "condition",
    [
        "alpha > 500",
        pytest.param("alpha < -20", marks=longer),
        pytest.param("100 < alpha < 120", marks=longer),
        pytest.param("0 < alpha < 0.05", marks=longer),
        pytest.param("len(a) > 1 << 6", marks=longer),
        pytest.param("np.any((abs(a) > 2**9) & (abs(a) < 600))", marks=longer),
        pytest.param("np.count_nonzero(E) == 1 and E.max() == 1 and len(E) > 2", marks=longer),
        pytest.param("np.all((E == 0) | (E == 1)) and len(E) > 1", marks=longer),
        pytest.param("np.all(a == np.round(a)) and len(a) > 1 and alpha != int(alpha)", marks=longer),
        pytest.param("len(a) > 4 and np.all(np.diff(a) > 0)", marks=longer),
        pytest.param("len(a) > 2 and np.all(a == a[0])", marks=longer),
        "len(a) > 8 and np.all(a > E)",
        pytest.param("len(a) > 8 and np.all(a < 0)", marks=longer),
    ],
)
def test_a_program_that_takes_another_way_at_some_points(condition: str, tmp_path: Path) -> None:
    text = page(SCALED, subject=SUBJECT)
    assert "the page's definition says" in said(tmp_path, text, OTHER_WAY.format(condition))


def test_a_program_that_takes_no_other_way(tmp_path: Path) -> None:
    assert said(tmp_path, page(SCALED, subject=SUBJECT), OTHER_WAY.format("False")) == ""


@longer
def test_what_is_0_but_for_rounding_is_no_other_formula(tmp_path: Path) -> None:
    cost = r"C := 1 - \frac{\sum_{j=1}^{n} a_j \, E_j}{\sqrt{\sum_{j=1}^{n} (a_j)^2} \sqrt{\sum_{j=1}^{n} (E_j)^2}}"
    code = of_shares(
        "return 1 - a @ E / np.sqrt((a @ a) * (E @ E))",
        "s = np.sqrt((a @ a) * (E @ E))\n    return (a @ E) * a / (s * (a @ a)) - E / s",
    )
    assert said(tmp_path, page(cost, subject=SUBJECT), code) == ""


@longer
def test_a_program_whose_squares_overflow(tmp_path: Path) -> None:
    cost = r"C := \tau e^{\frac{1}{\tau} \sum_{j=1}^{n} (a_j - E_j)^2} \qquad \text{for } \tau > 0"
    code = (
        OTHER_WAY.format("False").replace("alpha", "tau").replace("2 * tau * (a - E)", "2 * (a - E) * power(a, E, tau)")
    )
    code = code.replace("tau * np.sum((a - E) ** 2)", "tau * power(a, E, tau)")
    code += "\n\ndef power(a, E, tau):\n    return np.exp(np.sum((a - E) ** 2) / tau)\n"
    assert said(tmp_path, page(cost, subject=SUBJECT), code) == ""
