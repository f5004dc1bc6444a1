"""Beyond what an ordinary draw shows: sizes, conditions far out, numbers that floats do not hold, claims proved in part."""

from pathlib import Path

import pytest

from .page import aligned, complaints

SQUARES = r"C := \sum_{j=1}^{n} (a_j - E_j)^2"
OWN = "own cost mine, a in real, E in real"
SIMPLEX = "own cost mine, a in unit, E in closed_simplex"
LONGER = pytest.mark.longer


def said(folder: Path, row: str, condition: str = "", subject: str = "kinks") -> str:
    behind = rf"\qquad \text{{for }} {condition}" if condition else ""
    blocks = [SQUARES] if subject.startswith("own") else []
    return " | ".join(complaints(folder, *blocks, aligned(rf"{row} && \text{{(algebra)}}", behind), subject=subject))


@pytest.mark.parametrize(
    ("row", "condition", "subject"),
    [
        (r"\frac{(n - 7) \, C}{n - 7} &= C", r"n \ne 7", OWN),
        (r"\frac{(2 n - 14) \, C}{2 n - 14} &= C", r"n \ne 7", OWN),
        pytest.param(r"\frac{(L - 6) \, E_j}{L - 6} &= E_j", r"L \ne 6", "network", marks=LONGER),
        pytest.param(r"\min(L, 7) \, E_j &= L \, E_j", "L < 7", "network", marks=LONGER),
        pytest.param(r"\frac{(n_L - 30) \, E_j}{n_L - 30} &= E_j", r"n_L \ne 30", "network", marks=LONGER),
    ],
)
def test_sizes_at_which_something_changes(row: str, condition: str, subject: str, tmp_path: Path) -> None:
    assert "false at step 1" in said(tmp_path, row, "", subject)
    assert said(tmp_path, row, condition, subject) == ""


def test_a_layer_that_some_networks_lack(tmp_path: Path) -> None:
    row = r"a^{L-1} \odot z^{L-1} &= z^{L-1} \odot a^{L-1}"
    assert "z^1 does not exist in a network of 2 layers" in said(tmp_path, row, "", "network")
    assert said(tmp_path, row, r"L \ge 3", "network") == ""


@pytest.mark.parametrize(
    ("row", "condition", "subject"),
    [
        (r"|x|^2 &= x^2", "x > 50", "kinks"),
        (r"|x|^2 &= x^2", "x < -5", "kinks"),
        (r"\sqrt{(x - y)^2} &= 0", "x = y", "kinks"),
        (r"|a_j|^2 &= (a_j)^2", "a_j > 5", OWN),
        pytest.param(r"|z^i_j|^2 &= (z^i_j)^2", "z^i_j > 20", "network", marks=LONGER),
        (r"(a_j - E_j)^2 &= 0", "a_j = E_j", OWN),
        pytest.param(r"n_2 \, E_j &= 3 \, E_j", "L = 3, n_2 = 3", "network", marks=LONGER),
        (r"n_2 \, E_j &= 7 \, E_j", "L = 3, n_2 = 7", "network"),
        (r"\sqrt{(a_j - E_j)^2} &= |a_j - E_j|", "", OWN),
        (r"\sum_{j=1}^{n} E_j &= 1", "", SIMPLEX),
        (r"\frac{e^{x}}{1 + e^{x}} &= \frac{1}{1 + e^{-x}}", "x > 800", "kinks"),
        (r"\frac{1}{1 - \tanh x} &= \frac{1 + e^{2 x}}{2}", "x > 50", "kinks"),
        (r"\frac{1}{1 + e^{-1000 x}} &= \frac{e^{1000 x}}{1 + e^{1000 x}}", "", "kinks"),
        (r"e^{1000} e^{-1000} &= 1", "", "kinks"),
        pytest.param(r"\ln(e^{800 + x}) &= 800 + x", "", "kinks", marks=LONGER),
        pytest.param(r"\cosh(500 x)^2 - \sinh(500 x)^2 &= 1", "", "kinks", marks=LONGER),
    ],
)
def test_true_far_out(row: str, condition: str, subject: str, tmp_path: Path) -> None:
    assert said(tmp_path, row, condition, subject) == ""


@pytest.mark.parametrize(
    ("row", "condition", "subject"),
    [
        (r"\tanh(x^2 + 400) &= 1", "", "kinks"),
        (r"\frac{1}{1 + e^{-x^2 - 750}} &= 1", "", "kinks"),
        (r"\ln(1 + e^{-2 x^2 - 800}) &= 0", "", "kinks"),
        (r"|x|^2 &= x^2 + 1", "x > 50", "kinks"),
        (r"(a_j - E_j)^2 &= 1", "a_j = E_j", OWN),
        (r"\sum_{j=1}^{n} E_j &= 2", "", SIMPLEX),
        (r"\cosh(500 x)^2 - \sinh(500 x)^2 &= 2", "", "kinks"),
        (r"e^{1000} e^{-999} &= 1", "", "kinks"),
    ],
)
def test_false_far_out(row: str, condition: str, subject: str, tmp_path: Path) -> None:
    assert "false at step 1" in said(tmp_path, row, condition, subject)


def test_what_is_false_by_little_is_false(tmp_path: Path) -> None:
    assert complaints(tmp_path, r"\tanh(x^2 + 400) \ne 1", subject="kinks") == []
    assert "is true" in complaints(tmp_path, r"\cosh(500 x)^2 - \sinh(500 x)^2 \ne 1", subject="kinks")[0]


def proofs(*conditions: str, row: str, claim: str) -> list[str]:
    return [claim, *(aligned(row, rf"\qquad \text{{for }} {condition}") for condition in conditions)]


@pytest.mark.parametrize(
    ("some", "rest", "subject"),
    [
        (["x > 0", "x < 0"], ["x = 0"], "kinks"),
        (["e^{x} > 3", "e^{x} < 3"], [], "kinks"),
        (["x < 5000"], [r"x \ge 5000"], "kinks"),
        (["L = 2", "L = 3", "L = 4", "L = 5"], ["L > 5"], "network"),
        pytest.param(["n_L < 21"], [r"n_L \ge 21"], "network", marks=LONGER),
    ],
)
def test_what_is_proved_in_part(some: list[str], rest: list[str], subject: str, tmp_path: Path) -> None:
    network = subject == "network"
    row = (
        r"n_L \, E_j + L &= L + n_L \, E_j && \text{(algebra)}"
        if network
        else r"x \cdot (x + 1) &= x^2 + x && \text{(algebra)}"
    )
    claim = r"n_L \, E_j + L = L + n_L \, E_j" if network else r"x \cdot (x + 1) = x^2 + x"
    boxed = rf"\boxed{{{claim}}}"
    assert "a part of its conditions" in complaints(tmp_path, *proofs(*some, row=row, claim=boxed), subject=subject)[0]
    if rest:
        assert complaints(tmp_path, *proofs(*some, *rest, row=row, claim=boxed), subject=subject) == []


def test_a_column_of_one_entry_whose_share_is_all(tmp_path: Path) -> None:
    softmax = r"a_j := \frac{e^{z_j}}{\sum_{k=1}^{n} e^{z_k}}"
    row = aligned(r"\frac{1 - a_j}{1 - a_j} &= 1 && \text{(algebra)}", "%s")
    assert "no value" in complaints(tmp_path, softmax, row % "", subject="softmax")[0]
    assert complaints(tmp_path, softmax, row % r"\qquad \text{for } n > 1", subject="softmax") == []


def test_the_output_of_a_cost_is_not_defined(tmp_path: Path) -> None:
    found = complaints(tmp_path, SQUARES, r"a_j := \tanh(E_j)", subject=OWN)
    assert "the cost is a function of a" in found[0]
    assert "has its meaning already" in complaints(tmp_path, r"\mathrm{erf}(x) := \tanh(x)", subject="kinks")[0]
    assert complaints(tmp_path, SQUARES, r"p_j := \tanh(E_j)", subject=OWN) == []
