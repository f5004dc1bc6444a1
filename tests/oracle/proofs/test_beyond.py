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


UNIT = "own cost mine, a in unit, E in unit"
LOGISTIC = r"\frac{1}{1 + e^{-z^{L,r}_j}}"


@pytest.mark.parametrize(
    ("row", "condition", "subject"),
    [
        (r"\max \left( \sum_{j=1}^{n} a_j, 10 \right) &= 10", r"n \le 10", UNIT),
        pytest.param(r"\min \left( \sum_{j=1}^{n} (a_j)^2, 13 \right) &= \sum_{j=1}^{n} (a_j)^2", r"n \le 13", UNIT, marks=LONGER),
        pytest.param(rf"\max \left( 6, \sum_{{r=1}}^{{m}} {LOGISTIC} \right) &= 6", r"m \le 6", "network", marks=LONGER),
        pytest.param(r"|L - 14| \, E_j &= (14 - L) \, E_j", r"L \le 14", "network", marks=LONGER),
    ],
)  # fmt: skip
def test_sums_that_are_compared_with_a_number(row: str, condition: str, subject: str, tmp_path: Path) -> None:
    assert "false at step 1" in said(tmp_path, row, "", subject)
    assert said(tmp_path, row, condition, subject) == ""


def test_depths_that_no_test_affords(tmp_path: Path) -> None:
    assert "tested up to 40 layers" in said(tmp_path, r"|L - 60| \, E_j &= (60 - L) \, E_j", "", "network")


SLOPE = r"\frac{\partial C}{\partial a_j} &= \frac{\partial}{\partial a_j} \left( \sum_{k=1}^{n} (a_k - E_k)^2 \right)"
SLOPE += r"&& \text{(definition of C)} \\ &= 2 (a_j - E_j) && \text{(calculus)}"


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        (r"n \ne 13", "no chain is about"),
        pytest.param(r"n \le 40", "no chain is about", marks=LONGER),
        pytest.param(r"n \le 300", "sizes beyond 300, which no test affords", marks=LONGER),
        pytest.param(r"e^{a_j} \ne 1000", "no chain is about", marks=LONGER),
        (r"n \ge 1", ""),
    ],
)
def test_a_claim_whose_chain_leaves_a_size_out(condition: str, sentence: str, tmp_path: Path) -> None:
    chain = aligned(SLOPE, rf"\qquad \text{{for }} {condition}")
    found = " | ".join(
        complaints(tmp_path, SQUARES, chain, r"\frac{\partial C}{\partial a_j} = 2 (a_j - E_j)", subject=OWN)
    )
    assert sentence in found
    assert bool(found) == bool(sentence)


@pytest.mark.parametrize(
    ("row", "condition", "sentence"),
    [
        (r"\frac{1}{1 + e^{-x}} &= 1", "x > 20000", "they differ by"),
        pytest.param(r"\tanh(x) &= 1", "x > 15000", "they differ by", marks=LONGER),
        pytest.param(r"e^{x} + 1 &= e^{x}", "x > 20000", "they differ by", marks=LONGER),
        pytest.param(r"\mathrm{erf}(x) &= 1", "x > 120", "they differ by", marks=LONGER),
        pytest.param(
            r"\tanh(x) &= \begin{cases} \tanh(x) & \text{if } x < 20000 \\ 1 & \text{otherwise} \end{cases}",
            "", "they differ by", marks=LONGER,
        ),
        (r"\frac{1}{1 + e^{-x}} &= 1", "x > 10000000", "no test can tell it from 0"),
        (r"\frac{1}{1 + e^{-x}} &= \frac{e^{x}}{1 + e^{x}}", "x > 20000", ""),
        pytest.param(r"\tanh(x) &= \frac{1 - e^{-2 x}}{1 + e^{-2 x}}", "x > 9000", "", marks=LONGER),
    ],
)  # fmt: skip
def test_equal_only_as_far_as_digits_are_kept(row: str, condition: str, sentence: str, tmp_path: Path) -> None:
    found = said(tmp_path, row, condition)
    assert sentence in found
    assert bool(found) == bool(sentence)
